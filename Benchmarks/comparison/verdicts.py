"""Whether a goal is met, where rounds differ by more than what is to be told apart."""

from math import comb, inf

#: How sure a verdict is, as the share of runs in which the median is where it is said to be.
CONFIDENCE = 0.9


def verdict(taken: list[float], limit: float) -> str:
    """Whether a goal is met, as far as so many rounds can tell."""
    least, most = interval(taken)
    if most <= limit:
        return "met"
    return "NOT met" if least > limit else "undecided"


def interval(taken: list[float]) -> tuple[float, float]:
    """Where the median of a distribution is with the confidence that is asked for, by the rounds that were drawn of it.

    The interval between the k-th smallest and the k-th largest misses it where fewer than k of n are on one side, which
    is binomial whatever the distribution (a confidence interval by the sign test). Too few rounds tell nothing.
    """
    count, narrowest, missed = len(taken), None, 0.0
    ordered = sorted(taken)
    for position in range(count // 2):
        missed += 2 * comb(count, position) / 2**count
        if missed > 1 - CONFIDENCE:
            break
        narrowest = ordered[position], ordered[-1 - position]
    return narrowest or (-inf, inf)
