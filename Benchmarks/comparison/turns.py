"""Whose turn it is: what is measured first in a round has the machine as what came before has left it."""


def rotated(items: list, by: int) -> list:
    """The same in the same order, with another first."""
    first = by % len(items)
    return items[first:] + items[:first]
