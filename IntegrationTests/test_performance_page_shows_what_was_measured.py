"""The figures of docs/PERFORMANCE.md are those of the reports in docs/measurements, as `make bench` wrote them."""

import json
import re
import sys
from statistics import median

import pytest

from harness import documents

sys.path.append(str(documents.DOCS.parent / "Benchmarks"))

import sizing  # noqa: E402
from comparison import messaging, verdicts  # noqa: E402

REPORTS = documents.DOCS / "measurements"
PROXIES = ("haproxy", "nginx", "envoy", "traefik", "caddy")
ISSUERS = ("cfssl", "cfssl, recording")
ROUTES = tuple(f"{count} routes" for count in (10, 1_000, 100_000))
CALLERS = tuple(f"{count} callers" for count in (10, 10_000))
POLICIES = tuple(f"{count} policies" for count in (10, 10_000))
LOOPS = ("1 event loop", "2 event loops")


def rows(report):
    found = json.loads((REPORTS / f"{report}.json").read_text())["rows"]
    return {key: (row, values(row)) for key, row in found.items()}


def values(row):
    """What was measured of each server, or each size, that could be measured at all."""
    taken = {name: [one["value"] for one in samples] for name, samples in row["samples"].items()}
    return {name: figures for name, figures in taken.items() if None not in figures}


def number(value):
    return f"{value:.1f}" if value < 1000 else f"{value:.0f}" if value < 10_000 else f"{value:,.0f}"


def best_peer(figures):
    peers = {name: median(taken) for name, taken in figures.items() if name != "countersign"}
    return min(peers, key=peers.get, default="")


def compared(figures):
    """The ratio to the best peer, of each round, as the page has it; nothing where there is no peer."""
    if not (best := best_peer(figures)):
        return ""
    ratios = [own / other for own, other in zip(figures["countersign"], figures[best], strict=True)]
    return f"{median(ratios):.2f} × {best} ({min(ratios):.2f} to {max(ratios):.2f})"


def sentences(row):
    """Of each of the report's own sentences about a goal: limit, peer or unit, figure, spread and verdict."""
    sentence = r"Goal: at most (\S+) (?:× )?(.+?); measured (\S+) .+? \(([^()]+) in \d+ rounds\): ([^.]+)\."
    return re.findall(sentence, row["goal"])


def goals(row, figures):
    """What was to be reached and whether it was, as the page has it."""
    cells = []
    for limit, other, reached, spread, verdict in sentences(row):
        peer = f" × {other}" if other in row["samples"] else ""
        beside = f", is {reached} ({spread})" if peer and other != best_peer(figures) else ""
        cells.append(f"{float(limit):g}{peer}{beside}: {verdict}")
    return "; ".join(cells)


def line_of_comparison(row, figures, servers):
    medians = [number(median(figures[name])) if name in figures else "" for name in servers]
    return f"| {' | '.join([row['title'], row['unit'], *medians, compared(figures), goals(row, figures)])} |"


def line_of_size(row, figures):
    title = re.fullmatch(r"(?:Keep-alive GET|Download of) ?,? ?(.+?)(?: connections?|, 4 connections)?", row["title"])[
        1
    ]
    taken = figures["countersign"]
    return "| " + " | ".join([title, *map(number, (median(taken), min(taken), max(taken)))]) + " |"


@pytest.mark.parametrize("peers", [PROXIES, ISSUERS])
def test_comparisons(peers):
    page = documents.text("PERFORMANCE.md")
    found = {key: pair for key, pair in rows("table").items() if set(pair[0]["samples"]) & set(peers)}
    assert found
    for key, (row, figures) in found.items():
        assert line_of_comparison(row, figures, ("countersign", *peers)) in page, key


def test_rows_near_their_goals():
    page = documents.text("PERFORMANCE.md")
    for key, (row, figures) in rows("goals").items():
        assert line_of_comparison(row, figures, ("countersign", "haproxy", "envoy")) in page, key


@pytest.mark.parametrize("key", ["keepalive", "handshake"])
def test_charts_of_the_page(key):
    assert f"](measurements/{key}.svg)" in documents.text("PERFORMANCE.md")
    chart = (REPORTS / f"{key}.svg").read_text()
    shown = set(re.findall(r'<text[^>]* class="value">(\d+\.\d\d)</text>', chart))
    assert shown == {f"{value:.2f}" for value in medians("table", key).values()}


def test_sizes():
    page = documents.text("PERFORMANCE.md")
    found = rows("scale")
    assert {"connections-10000", "body-67108864", "loops-2", "routes-100000", "policies-10000"} <= set(found)
    to_one, to_four = medians("scale", "messages").values()
    assert f"({to_one:.2f} and {to_four:.2f} µs a\nmessage)" in page
    del found["messages"]
    # What has a goal is in the report of the table.
    held = {key: pair for key, pair in rows("table").items() if key.startswith("held-")}
    assert len(held) == 2
    for key, (row, figures) in {**found, **held}.items():
        assert line_of_size(row, figures) in page, key


#: How the page names the rows of a large authority.
LARGE = {
    "start": "start with 1,000,000",
    "inventory": "`sign` with as many",
    "crl": "signing it",
    "crl-served": "serving it",
}


@pytest.mark.parametrize("key, label", LARGE.items())
def test_a_large_authority(key, label):
    _, figures = rows("authority")[key]
    taken = figures["countersign"]
    (line,) = [line for line in documents.text("PERFORMANCE.md").splitlines() if line.startswith("|") and label in line]
    for cell, value in zip(line.split("|")[2:5], (median(taken), min(taken), max(taken)), strict=True):
        assert cell.split()[0] == number(value)


def test_a_figure_that_was_not_measured_is_not_on_the_page():
    row, figures = rows("scale")["routes-10"]
    altered = {"countersign": [value + 1 for value in figures["countersign"]]}
    page = documents.text("PERFORMANCE.md")
    assert line_of_size(row, altered) not in page and line_of_size(row, figures) in page


def medians(report, key):
    return {name: median(taken) for name, taken in rows(report)[key][1].items()}


#: The rows that have no peers are a table of their own: how the page names one, the report's name, the names of its
#: figures, how they are written, and what the goals are beside a peer.
BY_ITSELF = {
    "look-up of a route among 10, 1,000, 100,000, for 10 hosts in turn": ("lookup", ROUTES, "ns", "that among 10"),
    "the same, for 10,000 hosts in turn": ("lookup-cold", ROUTES, "ns", "that among 10"),
    "policy decision, 10 and 10,000 callers named: permitted": ("decision", CALLERS, "ns", "that of 10"),
    "the same: denied": ("decision-denied", CALLERS, "ns", "that of 10"),
    "the same: permitted, by 10 and 10,000 policies in turn": ("decision-policies", POLICIES, "ns", ""),
    "registration from the bytes of the bus, new, into one and two event loops": ("registration", LOOPS, "µs", ""),
    "the same, repeated": ("repeated", LOOPS, "µs", ""),
    "memory of an endpoint": ("endpoint", ("registered",), "B", ""),
}


def line_by_itself(label, key, names, unit, other):
    row, figures = rows("table")[key]
    written = ", ".join(f"{median(figures[name]):.{1 if unit == 'µs' else 0}f}" for name in names)
    cells = []
    for limit, peer, reached, _, verdict in sentences(row):
        against = f"{float(limit):g} × {other}, is {reached}" if peer in row["samples"] else f"{float(limit):,g} {unit}"
        cells.append(f"{against}: {verdict}")
    return f"| {label} | {written} {unit} | {'; '.join(cells)} |"


@pytest.mark.parametrize("label", BY_ITSELF)
def test_the_router_by_itself(label):
    assert line_by_itself(label, *BY_ITSELF[label]) in documents.text("PERFORMANCE.md")


def test_the_start_of_the_router():
    row, figures = rows("table")["startup"]
    start, ((*_, verdict),) = figures["countersign"], sentences(row)
    figure = f"{median(start):.0f} ms ({min(start):.0f} to {max(start):.0f})"
    assert f"| {figure} | 150 ms: {verdict} |" in documents.text("PERFORMANCE.md")


def test_two_event_loops_beside_one():
    one, two = (rows("table")[f"held-{number}"][1]["countersign"] for number in (1, 2))
    taken = [alone / each for alone, each in zip(one, two, strict=True)]
    least, most = verdicts.interval(taken)
    verdict = "met" if least >= 1.8 else "NOT met" if most < 1.8 else "undecided"
    cell = f"{median(taken):.2f} ({min(taken):.2f} to {max(taken):.2f}); goal 1.8: {verdict} |"
    assert cell in documents.text("PERFORMANCE.md")


def test_latencies_by_connections():
    page = documents.text("PERFORMANCE.md")
    for number in (1, 100, 1_000, 10_000):
        row, figures = rows("scale")[f"connections-{number}"]
        taken = row["samples"]["countersign"]
        p50, p99 = (time_of(median(sample[name] for sample in taken)) for name in ("p50", "p99"))
        ratio = median(own / other for own, other in zip(figures["countersign"], figures["haproxy"], strict=True))
        (line,) = [line for line in page.splitlines() if line.startswith(f"| {number:,} | ")]
        assert line.endswith(f"| {ratio:.2f} | {p50} | {p99} |")


def test_growth_by_connections():
    of_100 = rows("scale")["connections-100"][1]["countersign"]
    large, huge = (
        median(own / other for own, other in zip(rows("scale")[key][1]["countersign"], of_100, strict=True))
        for key in ("connections-1000", "connections-10000")
    )
    page = documents.text("PERFORMANCE.md")
    assert f"within rounds\n1,000 take {large:.2f} times what 100 do, and 10,000 take {huge:.2f} times" in page


def time_of(microseconds):
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            value = microseconds / size
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{microseconds:.0f} µs"


def ratio(report, key, peer):
    figures = rows(report)[key][1]
    return median(own / other for own, other in zip(figures["countersign"], figures[peer], strict=True))


def test_readme_says_what_was_measured():
    readme = " ".join((documents.DOCS.parent / "README.md").read_text().split())
    figures = rows("table")["download"][1]
    idle = medians("table", "idle")
    others = min(value for name, value in idle.items() if name != "countersign")
    for claim in (
        f"a request takes {ratio('goals', 'keepalive', 'haproxy'):.2f} of HAProxy's processor time",
        f"a full handshake {ratio('goals', 'handshake', 'envoy'):.2f} of Envoy's",
        f"{ratio('table', 'newcomer', 'envoy'):.2f} where each caller is new to both",
        f"a resumed one {ratio('goals', 'resumed', 'envoy'):.2f}",
        f"a download of 1 MiB {ratio('table', 'download', best_peer(figures)):.2f} of the best other's",
        f"an idle connection {idle['countersign']:.1f} KiB, where others take {int(others)} and more",
        f"signs a request in {ratio('table', 'sign', 'cfssl'):.2f} of the processor time of `cfssl`",
        f"makes a key with its certificate in {ratio('table', 'newcert', 'cfssl'):.2f}",
    ):
        assert claim in readme


def test_a_fleet_registers_with_messages_of_the_size_that_was_measured():
    assert sizing.Fleet().registration_bytes == messaging.MESSAGE_BYTES


def test_a_fleet_is_reckoned_with_what_was_measured():
    costs = sizing.Costs()
    bodies = [rows("scale")[f"body-{size}"][1]["countersign"] for size in (0, 64 << 20)]
    each = {
        "request": medians("scale", "connections-10000")["countersign"],
        "handshake": medians("table", "newcomer")["countersign"],
        "resumption": medians("table", "resumed")["countersign"],
        "issuance": medians("authority", "inventory")["countersign"],
        "per_kib": median(large - empty for empty, large in zip(*bodies, strict=True)) / (64 << 10),
        "registration": medians("table", "repeated")["1 event loop"],
        "endpoint_bytes": medians("table", "endpoint")["registered"],
        "connection_bytes": medians("table", "busy")["countersign"] * 1024,
        "message": medians("scale", "messages")["to 1 router"] - costs.delivery,
        "delivery": (medians("scale", "messages")["to 4 routers"] - medians("scale", "messages")["to 1 router"]) / 3,
    }
    for name, measured in each.items():
        assert getattr(costs, name) == pytest.approx(measured, rel=0.01), name
