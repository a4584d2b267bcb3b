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
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith(f"error: {option.split('=')[0]}: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--renew-at=0.05", "--renew-at=0.95", "--lifetime=0.001", "--requests=1e12"])
def test_the_ends_of_what_is_taken_are_taken(option):
    done = sizing(option)
    assert done.returncode == 0 and figure(done.stdout, "issuances") > 0


def test_there_are_as_many_routers_as_the_work_needs():
    text = sizing("--instances", "2000000").stdout
    cores, machines = figure(text, "cores of all routers"), figure(text, "machines of 8 cores")
    assert machines > 10
    # Half of eight cores is planned for.
    assert cores / 4 <= machines < cores / 4 + 1
    # What each of them costs others is for that many.
    assert figure(text, "bytes out") == pytest.approx(figure(text, "bytes in") * machines / 1000, rel=0.03)
    assert figure(text, "streams of events") == 2_000 + machines


def test_routers_that_are_asked_for_are_there():
    text = sizing("--routers", "9").stdout
    assert figure(text, "machines of 8 cores") == 9 and figure(text, "streams of events") == 2_009


def test_a_fleet_that_no_number_of_routers_can_hear_is_an_error():
    done = sizing("--registration-interval", "0.01")
    assert done.returncode != 0 and not done.stdout and done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: hearing every registration takes ")


def test_the_bus_grows_with_routers():
    few, many = (figure(sizing("--routers", number).stdout, "processor of the bus") for number in ("4", "8"))
    assert few < many
    assert figure(sizing("--registration-interval", "0.2").stdout, "machines of the bus") > 1
