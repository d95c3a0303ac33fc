"""The outcome for one text: clean body, what was removed, what was reported, and the ledger that proves it."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from stripper.errors import LedgerError
from stripper.text import Span

LEDGER_SCHEMA = 1
TAIL = "engine/tail"  # stands for a rule's id where the tail decision took a line


class Evidence(NamedTuple):
    """One thing that was added up: which signal, how much it counted, and why."""

    source: str
    amount: float
    why: str


@dataclass(frozen=True)
class Removal:
    """
    A span that was taken out, or (as a flag) reported and left in.

    `start` and `end` are code points in the text as given, blank space that went along included. `rule` is the rule's
    id, or `engine/tail`. `captured` are the named groups of the rule's pattern.
    """

    start: int
    end: int
    label: str
    rule: str
    confidence: float
    evidence: tuple[Evidence, ...]
    text: str
    captured: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; see docs/provenance.md."""
        return {
            "start": self.start,
            "end": self.end,
            "label": self.label,
            "rule": self.rule,
            "confidence": round(self.confidence, 4),
            "evidence": [{"source": e.source, "amount": round(e.amount, 4), "why": e.why} for e in self.evidence],
            "captured": dict(self.captured),
            "text": self.text,
        }


@dataclass(frozen=True)
class NearMiss:
    """Something that a rule matched and that stayed all the same, and why."""

    start: int
    end: int
    label: str
    rule: str
    confidence: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; see docs/provenance.md."""
        return {
            "start": self.start,
            "end": self.end,
            "label": self.label,
            "rule": self.rule,
            "confidence": round(self.confidence, 4),
            "reason": self.reason,
        }


@dataclass(frozen=True)
class PackRef:
    """Which edition of a rule pack took part."""

    id: str
    version: int
    sha256: str


@dataclass(frozen=True, eq=False)
class StripResult:
    """
    What became of one text.

    `text` is the clean body: the kept spans joined, nothing inserted. `removals` are sorted and disjoint. `flags` are
    findings that were reported and left in. `near_misses` are matches that stayed, with the reason. `problem` says why
    nothing was removed although something was found (None otherwise); `failed` that a rule ran out of its time limit,
    so that the text was not judged. `packs` are the rule packs that the removals
    and flags come from; `rules_sha256` is the digest of all rules in force.
    """

    source: str = field(repr=False)
    removals: tuple[Removal, ...] = ()
    flags: tuple[Removal, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    problem: str | None = None
    failed: bool = False
    url: str | None = None
    packs: tuple[PackRef, ...] = ()
    rules_sha256: str = ""
    rule_origins: Mapping[str, str] = field(default_factory=dict, repr=False)
    tell_language: Callable[[], str | None] = field(default=lambda: None, repr=False)

    @cached_property
    def kept(self) -> tuple[Span, ...]:
        """The spans that stayed: together with the removals they cover the source exactly."""
        edges = [0, *(edge for removal in self.removals for edge in (removal.start, removal.end)), len(self.source)]
        return tuple(Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b)

    @cached_property
    def text(self) -> str:
        """The clean body."""
        if not self.removals:
            return self.source
        return "".join(self.source[start:end] for start, end in self.kept)

    @cached_property
    def language(self) -> str | None:
        """ISO 639-1 code of the document, given or detected when first asked for; None where it can't be told."""
        return self.tell_language()

    def restore(self) -> str:
        """The text as given, put together from the clean body and the ledger alone."""
        return restore(self.text, [removal.to_dict() for removal in self.removals])

    def original_offset(self, index: int) -> int:
        """
        The offset in the source of the character at `index` of the clean body; its end for the end of the body.

        Raises `IndexError` outside 0 to `len(text)`.
        """
        if not 0 <= index <= len(self.text):
            raise IndexError(f"offset {index} is not in a text of {len(self.text)} characters")
        if index == len(self.text):
            return self.kept[-1].end if self.kept else 0
        at = bisect_right(self._kept_starts, index) - 1
        return self.kept[at].start + index - self._kept_starts[at]

    def original_spans(self, start: int, end: int) -> list[Span]:
        """The spans of the source that a range of the clean body stands for: several where holes lie between."""
        spans = []
        while start < end:
            at = bisect_right(self._kept_starts, start) - 1
            kept, shift = self.kept[at], start - self._kept_starts[at]
            size = min(end - start, kept.end - kept.start - shift)
            spans.append(Span(kept.start + shift, kept.start + shift + size))
            start += size
        return spans

    @cached_property
    def _kept_starts(self) -> list[int]:
        starts, at = [], 0
        for start, end in self.kept:
            starts.append(at)
            at += end - start
        return starts

    def explain(self, *, colour: bool = False) -> str:
        """For people: the text with what goes and what stays, the reasons, and the nearest misses."""
        from stripper.report.explain import explain  # noqa: PLC0415 - the report imports results, not the other way

        return explain(self, colour=colour)

    def _repr_html_(self) -> str:
        """For notebooks: the text with what went, and why."""
        from stripper.report.notebook import fragment  # noqa: PLC0415 - as above

        return fragment(self)

    def to_dict(self) -> dict[str, Any]:
        """The ledger, JSON-ready; docs/provenance.md describes it field by field."""
        from stripper import __version__  # noqa: PLC0415 - the package imports this module

        return {
            "schema": LEDGER_SCHEMA,
            "stripper": __version__,
            "source": _fingerprint(self.source),
            "result": _fingerprint(self.text),
            "url": self.url,
            "language": self.language,
            "rules_sha256": self.rules_sha256,
            "packs": [{"id": pack.id, "version": pack.version, "sha256": pack.sha256} for pack in self.packs],
            "problem": self.problem,
            "failed": self.failed,
            "removals": [removal.to_dict() for removal in self.removals],
            "flags": [flag.to_dict() for flag in self.flags],
            "near_misses": [miss.to_dict() for miss in self.near_misses],
        }


def restore(clean: str, ledger: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    """
    The text that was given, from the clean body and its ledger.

    `ledger` is all of it (`to_dict()`), and then lengths and digests of body and text are checked; or its `removals`
    alone, where only the offsets can be. Raises `LedgerError` where ledger and text don't belong together.
    """
    if not isinstance(ledger, Mapping):
        return _put_back(clean, ledger)
    check_ledger(ledger)
    _check_fingerprint("clean text", clean, ledger["result"])
    source = _put_back(clean, ledger["removals"])
    _check_fingerprint("restored text", source, ledger["source"])
    return source


def _put_back(clean: str, removals: Sequence[Mapping[str, Any]]) -> str:
    parts, at, done = [], 0, 0
    for number, removal in enumerate(removals):
        start, end, text = _place(removal, number)
        kept = start - done
        if kept < 0 or at + kept > len(clean) or end - start != len(text):
            raise LedgerError(
                f"removal {number} ({start} to {end}, {len(text)} characters) does not fit the text: "
                f"{len(clean)} characters, {at} of them before it"
            )
        parts += [clean[at : at + kept], text]
        at, done = at + kept, end
    return "".join([*parts, clean[at:]])


def _place(removal: Mapping[str, Any], number: int) -> tuple[int, int, str]:
    try:
        start, end, text = removal["start"], removal["end"], removal["text"]
    except (KeyError, TypeError) as error:
        raise LedgerError(
            f"removal {number} has no {error}; it takes start, end and text (docs/provenance.md)"
        ) from error
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(text, str)):
        raise LedgerError(f"removal {number} has {start!r}, {end!r}, {text!r}; it takes two offsets and a text")
    return start, end, text


def check_ledger(ledger: Mapping[str, Any]) -> None:
    """Whether a mapping is a ledger of a schema that can be read; raises `LedgerError` if not."""
    missing = [name for name in ("schema", "source", "result", "removals") if name not in ledger]
    if missing:
        raise LedgerError(f"not a ledger: it has no {', '.join(missing)} (docs/provenance.md)")
    if ledger["schema"] != LEDGER_SCHEMA:
        raise LedgerError(
            f"schema {ledger['schema']!r}; this version reads {LEDGER_SCHEMA}. Restore with the version that wrote it"
        )
    if not isinstance(ledger["removals"], list):
        raise LedgerError(f"removals are {type(ledger['removals']).__name__}; it takes a list")


def _check_fingerprint(what: str, text: str, expected: Any) -> None:
    actual = _fingerprint(text)
    if actual != expected:
        shown = (
            f"{expected['length']} and {expected['sha256'][:12]}…"
            if isinstance(expected, Mapping) and {"length", "sha256"} <= expected.keys()
            else repr(expected)
        )
        raise LedgerError(
            f"{what} is not the one of the ledger: {actual['length']} characters, "
            f"sha256 {actual['sha256'][:12]}…, where the ledger has {shown}"
        )


def _fingerprint(text: str) -> dict[str, Any]:
    """Length in code points and SHA-256 of the UTF-8 form (lone surrogates as their three bytes)."""
    return {"length": len(text), "sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()}
