"""Where in the HTML each part of a page's text stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from stripper.html.align import Block, align
from stripper.html.ink import BLANK, JOINED, Ink, ink_of
from stripper.html.source import ink_of_html
from stripper.html.trace import taken_places
from stripper.html.xpaths import Elements, common_path
from stripper.text import Span

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LINE = re.compile(r"[^\n]+")
_MARK = re.compile(r"\s*(?:- )?")
_CELL = re.compile(r"[^|]+")


class Stretch(NamedTuple):
    """
    Characters of the text that stand side by side in the HTML.

    `start` and `end` are offsets in the text, `html_start` and `html_end` in the HTML; the lengths are the same but for
    a character that is written otherwise there. `xpath` is that of its element, None where it can't be told. `joined`:
    only tags and blanks as in the text lie between this stretch and the one before.
    """

    start: int
    end: int
    html_start: int
    html_end: int
    xpath: str | None
    joined: bool

    def cut(self, start: int, end: int) -> Stretch | None:
        """What of it lies between two offsets of the text; None for a part of what is written otherwise there."""
        left, right = max(0, start - self.start), max(0, self.end - end)
        if not left and not right:
            return self
        if self.html_end - self.html_start != self.end - self.start:
            return None
        return self._replace(
            start=self.start + left,
            end=self.end - right,
            html_start=self.html_start + left,
            html_end=self.html_end - right,
        )


class Place(NamedTuple):
    """
    A part of the text and where it stands in the HTML; offsets are code points, 0-based, end-exclusive.

    The HTML from `html_start` to `html_end`, its tags removed, its character references decoded and its blanks
    collapsed, is the text from `start` to `end`. `xpath` leads to the innermost element that holds all of it.
    """

    start: int
    end: int
    html_start: int
    html_end: int
    xpath: str | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; see docs/provenance.md."""
        return {
            "text_start": self.start,
            "text_end": self.end,
            "start": self.html_start,
            "end": self.html_end,
            "xpath": self.xpath,
        }


@dataclass(frozen=True)
class Places:
    """
    Where the characters of one page's text stand.

    `stretches` are in the order of the text; `ink` is how many of its characters are neither blank nor unprintable.
    """

    stretches: tuple[Stretch, ...]
    ink: int

    @property
    def share(self) -> float:
        """The share of the text's ink that has a place, 0 to 1."""
        return sum(stretch.end - stretch.start for stretch in self.stretches) / self.ink if self.ink else 1.0

    def of(self, start: int, end: int) -> list[Place]:
        """The places of a range of the text, in its order; what has no place is in none of them."""
        places: list[Place] = []
        whole = False  # whether all was taken since the last place began
        for stretch in self._touching(start, end):
            part = stretch.cut(start, end)
            if part and whole and part.joined:
                path = common_path(places[-1].xpath, part.xpath)
                places[-1] = places[-1]._replace(end=part.end, html_end=part.html_end, xpath=path)
            elif part:
                places.append(Place(*part[:5]))
            whole = part is not None
        return places

    def _touching(self, start: int, end: int) -> Iterator[Stretch]:
        at = bisect_right(self.stretches, start, key=lambda stretch: stretch.end)
        while at < len(self.stretches) and self.stretches[at].start < end:
            yield self.stretches[at]
            at += 1


def find_places(text: str, html: str, tree: HtmlElement, extract: Callable[[str], str] | None = None) -> Places:
    """
    Where the text that was taken from a page stands in its HTML.

    `tree` is the page as lxml parses it, comments left out. `extract` gives the text of a page; it is called once more
    for pages of which much stands in several places. Takes time in proportion to the two lengths.
    """
    ink, page = ink_of(text), ink_of_html(html)
    elements = Elements(tree, page)
    ask = partial(taken_places, text=ink, html=html, page=page, extract=extract) if extract else None
    blocks = align(ink, list(_units(text, ink)), page, ask)
    stretches = (stretch for block in blocks for stretch in _stretches(block, ink, page, elements))
    return Places(tuple(stretches), len(ink.text))


def _units(text: str, ink: Ink) -> Iterator[Span]:
    """The ink of lines, list items and table cells, without the marks that the extractor puts before them."""
    for line in _LINE.finditer(text):
        if line[0].startswith("|"):
            spans = [cell.span() for cell in _CELL.finditer(text, *line.span())]
        else:
            mark = _MARK.match(text, *line.span())
            spans = [(mark.end() if mark else line.start(), line.end())]
        for start, end in spans:
            first, last = _index(ink, start), _index(ink, end)
            if first < last:
                yield Span(first, last)


def _index(ink: Ink, offset: int) -> int:
    """How much ink stands before an offset of the text."""
    word = bisect_right(ink.starts, offset) - 1
    return ink.at[word] + min(offset, ink.ends[word]) - ink.starts[word] if word >= 0 else 0


def _stretches(block: Block, text: Ink, page: Ink, elements: Elements) -> Iterator[Stretch]:
    """The words of a block, cut where either side begins a new one."""
    at, joined = 0, False
    mine, theirs = text.word(block.text), page.word(block.page)
    while at < block.size:
        size = min(text.end_of(mine) - block.text, page.end_of(theirs) - block.page, block.size) - at
        start = text.starts[mine] + block.text + at - text.at[mine]
        html = _in_source(page, theirs, block.page + at, size)
        if html:
            yield Stretch(start, start + size, *html, elements.path(block.page + at), joined)
        at += size
        fresh_mine, fresh_theirs = text.end_of(mine) == block.text + at, page.end_of(theirs) == block.page + at
        mine, theirs = mine + fresh_mine, theirs + fresh_theirs
        if at < block.size:
            gaps = text.gaps[mine] if fresh_mine else JOINED, page.gaps[theirs] if fresh_theirs else JOINED
            joined = bool(html) and gaps in {(JOINED, JOINED), (BLANK, BLANK)}


def _in_source(page: Ink, word: int, index: int, size: int) -> tuple[int, int] | None:
    """Where a part of a word stands; None for a part of what is written otherwise in the source."""
    start, end = page.starts[word], page.ends[word]
    length = page.end_of(word) - page.at[word]
    if end - start == length:
        first = start + index - page.at[word]
        return first, first + size
    return (start, end) if size == length else None
