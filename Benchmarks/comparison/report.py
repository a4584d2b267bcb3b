"""Turns samples into tables. Ratios are taken within each round, because the machine drifts between them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from .issuers import ISSUERS
from .peers import COMMANDS
from .rows import Goal, Row, Sample
from .verdicts import verdict

#: What stands beside a row's figure; the last three are shares of a processor.
BESIDE = ("requests/s", "p50 µs", "p99 µs", "own CPU", "load", "backend")

Samples = dict[str, list[Sample]]
#: What was measured of each row, by its key.
Results = dict[str, tuple[Row, Samples]]


def summary(results: Results, subject: str) -> str:
    """One line a row: everybody's median, the best peer, and the goal."""
    servers = list(dict.fromkeys(name for _, samples in results.values() for name in samples if is_server(name)))
    lines = [
        f"| row | unit | {' | '.join(servers)} | {subject} to the best peer | goal |",
        f"|---|---|{'---|' * len(servers)}---|---|",
    ]
    for row, samples in results.values():
        if not any(name in samples for name in servers):
            continue
        medians = [number(median(values)) if (values := measured(samples.get(name, []))) else "" for name in servers]
        best = best_peer(samples, subject)
        ratio = ratio_of(samples, subject, best) if is_server(best) and subject in samples else None
        compared = f"{ratio:.2f} × {best} ({spread(ratios(samples, subject, best))})" if ratio else ""
        cells = [row.title, row.unit, *medians, compared, short_verdict(row, samples, subject)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n" if len(lines) > 2 else ""


def is_server(name: str) -> bool:
    """Whether a column of a table is a program; others are sizes of one thing."""
    return name in COMMANDS or name in ISSUERS


def number(value: float) -> str:
    return f"{value:.1f}" if value < 1000 else f"{value:.0f}" if value < 10_000 else f"{value:,.0f}"


def markdown(row: Row, samples: Samples, subject: str) -> str:
    subject = row.subject or subject
    lines = [
        f"### {row.title}",
        "",
        f"| | {row.unit}: median | min | max | ratio to {subject} | {' | '.join(BESIDE)} |",
        f"|---|---|---|---|---|{'---|' * len(BESIDE)}",
    ]
    lines += [table_line(name, samples, subject, row.unit) for name in samples]
    goals = goal_verdict(row, samples, subject)
    return "\n".join(lines + (["", goals] if goals else [])) + "\n"


def table_line(name: str, samples: Samples, subject: str, unit: str) -> str:
    taken = [sample for sample in samples[name] if sample.value is not None]
    values = measured(taken)
    if not values:
        return f"| {name} | {one_cell(samples[name][0].note)} | | | |{' |' * len(BESIDE)}"
    failed = len(samples[name]) - len(taken)
    ratio = ratio_of(samples, name, subject) if subject in samples else None
    # What a request costs, so often a second: where neither this nor the load's is whole, others had the processors.
    own = median(sample.value * sample.rate / 1e6 for sample in taken) if unit.startswith("CPU µs a") else 0
    cells = [
        f"{name}, failed in {failed} of {len(samples[name])} rounds" if failed else name,
        f"{median(values):.1f}",
        f"{min(values):.1f}",
        f"{max(values):.1f}",
        f"{ratio:.2f}" if ratio else "",
        middle(sample.rate for sample in taken),
        middle(sample.p50 for sample in taken),
        middle(sample.p99 for sample in taken),
        share(own),
        share(median(sample.load for sample in taken)),
        share(median(sample.backend for sample in taken)),
    ]
    return f"| {' | '.join(cells)} |"


def share(value: float) -> str:
    return f"{value:.0%}" if value else ""


def one_cell(text: str) -> str:
    """The first line of a message, which may have what would end a cell of a table."""
    return text.partition("\n")[0].replace("|", "\\|")


def middle(values: Iterable[float]) -> str:
    value = median(values)
    return f"{value:.0f}" if value else ""


@dataclass(frozen=True)
class Reached:
    """A goal, and what was measured of what it limits: the rounds' ratios to its peer, or the rounds' own figures."""

    goal: Goal
    peer: str
    taken: list[float]

    @property
    def outcome(self) -> str:
        return verdict(self.taken, self.goal.limit)


def reached(row: Row, samples: Samples, subject: str) -> list[Reached]:
    """The goals of a row of which something was measured."""
    found = []
    for goal in row.goals:
        peer = best_peer(samples, subject) if goal.peer == "best" else goal.peer
        if subject in samples and (not peer or peer in samples):
            taken = ratios(samples, subject, peer) if peer else measured(samples[subject])
            found += [Reached(goal, peer, taken)] if taken else []
    return found


def goal_verdict(row: Row, samples: Samples, subject: str) -> str:
    return " ".join(sentence(one, row.unit) for one in reached(row, samples, row.subject or subject))


def sentence(one: Reached, unit: str) -> str:
    unit = f" × {one.peer}" if one.peer else f" {unit}"
    rounds = f"{spread(one.taken)} in {len(one.taken)} rounds"
    return (
        f"Goal: at most {one.goal.limit:.2f}{unit}; measured {median(one.taken):.2f}{unit} ({rounds}): {one.outcome}."
    )


def short_verdict(row: Row, samples: Samples, subject: str) -> str:
    cells = []
    for one in reached(row, samples, subject):
        limit = f"{one.goal.limit:g}{f' × {one.peer}' if one.peer else ''}"
        # The column before this one tells of the best peer.
        if one.peer and one.peer != best_peer(samples, subject):
            limit += f", is {median(one.taken):.2f} ({spread(one.taken)})"
        cells.append(f"{limit}: {one.outcome}")
    return "; ".join(cells)


def best_peer(samples: Samples, subject: str) -> str:
    peers = {name: measured(taken) for name, taken in samples.items() if name != subject}
    medians = {name: median(values) for name, values in peers.items() if values}
    return min(medians, key=medians.get, default="")


def ratio_of(samples: Samples, name: str, other: str) -> float | None:
    taken = ratios(samples, name, other)
    return median(taken) if taken else None


def ratios(samples: Samples, name: str, other: str) -> list[float]:
    return quotients(samples[name], samples[other])


def quotients(taken: list[Sample], others: list[Sample]) -> list[float]:
    """One of each round in which both have a figure."""
    # A row that failed half-way has one round less of some.
    pairs = zip(taken, others, strict=False)
    return [one.value / other.value for one, other in pairs if one.value is not None and other.value]


def spread(values: list[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"


def measured(samples: list[Sample]) -> list[float]:
    return [sample.value for sample in samples if sample.value is not None]


def figures(samples: Samples, name: str, subject: str) -> dict[str, float]:
    """Median, least and most of what was measured, and of the rounds' ratios to the server that goals are for."""
    values = measured(samples[name])
    found = {"median": median(values), "min": min(values), "max": max(values)} if values else {}
    taken = ratios(samples, name, subject) if subject in samples else []
    return found | (
        {f"ratio to {subject}": median(taken), "min ratio": min(taken), "max ratio": max(taken)} if taken else {}
    )


def as_json(results: Results, circumstances: dict, subject: str) -> str:
    rows = {
        key: {
            "title": row.title,
            "unit": row.unit,
            "goal": goal_verdict(row, samples, subject),
            "figures": {name: figures(samples, name, row.subject or subject) for name in samples},
            "samples": {name: [vars(sample) for sample in taken] for name, taken in samples.items()},
        }
        for key, (row, samples) in results.items()
    }
    return json.dumps({"circumstances": circumstances, "rows": rows}, indent=2)
