"""
Text, as rules see it: spans, lines, and the view that patterns are matched against.

The view has one code point for each code point of the text, so an offset in one is an offset in the other. In it,
case is folded, odd spaces, quotes, dashes and full-width forms are plain, and the margins of lines (white space and
bullets) are turned into newlines, so that a line of the view is what a reader would call the words of the line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

# Mandatory breaks of Unicode UAX #14: the separators FS, GS and RS, where str.splitlines also cuts, are not among them.
LINE_BREAKS = frozenset("\n\r\v\f\x85\u2028\u2029")

_FENCES = LINE_BREAKS | {"\ufeff"}  # a byte order mark belongs to the file, not to its first line


class Span(NamedTuple):
    """A range of code points: 0-based, end-exclusive."""

    start: int
    end: int


class Line(NamedTuple):
    """A line without its margins: offsets into text and view alike."""

    start: int
    end: int


def _table() -> dict[str, str]:
    plain = {
        "'": "\u2018\u2019\u201a\u201b\u02bc\u00b4\u2032`",
        '"': "\u201c\u201d\u201e\u201f\u2033\u300c\u300d\u300e\u300f",
        "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63",
        " ": "\t\x00\x1c\x1d\x1e\x1f\u00a0\u00ad\u061c\u1680\u180e\u3000\ufeff"
        + "".join(map(chr, (*range(0x2000, 0x200C), 0x200E, 0x200F, *range(0x202A, 0x2030), *range(0x205F, 0x206A)))),
        "\n": "\r\v\f\x85\u2028\u2029",
        "i": "\u0130",  # the one letter whose lower case has two code points
        "\u03c3": "\u03c2",  # final sigma
        "\u06cc": "\u064a\u0649",  # yeh and kaf as Arabic and Persian keyboards write them
        "\u06a9": "\u0643",
        "\ufffd": "".join(map(chr, range(0xD800, 0xE000))),  # lone surrogates can't reach a native matcher
    }
    table = {odd: good for good, odds in plain.items() for odd in odds}
    table.update({chr(c + 0xFEE0): chr(c) for c in range(0x21, 0x7F)})  # full-width forms
    return table


_PLAIN = _table()
_ODD = re.compile(f"[{re.escape(''.join(sorted(_PLAIN)))}]")
SPACELESS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")  # CJK, Thai: no spaces
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_MIXED_WORD = re.compile("(?=[\u0400-\u04ff]*[a-z])(?=[a-z]*[\u0400-\u04ff])[a-z\u0400-\u04ff]+")
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁһкмтвн", "aeopcyxijsdhkmtbh")
_BULLETS = " *_|>»›•·・●○◦◆◇▪▫■□►▶▷▸▼▲△‣→✓✔★※\ufe0f-"
_BEFORE = re.compile(rf"(?:[{_BULLETS}]+(?:#{{1,6}} +)?|#{{1,6}} +)[{_BULLETS}]*")
_AFTER = " *_|>»›→►▶▸"
_MARGINS = frozenset(_BULLETS + "#")
# Odd letters of Western texts that Latin-1 does not have, and plain ones for them.
_WESTERN = [(odd, _PLAIN[odd]) for odd in "\u2019\u2018\u201c\u201d\u2013\u2014\u201e\u2011\u200b\u2009\u202f"]
# Signs that stay as they are, and control characters of Latin-1 that stand for them as long as it is bytes.
_SHELTERS = [(sign, chr(0x86 + at)) for at, sign in enumerate("\u2026\u20ac\u2022\u2122\u2192")]


def fold(text: str) -> str:
    """
    The text in plain lower case, code point for code point.

    >>> fold("Rustam\u00a0Muratov’s ＰＲＯ")
    "rustam muratov's pro"
    >>> len(fold("İstanbul")) == len("İstanbul")
    True
    """
    western = _western(text)
    return western if western is not None else _fold_any(text)


def _fold_any(text: str) -> str:
    plain = _ODD.sub(_plain, text).lower()
    if plain.isascii():
        return plain
    plain = plain.replace("\u03c2", "\u03c3")  # lower() writes a final sigma where a word ends
    return _MIXED_WORD.sub(_unmask, plain) if _CYRILLIC.search(plain) else plain


def _western(text: str) -> str | None:
    """
    The folded form of a text that Latin-1 has letters for, else None.

    A table of 256 letters folds ten times as fast as the general way.
    """
    if text.isascii():
        return text.encode("ascii").translate(_LATIN).decode("ascii")
    for odd, good in _WESTERN:
        text = text.replace(odd, good)
    sheltered = [] if text.isascii() else [pair for pair in _SHELTERS if pair[0] in text]
    for sign, shelter in sheltered:
        if shelter in text:
            return None
        text = text.replace(sign, shelter)
    try:
        text = text.encode("latin-1").translate(_LATIN).decode("latin-1")
    except UnicodeEncodeError:
        return None
    for sign, shelter in sheltered:
        text = text.replace(shelter, sign)
    return text


def _plain(match: re.Match[str]) -> str:
    return _PLAIN[match[0]]


_LATIN = bytes(ord(_fold_any(chr(letter))) for letter in range(256))


def _unmask(match: re.Match[str]) -> str:
    return match[0].translate(_LOOK_ALIKES)


def parted(left: str, right: str) -> bool:
    """
    Whether a word may end between two characters; CJK and Thai have no spaces between theirs.

    >>> parted("d", "s"), parted("d", " "), parted("語", "る")
    (False, True, True)
    """
    return not (left.isalnum() and right.isalnum()) or bool(SPACELESS.match(left) and SPACELESS.match(right))


def view(text: str) -> str:
    """
    The text as patterns see it: as long as the text, folded, line margins turned into newlines.

    >>> view("- Read more »\\r\\n  AFP ")
    '\\n\\nread more\\n\\n\\n\\n\\n\\nafp\\n'
    """
    folded = fold(text)
    rows = folded.split("\n")
    with_margins = [at for at, row in enumerate(rows) if row and (row[0] in _MARGINS or row[-1] in _AFTER)]
    if not with_margins:
        return folded
    for at in with_margins:
        rows[at] = _without_margins(rows[at])
    return "\n".join(rows)


def _without_margins(row: str) -> str:
    """The row with newlines for its margins."""
    size = len(row)
    left = _BEFORE.match(row)
    words = row[left.end() :] if left else row
    lead = size - len(words)
    words = words.rstrip(_AFTER)
    return "\n" * lead + words + "\n" * (size - lead - len(words))


def cut(view: str) -> tuple[Line, ...]:
    """The lines of a view that hold anything, in order."""
    lines = []
    start = 0
    for words in view.split("\n"):
        end = start + len(words)
        if words:
            lines.append(Line(start, end))
        start = end + 1
    return tuple(lines)


class Document:
    """
    One text on its way through the pipeline, with what is known of it.

    `language` is the ISO 639-1 code that the caller gave, or None. View and lines are made when first asked for.
    """

    def __init__(
        self,
        text: str,
        *,
        url: str | None = None,
        language: str | None = None,
        lines: tuple[Line, ...] | None = None,
    ) -> None:
        self.text = text
        self.url = url
        self.language = language
        self._given_lines = lines

    @cached_property
    def view(self) -> str:
        """The text as patterns see it."""
        return view(self.text)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines that hold anything, without their margins."""
        return cut(self.view) if self._given_lines is None else self._given_lines

    @cached_property
    def rows(self) -> list[str]:
        """The words of all lines, as patterns see them; to be had without the lines' offsets."""
        if self._given_lines is None:
            return [words for words in self.view.split("\n") if words]
        return [self.view[line.start : line.end] for line in self._given_lines]

    @property
    def unfolded(self) -> bool:
        """Whether the lines are pieces of a text that lost its line breaks."""
        return self._given_lines is not None

    def with_lines(self, lines: tuple[Line, ...]) -> Document:
        """The same text, cut into other lines."""
        cut_otherwise = Document(self.text, url=self.url, language=self.language, lines=lines)
        cut_otherwise.__dict__["view"] = self.view  # it does not depend on the lines
        return cut_otherwise

    @cached_property
    def _starts(self) -> list[int]:
        return [line.start for line in self.lines]

    def line_at(self, offset: int) -> int:
        """Index of the line that holds `offset`; the line before it where `offset` is in a margin."""
        return bisect_right(self._starts, offset) - 1

    def words(self, index: int) -> str:
        """Line `index` as patterns see it."""
        return self.rows[index]

    def written(self, index: int) -> str:
        """Line `index` as it stands in the text, without its margins."""
        line = self.lines[index]
        return self.text[line.start : line.end]

    def with_margins(self, span: Span) -> Span:
        """`span`, widened by the bullets and blanks on its first and last line."""
        start, end = span
        while start and self.view[start - 1] == "\n" and self.text[start - 1] not in _FENCES:
            start -= 1
        while end < len(self.text) and self.view[end] == "\n" and self.text[end] not in _FENCES:
            end += 1
        return Span(start, end)
