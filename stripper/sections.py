"""
Sections: what belongs to a heading such as "Related Articles".

The lines after the heading are read as items of one shape. The section ends where the shape ends, where something
else that goes begins, or where the article resumes; when in doubt, earlier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, takewhile

from stripper.layout import Layout, LineKind, width
from stripper.rule import Shape
from stripper.text import Span


@dataclass(frozen=True)
class Section:
    """Lines `start` to `end` (exclusive) below a heading, in items of one shape."""

    start: int
    end: int
    items: int
    shape: str


TEASERS = "titles and teasers"  # a shape that an article with subheads has too


@dataclass(frozen=True)
class _Form:
    """One way in which items look: where they end in the kinds of the lines, and how many make a section."""

    name: str
    ends: Callable[[str], list[int]]
    enough: int


def _said_twice(kinds: str) -> list[int]:
    """Titles that stand twice, each with what belongs to it; the last one like those before it."""
    ends = _repeated(re.compile("[TLsP]R[LD]{0,2}(?:T(?!R))?[LD]{0,2}[Ps]{0,3}"), kinds)
    items = [kinds[a:b] for a, b in pairwise([0, *ends])]
    if items:
        ends[-1] += _alike(items[-1], items[:-1] or ["TR"]) - len(items[-1])
    return ends


def _dated(kinds: str) -> list[int]:
    """Cards with a date at the same place in each; the last one is as long as those before it."""
    run = _DATED_RUN.match(kinds)
    dates = [found.start() for found in re.finditer("D+", run[0])] if run else []
    if not run or len(dates) < 2 or dates[0] > _LEAD:
        return []
    starts = [date - dates[0] for date in dates]
    items = [run[0][a:b] for a, b in pairwise([*starts, len(run[0])])]
    return [*starts[1:], starts[-1] + _alike(items[-1], items[:-1])]


_DATED_RUN = re.compile("(?:[TLRsf]{0,5}D{1,2}[TLRsf]{0,4}[Ps]{0,2})+")
_LEAD = 4  # lines of a card before its date at the most


def _alike(item: str, others: Sequence[str]) -> int:
    """How many lines of the item look like those of the longest other one: paragraph for paragraph, title for title."""
    model = max(others, key=len)
    same = takewhile(lambda pair: (pair[0] in "Ps") == (pair[1] in "Ps"), zip(item, model, strict=False))
    return len(list(same))


def _repeated(item: re.Pattern[str], kinds: str) -> list[int]:
    """Where the items end, one after the other from the first line on."""
    ends = []
    at = 0
    while (found := item.match(kinds, at)) and found.end() > at:
        at = found.end()
        ends.append(at)
    return ends


_CARD_FORMS = (
    _Form("titles said twice", _said_twice, 1),
    _Form("dated cards", _dated, 2),
    _Form(TEASERS, partial(_repeated, re.compile("T[LD]{0,2}[Ps]")), 3),
)
_HEADLINES = _Form("headlines", partial(_repeated, re.compile("[TRD]L?|L(?=[TRD])")), 1)
_SHORT_LINES = _Form("short lines", partial(_repeated, re.compile("[LTDR]")), 1)
_FORMS = {Shape.CARDS: _CARD_FORMS, Shape.HEADLINES: (_HEADLINES,), Shape.SHORT_LINES: (_SHORT_LINES,)}
_LONE_TITLE = 40  # a line this wide under a heading is the title of another article, though it stands alone
_LOOK_AHEAD = 600  # lines of one section at the most


def find_section(layout: Layout, start: int, limit: int, shapes: Sequence[Shape]) -> Section:
    """
    The section that begins on line `start` and ends before line `limit` at the latest.

    Cards, where they are found, say more of where a section ends than headlines do. Without an item if nothing fits.
    """
    limit = min(limit, start + _LOOK_AHEAD, len(layout))
    kinds = layout.kinds(start, limit)
    for shape in sorted(shapes, key=[Shape.CARDS, Shape.HEADLINES, Shape.SHORT_LINES].index):
        found = [_read(form, kinds, layout, start, limit) for form in _FORMS[shape]]
        best = max(found, key=lambda section: section.end)
        if best.items:
            return best
    return Section(start, start, 0, "none")


def _read(form: _Form, kinds: str, layout: Layout, start: int, limit: int) -> Section:
    ends = form.ends(kinds)
    if len(ends) < form.enough:
        return Section(start, start, 0, form.name)
    end = start + ends[-1]
    if form not in _CARD_FORMS:
        end = _before_subhead(layout, start, min(end, _block_end(layout, start, end)), limit)
    return Section(start, end, len(ends) if end > start else 0, form.name)


def _block_end(layout: Layout, start: int, end: int) -> int:
    """Where a list ends whose lines stand close together: at its first blank line. `end` where they do not."""
    tight = start if not layout.blank_after(start - 1) else start + 1 if not layout.blank_after(start) else end
    return next((line + 1 for line in range(tight, end) if layout.blank_after(line)), end)


def _is_bulleted(layout: Layout, line: int) -> bool:
    start = layout.document.lines[line].start
    margin = layout.document.with_margins(Span(start, start)).start
    return bool(layout.document.text[margin:start].strip())


def _before_subhead(layout: Layout, start: int, end: int, limit: int) -> int:
    """
    The end of the section where the article goes on after it.

    A line just before the paragraph with which the article resumes is its subhead, not the section's last title, if
    it is set off by a blank line that the items do not have, is much shorter than they are, or has a word or three and
    no bullet.
    """
    last = end - 1
    if end < limit and layout.kind(end) is LineKind.PIECE:
        return last  # the first half of the sentence that goes on in the next line
    if end >= limit or layout.kind(end) is not LineKind.PROSE:
        return end
    if last == start:
        # one line before a paragraph: a title if it is as long as titles are, else the article's own subhead
        return end if width(layout.document.written(last)) >= _LONE_TITLE else start
    if layout.kind(last) in (LineKind.PROSE, LineKind.SENTENCE):
        return end
    sizes = sorted(width(layout.document.written(line)) for line in range(start, last))
    shorter = width(layout.document.written(last)) < 0.6 * sizes[len(sizes) // 2]
    if layout.kind(last) is LineKind.LABEL and not _is_bulleted(layout, last):
        return last
    set_off = layout.blank_after(last - 1) and not any(layout.blank_after(line) for line in range(start, last - 1))
    set_off = set_off and end - start > 2
    return last if shorter or set_off else end
