"""What share of a text is usually removed in a run, and from which share on a document stands out."""

from __future__ import annotations

from collections import Counter

_STEPS = 200  # shares are counted in steps of half a percent
_LONG = 0.5  # share of a text that must be gone before it stands out
_UNUSUAL = 6  # median absolute deviations above the run's median


class Shares:
    """
    How many documents lost which share of their characters (0 to 1).

    Counted in steps, so that memory does not grow with the run and the order of the documents does not matter.
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, removed: int, length: int) -> None:
        """Count one document of `length` characters; an empty one does not count."""
        if length:
            self._counts[_place(removed, length)] += 1

    def limit(self) -> float:
        """The share above which a document stands out: far above the run's median, and more than half of it."""
        steps = self._by_step()
        middle = _median(steps)
        away: Counter[int] = Counter()
        for step, count in steps.items():
            away[abs(step - middle)] += count
        return max(_LONG, (middle + _UNUSUAL * _median(away)) / _STEPS)

    def is_unusual(self, removed: int, length: int) -> bool:
        """Whether far more than usual was removed from such a document."""
        return bool(length) and removed / length > self.limit()

    def median(self) -> float:
        """The share that half of the documents do not exceed, to half a percent; 0 where there are none."""
        return _median(self._by_step()) / _STEPS

    def count_unusual(self) -> int:
        """How many documents lost more than the limit."""
        limit = round(self.limit() * _STEPS)
        return sum(count for place, count in self._counts.items() if place > 2 * limit)

    def histogram(self, parts: int = 20) -> list[int]:
        """The number of documents in each of `parts` equal ranges of the share, from 0 to 1."""
        bars = [0] * parts
        for step, count in self._by_step().items():
            bars[min(parts - 1, step * parts // _STEPS)] += count
        return bars

    def _by_step(self) -> Counter[int]:
        steps: Counter[int] = Counter()
        for place, count in self._counts.items():
            steps[place // 2] += count
        return steps


def _place(removed: int, length: int) -> int:
    """Twice the step, and one more inside of it: shares on the edge of a step can be told from those above."""
    step, rest = divmod(removed * _STEPS, length)
    return 2 * step + bool(rest)


def _median(counts: Counter[int]) -> int:
    """The median of numbers that are given with how often they occur; 0 for none."""
    half, seen = counts.total() / 2, 0
    for at in sorted(counts):
        seen += counts[at]
        if seen >= half:
            return at
    return 0
