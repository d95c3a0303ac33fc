"""The change to one text as a unified diff, for `patch` or for a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stripper.report.marked import Fate, Mark, Segment, cut, marks_of_result
from stripper.result import StripResult

_CONTEXT = 3  # lines shown around a change
_RED, _GREEN, _CYAN, _DIM, _BOLD, _PLAIN = (f"\033[{code}m" for code in ("31", "32", "36", "2", "1", "0"))
_GONE, _STAYS = "\033[31;9m", "\033[0;31m"  # struck out, and what is left of such a line
# what moves the cursor, rings, or turns the direction of all that follows
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class _Row:
    """A line of the diff: its sign, and the segments it is made of, the newline included."""

    sign: str
    segments: tuple[Segment, ...]


def diff(result: StripResult, name: str, *, colour: bool = False) -> str:
    """
    What goes, as `diff -u` writes it; empty where nothing does.

    With `colour` it is for people at a terminal: what goes is struck out, its label and rule stand behind it, and
    characters that would steer the terminal are shown as escapes. Without it `patch` understands it.
    """
    if not result.removals:
        return ""
    marks = [mark for mark in marks_of_result(result) if mark.fate is Fate.REMOVED]
    paint = _Colours(marks) if colour else _Bare()
    rows = [row for block in _blocks(cut(result.source, marks)) for row in _rows(block, paint.same)]
    parts = [paint.head("---", f"a/{name}"), paint.head("+++", f"b/{name}")]
    before = after = at = 0
    for start, end in _hunks(rows):
        skipped = rows[at:start]
        before += _count(skipped, "-")
        after += _count(skipped, "+")
        rows_here = rows[start:end]
        removed, added = _count(rows_here, "-"), _count(rows_here, "+")
        parts.append(paint.place(_range("-", before, removed), _range("+", after, added)))
        parts += map(paint.row, rows_here)
        before, after, at = before + removed, after + added, end
    return "".join(parts)


def _blocks(segments: Iterator[Segment]) -> Iterator[list[tuple[Segment, ...]]]:
    """Source lines as segments, grouped so that each group ends where the clean body has the end of a line too."""
    block: list[tuple[Segment, ...]] = []
    line: list[Segment] = []
    for segment in segments:
        for piece in re.findall(r"[^\n]*\n|[^\n]+", segment.text):
            line.append(Segment(piece, segment.fate, segment.marks))
            if piece.endswith("\n"):
                block.append(tuple(line))
                line = []
                if segment.fate is not Fate.REMOVED:
                    yield block
                    block = []
    yield [*block, tuple(line)] if line else block


def _rows(block: Sequence[tuple[Segment, ...]], same: Callable[[str], str]) -> Iterator[_Row]:
    """The rows of one block: lines at its ends that are the `same` stay, the others go and come."""
    kept = [segment for line in block for segment in line if segment.fate is not Fate.REMOVED]
    left = re.findall(r"[^\n]*\n|[^\n]+", "".join(segment.text for segment in kept))
    texts = [same("".join(segment.text for segment in line)) for line in block]
    wanted = list(map(same, left))
    top = _shared(texts, wanted)
    bottom = _shared(texts[top:][::-1], wanted[top:][::-1])
    yield from (_Row(" ", line) for line in block[:top])
    yield from (_Row("-", line) for line in block[top : len(block) - bottom])
    yield from (_Row("+", (Segment(line, Fate.KEPT),)) for line in left[top : len(left) - bottom])
    yield from (_Row(" ", line) for line in block[len(block) - bottom :])


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are the same from the start."""
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count


def _hunks(rows: Sequence[_Row]) -> Iterator[tuple[int, int]]:
    """Ranges of rows with a change and the lines around it; ranges that touch are one."""
    start = end = -1
    for index, row in enumerate(rows):
        if row.sign == " ":
            continue
        if start < 0 or index - _CONTEXT > end:
            if start >= 0:
                yield start, end
            start = max(0, index - _CONTEXT)
        end = min(len(rows), index + _CONTEXT + 1)
    if start >= 0:
        yield start, end


def _count(rows: Sequence[_Row], sign: str) -> int:
    return sum(row.sign in (" ", sign) for row in rows)


def _range(sign: str, lines_before: int, count: int) -> str:
    """As POSIX has it: the first line, or the one before where there is none; the count is left out where it is 1."""
    first = lines_before + bool(count)
    return f"{sign}{first}" if count == 1 else f"{sign}{first},{count}"


class _Bare:
    """For `patch`."""

    same = staticmethod(str)

    def head(self, sign: str, name: str) -> str:
        return f"{sign} {name}\n"

    def place(self, before: str, after: str) -> str:
        return f"@@ {before} {after} @@\n"

    def row(self, row: _Row) -> str:
        line = row.sign + "".join(segment.text for segment in row.segments)
        return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


class _Colours:
    """For people: what goes is struck out, with its label and rule where it begins; the last newline is no change."""

    same = staticmethod(str.rstrip)

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._marks = marks
        self._named: set[int] = set()

    def head(self, sign: str, name: str) -> str:
        return f"{_BOLD}{sign} {visible(name)}{_PLAIN}\n"

    def place(self, before: str, after: str) -> str:
        return f"{_CYAN}@@ {before} {after} @@{_PLAIN}\n"

    def row(self, row: _Row) -> str:
        if row.sign == "-":
            words = "".join(map(self._piece, row.segments))
            return f"{_RED}-{words}{_PLAIN}{self._names(row)}\n"
        words = visible("".join(segment.text for segment in row.segments).rstrip("\n"))
        return f"{_GREEN}+{words}{_PLAIN}\n" if row.sign == "+" else f" {words}\n"

    def _piece(self, segment: Segment) -> str:
        words = visible(segment.text.rstrip("\n"))
        return f"{_GONE if segment.fate is Fate.REMOVED else _STAYS}{words}" if words else ""

    def _names(self, row: _Row) -> str:
        """Label, confidence and rule of the removals whose first words stand in this row."""
        names = []
        for segment in row.segments:
            if segment.text.strip():
                names += [self._name(index) for index in segment.marks if index not in self._named]
                self._named.update(segment.marks)
        return f"  {_DIM}{'; '.join(names)}{_PLAIN}" if names else ""

    def _name(self, index: int) -> str:
        mark = self._marks[index]
        return visible(f"{mark.label} {mark.confidence:.2f} {mark.rule}")


def visible(text: str) -> str:
    r"""
    The text with characters that would steer a terminal as escapes.

    >>> print(visible("a\x1b[31mb"))
    a\x1b[31mb
    """
    return _UNSAFE.sub(lambda found: ascii(found[0])[1:-1], text)
