"""
Where the article ends: at the earlier of two lines, if there are any.

The one is certain. Going back from the last line, findings speak for junk and the looks of other lines against it; the
tail begins at the finding where the sum of all that follows is highest. A paragraph, a sentence or a piece of one that
no rule explains ends the search.

The other is learned. Wherever a finding begins, a scorecard weighs all that follows and what stands before, and the
tail begins at the first finding that it believes; paragraphs that no rule explains may then go along, but for those
that are about what the article is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stripper.judge import Finding
from stripper.layout import Layout, LineKind
from stripper.result import Evidence
from stripper.rule import KEPT_LABELS, SURE, Conditions, Position, Status
from stripper.scorecard import tail_scorecard
from stripper.signals import ends
from stripper.text import SPACELESS, Span
from stripper.topic import ALIKE, UNRELATED, similarity

FINDING = 3.0  # times its confidence: the first line of something that a rule names
COVERED = 0.2  # each further line of it
LONE_WORD = 0.9  # a button's one word ("Menu", "Premium") needs other findings beside it
MOST_UNKNOWN = 2  # lines in a row that nothing explains: more are a list of the article's, whatever stands around it
ENOUGH = 1.0  # the sum from which on a tail is believed
SECTION = 2  # lines below a heading from which on the heading's section has an end of its own
_SENTENCES = frozenset({LineKind.PROSE, LineKind.SENTENCE})
TRIES = 4  # beginnings that are looked at, from the first on, where the article may go on
# What a line that no finding covers says, by its look; None is the end of the search.
LOOKS: dict[LineKind, float | None] = {
    LineKind.PROSE: None,
    LineKind.SENTENCE: None,
    LineKind.PIECE: None,
    LineKind.TITLE: -2.2,
    LineKind.LABEL: -1.0,
    LineKind.DATE: 0.3,
    LineKind.REPEATED: 0.5,
}
# One word is enough for these: the rules that find them ask for nothing less than the thing's name.
_UNGUARDED = Conditions(position=Position.TAIL)  # asks for nothing but the tail itself
_TELLING_WORDS = frozenset(
    {"sponsored", "credit", "tags", "comments", "ad-slot", "copyright", "latest-news", "related-articles"}
)


@dataclass(frozen=True)
class Tail:
    """
    The lines from `start` on are not the article; `start` is the number of lines where there is no tail.

    `total` is what the evidence adds up to, `evidence` its parts by kind.
    """

    start: int
    total: float
    evidence: tuple[Evidence, ...]


def find_tail(findings: Sequence[Finding], layout: Layout) -> Tail:
    """Where the tail begins, given what rules found."""
    covering = covering_lines(findings, layout)
    if not covering:
        return Tail(len(layout), 0.0, ())
    lines_only = covering_lines([finding for finding in findings if not finding.inline], layout)
    return min(_certain(lines_only, layout), _learned(covering, layout), key=lambda tail: tail.start)


def _certain(covering: Mapping[int, Finding], layout: Layout) -> Tail:
    """The tail of which rules explain all but a title or two."""
    best, start, total, unknown = 0.0, len(layout), 0.0, 0
    for line in range(len(layout) - 1, -1, -1):
        finding = covering.get(line)
        weight = _weight(finding, line, layout)
        unknown = 0 if finding and finding.confidence >= SURE else unknown + 1
        if weight is None or unknown > MOST_UNKNOWN:
            break
        total += weight
        if total > best and finding and finding.first == line and finding.confidence >= SURE:
            best, start = total, line
    if best < ENOUGH:
        return Tail(len(layout), 0.0, ())
    return Tail(start, best, _evidence(start, covering, layout))


def _learned(covering: Mapping[int, Finding], layout: Layout) -> Tail:
    """The tail that the scorecard believes, from the first finding on at which it does and the article has ended."""
    card = tail_scorecard()
    believed = []
    for line, signals in ends(covering, layout):
        enough = card.enough if covering[line].confidence >= SURE else card.enough_weak
        if line and card.allows(signals) and card.score(signals) >= enough:
            believed.append((line, signals))
    for line, signals in believed[: -TRIES - 1 : -1]:
        if not _goes_on(line, covering, layout):
            return Tail(line, card.score(signals), card.evidence(signals))
    return Tail(len(layout), 0.0, ())


def _goes_on(start: int, covering: Mapping[int, Finding], layout: Layout) -> bool:
    """
    Whether the article goes on after `start`, by the paragraphs and sentences there that no rule explains.

    It does if they are about what the text before is about, or if those at the very end follow a section, which ends
    where the article resumes, or are too short to tell.
    """
    lines = range(start, len(layout))
    explained = {line for line in lines if line in covering and covering[line].confidence >= SURE}
    unexplained = [line for line in lines if line not in explained and layout.kind(line) in _SENTENCES]
    last = max(explained, default=start)
    closing = [line for line in unexplained if line > last]
    if not closing:
        return _likeness(unexplained, start, layout) >= ALIKE
    after_section = last in covering and covering[last].last - covering[last].first >= SECTION
    unsaid = UNRELATED if len(closing) > 1 else 0.0
    return (
        after_section
        or _likeness(closing, start, layout, unsaid) >= UNRELATED
        or _likeness(unexplained, start, layout) >= ALIKE
    )


def _likeness(lines: Sequence[int], start: int, layout: Layout, unsaid: float = 0.0) -> float:
    """How like the words of `lines` are those before `start`, from 0 to 1; `unsaid` where they are too few to tell."""
    words = layout.document.words
    alike = similarity([words(line) for line in lines], [words(line) for line in range(start)]) if lines else 0.0
    return unsaid if alike is None else alike


def covering_lines(findings: Sequence[Finding], layout: Layout) -> dict[int, Finding]:
    """For each line that findings cover as a whole, the one that speaks loudest."""
    covering: dict[int, Finding] = {}
    for finding in findings:
        if finding.rule.label in KEPT_LABELS or finding.rule.status is Status.EXPERIMENTAL:
            continue
        if finding.inline and finding.span != Span(*layout.document.lines[finding.first]):
            continue
        for line in range(finding.first, finding.last + 1):
            other = covering.get(line)
            if other is None or _loudness(finding) > _loudness(other):
                covering[line] = finding
    return covering


def _loudness(finding: Finding) -> tuple[bool, int, float]:
    return finding.confidence >= SURE, finding.last - finding.first, finding.confidence


def _weight(finding: Finding | None, line: int, layout: Layout) -> float | None:
    """What a line says for the tail; None where the article certainly is."""
    looks = LOOKS[layout.kind(line)]
    if finding is None:
        return looks
    if finding.confidence < SURE:
        return None if looks is None else max(looks, -1.0) + finding.confidence * FINDING
    if finding.first != line:
        return COVERED
    return LONE_WORD if _is_lone_word(finding, layout) else FINDING * finding.confidence


def _is_lone_word(finding: Finding, layout: Layout) -> bool:
    rule = finding.rule
    if rule.label in _TELLING_WORDS or rule.when != _UNGUARDED or finding.first != finding.last:
        return False
    words = layout.document.words(finding.first)
    return " " not in words and not SPACELESS.search(words)


def _evidence(start: int, covering: Mapping[int, Finding], layout: Layout) -> tuple[Evidence, ...]:
    """The weights of the tail's lines, summed by where they come from."""
    sums: dict[str, tuple[float, int]] = {}
    for line in range(start, len(layout)):
        finding = covering.get(line)
        source = finding.rule.id if finding else f"{layout.kind(line).name.lower()} line"
        amount, count = sums.get(source, (0.0, 0))
        sums[source] = (amount + (_weight(finding, line, layout) or 0.0), count + 1)
    return tuple(Evidence(source, amount, f"{count} lines of the tail") for source, (amount, count) in sums.items())
