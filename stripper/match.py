"""A rule and a line → the span that the rule matches there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stripper.pattern import MAX_LINE, Pattern
from stripper.rule import PHRASE_TAIL, InlineMatch, LineMatch, PhrasesMatch, Rule, SequenceMatch
from stripper.text import Document, Span, parted

if TYPE_CHECKING:
    import regex

_LONG_WORD = re.compile(r"[^\W\d_]{4,}")  # shorter ones ("of", "von", "and") are in lower case inside names too
_PHRASE_END = re.compile(rf"(?=.{{0,{PHRASE_TAIL}}}$)[\s:.…!]*(?:\(\d{{1,6}}\))?[\s:.…!]*$")


@dataclass(frozen=True)
class Match:
    """
    What a rule matches: lines `first` to `last` (inclusive) of the document, or a span inside one line.

    `captured` holds the named groups of the pattern as they stand in the text.
    """

    rule: Rule
    first: int
    last: int
    span: Span
    captured: Mapping[str, str]

    @property
    def inline(self) -> bool:
        """Whether the match is a part of a line."""
        return isinstance(self.rule.match, InlineMatch)

    def within(self, document: Document) -> Match:
        """The same span, in the lines of a document that is cut otherwise."""
        first, last = document.line_at(self.span.start), document.line_at(self.span.end - 1)
        return replace(self, first=max(0, first), last=max(0, last))


def find_matches(rule: Rule, line: int, document: Document) -> Iterator[Match]:
    """The matches of `rule` that its literal on `line` may be part of."""
    kind = rule.match
    if isinstance(kind, InlineMatch):
        yield from _inside(rule, kind.patterns, line, document)
    elif isinstance(kind, SequenceMatch):
        yield from _sequences(rule, kind, line, document)
    elif isinstance(kind, PhrasesMatch):
        if _trimmed(_short(document, line)) in kind.phrases:
            yield Match(rule, line, line, Span(*document.lines[line]), {})
    else:
        yield from _whole(rule, kind, line, document)


def covers(rule: Rule, words: str, written: str) -> bool:
    """
    Whether the rule, or a line of its sequence, matches a whole line.

    `words` is the line as patterns see it, `written` as it stands in the text.
    """
    if len(words) > min(rule.longest_line, MAX_LINE - 1) or isinstance(rule.match, InlineMatch):
        return False
    if isinstance(rule.match, PhrasesMatch):
        return _trimmed(words) in rule.match.phrases
    found = (pattern.whole(words, rule.id) for pattern in _line_patterns(rule.match))
    return any(match and (not rule.when.names or are_names(_groups(match, 0, written))) for match in found)


def are_names(captured: Mapping[str, str]) -> bool:
    """
    Whether all that was captured is written as names are, with capitals.

    >>> are_names({"holder": "Bank of Ireland"}), are_names({"holder": "reform bills"})
    (True, False)
    """
    return not any(word[0].islower() for group in captured.values() for word in _LONG_WORD.findall(group))


def occurrences(rule: Rule, words: str) -> Iterator[tuple[int, int]]:
    """Where in `words` the rule, or a line of its sequence, would match if its bounds were line breaks."""
    if isinstance(rule.match, InlineMatch):
        return
    if isinstance(rule.match, PhrasesMatch):
        for phrase in sorted(phrase for phrase in rule.match.phrases if phrase in words):
            yield from _words_of(phrase, words)
    else:
        for pattern in _line_patterns(rule.match):
            yield from (found.span() for found in pattern.anywhere(words, rule.id))


def _words_of(phrase: str, words: str) -> Iterator[tuple[int, int]]:
    """Where the phrase stands as words of their own, with the colon or dots behind it."""
    at = words.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        if parted(words[at - 1 : at], words[at]) and parted(words[end - 1], words[end : end + 1]):
            yield at, end + len(words[end : end + 4]) - len(words[end : end + 4].lstrip(":.…"))
        at = words.find(phrase, end)


def _line_patterns(kind: LineMatch | SequenceMatch) -> tuple[Pattern, ...]:
    """The patterns that stand for a line by themselves: an optional line of a sequence does not."""
    if isinstance(kind, LineMatch):
        return kind.patterns
    return tuple(step.pattern for step in kind.steps if not step.optional)


def _whole(rule: Rule, kind: LineMatch, line: int, document: Document) -> Iterator[Match]:
    words = _short(document, line)
    for pattern in kind.patterns:
        if 0 < len(words) <= pattern.longest and (found := pattern.whole(words, rule.id)):
            captured = _groups(found, document.lines[line].start, document.text)
            yield Match(rule, line, line, Span(*document.lines[line]), captured)
            return


def _inside(rule: Rule, patterns: tuple[Pattern, ...], line: int, document: Document) -> Iterator[Match]:
    start = document.lines[line].start
    for pattern in patterns:
        for found in pattern.anywhere(document.words(line), rule.id):
            if found.end() > found.start():
                captured = _groups(found, document.lines[line].start, document.text)
                yield Match(rule, line, line, Span(start + found.start(), start + found.end()), captured)


def _sequences(rule: Rule, kind: SequenceMatch, line: int, document: Document) -> Iterator[Match]:
    """The first sequence that begins on `line` or so shortly before that `line` may be in it."""
    for first in range(max(0, line - len(kind.steps) + 1), line + 1):
        match = _sequence(rule, kind, first, document)
        if match and match.last >= line:
            yield match
            return


def _sequence(rule: Rule, kind: SequenceMatch, first: int, document: Document) -> Match | None:
    """The sequence that begins on line `first`, if one does."""
    line = first
    captured: dict[str, str] = {}
    for step in kind.steps:
        words = _short(document, line) if line < len(document.lines) else ""
        found = step.pattern.whole(words, rule.id) if words else None
        if found:
            captured |= _groups(found, document.lines[line].start, document.text)
            line += 1
        elif not step.optional:
            return None
    if line == first:
        return None
    span = Span(document.lines[first].start, document.lines[line - 1].end)
    return Match(rule, first, line - 1, span, captured)


def _short(document: Document, line: int) -> str:
    """The line as patterns see it; empty for one too long to be anything but prose."""
    start, end = document.lines[line]
    return document.words(line) if end - start < MAX_LINE else ""


def _trimmed(words: str) -> str:
    return " ".join(_PHRASE_END.sub("", words).split())


def _groups(found: regex.Match[str], offset: int, text: str) -> dict[str, str]:
    """Named groups as they stand in the text, in their own case; the match was made `offset` characters into it."""
    spans = {name: found.span(name) for name in found.groupdict()}
    return {name: text[offset + start : offset + end] for name, (start, end) in spans.items() if start >= 0}
