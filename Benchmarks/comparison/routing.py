"""The rows of routes and policies, which need no network: what `routebench` prints, beside the goals."""

import argparse
import os
import subprocess
from pathlib import Path

from .report import Results, Samples
from .rows import Goal, Row, Sample

PROCESSOR = 0

#: Which lines of the program belong to a row, and the name that each has in its table.
TABLES = {
    "lookup": (
        Row("Look-up of a route", "ns", (), (Goal(1.2, "10 routes"),), subject="100000 routes"),
        "look-up, ",
    ),
    "decision": (Row("Policy decision", "ns", (), (Goal(300),), subject="permitted, 10000 sources"), "decision, "),
    "registration": (
        Row("Registration from the bytes of the bus, new", "CPU µs", (), (Goal(8),), subject="1 event loop"),
        "registration, new, ",
    ),
    "repeated": (Row("Registration from the bytes of the bus, repeated", "CPU µs", ()), "registration, repeated, "),
    "endpoint": (Row("Memory of an endpoint", "B", (), (Goal(1200),), subject="registered"), "memory of an endpoint, "),
}


def run(key: str, options: argparse.Namespace, folder: Path) -> Results:
    tables: dict[str, Samples] = {name: {} for name in TABLES}
    for number in range(options.rounds):
        for line in figures(options.routebench):
            name, value = line
            for table, (_, prefix) in TABLES.items():
                if name.startswith(prefix):
                    tables[table].setdefault(name.removeprefix(prefix), []).append(Sample(value))
        print(f"{key} round {number + 1}/{options.rounds}", flush=True)
    return {name: (row, tables[name]) for name, (row, _) in TABLES.items()}


def figures(program: str) -> list[tuple[str, float]]:
    done = subprocess.run(
        [program],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {PROCESSOR}),
    )
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return [(name, float(value)) for name, value, _ in lines]


ROWS = {"routing": run}
