"""
Brat standoff: the original text and its annotations as a pair of files, `NAME.txt` and `NAME.ann`.

An annotation of brat can't hold a line break, so a span of several lines is one annotation of several fragments. Spans
of nothing but blanks have no fragment and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from stripper.export.documents import Marked
from stripper.text import Span

# What ends a line for one reader or another, and the tab that parts the columns of an annotation.
_PIECE = re.compile("[^\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]+")


def standoff(document: Marked) -> tuple[str, int]:
    """The annotations of a document, and how many of its removals have none."""
    lines: list[str] = []
    left_out = number = 0
    for removal in document.removals:
        pieces = list(fragments(document.source, removal["start"], removal["end"]))
        if not pieces:
            left_out += 1
            continue
        number += 1
        places = ";".join(f"{start} {end}" for start, end in pieces)
        text = " ".join(document.source[start:end] for start, end in pieces)
        lines += [
            f"T{number}\t{removal['label']} {places}\t{text}\n",
            f"#{number}\tAnnotatorNotes T{number}\t{_note(removal)}\n",
        ]
    return "".join(lines), left_out


def fragments(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines of a range, without the blanks around them."""
    for piece in _PIECE.finditer(text, start, end):
        words = piece[0].strip()
        if words:
            first = piece.start() + piece[0].index(words)
            yield Span(first, first + len(words))


def settings(labels: Iterable[str]) -> str:
    """`annotation.conf`, without which brat does not show the labels."""
    return (
        "[entities]\n"
        + "".join(f"{label}\n" for label in sorted(labels))
        + "\n[relations]\n\n[events]\n\n[attributes]\n"
    )


def _note(removal: dict[str, Any]) -> str:
    return f"{removal['rule']} {removal['confidence']:.2f}"
