"""What a run did, added up: small whatever its size, and the same in whatever order its pieces come."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from stripper.result import StripResult

_BINS = 200  # the share of a text that went is counted in steps of half a percent
_MOST_CUT_KEPT = 1000  # documents that are remembered as candidates for the safety net
_SHOWN = 5
_LONG = 0.5  # share of a text that must be gone before anything is flagged
_UNUSUAL = 6.0  # median absolute deviations above the run's median


@dataclass
class Tally:
    """
    Counts of some documents of one input.

    `labels` and `rules` are characters removed, `languages` and `shares` documents, the latter by the share of the text
    that went, in steps of half a percent; `encodings` are files that are one document, by how they were read. `slowest`
    are (seconds, record), `most_cut` (share, record), `failures` and `problems` (record, reason).
    """

    documents: int = 0
    changed: int = 0
    characters: int = 0
    removed: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)
    shares: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, int]] = field(default_factory=list)
    most_cut: list[tuple[float, int]] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def add(self, number: int, result: StripResult, seconds: float, *, tell_language: bool = True) -> None:
        """Count one document; finding its language takes longer than all the rest, so that may be left out."""
        removed = 0
        for removal in result.removals:
            size = removal.end - removal.start
            removed += size
            self.labels[removal.label] += size
            self.rules[removal.rule] += size
        share = removed / len(result.source) if result.source else 0.0
        self.documents += 1
        self.changed += bool(removed)
        self.characters += len(result.source)
        self.removed += removed
        if tell_language:
            self.languages[result.language or "unknown"] += 1
        self.shares[str(int(share * _BINS))] += 1
        self.slowest = heapq.nlargest(_SHOWN, [*self.slowest, (round(seconds, 4), number)])
        if removed:
            keep = _MOST_CUT_KEPT if share > _LONG else _SHOWN
            self.most_cut = heapq.nlargest(max(keep, len(self.most_cut)), [*self.most_cut, (round(share, 4), number)])
        if result.problem:
            self.problems.append((number, f"nothing was removed: {result.problem}"))

    def fail(self, number: int, reason: str) -> None:
        """Count one record, or with number 0 one input, that failed."""
        self.failures.append((number, reason))

    @staticmethod
    def from_json(entry: dict[str, Any]) -> Tally:
        """A tally from its attributes as JSON gives them back."""
        counters = {name: Counter(entry[name]) for name in ("labels", "rules", "languages", "encodings", "shares")}
        pairs = ("slowest", "most_cut", "failures", "problems")
        return Tally(**{**entry, **counters, **{name: [(a, b) for a, b in entry[name]] for name in pairs}})


@dataclass
class Summary:
    """The tallies of a whole run, and what is said of it at the end. `failed` counts inputs and records."""

    total: Tally = field(default_factory=Tally)
    failed: int = 0
    slowest: list[tuple[float, str]] = field(default_factory=list)
    most_cut: list[tuple[float, str]] = field(default_factory=list)

    def add(self, source: str, tally: Tally) -> None:
        """Count what became of a chunk of `source`."""
        total = self.total
        total.documents += tally.documents
        total.changed += tally.changed
        total.characters += tally.characters
        total.removed += tally.removed
        for name in ("labels", "rules", "languages", "encodings", "shares"):
            getattr(total, name).update(getattr(tally, name))
        self.failed += len(tally.failures)
        slowest = [(seconds, place(source, number)) for seconds, number in tally.slowest]
        most_cut = [(share, place(source, number)) for share, number in tally.most_cut]
        self.slowest = heapq.nlargest(_SHOWN, [*self.slowest, *slowest])
        self.most_cut = heapq.nlargest(_MOST_CUT_KEPT, [*self.most_cut, *most_cut])

    @property
    def usual(self) -> float:
        """The share above which a document is flagged: far above the run's median, and more than half of it."""
        middle = _median(self.total.shares)
        spread = _median(self._away(middle))
        return max(_LONG, (middle + _UNUSUAL * spread) / _BINS)

    def _away(self, middle: int) -> Counter[str]:
        away: Counter[str] = Counter()
        for at, count in self.total.shares.items():
            away[str(abs(int(at) - middle))] += count
        return away

    @property
    def flagged(self) -> list[tuple[float, str]]:
        """Documents of which far more is gone than is usual for the run, the worst first."""
        return [(share, name) for share, name in self.most_cut if share > self.usual]

    def __str__(self) -> str:
        total = self.total
        share = 100 * total.removed / total.characters if total.characters else 0
        failed = f", {self.failed} failed" if self.failed else ""
        return (
            f"{total.documents} documents, {total.changed} with removals, "
            f"{total.removed} of {total.characters} characters removed ({share:.1f} %){failed}"
        )

    def details(self) -> list[str]:
        """More lines for people; none for a run without removals."""
        total = self.total
        lines = [
            _listed("characters by label", total.labels),
            _listed("characters by rule", total.rules),
            _listed("documents by language", total.languages),
            _listed("files by encoding", total.encodings if set(total.encodings) - {"utf-8"} else Counter()),
            "slowest: " + ", ".join(f"{name} {seconds:.2f} s" for seconds, name in self.slowest),
            "most cut: " + ", ".join(f"{name} {100 * share:.0f} %" for share, name in self.most_cut[:_SHOWN]),
        ]
        return [line for line in lines if not line.endswith(": ")] + self.warnings()

    def warnings(self) -> list[str]:
        """One line about the documents that are flagged, if any are."""
        if not (flagged := self.flagged):
            return []
        named = ", ".join(f"{name} ({100 * share:.0f} %)" for share, name in flagged[:_SHOWN])
        more = f" and {len(flagged) - _SHOWN} more" if len(flagged) > _SHOWN else ""
        return [f"look at these, far more is gone than is usual for this run: {named}{more}"]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        total = self.total
        return {
            "documents": total.documents,
            "changed": total.changed,
            "characters": total.characters,
            "removed": total.removed,
            "failed": self.failed,
            "labels": dict(total.labels.most_common()),
            "rules": dict(total.rules.most_common()),
            "languages": dict(total.languages.most_common()),
            "encodings": dict(total.encodings.most_common()),
            "slowest": [{"document": name, "seconds": seconds} for seconds, name in self.slowest],
            "most_cut": [{"document": name, "share": share} for share, name in self.most_cut[:_SHOWN]],
            "flagged": [{"document": name, "share": share} for share, name in self.flagged],
        }


def place(source: str, number: int) -> str:
    """How messages call a record of an input: `file:17`; a file that is one document by its name."""
    return f"{source}:{number}" if number else source


def _median(counts: Counter[str]) -> int:
    """The median of numbers that are given with how often they occur."""
    half, seen = sum(counts.values()) / 2, 0
    for at in sorted(map(int, counts)):
        seen += counts[str(at)]
        if seen >= half:
            return at
    return 0


def _listed(what: str, counts: Counter[str]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    more = f", {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
    return f"{what}: " + ", ".join(f"{name} {count}" for name, count in ordered) + more
