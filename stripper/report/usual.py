"""What share of a text is usually removed in a run, and from which share on a document stands out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

_STEPS = 1000  # shares are counted in thousandths
_ENOUGH = 20  # documents from which the run itself says what is usual
_FEW = 0.5  # until then, more than half of a text stands out
_LEAST = 0.25  # never does less than a quarter


class Shares:
    """
    How many documents lost which share of their characters (0 to 1).

    Counted in thousandths: memory does not grow with the run, and the order of the documents does not matter.
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, removed: int, length: int) -> None:
        """Count one document of `length` characters; an empty one does not count."""
        if length:
            self._counts[_step(removed, length)] += 1

    def limit(self) -> float:
        """
        The share above which a document stands out.

        Three times the distance of the quartiles above the upper one (Tukey's far outliers), and at least a quarter;
        one half where there are fewer than twenty documents.
        """
        if self._counts.total() < _ENOUGH:
            return _FEW
        lower, upper = self._quantile(0.25), self._quantile(0.75)
        return max(_LEAST, (upper + 3 * (upper - lower)) / _STEPS)

    def is_unusual(self, removed: int, length: int) -> bool:
        """Whether far more than usual was removed from such a document."""
        return bool(length) and _step(removed, length) / _STEPS > self.limit()

    def median(self) -> float:
        """The share that half of the documents do not exceed; 0 where there are none."""
        return self._quantile(0.5) / _STEPS

    def count_above(self, share: float) -> int:
        """How many documents lost more than `share`."""
        return sum(count for step, count in self._counts.items() if step / _STEPS > share)

    def histogram(self, parts: int = 20) -> list[int]:
        """The number of documents in each of `parts` equal ranges of the share, from 0 to 1."""
        bars = [0] * parts
        for step, count in self._counts.items():
            bars[min(parts - 1, step * parts // _STEPS)] += count
        return bars

    def _quantile(self, part: float) -> int:
        wanted, seen = part * self._counts.total(), 0
        for step, count in self._steps():
            seen += count
            if seen >= wanted:
                return step
        return 0

    def _steps(self) -> Iterator[tuple[int, int]]:
        yield from sorted(self._counts.items())


def _step(removed: int, length: int) -> int:
    return removed * _STEPS // length
