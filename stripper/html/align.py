"""
Which ink of the page is the ink of the text.

The text's lines, table cells and list items are its *units*; nearly all stand in the page as they are. A unit that
stands there once is an anchor; the heaviest chain of anchors in reading order gives the frame. A unit that stands in
several places is looked for again between the anchors around it, or right beside them; then the extractor is asked
which one it took (`trace.py`). What can't be told apart stays unplaced: better no place than a wrong one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from stripper.html.ink import Ink
from stripper.text import Span

_SURE = 20  # characters of ink from which a unit that stands once in the page is believed outside the reading order
_ROUNDS = 40  # anchors within anchors within …; real pages need five
_SEEDS = 2_000  # words tried in the pieces of a page's broken units, so that the price is bounded
_SEED = 12  # characters of ink that begin a piece of a broken unit
_WORTH_ASKING = 0.01  # share of the text that has several places, from which on the page is read a second time
_WORD = 2  # characters of ink of a piece that goes on right where the one before it ended
_WINDOW = 100_000  # characters of the page in which pieces are looked for


class Block(NamedTuple):
    """`size` characters of ink that are the same from `text` on in the text and from `page` on in the page."""

    text: int
    page: int
    size: int


class _Range(NamedTuple):
    """Units `first` to before `last`, to be found in the page's ink from `low` to before `high`."""

    first: int
    last: int
    low: int
    high: int


Ask = Callable[[Mapping[str, list[int]]], Callable[[str, int], "int | None"]]  # trace.taken_places, but for the page


def align(text: Ink, units: Sequence[Span], page: Ink, ask: Ask | None = None) -> list[Block]:
    """
    The blocks that the units make, in the order of the text; `units` are ranges of the text's ink, in order.

    `ask` finds out which of several places a unit was taken from; it is asked once, and only where much hangs on it.
    Blocks don't overlap in the text. Takes time in proportion to the two lengths, but for hostile inputs.
    """
    return _Alignment(text, units, page).blocks(ask)


class _Alignment:
    def __init__(self, text: Ink, units: Sequence[Span], page: Ink) -> None:
        self.text, self.page, self.units = text, page, units
        self.keys = [text.text[start:end] for start, end in units]
        self.found = _occurrences(set(self.keys), page)
        self.places: dict[int, int] = {}  # unit -> where its ink begins in the page

    def blocks(self, ask: Ask | None) -> list[Block]:
        self._fill([_Range(0, len(self.units), 0, len(self.page.text))], shortest=1)
        self._fill(list(self._left_over()), shortest=_SURE)
        if ask and self._ambiguous():
            self._trace(ask(self._ambiguous()))
        whole = [
            self._with_marks(Block(self.units[unit].start, place, len(self.keys[unit])))
            for unit, place in self.places.items()
        ]
        return sorted([*whole, *self._pieces()])

    def _fill(self, ranges: list[_Range], *, shortest: int) -> None:
        """Place what is certain in each range, then what that makes certain in the ranges between."""
        for _ in range(_ROUNDS):
            following: list[_Range] = []
            for wanted in ranges:
                chain = _heaviest_chain(self._certain(wanted, shortest))
                self.places.update({unit: low for unit, low, _ in chain})
                following += self._between(wanted, chain) if chain else self._beside(wanted)
            ranges = following
            if not ranges:
                break

    def _certain(self, wanted: _Range, shortest: int) -> list[tuple[int, int, int]]:
        """The units of a range that stand in it as often as the text has them: number, begin and end in the page."""
        groups: dict[str, list[int]] = defaultdict(list)
        for unit in range(wanted.first, wanted.last):
            if self.keys[unit] in self.found and len(self.keys[unit]) >= shortest:
                groups[self.keys[unit]].append(unit)
        nodes = []
        for key, members in groups.items():
            places = self._within(key, wanted.low, wanted.high)
            if len(places) == len(members):
                nodes += [(unit, place, place + len(key)) for unit, place in zip(members, places, strict=True)]
        return sorted(nodes)

    def _within(self, key: str, low: int, high: int) -> list[int]:
        places = self.found.get(key, [])
        return places[bisect_left(places, low) : bisect_right(places, high - len(key))]

    @staticmethod
    def _between(wanted: _Range, chain: list[tuple[int, int, int]]) -> Iterator[_Range]:
        first, low = wanted.first, wanted.low
        for unit, start, end in chain:
            if first < unit:
                yield _Range(first, unit, low, start)
            first, low = unit + 1, end
        if first < wanted.last:
            yield _Range(first, wanted.last, low, wanted.high)

    def _beside(self, wanted: _Range) -> Iterator[_Range]:
        """Place the units that go on right where the unit before them ended, or end where the one after begins."""
        first, last, low, high = wanted
        if first - 1 in self.places:
            while first < last and self._within(self.keys[first], low, low + len(self.keys[first])):
                self.places[first] = low
                low += len(self.keys[first])
                first += 1
        if last in self.places:
            while first < last and self._within(self.keys[last - 1], high - len(self.keys[last - 1]), high):
                last -= 1
                high -= len(self.keys[last])
                self.places[last] = high
        if first < last and _Range(first, last, low, high) != wanted:
            yield _Range(first, last, low, high)

    def _left_over(self) -> Iterator[_Range]:
        """Runs of units without a place: they may stand elsewhere, where the extractor changed the order."""
        first = None
        for unit in range(len(self.units) + 1):
            missing = unit < len(self.units) and unit not in self.places
            if missing and first is None:
                first = unit
            elif not missing and first is not None:
                yield _Range(first, unit, 0, len(self.page.text))
                first = None

    def _ambiguous(self) -> dict[str, list[int]]:
        """The units that stand in several places, with these; none where they are too little of the text."""
        missing = [key for unit, key in enumerate(self.keys) if unit not in self.places and key in self.found]
        if sum(map(len, missing)) < _WORTH_ASKING * len(self.text.text):
            return {}
        return {key: self.found[key] for key in missing if len(key) >= _SEED}

    def _trace(self, taken: Callable[[str, int], int | None]) -> None:
        for unit, key in enumerate(self.keys):
            place = None if unit in self.places else taken(key, self.units[unit].start)
            if place is not None:
                self.places[unit] = place
        between = ((wanted, *self._frame(wanted.first)) for wanted in self._left_over())
        self._fill([wanted._replace(low=low, high=high) for wanted, low, high in between], shortest=1)

    def _with_marks(self, block: Block) -> Block:
        """The block with the dash or bar before it, where the page has one too."""
        before = self.text.text[block.text - 1 : block.text]
        if before in {"-", "|"} and self.page.text[block.page - 1 : block.page] == before:
            return Block(block.text - 1, block.page - 1, block.size + 1)
        return block

    def _pieces(self) -> Iterator[Block]:
        """Blocks for units that the page has in pieces, between the units around them."""
        self._seeds = _SEEDS
        for unit, key in enumerate(self.keys):
            if unit not in self.places and key not in self.found and self._seeds > 0:
                pieces = list(self._pieces_of(unit))
                if 2 * sum(piece.size for piece in pieces) >= len(key):  # else they may be any words
                    yield from pieces

    def _pieces_of(self, unit: int) -> Iterator[Block]:
        low, high = self._frame(unit)
        start, end = self.units[unit]
        while start < end and self._seeds > 0:
            self._seeds -= 1
            block = self._right_here(start, end, low, high) or self._piece(start, end, low, high)
            if block:
                yield block
                low, start = block.page + block.size, block.text + block.size
            else:
                start = self.text.end_of(self.text.word(start))

    def _frame(self, unit: int) -> tuple[int, int]:
        """The page's ink between the nearest units that have a place."""
        before = max((other for other in self.places if other < unit), default=None)
        after = min((other for other in self.places if other > unit), default=None)
        low = 0 if before is None else self.places[before] + len(self.keys[before])
        high = len(self.page.text) if after is None else self.places[after]
        return (low, min(high, low + _WINDOW)) if low < high else (0, 0)

    def _piece(self, start: int, end: int, low: int, high: int) -> Block | None:
        """The longest run from `start` on that stands once between two places of the page."""
        seed = self.text.text[start : min(end, start + _SEED)]
        place = self.page.text.find(seed, low, high)
        if len(seed) < _SEED or place < 0 or self.page.text.find(seed, place + 1, high) >= 0:
            return None
        return Block(start, place, self._same(start, end, place, high))

    def _right_here(self, start: int, end: int, low: int, high: int) -> Block | None:
        """The whole words of the page with which it goes on as the text does."""
        reach = low + self._same(start, end, low, high)
        edge = reach if reach == len(self.page.text) else self.page.at[self.page.word(reach)]
        return Block(start, low, edge - low) if edge - low >= _WORD else None

    def _same(self, start: int, end: int, place: int, high: int) -> int:
        """How many characters are the same from two places on."""
        size = 0
        most = min(end - start, high - place)
        while size < most and self.text.text[start + size] == self.page.text[place + size]:
            size += 1
        return size


def _occurrences(keys: set[str], page: Ink) -> dict[str, list[int]]:
    """Where each key stands in the page as whole words, in order; keys that stand nowhere are left out."""
    from ahocorasick_rs import AhoCorasick, Implementation  # noqa: PLC0415 - only pages need it here

    patterns = sorted(keys - {""})
    if not patterns:
        return {}
    edges = {*page.at, len(page.text)}
    found: dict[str, list[int]] = defaultdict(list)
    matcher = AhoCorasick(patterns, implementation=Implementation.ContiguousNFA)
    for number, start, end in matcher.find_matches_as_indexes(page.text, overlapping=True):
        if start in edges and end in edges:
            found[patterns[number]].append(start)
    return dict(found)


def _heaviest_chain(nodes: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """
    The nodes with the most ink that stand in the page in the order of the text, none on another.

    `nodes` are (unit, begin, end), sorted by unit. The frontier holds, for each end in the page, the best chain that
    ends there, better ones later.
    """
    ends: list[int] = [0]
    weights: list[int] = [0]
    tops: list[int | None] = [None]  # the last node of the chain
    before: list[int | None] = []
    for number, (_unit, start, end) in enumerate(nodes):
        at = bisect_right(ends, start) - 1
        weight = weights[at] + end - start
        before.append(tops[at])
        into = bisect_left(ends, end)
        if into > 0 and weights[into - 1] >= weight:
            continue
        last = into
        while last < len(ends) and weights[last] <= weight:
            last += 1
        ends[into:last], weights[into:last], tops[into:last] = [end], [weight], [number]
    chain, top = [], tops[-1]
    while top is not None:
        chain.append(nodes[top])
        top = before[top]
    return chain[::-1]
