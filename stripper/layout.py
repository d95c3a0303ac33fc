"""What the lines of a document look like: prose, titles, labels, dates, pieces of a broken sentence."""

from __future__ import annotations

import re
from enum import Enum
from functools import cached_property

from stripper.text import SPACELESS, Document


class LineKind(str, Enum):
    """The look of a line; its value is the letter that stands for it in `Layout.kinds`."""

    PROSE = "P"  # a paragraph: long and with the end of a sentence
    SENTENCE = "s"  # short, but ends as a sentence does
    TITLE = "T"  # begins as a sentence does and does not end as one
    LABEL = "L"  # up to three words
    PIECE = "f"  # begins in lower case or with punctuation: the middle of a sentence cut at a link
    DATE = "D"  # a date, a time, "9 minutes ago": a rule with label date found it
    REPEATED = "R"  # says the same as the line before


_THAI = re.compile("[\u0e00-\u0e7f]")
_SENTENCE_END = re.compile(r"""[.!?…。！？؟۔।։።｡][\s"'”’»›)\]」』）】]*$|[。！？][（(][^（）()]{1,12}[）)]$""")
_TITLE_END = re.compile(r"""[!?！？؟][\s"'”’»›)\]」』]*$|\.{3}$|…$""")
_INNER_SENTENCE = re.compile(r"""[.!?…][”"’»)]?\s+["“«„‘'(]?[^\W\d_]|[。！？؟۔।]""")
_OPENING = " ©®℗\"'“”„«»‘’‚‹›([{¿¡-–—•#@「『【《〈（［≪"
PROSE_SIZE = 90  # a line as wide as this that ends a sentence is a paragraph
TITLE_SIZE = 220  # no title is wider than this
THAI_TITLE_SIZE = 130  # Thai has no full stop: a wider line is a paragraph


def width(words: str) -> int:
    """
    Length in Latin letters: a CJK, Thai or Hangul character says about as much as two and a half of them.

    >>> width("abc"), width("日本")
    (3, 5)
    """
    return len(words) + (3 * len(SPACELESS.findall(words)) + 1) // 2 if not words.isascii() else len(words)


def ends_sentence(words: str) -> bool:
    """Whether the line ends as a sentence does, quotes and brackets behind the full stop included."""
    return bool(_SENTENCE_END.search(words[-12:]))


def begins_sentence(words: str) -> bool:
    """Whether the line begins with a capital, a figure or a letter of a script without case."""
    first = words.lstrip(_OPENING)[:1]
    return first.isupper() or first.isdigit() or (first.isalpha() and not first.islower())


def classify(words: str) -> LineKind:
    """
    The look of one line, as it stands in the text.

    >>> classify("Zelensky said Ukrainian forces had halted the advance and reclaimed at least one village there.").name
    'PROSE'
    >>> classify("India's Russian oil imports: 4 things to know").name
    'TITLE'
    """
    size = width(words)
    if ends_sentence(words):
        if size >= PROSE_SIZE or (size >= PROSE_SIZE // 2 and _INNER_SENTENCE.search(words)):
            return LineKind.PROSE
        return LineKind.TITLE if _TITLE_END.search(words) and begins_sentence(words) else LineKind.SENTENCE
    if size > (THAI_TITLE_SIZE if _THAI.search(words) else TITLE_SIZE) or (
        size >= PROSE_SIZE and _INNER_SENTENCE.search(words)
    ):
        return LineKind.PROSE
    if not begins_sentence(words):
        return LineKind.PIECE
    if size <= (20 if SPACELESS.search(words) else 30) and len(words.split()) <= 3:
        return LineKind.LABEL
    return LineKind.TITLE


class Layout:
    """
    The kinds of a document's lines, found when first asked for.

    `dates` are the lines that rules with the label date cover.
    """

    def __init__(self, document: Document, dates: frozenset[int] = frozenset()) -> None:
        self.document = document
        self._dates = dates
        self._known: dict[int, LineKind] = {}

    def __len__(self) -> int:
        return len(self.document.lines)

    def kind(self, line: int) -> LineKind:
        """The kind of line `line`."""
        if line not in self._known:
            self._known[line] = self._classify(line)
        return self._known[line]

    def _classify(self, line: int) -> LineKind:
        if line in self._dates:
            return LineKind.DATE
        if line and self.document.words(line) == self.document.words(line - 1):
            return LineKind.REPEATED
        return classify(self.document.written(line))

    def kinds(self, start: int, end: int) -> str:
        """The kinds of lines `start` to `end` (exclusive), a letter each."""
        return "".join(self.kind(line).value for line in range(start, end))

    @cached_property
    def first_prose(self) -> int:
        """Index of the first paragraph; the number of lines where there is none."""
        return next((line for line in range(len(self)) if self.kind(line) is LineKind.PROSE), len(self))

    def repeats_after(self, line: int, among: int = 40) -> int:
        """How many of the next `among` lines say the same as the line before them."""
        return self.kinds(line + 1, min(len(self), line + 1 + among)).count(LineKind.REPEATED.value)

    def blank_after(self, line: int) -> bool:
        """Whether a blank line or the end of the text follows `line`."""
        lines = self.document.lines
        end = lines[line + 1].start if line + 1 < len(lines) else len(self.document.text)
        gap = self.document.text[lines[line].end : end].replace("\r\n", "\n")
        return line + 1 == len(lines) or sum(gap.count(mark) for mark in "\n\r\u2029") > 1
