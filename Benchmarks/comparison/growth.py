"""How a figure grows along the rows of a family, by ratios within rounds: what grows is told from what drifts."""

from statistics import median

from .report import Results, quotients, spread
from .scale import FAMILIES


def tables(results: Results, subject: str) -> list[str]:
    """One table for each family of which there are several rows."""
    found = []
    for name, family in FAMILIES.items():
        keys = [key for key in family.keyed(name) if key in results and subject in results[key][1]]
        if len(keys) > 1:
            found.append("\n".join(lines(family.title, keys, results, subject)) + "\n")
    return found


def lines(title: str, keys: list[str], results: Results, subject: str) -> list[str]:
    first, *others = keys
    head = [f"### {title}: times the first, within rounds", "", f"| {results[first][0].title} | 1 |", "|---|---|"]
    for key in others:
        taken = quotients(results[key][1][subject], results[first][1][subject])
        if taken:
            head.append(f"| {results[key][0].title} | {median(taken):.2f} ({spread(taken)}) |")
    return head
