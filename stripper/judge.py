"""Conditions and boosts: which matches are findings, how sure they are, and on what evidence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlsplit

from stripper.language import Detector, foreign, guess
from stripper.layout import Layout, LineKind
from stripper.match import Match, are_names
from stripper.pattern import MAX_LINE, Pattern
from stripper.result import Evidence
from stripper.rule import SURE, Conditions, Extent, Position, Rule
from stripper.sections import TEASERS, Section, find_section
from stripper.text import Document, Span
from stripper.topic import ALIKE, UNRELATED, similarity

_TELLING_LETTERS = 30  # a shorter block's language may support a finding, but not decide it
# What stands among the items of a feed without ending it.
_IN_SECTIONS = frozenset({"date", "credit", "navigation", "read-also", "share", "media-widget", "byline", "headline"})


@dataclass(frozen=True)
class Finding:
    """
    A match whose conditions hold: lines `first` to `last` (inclusive), or a span inside one line.

    `tail_only`: it may only go if the article has ended before it.
    """

    match: Match
    first: int
    last: int
    span: Span
    confidence: float
    evidence: tuple[Evidence, ...]
    tail_only: bool

    @property
    def rule(self) -> Rule:
        """The rule that made the match."""
        return self.match.rule

    @property
    def inline(self) -> bool:
        """Whether it is a part of a line."""
        return self.match.inline


@dataclass(frozen=True)
class Declined:
    """A match or finding that stays, and why."""

    match: Match
    confidence: float
    reason: str


class Facts:
    """What conditions ask about a document; each fact is found when first asked for."""

    def __init__(self, document: Document, matches: Sequence[Match], detector: Detector) -> None:
        self.document = document
        self.detector = detector
        self.matches = matches

    @cached_property
    def layout(self) -> Layout:
        """The looks of the lines; what a rule calls a date is one."""
        dates = (match for match in self.matches if match.rule.label == "date" and not match.inline)
        return Layout(self.document, frozenset(line for m in dates for line in range(m.first, m.last + 1)))

    @cached_property
    def language(self) -> str | None:
        """The document's language: given, or that of the lines which no rule matches."""
        if self.document.language:
            return self.document.language
        return guess(self.detector, self.body).language

    @cached_property
    def body(self) -> str:
        """The lines that no rule matches."""
        return "\n".join(self.document.written(i) for i in range(len(self.document.lines)) if i not in self._matched)

    @cached_property
    def _matched(self) -> frozenset[int]:
        whole = (match for match in self.matches if not match.inline)
        return frozenset(line for match in whole for line in range(match.first, match.last + 1))

    @cached_property
    def host(self) -> str:
        """Host of the document's URL in lower case; empty where it has none."""
        try:
            return urlsplit(self.document.url or "").hostname or ""
        except ValueError:  # not a URL: a fact that is not known
            return ""

    @cached_property
    def _ends_of_sections(self) -> list[tuple[int, str]]:
        """Lines on which something begins that can end a section, with its label."""
        return sorted(
            (match.first, match.rule.label)
            for match in self.matches
            if match.rule.confidence >= SURE and not match.inline and match.rule.label not in _IN_SECTIONS
        )

    def section_limit(self, start: int, label: str) -> int:
        """The first line from `start` on at which something of another label begins."""
        ends = self._ends_of_sections
        later = range(bisect_left(ends, (start, "")), len(ends))
        return next((ends[i][0] for i in later if ends[i][1] != label), len(self.document.lines))

    def prose_after(self, line: int) -> bool:
        """Whether a paragraph that no rule matches follows."""
        return line < self._last_prose

    @cached_property
    def _last_prose(self) -> int:
        lines = range(len(self.document.lines) - 1, -1, -1)
        return next((i for i in lines if i not in self._matched and self.layout.kind(i) is LineKind.PROSE), -1)


def judge(facts: Facts) -> tuple[list[Finding], list[Declined]]:
    """Findings and declined matches, in the order of the text."""
    findings: list[Finding] = []
    declined: list[Declined] = []
    going = _Going()
    sociable = [match for match in facts.matches if _asks_for_neighbours(match.rule)]
    alone = [match for match in facts.matches if not _asks_for_neighbours(match.rule)]
    for match in [*alone, *sociable]:
        verdict = _judge(match, facts, going)
        if isinstance(verdict, Finding):
            findings.append(verdict)
            going.add(verdict)
        else:
            declined.append(verdict)
    return sorted(findings, key=lambda f: (f.span, f.rule.id)), declined


class _Going:
    """Lines that sure findings cover: those that go in any case, and those that go if the article has ended."""

    def __init__(self) -> None:
        self._anywhere: set[int] = set()
        self._in_tail: set[int] = set()

    def add(self, finding: Finding) -> None:
        if finding.confidence >= SURE:
            lines = self._in_tail if finding.tail_only else self._anywhere
            lines.update(range(finding.first, finding.last + 1))

    def beside(self, finding: Finding, lines: int) -> bool:
        """Whether one of so many lines before or after goes for sure if the finding does."""
        near = [*range(finding.first - lines, finding.first), *range(finding.last + 1, finding.last + 1 + lines)]
        return any(i in self._anywhere or (finding.tail_only and i in self._in_tail) for i in near)


def _asks_for_neighbours(rule: Rule) -> bool:
    return rule.when.near_removal is not None


def _judge(match: Match, facts: Facts, going: _Going) -> Finding | Declined:
    rule = match.rule
    for pattern in rule.unless:
        if any(_finds(pattern.anywhere(facts.document.words(i), rule.id)) for i in range(match.first, match.last + 1)):
            return Declined(match, rule.confidence, f"protected by '''{pattern.source}'''")
    candidate = _extended(match, facts)
    if failed := _failed(rule.when, candidate, facts, going):
        return Declined(match, rule.confidence, f"needs {failed}")
    boosts = [boost for boost in rule.boosts if not _failed(boost.conditions, candidate, facts, going)]
    evidence = (*candidate.evidence, *(Evidence("boost", boost.add, boost.why) for boost in boosts))
    confidence = min(0.99, max(0.0, rule.confidence + sum(boost.add for boost in boosts)))
    return replace(candidate, evidence=evidence, confidence=confidence)


def _finds(found: Iterable[object]) -> bool:
    return next(iter(found), None) is not None


def _extended(match: Match, facts: Facts) -> Finding:
    """The match with the lines that its rule's extent adds."""
    rule, document = match.rule, facts.document
    evidence = (Evidence("rule", rule.confidence, f"{rule.id} version {rule.version}"),)
    tail_only = rule.when.position is Position.TAIL
    plain = Finding(match, match.first, match.last, match.span, rule.confidence, evidence, tail_only)
    if rule.extent is Extent.LINES:
        return plain
    if rule.extent is Extent.BLOCK:
        last = match.last
        while not facts.layout.blank_after(last):
            last += 1
        return replace(plain, last=last, span=Span(match.span.start, document.lines[last].end))
    section = find_section(facts.layout, match.last + 1, facts.section_limit(match.last + 1, rule.label), rule.shapes)
    if not section.items or (section.shape == TEASERS and not _is_about_something_else(section, facts)):
        # a heading with nothing under it could be the article's own
        return replace(plain, tail_only=True)
    span = Span(match.span.start, document.lines[section.end - 1].end)
    return replace(plain, last=section.end - 1, span=span, evidence=(*evidence, _section_evidence(section)))


def _is_about_something_else(section: Section, facts: Facts) -> bool:
    """Whether the words of a section are not those of the text before it, as far as they can tell."""
    document = facts.document
    part = [document.words(line) for line in range(section.start, section.end)]
    alike = similarity(part, [document.words(line) for line in range(section.start - 1)])
    return section.end == len(document.lines) and (alike is None or alike < ALIKE)


def _section_evidence(section: Section) -> Evidence:
    return Evidence("section", 0.0, f"{section.items} items follow: {section.shape}")


def _failed(conditions: Conditions, finding: Finding, facts: Facts, going: _Going) -> str | None:
    """The first condition that does not hold, in words; None if all hold."""
    if conditions == _NO_CONDITIONS:
        return None
    for name, holds in _CONDITIONS.items():
        wanted = getattr(conditions, name)
        if wanted not in (None, (), frozenset()) and not holds(conditions, finding, facts):
            return _said(name, wanted)
    near = conditions.near_removal
    if near is not None and not going.beside(finding, near):
        return _said("near_removal", near)
    return None


def _said(name: str, wanted: object) -> str:
    value = getattr(wanted, "source", None) or getattr(wanted, "value", None) or wanted
    value = ", ".join(sorted(value)) if isinstance(value, (frozenset, tuple)) else value
    return f"{name} = {str(value).lower() if isinstance(value, bool) else value}"


def _written(finding: Finding, facts: Facts) -> str:
    return facts.document.text[finding.span.start : finding.span.end]


def _position(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    layout = facts.layout
    if conditions.position is Position.FRONT:
        return finding.last < layout.first_prose < len(layout)
    if conditions.position is Position.BODY:
        return layout.first_prose < finding.first and facts.prose_after(finding.last)
    return finding.tail_only or not facts.prose_after(finding.last)  # the tail decision has the last word


def _max_chars(conditions: Conditions, finding: Finding, _facts: Facts) -> bool:
    return finding.span.end - finding.span.start <= (conditions.max_chars or 0)


def _capitals(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    first = _written(finding, facts).split(maxsplit=1)[0]
    return (first.isupper() and len(first) > 1) == conditions.capitals


def _names(conditions: Conditions, finding: Finding, _facts: Facts) -> bool:
    return are_names(finding.match.captured) == conditions.names


def _lines_after(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    return len(facts.document.lines) - 1 - finding.last <= (conditions.lines_after or 0)


def _repeated_lines_after(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    return facts.layout.repeats_after(finding.match.last) >= (conditions.repeated_lines_after or 0)


def _previous_line(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    return _covers(conditions.previous_line, finding.first - 1, finding.rule, facts)


def _next_line(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    return _covers(conditions.next_line, finding.match.last + 1, finding.rule, facts)


def _covers(pattern: Pattern | None, line: int, rule: Rule, facts: Facts) -> bool:
    if pattern is None or not 0 <= line < len(facts.document.lines):
        return False
    words = facts.document.words(line)
    return len(words) < MAX_LINE and pattern.whole(words, rule.id) is not None


def _sites(conditions: Conditions, _finding: Finding, facts: Facts) -> bool:
    return any(facts.host == site or facts.host.endswith(f".{site}") for site in conditions.sites)


def _document_languages(conditions: Conditions, _finding: Finding, facts: Facts) -> bool:
    return facts.language in conditions.document_languages


def _languages(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    found = guess(facts.detector, _written(finding, facts))
    return found.letters >= _TELLING_LETTERS and found.language in conditions.languages


def _language_differs(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    if not facts.language:
        return False
    return (
        foreign(facts.detector, _written(finding, facts), facts.language) is not None
    ) == conditions.language_differs


def _unrelated(conditions: Conditions, finding: Finding, facts: Facts) -> bool:
    document = facts.document
    part = [document.words(line) for line in range(finding.first, finding.last + 1)]
    body = [document.words(line) for line in range(finding.first)]
    alike = similarity(part, body)
    return alike is not None and (alike < UNRELATED) == conditions.unrelated


_NO_CONDITIONS = Conditions()
# In the order of what they cost: the dear ones are asked only where the cheap ones hold.
_CONDITIONS: dict[str, Callable[[Conditions, Finding, Facts], bool]] = {
    "max_chars": _max_chars,
    "capitals": _capitals,
    "names": _names,
    "sites": _sites,
    "lines_after": _lines_after,
    "previous_line": _previous_line,
    "next_line": _next_line,
    "position": _position,
    "repeated_lines_after": _repeated_lines_after,
    "document_languages": _document_languages,
    "languages": _languages,
    "language_differs": _language_differs,
    "unrelated": _unrelated,
}
