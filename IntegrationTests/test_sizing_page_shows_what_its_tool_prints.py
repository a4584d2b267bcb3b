"""The worked example of docs/PERFORMANCE.md is what Benchmarks/sizing.py says, and grows as its formulas say."""

import re
import sys

import pytest

from harness import documents
from harness.tools import run

TOOL = documents.DOCS.parent / "Benchmarks/sizing.py"


def sizing(*options):
    return run(sys.executable, TOOL, *options)


def figure(text, row):
    return float(re.search(rf"\| {row} \| ([\d,.]+)", text)[1].replace(",", ""))


def test_page_shows_the_worked_example():
    done = sizing()
    assert done.returncode == 0
    for table in done.stdout.strip().split("\n\n"):
        assert table in documents.text("PERFORMANCE.md")


def test_figures_follow_the_fleet():
    small, large = (sizing("--instances", number).stdout for number in ("100000", "200000"))
    for row in ("issuances", "registrations", "requests"):
        assert figure(large, row) == pytest.approx(2 * figure(small, row), rel=0.01)
    assert figure(sizing("--lifetime", "7200").stdout, "issuances") == pytest.approx(
        figure(small, "issuances") / 2, rel=0.01
    )


@pytest.mark.parametrize(
    "option",
    [
        "--instances=many",
        "--lifetime=-1",
        "--lifetime=1e-320",
        "--renew-at=nan",
        "--renew-at=0.04",
        "--renew-at=1",
        "--resumed=2",
        "--requests=1e308",
        "--routers=0",
    ],
)
def test_what_is_no_number_is_an_error(option):
    done = sizing(option)
    assert done.returncode == 2 and option.split("=")[0] in done.stderr and not done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["--renew-at=0.05", "--renew-at=0.95", "--lifetime=0.001", "--requests=1e12"])
def test_the_ends_of_what_is_taken_are_taken(option):
    done = sizing(option)
    assert done.returncode == 0 and figure(done.stdout, "issuances") > 0
