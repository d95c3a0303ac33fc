"""
Ink: the characters of a text that leave ink on paper, each with its place.

Blanks, line breaks and what can't be printed (zero-width characters, soft hyphens, private use) differ between a page
and the text that was taken from it; the ink does not, so the two are compared by their ink alone. It is in Unicode's
NFC, as the extractor's text is.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field

import regex

WORD = regex.compile(r"[^\p{C}\p{Z}]++")
_CLUSTER = regex.compile(r"\X")

JOINED, BLANK, WALL = 0, 1, 2  # what lies before a word: nothing that is seen, a blank, what a reader can't skip


@dataclass(frozen=True)
class Ink:
    """
    The ink of a text and, word by word, where it stands in the source.

    Word `i` begins at `at[i]` of `text` and stands at `starts[i]` to `ends[i]` of the source; `gaps[i]` is what lies
    between it and the word before. A word is a stretch of ink whose characters stand side by side in the source, or a
    single one that is written otherwise there (an entity, a decomposed accent).
    """

    text: str
    at: list[int]
    starts: list[int]
    ends: list[int]
    gaps: list[int]

    def word(self, index: int) -> int:
        """The number of the word that the character at `index` of `text` belongs to."""
        return bisect_right(self.at, index) - 1

    def end_of(self, word: int) -> int:
        """Where in `text` a word ends."""
        return self.at[word + 1] if word + 1 < len(self.at) else len(self.text)


@dataclass
class Pen:
    """Writes the ink of a source, word after word."""

    source: str
    words: list[str] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    gap: int = WALL
    size: int = 0

    def __post_init__(self) -> None:
        self._composed = unicodedata.is_normalized("NFC", self.source)

    def write(self, start: int, end: int) -> None:
        """Add what stands between two offsets of the source, as it stands there."""
        stretch = self.source[start:end]
        if stretch.isspace() or not stretch:
            self.skip(stretch)
        elif self._composed or unicodedata.is_normalized("NFC", stretch):
            self._write_words(start, end)
        else:
            self._write_clusters(start, end)

    def _write_words(self, start: int, end: int) -> None:
        at = start
        for word in WORD.finditer(self.source, start, end):
            first, last = word.span()
            if at < first:
                self.skip(self.source[at:first])
            self.put(word[0], first, last)
            at = last
        if at < end:
            self.skip(self.source[at:end])

    def _write_clusters(self, start: int, end: int) -> None:
        """Compose each letter with its accents by itself, so that its place is known."""
        for cluster in _CLUSTER.finditer(self.source, start, end):
            self.write_as(unicodedata.normalize("NFC", cluster[0]), *cluster.span())

    def write_as(self, characters: str, start: int, end: int) -> None:
        """Add characters that are written otherwise in the source, between two offsets of it."""
        ink = "".join(WORD.findall(characters))
        if ink:
            self.put(ink, start, end)
        else:
            self.skip(characters)

    def put(self, word: str, start: int, end: int) -> None:
        """Add a word."""
        self.words.append(word)
        self.at.append(self.size)
        self.starts.append(start)
        self.ends.append(end)
        self.gaps.append(self.gap)
        self.gap = JOINED
        self.size += len(word)

    def skip(self, characters: str) -> None:
        """Note the blank that was passed, if it is one."""
        if self.gap == JOINED and any(map(str.isspace, characters)):
            self.gap = BLANK

    def ink(self) -> Ink:
        """All that was written."""
        return Ink("".join(self.words), self.at, self.starts, self.ends, self.gaps)


def ink_of(text: str) -> Ink:
    """The ink of a plain text."""
    pen = Pen(text)
    pen.write(0, len(text))
    return pen.ink()
