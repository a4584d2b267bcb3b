"""What `make bench` says of its rounds: medians, ratios, verdicts where rounds can tell, and one line of an error."""

import sys
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from harness import documents

sys.path.append(str(documents.DOCS.parent / "Benchmarks"))

from comparison import growth, load, options, report, rounds, routing, scale, turns, verdicts  # noqa: E402
from comparison.rows import Goal, Row, Sample  # noqa: E402


def samples(*values):
    return [Sample(value) for value in values]


def summary_of(*goals, **taken):
    row = Row("Work", "CPU µs a request", (), goals)
    text = report.summary({"work": (row, {name: samples(*values) for name, values in taken.items()})}, "countersign")
    return text.splitlines()[-1]


@pytest.mark.parametrize(
    "count, place",
    # Of five, all lie on one side of the median in one run of sixteen; of eight, at most one in one of fourteen.
    [(5, 0), (7, 0), (8, 1), (9, 1), (11, 2), (13, 3)],
)
def test_an_interval_leaves_out_as_many_as_it_may(count, place):
    values = [float(number) for number in range(count)]
    assert verdicts.interval(list(reversed(values))) == (values[place], values[-1 - place])


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_rounds_tell_nothing(count):
    assert verdicts.verdict([0.5] * count, 0.8) == "undecided"


@pytest.mark.parametrize(
    "taken, verdict",
    [
        ([0.6, 0.7, 0.8, 0.7, 0.6], "met"),
        ([0.6, 0.7, 0.81, 0.7, 0.6], "undecided"),
        ([0.81, 0.9, 0.81, 0.9, 0.9], "NOT met"),
        ([0.8, 0.9, 0.9, 0.9, 0.9], "undecided"),
        # One round of nine that something else took decides nothing.
        ([0.6] * 8 + [2.0], "met"),
    ],
)
def test_a_verdict_is_what_the_rounds_can_tell(taken, verdict):
    assert verdicts.verdict(taken, 0.8) == verdict


def test_a_ratio_is_taken_within_each_round():
    line = summary_of(countersign=(10, 20, 90), haproxy=(20, 40, 30))
    assert line == "| Work | CPU µs a request | 20.0 | 30.0 | 0.50 × haproxy (0.50 to 3.00) |  |"


def test_the_best_peer_has_the_least_median_and_a_goal_names_its_own():
    line = summary_of(Goal(0.5, "envoy"), countersign=(9,) * 5, haproxy=(10,) * 5, envoy=(20,) * 5)
    assert line.endswith("| 0.90 × haproxy (0.90 to 0.90) | 0.5 × envoy, is 0.45 (0.45 to 0.45): met |")
    denied = summary_of(Goal(0.4, "envoy"), countersign=(9,) * 5, haproxy=(10,) * 5, envoy=(20,) * 5)
    assert denied.endswith("| 0.4 × envoy, is 0.45 (0.45 to 0.45): NOT met |")


def test_a_goal_without_a_peer_is_for_the_figure():
    assert summary_of(Goal(18), countersign=(13,) * 5, haproxy=(30,) * 5).endswith("| 18: met |")
    assert summary_of(Goal(12), countersign=(13,) * 5, haproxy=(30,) * 5).endswith("| 12: NOT met |")


def test_a_goal_beside_a_peer_that_was_not_measured_has_no_verdict():
    assert summary_of(Goal(0.8, "envoy"), countersign=(9,), haproxy=(10,)).endswith("(0.90 to 0.90) |  |")


def test_each_of_several_goals_has_a_verdict():
    line = summary_of(Goal(0.5, "cfssl"), Goal(200), countersign=(190,) * 5, cfssl=(300,) * 5)
    assert line.endswith("| 0.63 × cfssl (0.63 to 0.63) | 0.5 × cfssl: NOT met; 200: met |")


def test_growth_is_what_it_is_within_rounds():
    first, last = (scale.ROWS[f"routes-{number}"] for number in (10, 100_000))
    results = {
        "routes-10": (first, {"countersign": samples(10, 20, 40)}),
        "routes-100000": (last, {"countersign": samples(11, 24, 42)}),
    }
    (table,) = growth.tables(results, "countersign")
    assert table.splitlines()[2:] == [
        "| Keep-alive GET, 1,000 connections to 10 routes | 1 | goal |",
        "|---|---|---|",
        "| Keep-alive GET, 1,000 connections to 100,000 routes | 1.10 (1.05 to 1.20) |  |",
    ]
    assert growth.tables({"routes-10": results["routes-10"]}, "countersign") == []


@pytest.mark.parametrize("two, verdict", [(50, "met"), (55, "met"), (56, "NOT met")])
def test_two_event_loops_have_a_goal_beside_one(two, verdict):
    results = {
        f"held-{number}": (scale.ROWS[f"held-{number}"], {"countersign": samples(*[value] * 5)})
        for number, value in ((1, 100), (2, two))
    }
    (table,) = growth.tables(results, "countersign")
    assert table.splitlines()[-1].endswith(f" | 0.556: {verdict} |")


@pytest.mark.parametrize(
    "line, place",
    [
        ("look-up, 10 hosts, 100000 routes", ("lookup", "100000 routes")),
        ("look-up, 10000 hosts, 100000 routes", ("lookup-cold", "100000 routes")),
        ("decision, permitted, 10 callers", ("decision", "10 callers")),
        ("decision, denied, 10000 callers", ("decision-denied", "10000 callers")),
        ("decision, 10 policies", ("decision-policies", "10 policies")),
        ("registration, new, 1 event loop", ("registration", "1 event loop")),
        ("registration, repeated, 2 event loops", ("repeated", "2 event loops")),
        ("memory of an endpoint, registered", ("endpoint", "registered")),
    ],
)
def test_each_line_of_a_program_has_a_row(line, place):
    assert routing.place(line) == place


def test_a_line_without_a_row_is_an_error():
    with pytest.raises(RuntimeError, match="no row has a place for .*'look-up, 3 routes'"):
        routing.place("look-up, 3 routes")


@pytest.mark.parametrize("goal, figures, verdict", [(1.1, (100, 109), "met"), (1.1, (100, 111), "NOT met")])
def test_decisions_are_to_be_equal_however_many_callers_are_named(goal, figures, verdict):
    row, _ = routing.TABLES["decision-denied"]
    few, many = ([value] * 5 for value in figures)
    text = report.markdown(row, {"10 callers": samples(*few), "10000 callers": samples(*many)}, "countersign")
    assert "Goal: at most 300.00 ns;" in text and f"Goal: at most {goal:.2f} × 10 callers;" in text
    assert text.rstrip().endswith(f": {verdict}.")


@pytest.mark.parametrize("number, total", [(10, 10), (1_000, 1_000), (1_000, 100_000)])
def test_connections_are_for_hosts_of_all_routes(number, total):
    found = load.spread(number, total)
    assert len(set(found)) == number and total * 0.9 <= max(found) < total


def test_rounds_that_failed_are_told_and_not_counted():
    row = Row("Work", "KiB", ())
    taken = {
        "countersign": samples(1, 2, 3),
        "haproxy": [Sample(None, note="failed: a | b\nand more"), *samples(4, 6)],
        "caddy": [Sample(None, note="resumed 0 of 9")] * 3,
    }
    text = report.markdown(row, taken, "countersign")
    assert "| haproxy, failed in 1 of 3 rounds | 5.0 | 4.0 | 6.0 | 2.00 |" in text
    assert "| caddy | resumed 0 of 9 |" in text
    failed = report.markdown(row, {"haproxy": [Sample(None, note="failed: a | b\nand more")]}, "countersign")
    assert "| haproxy | failed: a \\| b |" in failed and "and more" not in failed
    (widths,) = {line.replace("\\|", "").count("|") for line in (text + failed).splitlines() if line.startswith("|")}
    assert widths == 12


def test_the_load_and_the_backend_stand_apart():
    taken = {"countersign": [Sample(20.0, rate=25_000, p50=1, p99=2, load=0.25, backend=0.5)]}
    line = report.markdown(Row("Work", "CPU µs a request", ()), taken, "countersign").splitlines()[4]
    assert line.endswith("| 25000 | 1 | 2 | 50% | 25% | 50% |")


def test_each_round_begins_with_another():
    assert [turns.rotated(["a", "b", "c"], number)[0] for number in range(4)] == ["a", "b", "c", "a"]
    assert turns.rotated(["a", "b", "c"], 2) == ["c", "a", "b"]


def test_nobody_always_comes_after_the_same_one():
    before = {}
    for number in range(6):
        order = turns.rotated(["a", "b", "c"], number)
        assert sorted(order) == ["a", "b", "c"]
        for one, other in zip(order, order[1:], strict=False):
            before.setdefault(other, set()).add(one)
    assert before == {"a": {"b", "c"}, "b": {"a", "c"}, "c": {"a", "b"}}


@dataclass(frozen=True)
class Told(Row):
    """A row that is measured by what is told of it."""

    values: dict = field(default_factory=dict)
    taken: list = field(default_factory=list)

    def measure(self, server, generator, seconds):
        self.taken.append((server.name, seconds))
        told = self.values[server.name].pop(0)
        if isinstance(told, Exception):
            raise told
        return Sample(told)


def one_round(row, *names):
    found = {}
    started = rounds.Started([SimpleNamespace(name=name) for name in names], None)
    rounds.measure("work", row, started, found, 0, 6, 3.0)
    return {name: [sample.value for sample in taken] for name, taken in found.items()}


def test_servers_take_turns_in_the_parts_of_a_round_and_the_one_in_the_middle_counts(capsys):
    told = {"countersign": [5.0, 90.0, 6.0], "haproxy": [7.0, 8.0, 1.0]}
    row = Told("Work", "µs", (), parts=3, values=told)
    assert one_round(row, *told) == {"countersign": [6.0], "haproxy": [7.0]}
    order = ["countersign", "haproxy", "haproxy", "countersign", "countersign", "haproxy"]
    assert row.taken == [(name, 1.0) for name in order]
    assert capsys.readouterr().out.splitlines()[0] == "work round 1/6: countersign 6.0 µs "


def test_a_part_that_failed_is_not_passed_over():
    row = Told("Work", "µs", (), parts=3, values={"caddy": [1.0, None, 2.0]})
    assert one_round(row, "caddy") == {"caddy": [None]}


def test_an_error_names_the_row_and_the_server():
    row = Told("Work", "µs", (), values={"haproxy": [RuntimeError("the load generator ended")]})
    with pytest.raises(RuntimeError, match="^Work, haproxy: the load generator ended$"):
        one_round(row, "haproxy")


def asked(**changed):
    named = {"rows": "keepalive", "peers": "haproxy", "loadgen": "none", "output": "none", **changed}
    return options.parse([f"--{name}={value}" for name, value in named.items()])


def test_groups_are_their_rows_each_once():
    wanted = asked(rows="keepalive,table,sources").rows
    assert wanted[0] == "keepalive" and wanted.count("keepalive") == 1
    assert {"storm", "routing", "sources-10000"} <= set(wanted) and "policies-10" not in wanted


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"rows": "keep-alive"}, "error: ROWS: 'keep-alive': takes some of generator, keepalive,"),
        ({"rows": ""}, "error: ROWS: nothing: takes some of"),
        ({"peers": "apache"}, "error: PEERS: 'apache': takes some of countersign, haproxy,"),
        ({"rounds": "0"}, "error: ROUNDS: '0': takes a whole number from 1 to 1000"),
        ({"rounds": "2.5"}, "error: ROUNDS: '2.5': takes a whole number from 1 to 1000"),
        ({"seconds": "nan"}, "error: SECONDS_PER_ROUND: 'nan': takes a number from 0.3 to 3600"),
        ({"subject": "cfssl"}, "error: SUBJECT: invalid choice: 'cfssl'"),
        ({"seconds": "0.001"}, "error: SECONDS_PER_ROUND: '0.001': takes a number from 0.3 to 3600"),
        ({"subject": "nginx", "rows": "sign"}, "error: none of the servers can do sign"),
        (
            {"subject": "nginx", "rows": "keepalive,startup,routing"},
            "error: none of the servers can do startup, routing",
        ),
        ({"colour": "red"}, "error: unrecognized arguments: --colour=red"),
    ],
)
def test_a_wrong_option_is_one_line_that_says_what_is_taken(changed, said, capsys):
    with pytest.raises(SystemExit) as ended:
        asked(**changed)
    lines = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2 and len(lines) == 1 and lines[0].startswith(said)
