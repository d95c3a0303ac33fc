"""Policy, overlaps, the safety floor: what goes, what is reported, what stays after all."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stripper.judge import Declined, Finding
from stripper.layout import LineKind, classify, ends_sentence, width
from stripper.result import TAIL, Evidence, NearMiss, Removal
from stripper.rule import KEPT_LABELS, Status
from stripper.tail import Tail
from stripper.text import LINE_BREAKS, Document, Span

FLOOR_SENTENCE = 20  # what is left has a sentence of at least so many characters


@dataclass(frozen=True)
class Policy:
    """What the user wants gone: labels to keep or drop, how sure a removal must be, how much of a text may go."""

    keep: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    min_confidence: float = 0.5
    max_share: float = 0.98

    def keeps(self, label: str) -> bool:
        """Whether findings of this label are reported and left in."""
        return label in self.keep or (label in KEPT_LABELS and label not in self.drop)


@dataclass(frozen=True)
class Decision:
    """Removals and flags, sorted; near misses; and why nothing goes although something was found, if so."""

    removals: tuple[Removal, ...] = ()
    flags: tuple[Removal, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    problem: str | None = None
    failed: bool = False


@dataclass(frozen=True)
class _Cut:
    """A span that is to go, without the blank space around it."""

    span: Span
    label: str
    rule: str
    confidence: float
    evidence: tuple[Evidence, ...]
    captured: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, finding: Finding, span: Span) -> _Cut:
        rule = finding.rule
        return cls(span, rule.label, rule.id, finding.confidence, finding.evidence, finding.match.captured)

    def taken_out(self, span: Span, text: str) -> Removal:
        """The removal of `span`, which is the cut and the blank space that goes with it."""
        taken = text[span.start : span.end]
        captured = dict(self.captured)
        return Removal(*span, self.label, self.rule, self.confidence, self.evidence, taken, captured)


def decide(
    findings: Sequence[Finding], declined: Sequence[Declined], tail: Tail, document: Document, policy: Policy
) -> Decision:
    """Removals, flags and near misses of one text."""
    reported: list[Finding] = []
    open_to_removal: list[Finding] = []
    for finding in findings:
        kept = policy.keeps(finding.rule.label) or finding.rule.status is Status.EXPERIMENTAL
        (reported if kept else open_to_removal).append(finding)
    going, staying = _sort_out(open_to_removal, tail, policy)
    owners = _owners(going)
    cuts = _line_cuts(owners, document)
    rest = _rest_of_tail(tail, owners, open_to_removal, reported, document)
    tail_cuts = _tail_cuts(tail, rest, document, policy)
    cuts += tail_cuts
    gone_lines = {*owners, *(rest if tail_cuts else ())}
    inline, inline_staying = _inline_cuts(open_to_removal, gone_lines, document, policy)
    cuts = sorted(cuts + inline, key=lambda cut: cut.span)
    removals = tuple(
        cut.taken_out(span, document.text) for cut, span in zip(cuts, _with_blanks(cuts, document), strict=True)
    )
    misses = _near_misses([*declined, *staying, *inline_staying], removals)
    if reason := _too_much(removals, document, policy):
        flags = sorted((*removals, *(_flag(f, document) for f in reported)), key=lambda flag: (flag.start, flag.end))
        return Decision((), tuple(flags), misses, reason)
    return Decision(removals, _flags(reported, removals, document), misses)


def _sort_out(findings: Sequence[Finding], tail: Tail, policy: Policy) -> tuple[list[Finding], list[Declined]]:
    """Whole-line findings that go by themselves, and the others with the reason."""
    going, staying = [], []
    for finding in findings:
        if finding.inline:
            continue
        if finding.tail_only and finding.first < tail.start:
            staying.append(Declined(finding.match, finding.confidence, "the article goes on after it"))
        elif finding.confidence < policy.min_confidence:
            staying.append(Declined(finding.match, finding.confidence, _unsure(finding, policy)))
        else:
            going.append(finding)
    return going, staying


def _unsure(finding: Finding, policy: Policy) -> str:
    return f"confidence {finding.confidence:.2f} is below {policy.min_confidence:.2f}"


def _owners(going: Sequence[Finding]) -> dict[int, Finding]:
    """For each line that goes, the finding that takes it: the longest, then the surest, then by id."""
    owners: dict[int, Finding] = {}
    for finding in sorted(going, key=lambda f: (f.first - f.last, -f.confidence, f.rule.id)):
        for line in range(finding.first, finding.last + 1):
            owners.setdefault(line, finding)
    return owners


def _line_cuts(owners: Mapping[int, Finding], document: Document) -> list[_Cut]:
    """A cut for each run of lines with one owner."""
    runs = _runs({line: id(owner) for line, owner in owners.items()})
    return [_Cut.of(owners[first], _lines_span(first, last, document)) for first, last in runs]


def _runs(marks: Mapping[int, object]) -> list[tuple[int, int]]:
    """First and last of each run of lines that follow one another and have the same mark."""
    runs: list[tuple[int, int]] = []
    for line in sorted(marks):
        if runs and runs[-1][1] == line - 1 and marks[line - 1] == marks[line]:
            runs[-1] = (runs[-1][0], line)
        else:
            runs.append((line, line))
    return runs


def _lines_span(first: int, last: int, document: Document) -> Span:
    return document.with_margins(Span(document.lines[first].start, document.lines[last].end))


def _tail_cuts(tail: Tail, lines: Mapping[int, str], document: Document, policy: Policy) -> list[_Cut]:
    """The cuts that the tail decision makes: `lines` are those of the tail that go with it, and their labels."""
    confidence = min(0.99, 1 - 1 / (1 + math.exp(min(tail.total, 50))))
    if confidence < policy.min_confidence:
        return []
    return [
        _Cut(_lines_span(first, last, document), lines[first], TAIL, confidence, tail.evidence)
        for first, last in _runs(lines)
    ]


def _rest_of_tail(
    tail: Tail,
    owners: Mapping[int, Finding],
    findings: Sequence[Finding],
    reported: Sequence[Finding],
    document: Document,
) -> dict[int, str]:
    """The lines of the tail that no finding takes by itself, with their labels; what the user wants kept is not in."""
    whole = (f for f in findings if not f.inline or f.span == Span(*document.lines[f.first]))
    labels = {line: f.rule.label for f in whole for line in range(f.first, f.last + 1)}
    kept = {line for f in reported if not f.inline for line in range(f.first, f.last + 1)}
    lines = range(tail.start, len(document.lines))
    return {line: labels.get(line, "other") for line in lines if line not in owners and line not in kept}


def _inline_cuts(
    findings: Sequence[Finding], gone: set[int], document: Document, policy: Policy
) -> tuple[list[_Cut], list[Declined]]:
    """Findings inside lines that stay, from the last on: one that needs the tail must end the text."""
    cuts: list[_Cut] = []
    staying: list[Declined] = []
    last = max((line for line in range(len(document.lines)) if line not in gone), default=-1)
    edge = document.lines[last].end if last >= 0 else 0  # where the text that stays ends
    before = len(document.text) + 1
    for finding in sorted((f for f in findings if f.inline), key=lambda f: (-f.span.end, f.span.start, f.rule.id)):
        if finding.first in gone or finding.span.end > before:
            continue
        if finding.confidence < policy.min_confidence:
            staying.append(Declined(finding.match, finding.confidence, _unsure(finding, policy)))
        elif finding.tail_only and document.view[finding.span.end : edge].strip():
            staying.append(Declined(finding.match, finding.confidence, "the article goes on after it"))
        else:
            cuts.append(_Cut.of(finding, finding.span))
            before = finding.span.start
            edge = before if not document.view[finding.span.end : edge].strip() else edge
    return cuts, staying


def _with_blanks(cuts: Sequence[_Cut], document: Document) -> list[Span]:
    """
    The spans of the cuts with the blank space that goes along, so that no gap is left wider than it was.

    Cuts with nothing but blanks between them are one hole; the blanks between go with the earlier cut.
    """
    spans = [cut.span for cut in cuts]
    first = 0
    for at in range(len(spans)):
        if at + 1 < len(spans) and not document.view[spans[at].end : spans[at + 1].start].strip():
            spans[at] = Span(spans[at].start, spans[at + 1].start)
        else:
            hole = _hole(Span(spans[first].start, spans[at].end), document)
            spans[first] = Span(hole.start, spans[first].end)
            spans[at] = Span(spans[at].start, hole.end)
            first = at + 1
    return spans


def _hole(span: Span, document: Document) -> Span:
    """The span to take out so that what stood before and after it is parted as it should be."""
    text, view = document.text, document.view
    left, right = span
    while left and view[left - 1].isspace() and text[left - 1] != "\ufeff":
        left -= 1
    while right < len(text) and view[right].isspace():
        right += 1
    if right == len(text):
        return Span(left, max(span.end, len(text) - _final_break(text)) if left else len(text))
    before, after = _breaks(text[left : span.start]), _breaks(text[span.end : right])
    next_line = document.with_margins(Span(right, right)).start
    if left == 0 or text[left - 1] == "\ufeff":
        return Span(left, max(next_line, span.end))
    if not after:
        return Span(span.start, right)
    if not before or before < after:
        return Span(left, span.end)
    return Span(span.start, next_line)


def _breaks(blank: str) -> int:
    return sum(char in LINE_BREAKS for char in blank) - blank.count("\r\n")


def _final_break(text: str) -> int:
    """Length of the line break that ends the text; 0 where none does."""
    if text.endswith("\r\n"):
        return 2
    return int(text[-1:] in LINE_BREAKS and text != "")


def _too_much(removals: Sequence[Removal], document: Document, policy: Policy) -> str | None:
    """Why so much may not go, or None: a sensible body must be left."""
    gone = sum(len("".join(removal.text.split())) for removal in removals)
    whole = len("".join(document.text.split())) if removals else 0
    if gone and gone > policy.max_share * whole:
        return f"would leave {whole - gone} of {whole} characters"
    if gone > whole - gone and not _has_sentence(removals, document):
        return "would leave no sentence"
    return None


def _has_sentence(removals: Sequence[Removal], document: Document) -> bool:
    kept = (i for i, line in enumerate(document.lines) if not _is_gone(line.start, removals))
    return any(_is_sentence(document.written(i)) for i in kept)


def _is_gone(offset: int, removals: Sequence[Removal]) -> bool:
    """Whether the character at `offset` is in one of the removals, which are sorted and disjoint."""
    at = bisect_right(removals, offset, key=lambda removal: removal.start) - 1
    return at >= 0 and offset < removals[at].end


def _is_sentence(line: str) -> bool:
    return (width(line) >= FLOOR_SENTENCE and ends_sentence(line)) or classify(line) is LineKind.PROSE


def _flag(finding: Finding, document: Document) -> Removal:
    return _Cut.of(finding, finding.span).taken_out(finding.span, document.text)


def _flags(reported: Sequence[Finding], removals: Sequence[Removal], document: Document) -> tuple[Removal, ...]:
    """What is reported and lies in the text that stays."""
    inside = [f for f in reported if not _is_gone(f.span.start, removals)]
    return tuple(_flag(finding, document) for finding in inside)


def _near_misses(declined: Sequence[Declined], removals: Sequence[Removal]) -> tuple[NearMiss, ...]:
    """What stayed, in the order of the text, without what went along with something else."""
    misses = [
        NearMiss(*d.match.span, d.match.rule.label, d.match.rule.id, d.confidence, d.reason)
        for d in declined
        if not _is_gone(d.match.span.start, removals)
    ]
    return tuple(sorted(misses, key=lambda miss: (miss.start, miss.end, miss.rule)))
