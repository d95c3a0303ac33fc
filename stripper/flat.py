"""
Texts that lost their line breaks: where the lines were, as far as rules can tell.

The last line of a text, if it is long or the only one, is searched for a chain: from the beginning of a sentence on,
one whole-line match after the other to the very end, or to the heading of a section. The links of the chain become
lines; what follows the heading is cut where titles are said twice and around dates. The rest of the pipeline reads
these pieces as lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from stripper.candidates import Candidates, ChainGate
from stripper.layout import begins_sentence
from stripper.match import covers, occurrences
from stripper.pattern import MAX_LINE
from stripper.rule import Extent, LineMatch, PhrasesMatch, Rule
from stripper.text import Document, Line, Span

_SENTENCE = re.compile(r"""[.!…]["')\]]{0,2} +|[。！？]["')\]]?| {2,}""")
_SAID_TWICE = re.compile(r"(?<![^ ])(?P<title>[^ ].{18,200}?[^ ]) (?=(?P=title)(?: |$))")
_LINK = 0.2  # what a link costs
_LOOSE = 0.1  # what a character costs that a pattern, not a phrase, accounts for
_OPEN = 5.0  # what it costs not to know what follows a heading
_MOST_LINKS = 30  # no chain has more
_MOST_ENDS = 12  # places at which a link that begins somewhere may end
_LONGEST_LINK = 200  # code points
_WINDOW = 20_000  # code points at the end of a line in which a chain may begin
_HEADING = 120  # code points around a heading's literal in which it lies


@dataclass(frozen=True)
class _Link:
    """A piece of a chain: where it ends, what the chain costs from here on, and whether it ends as an open heading."""

    end: int
    cost: float
    open: bool = False


def unfold(document: Document, candidates: Candidates) -> Document:
    """The document with its last line cut into pieces, or as it is where nothing calls for it."""
    if not document.rows:
        return document
    words = document.rows[-1]
    alone = len(document.rows) == 1
    short = len(words) < MAX_LINE and not alone
    if not alone and not _may_be_chain(words, candidates.chains, short=short):
        return document
    last = document.lines[-1]
    written = document.text[last.start : last.end]
    if short and any(_is_line(rule, words, written) for rule in candidates.of_line(words)):
        return document
    hits = [(rule, last.start + at) for rule, at in candidates.anywhere(words)]
    if len(hits) <= short:
        return document
    unfolder = _Unfolder(document, last, hits)
    pieces = unfolder.chain() if short else unfolder.pieces(whole_sentences=alone)
    return document.with_lines((*document.lines[:-1], *pieces)) if pieces != [last] else document


def _is_line(rule: Rule, words: str, written: str) -> bool:
    """Whether the rule matches the words as a line; that of a pattern begins as a sentence does."""
    fits = begins_sentence(written) or (" " in words and not isinstance(rule.match, LineMatch))
    return fits and covers(rule, words, written)


def _may_be_chain(words: str, gate: ChainGate, *, short: bool) -> bool:
    """Whether it can't be ruled out that a chain reaches the end of the line; of a short one, from its beginning."""
    if short and not gate.may_begin(words):
        return False
    return gate.may_end(words[-_LONGEST_LINK:]) or gate.may_have_section(words[-_WINDOW:])


class _Unfolder:
    """One long line on its way into pieces; `hits` are rules and where one of their literals stands."""

    def __init__(self, document: Document, line: Line, hits: Sequence[tuple[Rule, int]]) -> None:
        self.document = document
        self.view = document.view
        self.line = line
        self.hits = sorted(hits, key=lambda hit: hit[1])
        self.places = [at for _, at in self.hits]

    def pieces(self, *, whole_sentences: bool) -> list[Line]:
        """
        The line in pieces: what comes before the chain, and its links; the line itself where no chain is.

        With `whole_sentences` what comes before is cut into sentences, for rules that cover one of them.
        """
        sentences = list(self._sentences())
        links = self._links([sentence.start for sentence in sentences])
        start = next((sentence.start for sentence in sentences if sentence.start in links), self.line.end)
        before = [sentence for sentence in sentences if sentence.start < start]
        if before and not whole_sentences:
            before = list(self._trim(self.line.start, start))
        return [*before, *self._follow(links, start)]

    def chain(self) -> list[Line]:
        """The links of a chain that the line is from its beginning to its end; the line itself if it is none."""
        links = self._links([self.line.start])
        return list(self._follow(links, self.line.start)) if self.line.start in links else [self.line]

    def _sentences(self) -> Iterator[Line]:
        start = self.line.start
        for end in _SENTENCE.finditer(self.view, self.line.start, self.line.end):
            yield from self._trim(start, end.end())
            start = end.end()
        yield from self._trim(start, self.line.end)

    def _trim(self, start: int, end: int) -> Iterator[Line]:
        """The range without blanks and bullets at its ends, if anything is left."""
        words = self.view[start:end]
        left = len(words) - len(words.lstrip(" -*|>•·"))
        right = len(words.rstrip(" |>"))
        if left < right:
            yield Line(start + left, start + right)

    def _links(self, starts: Sequence[int]) -> dict[int, _Link]:
        """For each place from which a chain reaches the end of the line or an open heading, its cheapest next link."""
        links = {self.line.end: _Link(self.line.end, 0.0)}
        self._lead_up(self.line.end, starts, links)
        if heading := next(self._headings(), None):
            links[heading[0]] = heading[1]
            self._lead_up(heading[0], starts, links)
        del links[self.line.end]
        return links

    def _headings(self) -> Iterator[tuple[int, _Link]]:
        """Headings of sections with a feed behind them, the first one first, and the link that stands for both."""
        for rule, at in self.hits:
            if rule.extent is not Extent.SECTION or not rule.may_link or at < self.line.end - _WINDOW:
                continue
            left, right = max(self.line.start, at - _HEADING), min(self.line.end, at + _HEADING)
            if not (edges := self._marks_of([rule], left, right)):
                continue
            marks = sorted(edges | self._titles(left, right))
            pairs = ((start, end) for start in marks for end in marks if start <= at < end)
            for start, end in pairs:
                if self._covers(rule, start, end) and self._feed_begins(end):
                    yield start, _Link(end, _OPEN + _LOOSE * (end - start), open=True)

    def _lead_up(self, goal: int, starts: Sequence[int], links: dict[int, _Link]) -> None:
        """Add the links of the chains that end at `goal`, from there to the left as far as they reach."""
        edge = goal
        first = max(self.line.start, self.line.end - _WINDOW)
        for _ in range(_MOST_LINKS):
            left = max(first, edge - _LONGEST_LINK)
            marks = self._marks_of(self._rules(left, goal), left, min(goal, left + 2 * _LONGEST_LINK))
            marks |= set(starts[bisect_left(starts, left) : bisect_left(starts, edge)])
            for start in sorted((mark for mark in marks if left <= mark < edge), reverse=True):
                ends = sorted(end for end in links if start < end <= min(goal, start + _LONGEST_LINK))[:_MOST_ENDS]
                found = [link for end in ends for link in self._ways(start, end, links)]
                if found:
                    links[start] = min(found, key=lambda link: (link.cost, link.end))
            reached = min((start for start in links if left <= start < edge), default=edge)
            if reached == edge:
                return
            edge = reached

    def _marks_of(self, rules: Iterable[Rule], left: int, right: int) -> set[int]:
        """Places between two others where a match of one of the rules begins or ends."""
        words = self.view[left:right]
        return {self._word_at(left + edge) for rule in rules for found in occurrences(rule, words) for edge in found}

    def _titles(self, left: int, right: int) -> set[int]:
        """Places between two others where a title that is said twice begins."""
        return {title.start() for title in _SAID_TWICE.finditer(self.view, left, min(right + MAX_LINE, self.line.end))}

    def _word_at(self, place: int) -> int:
        while self.view[place : place + 1] in (" ", "-") and place < self.line.end:
            place += 1
        return place

    def _ways(self, start: int, end: int, links: Mapping[int, _Link]) -> Iterator[_Link]:
        """The links from `start` to `end`, from where a chain goes on."""
        for rule in self._rules(start, end):
            if rule.may_link and self._covers(rule, start, end):
                loose = 0.0 if isinstance(rule.match, PhrasesMatch) else _LOOSE * (end - start)
                yield _Link(end, _LINK + loose + links[end].cost)

    def _covers(self, rule: Rule, start: int, end: int) -> bool:
        """Whether the rule would match the range if it were a line; a pattern's line begins as a sentence does."""
        piece = next(self._trim(start, end), None)
        if piece is None:
            return False
        words, written = self.view[piece.start : piece.end], self.document.text[piece.start : piece.end]
        return _is_line(rule, words, written)

    def _rules(self, start: int, end: int) -> list[Rule]:
        """The rules with a literal between two places, each once."""
        hits = self.hits[bisect_left(self.places, start) : bisect_left(self.places, end)]
        return list({rule.id: rule for rule, _ in hits}.values())

    def _follow(self, links: dict[int, _Link], start: int) -> Iterator[Line]:
        at = start
        while at < self.line.end:
            link = links[at]
            yield from self._trim(at, link.end)
            if link.open:
                yield from self._feed(link.end)
                return
            at = link.end

    def _feed(self, start: int) -> Iterator[Line]:
        """What follows an open heading, cut where titles are said twice and around dates."""
        words = self.view[start : self.line.end]
        marks = {0, len(words)}
        for title in _SAID_TWICE.finditer(words):
            marks |= {title.start(), title.end(), title.end() + len(title["title"])}
        dates = [Span(date.start - start, date.end - start) for date in self._dates if date.start > start]
        marks |= {edge for date in dates for edge in date}
        marks |= {self._name_before(words, date.start) for date in dates}
        for left, right in pairwise(sorted(marks)):
            yield from self._trim(start + left, start + right)

    def _name_before(self, words: str, date: int) -> int:
        """Where the name of the source begins that a card has before its date: behind the last sentence."""
        ends = (
            [date - 60 + end.end() for end in _SENTENCE.finditer(words[max(0, date - 60) : date])] if date > 60 else []
        )
        return ends[-1] if ends else date

    def _feed_begins(self, start: int) -> bool:
        """Whether what follows a heading begins with a title said twice, or with a card that names its date."""
        start = self._word_at(start)
        if _SAID_TWICE.match(self.view, start, min(start + MAX_LINE, self.line.end)):
            return True
        near = self._rules(start, start + _LONGEST_LINK)
        return any(rule.label == "date" for rule in near) and any(start <= at < start + 80 for at, _ in self._dates)

    @cached_property
    def _dates(self) -> list[Span]:
        """Where the dates are that stand apart."""
        rules = {rule.id: rule for rule, _ in self.hits if rule.label == "date"}.values()
        words = self.view[self.line.start : self.line.end]
        at = self.line.start
        spans = (Span(at + start, at + end) for rule in rules for start, end in occurrences(rule, words))
        return [span for span in spans if self._stands_apart(*span)]

    def _stands_apart(self, start: int, end: int) -> bool:
        """Whether a date stands between a name and the beginning of something, and not within a sentence."""
        text = self.document.text
        before = text[max(self.line.start, start - 40) : start].rsplit(maxsplit=1)[-1:]
        after = text[end : end + 4].lstrip(" -|·,")
        return not (before and before[0][0].islower()) and not after[:1].islower()
