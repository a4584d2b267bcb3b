"""Turns samples into tables. Ratios are taken within each round, because the machine drifts between them."""

import json
from statistics import median

from .rows import Row, Sample

Samples = dict[str, list[Sample]]


def markdown(row: Row, samples: Samples, subject: str) -> str:
    lines = [
        f"### {row.title}",
        "",
        f"| | {row.unit}: median | min | max | ratio to the subject | requests/s | p50 µs | p99 µs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [table_line(name, samples, subject) for name in samples]
    verdict = goal_verdict(row, samples, subject)
    return "\n".join(lines + (["", verdict] if verdict else [])) + "\n"


def table_line(name: str, samples: Samples, subject: str) -> str:
    values = measured(samples[name])
    if not values:
        return f"| {name} | {samples[name][0].note} | | | | | | |"
    ratio = ratio_of(samples, name, subject) if subject in samples else None
    cells = [
        name,
        f"{median(values):.1f}",
        f"{min(values):.1f}",
        f"{max(values):.1f}",
        f"{ratio:.2f}" if ratio else "",
        f"{median(sample.rate for sample in samples[name]):.0f}",
        f"{median(sample.p50 for sample in samples[name]):.0f}",
        f"{median(sample.p99 for sample in samples[name]):.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def goal_verdict(row: Row, samples: Samples, subject: str) -> str:
    peer = best_peer(samples, subject) if row.goal.peer == "best" else row.goal.peer
    if subject not in samples or (peer and peer not in samples):
        return ""
    values = measured(samples[subject])
    figure = ratio_of(samples, subject, peer) if peer else median(values) if values else None
    if figure is None:
        return ""
    unit = f" x {peer}" if peer else f" {row.unit}"
    met = "met" if figure <= row.goal.limit else "NOT met"
    return f"Goal: at most {row.goal.limit:.2f}{unit}; measured {figure:.2f}{unit}: {met}."


def best_peer(samples: Samples, subject: str) -> str:
    peers = {name: measured(taken) for name, taken in samples.items() if name != subject}
    medians = {name: median(values) for name, values in peers.items() if values}
    return min(medians, key=medians.get, default="")


def ratio_of(samples: Samples, name: str, other: str) -> float | None:
    pairs = zip(samples[name], samples[other], strict=True)
    ratios = [one.value / two.value for one, two in pairs if one.value is not None and two.value]
    return median(ratios) if ratios else None


def measured(samples: list[Sample]) -> list[float]:
    return [sample.value for sample in samples if sample.value is not None]


def as_json(results: dict[str, tuple[Row, Samples]], circumstances: dict) -> str:
    rows = {
        key: {
            "title": row.title,
            "unit": row.unit,
            "samples": {name: [vars(sample) for sample in taken] for name, taken in samples.items()},
        }
        for key, (row, samples) in results.items()
    }
    return json.dumps({"circumstances": circumstances, "rows": rows}, indent=2)
