"""Counts what a step takes, in instructions and allocations, and holds it to `hotpath.json`.

Counts do not depend on how busy a machine is, as times do. Usage: count.py PROGRAM [--write]
"""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LIMITS = Path(__file__).with_name("hotpath.json")
TIMES = 2000
#: How often what takes millions of instructions is done: it would take minutes otherwise.
TIMES_OF_HEAVY = 40
#: From how many instructions a step is heavy.
HEAVY = 500_000
#: Heavy steps draw random numbers, on which hang the lengths of signatures and whether a new certificate is read again.
CHANCE = 0.9
#: The library seeds its hashes by chance otherwise, and how many names meet in a table with them.
ENVIRONMENT = {**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"}
#: Another processor or C library takes another way through the same code; what is worth finding is more than that.
MARGIN = 1.15
#: Most of a heavy step is arithmetic that does not change, beside which the product's own part is small.
MARGIN_OF_HEAVY = 1.10


def main() -> int:
    program, *rest = sys.argv[1:] or [""]
    if not os.access(program, os.X_OK) or rest not in ([], ["--write"]):
        sys.exit(f"error: '{' '.join(sys.argv[1:])}': takes the program that has the steps, then --write or nothing")
    steps = output([program]).split()
    # Each thread waits for a process of its own.
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        counted = dict(zip(steps, pool.map(lambda step: count(program, step), steps), strict=True))
    if rest:
        LIMITS.write_text(json.dumps(counted, indent=2) + "\n")
        return 0
    known = json.loads(LIMITS.read_text())
    problems = [problem for step, figures in counted.items() for problem in check(step, figures, known.get(step))]
    problems += [f"{step}: it is in {LIMITS.name} and no longer counted" for step in known.keys() - counted.keys()]
    for step, figures in counted.items():
        print(f"{step}: {figures['instructions']} instructions, {figures['allocations']} allocations")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


def check(step: str, figures: dict[str, float], known: dict[str, float] | None) -> list[str]:
    if known is None:
        return [f"{step}: it has no entry in {LIMITS.name}; count.py --write makes one"]
    problems = []
    heavy = known["instructions"] >= HEAVY
    margin = MARGIN_OF_HEAVY if heavy else MARGIN
    limit, least = round(known["instructions"] * margin), round(known["instructions"] / margin)
    if figures["instructions"] > limit:
        problems.append(f"{step}: {figures['instructions']} instructions, where {limit} are allowed")
    # A bound that is far above what is taken guards nothing, and a step that does nothing takes nothing.
    if figures["instructions"] < least:
        problems.append(f"{step}: {figures['instructions']} instructions, where {least} are the least; see --write")
    allowed = known["allocations"] + (CHANCE if heavy else 0)
    if figures["allocations"] > allowed:
        problems.append(f"{step}: {figures['allocations']} allocations, where {allowed} are allowed")
    return problems


def count(program: str, step: str) -> dict[str, float]:
    """What one time takes: the difference between many and twice as many, so that starting does not count."""
    first = instructions_of_each(program, step, TIMES_OF_HEAVY)
    heavy = first >= HEAVY
    return {
        "instructions": first if heavy else instructions_of_each(program, step, TIMES),
        "allocations": float(output([program, step, str(TIMES)])),
    }


def instructions_of_each(program: str, step: str, times: int) -> int:
    fewer, more = (instructions([program, step, str(count)]) for count in (times, 2 * times))
    return round((more - fewer) / times)


def instructions(command: list[str]) -> int:
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    done = subprocess.run(valgrind, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout


if __name__ == "__main__":
    sys.exit(main())
