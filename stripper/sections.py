"""
Sections: what belongs to a heading such as "Related Articles".

The lines after the heading are read as items of one shape. The section ends where the shape ends, where something
else that goes begins, or where the article resumes; when in doubt, earlier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stripper.layout import Layout, LineKind, width
from stripper.rule import Shape


@dataclass(frozen=True)
class Section:
    """Lines `start` to `end` (exclusive) below a heading, in items of one shape."""

    start: int
    end: int
    items: int
    shape: str


@dataclass(frozen=True)
class _Form:
    """
    One way in which items look: a regular expression over the kinds of lines, and how many make a section.

    `alone` is how many items are enough. Paragraphs of the last item beyond what the others have are the article's.
    """

    name: str
    item: re.Pattern[str]
    alone: int


_CARD_FORMS = (
    _Form("titles said twice", re.compile("[TLsP]R[TLDR]{0,3}[Ps]{0,3}"), 1),
    _Form("dated cards", re.compile("[TLR]{0,4}D[TLDRs]{0,4}[Ps]{0,2}"), 2),
    _Form("titles and teasers", re.compile("T[LD]{0,2}[Ps]"), 3),
)
_HEADLINES = _Form("headlines", re.compile("[TRD]L?|L(?=[TRD])"), 1)
_SHORT_LINES = _Form("short lines", re.compile("[LTDR]"), 1)
_FORMS = {Shape.CARDS: _CARD_FORMS, Shape.HEADLINES: (_HEADLINES,), Shape.SHORT_LINES: (_SHORT_LINES,)}
_LOOK_AHEAD = 600  # lines of one section at the most


def find_section(layout: Layout, start: int, limit: int, shapes: Sequence[Shape]) -> Section:
    """
    The section that begins on line `start` and ends before line `limit` at the latest.

    The longest that one of the shapes gives; without an item if none fits.
    """
    limit = min(limit, start + _LOOK_AHEAD, len(layout))
    kinds = layout.kinds(start, limit)
    found = [_read(form, kinds, layout, start, limit) for shape in shapes for form in _FORMS[shape]]
    return max(found, key=lambda section: section.end, default=Section(start, start, 0, "none"))


def _read(form: _Form, kinds: str, layout: Layout, start: int, limit: int) -> Section:
    ends = list(_items(form, kinds))
    if len(ends) < form.alone:
        return Section(start, start, 0, form.name)
    end = start + _trimmed(kinds, ends)
    end = _before_subhead(layout, start, end, limit)
    return Section(start, end, len(ends), form.name) if end > start else Section(start, start, 0, form.name)


def _items(form: _Form, kinds: str) -> Iterator[int]:
    """Where the items end, one after the other from the first line on."""
    at = 0
    while (item := form.item.match(kinds, at)) and item.end() > at:
        at = item.end()
        yield at


def _trimmed(kinds: str, ends: list[int]) -> int:
    """The end of the last item without paragraphs that the other items do not have."""
    items = [kinds[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    usual = max(map(_teaser, items[:-1]), default=0)
    return ends[-1] - max(0, _teaser(items[-1]) - usual)


def _teaser(item: str) -> int:
    """How many paragraphs an item ends in."""
    return len(item) - len(item.rstrip("Ps"))


def _before_subhead(layout: Layout, start: int, end: int, limit: int) -> int:
    """
    The end of the section where the article goes on after it.

    A line just before the paragraph with which the article resumes is its subhead, not the section's last title, if
    it is set off by a blank line that the items do not have, or is much shorter than they are.
    """
    if end >= limit or end - start < 2 or layout.kind(end) not in (LineKind.PROSE, LineKind.PIECE):
        return end
    last = end - 1
    if layout.kind(last) in (LineKind.PROSE, LineKind.SENTENCE):
        return end
    sizes = sorted(width(layout.document.written(line)) for line in range(start, last))
    shorter = width(layout.document.written(last)) < 0.6 * sizes[len(sizes) // 2]
    set_off = layout.blank_after(last - 1) and not any(layout.blank_after(line) for line in range(start, last - 1))
    set_off = set_off and end - start > 2
    return last if shorter or set_off else end
