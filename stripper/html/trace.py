"""
Which of several places the extractor took a line from, found out by experiment.

Some pages hold their article twice, for print or for small screens, and nothing in the text tells which one it is. So
the page is read once more, with one letter changed in each place, a different one in each: the letter that comes
out tells. Where anything else comes out differently, nothing is told.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stripper.html.ink import Ink, ink_of

# Small letters like any other for the extractor, and rare enough that a page has hardly any of them.
_LETTERS = "ƀƈɖƒɠɦɨʝƙɫɱɲ"


@dataclass(frozen=True)
class Marking:
    """A page with changed letters: `spots` is the changed character of each line, `letters` those of its places."""

    html: str
    spots: Mapping[str, int]
    letters: str


def taken_places(
    lines: Mapping[str, list[int]], text: Ink, html: str, page: Ink, extract: Callable[[str], str]
) -> Callable[[str, int], int | None]:
    """
    A function that tells for a line, and where its ink begins in the text's, where in the page's it was taken from.

    `lines` gives the places of each line's ink in the page's. `extract` gives the text of a page. The function gives
    None where nothing can be told.
    """
    marking = _mark(lines, html, page)
    again = ink_of(extract(marking.html)).text if marking.spots else ""
    if not _same_but_for(again, text.text, marking.letters):
        return lambda _line, _start: None

    def taken(line: str, start: int) -> int | None:
        spot = marking.spots.get(line)
        number = marking.letters.find(again[start + spot]) if spot is not None else -1
        return lines[line][number] if 0 <= number < len(lines[line]) else None

    return taken


def _mark(lines: Mapping[str, list[int]], html: str, page: Ink) -> Marking:
    letters = "".join(letter for letter in _LETTERS if letter not in html)
    edits: dict[tuple[int, int], str] = {}
    spots: dict[str, int] = {}
    for line, places in lines.items():
        spot = _spot(line, places, page, edits)
        if spot is not None and len(places) <= len(letters):
            spots[line] = spot
            edits.update({_source(page, place + spot): letters[number] for number, place in enumerate(places)})
    parts, at = [], 0
    for (start, end), letter in sorted(edits.items()):
        parts += [html[at:start], letter]
        at = end
    return Marking("".join([*parts, html[at:]]), spots, letters)


def _spot(line: str, places: list[int], page: Ink, taken: Mapping[tuple[int, int], str]) -> int | None:
    """A letter of the line, its second half first, that is free to be changed in each of its places."""
    middle = len(line) // 2
    for spot in itertools.chain(range(middle, len(line)), range(middle)):
        sources = [_source(page, place + spot) for place in places]
        if (
            line[spot].isalpha()
            and all(end - start == 1 for start, end in sources)
            and taken.keys().isdisjoint(sources)
        ):
            return spot
    return None


def _source(page: Ink, index: int) -> tuple[int, int]:
    """Where a character of the page's ink stands in its HTML."""
    word = page.word(index)
    start, end = page.starts[word], page.ends[word]
    if end - start != page.end_of(word) - page.at[word]:
        return start, end
    return start + index - page.at[word], start + index - page.at[word] + 1


def _same_but_for(again: str, text: str, letters: str) -> bool:
    return len(again) == len(text) and all(
        one == other or one in letters for one, other in zip(again, text, strict=True)
    )
