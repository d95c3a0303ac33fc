"""
Where the article ends.

Going back from the last line, findings speak for junk and paragraphs for the article. The tail begins where the sum of
all that follows is highest, if it is clearly above zero; a paragraph that no rule explains stops it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stripper.judge import SURE, Finding
from stripper.layout import Layout, LineKind
from stripper.result import Evidence
from stripper.rule import KEPT_LABELS

FINDING = 3.0  # times its confidence: the first line of something that a rule names
COVERED = 0.2  # each further line of it
ENOUGH = 1.0  # the sum from which on a tail is believed
HOPELESS = 15.0  # so far below its best, the sum does not recover
# What a line that no finding covers says, by its look.
LOOKS = {
    LineKind.PROSE: -8.0,
    LineKind.SENTENCE: -4.0,
    LineKind.PIECE: -4.0,
    LineKind.TITLE: -1.6,
    LineKind.LABEL: -0.8,
    LineKind.DATE: 0.3,
    LineKind.REPEATED: 0.5,
}


@dataclass(frozen=True)
class Tail:
    """
    Lines `start` to `end` (exclusive), the last ones of the text, are not the article; both are the number of lines
    where there is no tail.

    `total` is what the evidence adds up to, `evidence` its parts by kind.
    """

    start: int
    end: int
    total: float
    evidence: tuple[Evidence, ...]


def find_tail(findings: Sequence[Finding], layout: Layout) -> Tail:
    """Where the tail begins, given what rules found."""
    covering = _covering(findings)
    none = Tail(len(layout), len(layout), 0.0, ())
    if not covering:
        return none
    best, start, total = 0.0, len(layout), 0.0
    for line in range(len(layout) - 1, -1, -1):
        finding = covering.get(line)
        total += _weight(finding, line, layout)
        if total > best and finding and finding.first == line:
            best, start = total, line
        if total < best - HOPELESS:
            break
    if best < ENOUGH:
        return none
    return Tail(start, len(layout), best, _evidence(start, covering, layout))


def _covering(findings: Sequence[Finding]) -> dict[int, Finding]:
    """For each line that whole-line findings cover, the one that speaks loudest."""
    covering: dict[int, Finding] = {}
    for finding in findings:
        if finding.inline or finding.rule.label in KEPT_LABELS:
            continue
        for line in range(finding.first, finding.last + 1):
            other = covering.get(line)
            if other is None or _loudness(finding) > _loudness(other):
                covering[line] = finding
    return covering


def _loudness(finding: Finding) -> tuple[bool, int, float]:
    return finding.confidence >= SURE, finding.last - finding.first, finding.confidence


def _weight(finding: Finding | None, line: int, layout: Layout) -> float:
    if finding is None:
        return LOOKS[layout.kind(line)]
    if finding.confidence < SURE:
        return max(LOOKS[layout.kind(line)], -1.0) + finding.confidence * FINDING
    return FINDING * finding.confidence if line == finding.first else COVERED


def _evidence(start: int, covering: dict[int, Finding], layout: Layout) -> tuple[Evidence, ...]:
    """The weights of the tail's lines, summed by where they come from."""
    sums: dict[str, tuple[float, int]] = {}
    for line in range(start, len(layout)):
        finding = covering.get(line)
        source = finding.rule.id if finding else f"{layout.kind(line).name.lower()} line"
        amount, count = sums.get(source, (0.0, 0))
        sums[source] = (amount + _weight(finding, line, layout), count + 1)
    return tuple(Evidence(source, amount, f"{count} lines of the tail") for source, (amount, count) in sums.items())
