"""
What can be said of the end of a text from one line on: counts of what rules explain there and of what they do not.

The tail decision weighs these signals (`stripper.scorecard`). None of them reads words, so they mean the same in every
language; what the words say is left to the rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stripper.judge import Finding
from stripper.layout import Layout, LineKind
from stripper.rule import LABEL_GROUPS, SURE

_FAR = 8  # lines back to the article's last paragraph, at the most
_AHEAD = 5  # lines after the first one that tell what kind of place it is
_PARAGRAPHS = frozenset({LineKind.PROSE, LineKind.SENTENCE})


@dataclass
class _Sums:
    """What has been counted from the end of the text up to a line."""

    lines: int = 0
    chars: int = 0
    explained_lines: int = 0
    explained_chars: int = 0
    unexplained: Counter[LineKind] = field(default_factory=Counter)
    longest: int = 0
    groups: dict[str, float] = field(default_factory=dict)

    def add(self, finding: Finding | None, *, first: bool, kind: LineKind, chars: int) -> None:
        self.lines += 1
        self.chars += chars
        if finding and first:
            group = LABEL_GROUPS[finding.rule.label]
            self.groups[group] = self.groups.get(group, 0.0) + finding.confidence
        if finding and finding.confidence >= SURE:
            self.explained_lines += 1
            self.explained_chars += chars
            return
        self.unexplained[kind] += 1
        if kind in _PARAGRAPHS:
            self.longest = max(self.longest, chars)


def ends(covering: Mapping[int, Finding], layout: Layout) -> Iterator[tuple[int, dict[str, float]]]:
    """
    Lines at which the tail could begin, from the last one up, each with the signals of all that follows.

    Such a line is the first one that a finding covers; `covering` has the finding of each line. Counts are of lines,
    `chars` of code points, shares from 0 to 1.
    """
    lines = layout.document.lines
    whole = sum(line.end - line.start for line in lines)
    before = _before(covering, layout)
    earlier = Counter(finding.rule.id for line, finding in covering.items() if finding.first == line)
    sums = _Sums()
    for at in range(len(lines) - 1, -1, -1):
        finding = covering.get(at)
        first = finding is not None and finding.first == at
        sums.add(finding, first=first, kind=layout.kind(at), chars=lines[at].end - lines[at].start)
        if finding and first:
            earlier[finding.rule.id] -= 1
            again = {"times that its rule was found before": earlier[finding.rule.id]}
            yield at, {**_of_rest(sums, whole), **before[at], **again, **_of_place(at, finding, covering, layout)}


def _before(covering: Mapping[int, Finding], layout: Layout) -> dict[int, dict[str, float]]:
    """
    For each line at which a finding begins, how much of an article stands before it.

    Shares are of what stands there from the first paragraph on: a menu before the article says nothing of its end.
    """
    signals: dict[int, dict[str, float]] = {}
    chars = prose = paragraphs = lines = explained = 0
    for at, line in enumerate(layout.document.lines):
        finding = covering.get(at)
        if finding and finding.first == at:
            signals[at] = {
                "characters before": chars,
                "paragraphs before": paragraphs,
                "share of prose before": prose / chars if chars else 0.0,
                "share of lines explained before": explained / lines if lines else 0.0,
            }
        is_paragraph = layout.kind(at) is LineKind.PROSE
        if is_paragraph or paragraphs:
            size = line.end - line.start
            chars += size
            lines += 1
            explained += _is_explained(finding)
            paragraphs += is_paragraph
            prose += size * is_paragraph
    return signals


def _of_rest(sums: _Sums, whole: int) -> dict[str, float]:
    """What the end of the text is made of."""
    kinds = sums.unexplained
    return {
        "explained lines": sums.explained_lines,
        "share of lines explained": sums.explained_lines / sums.lines,
        "share of characters explained": sums.explained_chars / sums.chars,
        "unexplained lines": sums.lines - sums.explained_lines,
        "unexplained characters": sums.chars - sums.explained_chars,
        "unexplained paragraphs": kinds[LineKind.PROSE],
        "unexplained sentences": kinds[LineKind.SENTENCE],
        "unexplained titles": kinds[LineKind.TITLE] + kinds[LineKind.LABEL],
        "unexplained pieces of sentences": kinds[LineKind.PIECE],
        "dates and repeated lines": kinds[LineKind.DATE] + kinds[LineKind.REPEATED],
        "longest unexplained paragraph": sums.longest,
        "share of the text": sums.chars / whole,
        "kinds of things found": len(sums.groups),
        **{f"{group} found": amount for group, amount in sums.groups.items()},
    }


def _of_place(at: int, finding: Finding, covering: Mapping[int, Finding], layout: Layout) -> dict[str, float]:
    """What the line is and stands between."""
    before = layout.kind(at - 1) if at else None
    after = finding.last + 1
    ahead = range(at + 1, min(len(layout), at + 1 + _AHEAD))
    explained = sum(_is_explained(covering.get(line)) for line in ahead)
    return {
        f"begins with {finding.rule.label}": 1,
        "confidence of the first finding": finding.confidence,
        "lines of the first finding": finding.last - finding.first + 1,
        "lines after the last paragraph": _distance(at, layout),
        "explained among the next lines": explained / len(ahead) if ahead else 1.0,
        "line before is explained": float(_is_explained(covering.get(at - 1))),
        **({f"line before is a {before.name.lower()}": 1} if before else {}),
        **(_unexplained("line after is a", after, covering, layout) if after < len(layout) else {}),
        **_unexplained("last line is a", len(layout) - 1, covering, layout),
    }


def _unexplained(what: str, line: int, covering: Mapping[int, Finding], layout: Layout) -> dict[str, float]:
    """What a line is that no rule explains."""
    return {} if _is_explained(covering.get(line)) else {f"{what} {layout.kind(line).name.lower()}": 1}


def _is_explained(finding: Finding | None) -> bool:
    return finding is not None and finding.confidence >= SURE


def _distance(at: int, layout: Layout) -> int:
    """Lines between `at` and the last paragraph before it."""
    back = range(at - 1, max(-1, at - 1 - _FAR), -1)
    return next((at - 1 - line for line in back if layout.kind(line) is LineKind.PROSE), _FAR)
