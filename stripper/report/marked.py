"""A text cut where its marks begin and end: what the page, the notebook and the diff are all made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

from stripper.result import StripResult


class Fate(str, Enum):
    """What becomes of a stretch of text; the values rise with how much they matter to a reader."""

    KEPT = "kept"
    NEAR = "near"
    FLAGGED = "flagged"
    REMOVED = "removed"


_RANK = {fate: rank for rank, fate in enumerate(Fate)}
_LISTS = ((Fate.REMOVED, "removals"), (Fate.FLAGGED, "flags"), (Fate.NEAR, "near_misses"))


@dataclass(frozen=True)
class Mark:
    """
    One finding about a span of the text: something that went, was flagged, or nearly went.

    `start` and `end` are code points in the text as given. `evidence` holds (source, amount, why) of what was added up;
    a near miss has a `reason` instead. `captured` are the named groups of the rule's pattern.
    """

    start: int
    end: int
    fate: Fate
    label: str
    rule: str
    confidence: float
    evidence: tuple[tuple[str, float, str], ...] = ()
    captured: tuple[tuple[str, str], ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Segment:
    """A stretch of text all of which has the same marks (indices into the list of marks), and what becomes of it."""

    text: str
    fate: Fate
    marks: tuple[int, ...] = ()


def marks_of(ledger: Mapping[str, Any]) -> list[Mark]:
    """The marks of a ledger (see docs/provenance.md), by their place in the text."""
    marks = [_mark(entry, fate) for fate, key in _LISTS for entry in ledger.get(key, ())]
    return sorted(marks, key=lambda mark: (mark.start, mark.end, -_RANK[mark.fate], mark.rule, mark.label))


def marks_of_result(result: StripResult) -> list[Mark]:
    """The marks of a result, without asking for its language or digests."""
    return marks_of(
        {
            "removals": [removal.to_dict() for removal in result.removals],
            "flags": [flag.to_dict() for flag in result.flags],
            "near_misses": [miss.to_dict() for miss in result.near_misses],
        }
    )


def _mark(entry: Mapping[str, Any], fate: Fate) -> Mark:
    return Mark(
        start=entry["start"],
        end=entry["end"],
        fate=fate,
        label=entry["label"],
        rule=entry["rule"],
        confidence=entry["confidence"],
        evidence=tuple((one["source"], one["amount"], one["why"]) for one in entry.get("evidence", ())),
        captured=tuple(entry.get("captured", {}).items()),
        reason=entry.get("reason", ""),
    )


def cut(text: str, marks: Sequence[Mark]) -> Iterator[Segment]:
    """
    The text as segments, in order: joined they are the text.

    A segment's fate is that of the mark that matters most in it.

    >>> [(s.text, s.fate.value) for s in cut("a b c", [Mark(2, 3, Fate.REMOVED, "share", "any/share/x", 0.9)])]
    [('a ', 'kept'), ('b', 'removed'), (' c', 'kept')]
    """
    opening = _by_place((mark.start, index) for index, mark in enumerate(marks) if mark.start < mark.end)
    closing = _by_place((mark.end, index) for index, mark in enumerate(marks) if mark.start < mark.end)
    edges = sorted({0, len(text), *(edge for edge in (*opening, *closing) if 0 < edge < len(text))})
    under: set[int] = set()
    for start, end in pairwise(edges):
        under.difference_update(closing.get(start, ()))
        under.update(opening.get(start, ()))
        here = tuple(sorted(under))
        fate = max((marks[index].fate for index in here), key=_RANK.__getitem__, default=Fate.KEPT)
        yield Segment(text[start:end], fate, here)


def _by_place(edges: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for place, index in edges:
        places.setdefault(place, []).append(index)
    return places
