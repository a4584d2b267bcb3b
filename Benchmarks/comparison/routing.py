"""The rows of routes and policies, which need no network: what `routebench` prints, beside the goals."""

import argparse
import os
import re
import subprocess
from pathlib import Path

from .report import Results, Samples
from .rows import Goal, Row, Sample
from .servers import MEASURED_PROCESSOR

#: What is to cost the same however many there are may differ by as much.
EQUAL = 1.1


def lookup(title: str) -> Row:
    return Row(title, "ns", (), (Goal(1.2, "10 routes"),), subject="100000 routes")


def decision(outcome: str) -> Row:
    goals = (Goal(300), Goal(EQUAL, "10 callers"))
    return Row(f"Policy decision, by callers that are named: {outcome}", "ns", (), goals, subject="10000 callers")


#: Which lines of the program belong to a row, and what of a line is its name in the row's table.
TABLES = {
    "lookup": (lookup("Look-up of a route, 10 hosts in turn"), r"look-up, 10 hosts, (.+)"),
    "lookup-cold": (lookup("Look-up of a route, 10,000 hosts in turn"), r"look-up, 10000 hosts, (.+)"),
    "decision": (decision("permitted"), r"decision, permitted, (.+ callers)"),
    "decision-denied": (decision("denied"), r"decision, denied, (.+ callers)"),
    "decision-policies": (Row("Policy decision, by as many policies in turn", "ns", ()), r"decision, (.+ policies)"),
    "registration": (
        Row("Registration from the bytes of the bus, new", "CPU µs", (), (Goal(8),), subject="1 event loop"),
        r"registration, new, (.+)",
    ),
    "repeated": (
        Row("Registration from the bytes of the bus, repeated", "CPU µs", (), (Goal(8),), subject="1 event loop"),
        r"registration, repeated, (.+)",
    ),
    "endpoint": (
        Row("Memory of an endpoint", "B", (), (Goal(1200),), subject="registered"),
        r"memory of an endpoint, (.+)",
    ),
}


def run(key: str, options: argparse.Namespace, folder: Path) -> Results:
    tables: dict[str, Samples] = {name: {} for name in TABLES}
    for number in range(options.rounds):
        for line, value in figures(options.routebench):
            table, name = place(line)
            tables[table].setdefault(name, []).append(Sample(value))
        print(f"{key} round {number + 1}/{options.rounds}", flush=True)
    return {name: (row, tables[name]) for name, (row, _) in TABLES.items()}


def place(line: str) -> tuple[str, str]:
    """The row that a line of the program belongs to, and its name there."""
    for table, (_, pattern) in TABLES.items():
        if found := re.fullmatch(pattern, line):
            return table, found[1]
    raise RuntimeError(f"no row has a place for what routebench tells as {line!r}")


def figures(program: str) -> list[tuple[str, float]]:
    done = subprocess.run(
        [program],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {MEASURED_PROCESSOR}),
    )
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return [(name, float(value)) for name, value, _ in lines]


ROWS = {"routing": run}
