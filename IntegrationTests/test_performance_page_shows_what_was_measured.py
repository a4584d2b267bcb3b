"""The figures of docs/PERFORMANCE.md are those of the reports in docs/measurements, as `make bench` wrote them."""

import json
import re
from statistics import median

import pytest

from harness import documents

REPORTS = documents.DOCS / "measurements"
PROXIES = ("haproxy", "nginx", "envoy", "traefik", "caddy")
SERVERS = ("countersign", *PROXIES, "cfssl")


def rows(report):
    found = json.loads((REPORTS / f"{report}.json").read_text())["rows"]
    return {key: (row, values(row)) for key, row in found.items()}


def values(row):
    """What was measured of each server, or each size, that could be measured at all."""
    taken = {name: [one["value"] for one in samples] for name, samples in row["samples"].items()}
    return {name: figures for name, figures in taken.items() if None not in figures}


def number(value):
    return f"{value:.1f}" if value < 1000 else f"{value:.0f}" if value < 10_000 else f"{value:,.0f}"


def compared(figures):
    """The ratio to the best peer, of each round, as the page has it; nothing where there is no peer."""
    peers = {name: median(taken) for name, taken in figures.items() if name != "countersign"}
    if not peers:
        return ""
    best = min(peers, key=peers.get)
    ratios = [own / other for own, other in zip(figures["countersign"], figures[best], strict=True)]
    return f"{median(ratios):.2f} × {best} ({min(ratios):.2f} to {max(ratios):.2f})"


def line_of_comparison(row, figures, servers):
    medians = [number(median(figures[name])) if name in figures else "" for name in servers]
    return f"| {' | '.join([row['title'], row['unit'], *medians, compared(figures)])} |"


def line_of_size(row, figures):
    title = re.fullmatch(r"(?:Keep-alive GET|Download of) ?,? ?(.+?)(?: connections|, 4 connections)?", row["title"])[1]
    taken = figures["countersign"]
    return "| " + " | ".join([title, *map(number, (median(taken), min(taken), max(taken)))]) + " |"


@pytest.mark.parametrize("report", ["table", "authority", "again"])
def test_comparisons(report):
    found = {
        key: (row, figures) for key, (row, figures) in rows(report).items() if set(row["samples"]) & {*PROXIES, "cfssl"}
    }
    servers = [name for name in SERVERS if any(name in row["samples"] for row, _ in found.values())]
    page = documents.text("PERFORMANCE.md")
    assert found
    for key, (row, figures) in found.items():
        if "countersign" in figures:
            assert line_of_comparison(row, figures, servers) in page, key


def test_sizes():
    page = documents.text("PERFORMANCE.md")
    found = rows("scale")
    assert {"connections-10000", "body-67108864", "loops-2", "held-2", "routes-100000", "sources-10000"} <= set(found)
    for key, (row, figures) in found.items():
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
