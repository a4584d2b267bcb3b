"""How a figure grows along the rows of a family, by ratios within rounds: what grows is told from what drifts."""

from statistics import median

from .report import Results, quotients, spread
from .scale import FAMILIES, Family
from .verdicts import verdict


def tables(results: Results, subject: str) -> list[str]:
    """One table for each family of which there are several rows."""
    found = []
    for name, family in FAMILIES.items():
        keys = [key for key in family.keyed(name) if key in results and subject in results[key][1]]
        if len(keys) > 1:
            found.append("\n".join(lines(family, keys, results, subject)) + "\n")
    return found


def lines(family: Family, keys: list[str], results: Results, subject: str) -> list[str]:
    first, *others = keys
    title = f"### {family.title}: times the first, within rounds"
    head = [title, "", f"| {results[first][0].title} | 1 | goal |", "|---|---|---|"]
    for key in others:
        taken = quotients(results[key][1][subject], results[first][1][subject])
        if taken:
            goal = f"{family.limit:.3f}: {verdict(taken, family.limit)}" if family.limit else ""
            head.append(f"| {results[key][0].title} | {median(taken):.2f} ({spread(taken)}) | {goal} |")
    return head
