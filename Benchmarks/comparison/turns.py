"""Whose turn it is: what is measured first in a round has the machine as what came before has left it."""


def rotated(items: list, by: int) -> list:
    """The same with another first, the rest forward and backward by turns: nobody always comes after the same one."""
    first = by % len(items)
    others = items[first + 1 :] + items[:first]
    return [items[first], *(reversed(others) if by % 2 else others)]
