"""The first documents by some order, as many as fit, whatever order they come in."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from typing import TypeAlias

Key: TypeAlias = tuple[str, str]  # a document: its name and its digest
Place: TypeAlias = tuple[int, str, str]  # its rank in some order, then its key


class Shelf:
    """
    Holds the documents with the smallest places, as long as their number and their sizes together stay within limits.

    What is held in the end depends on the documents alone, not on the order in which they were offered: a document
    that once had to go bars all that stand behind it.
    """

    def __init__(self, *, documents: int, size: int) -> None:
        self._documents = documents
        self._size = size
        self._held: list[tuple[Place, int]] = []
        self._total = 0
        self._bar: Place | None = None

    def offer(self, place: Place, size: int) -> list[Place]:
        """Take a document in, if it belongs here; the places of those that had to go for it, perhaps its own."""
        if self._bar is not None and place >= self._bar:
            return [place]
        insort(self._held, (place, size))
        self._total += size
        gone = []
        while len(self._held) > self._documents or self._total > self._size:
            last, its_size = self._held.pop()
            self._total -= its_size
            self._bar = last
            gone.append(last)
        return gone

    def places(self) -> list[Place]:
        """What is held, in order."""
        return [place for place, _ in self._held]

    @property
    def overflowed(self) -> bool:
        """Whether anything had to go."""
        return self._bar is not None


class Choice:
    """
    Which documents are shown: all while they fit, else the most cut, those with a problem and a sample.

    The sample is drawn by the digest of the name, so that it is the same in every run.
    """

    def __init__(self, *, documents: int, size: int) -> None:
        self._all: Shelf | None = Shelf(documents=documents, size=size)
        self._cut = Shelf(documents=documents // 2, size=size // 2)
        self._problems = Shelf(documents=documents // 4, size=size // 4)
        self._sample = Shelf(documents=documents // 4, size=size // 4)
        self._held: Counter[Key] = Counter()

    @property
    def partial(self) -> bool:
        """Whether documents are left out."""
        return self._all is None

    def offer(self, key: Key, size: int, *, cut: int, chance: int, problem: bool) -> set[Key]:
        """
        Consider a document of `size` characters, `cut` thousandths of it removed; those that are not shown any more.

        `chance` ranks it for the sample. Its own key is among those returned if it is not shown.
        """
        offers = [(self._cut, -cut), (self._sample, chance), *([(self._problems, chance)] * problem)]
        gone = [place for shelf, rank in offers for place in shelf.offer((rank, *key), size)]
        self._held[key] += len(offers)
        if self._all:
            self._held[key] += 1
            gone += self._all.offer((0, *key), size)
            if self._all.overflowed:
                gone += self._all.places()
                self._all = None
        return {(name, digest) for _, name, digest in gone if self._release((name, digest))}

    def _release(self, key: Key) -> bool:
        """Whether nothing holds the document any more."""
        self._held[key] -= 1
        if self._held[key]:
            return False
        del self._held[key]
        return True
