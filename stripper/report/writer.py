"""`ReportWriter`: takes documents one by one, in any order, and writes the report page at the end."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from stripper import __version__
from stripper.errors import InputError
from stripper.io.textfile import replacing
from stripper.report.marked import Fate, Mark, cut, marks_of
from stripper.report.page import GENERATOR, embedded, page
from stripper.report.shelf import Choice, Key, Shelf
from stripper.report.spool import Spool
from stripper.report.totals import Totals, group_of, site_of, size_removed

REPORT_SCHEMA = 1
_MISSES = 200  # near misses of one document on the page, the surest
_ROWS = 500  # rules, sites and failures that the page names
_EXCERPT = 400  # characters of a mark where the text itself is left out


@dataclass(frozen=True)
class Limits:
    """How many documents the page holds with their texts, and how many characters, in all and of one document."""

    documents: int = 2_000
    size: int = 50_000_000
    document_size: int = 5_000_000


class ReportWriter:
    """
    Writes a report page; what it says depends on the documents alone, not on the order in which they are added.

    A context manager: the page is written when the block ends, under a temporary name that is renamed, and not at all
    where the block fails. Texts wait in an unnamed file beside it; memory holds the sums, and a row for each document
    of the page. Where there are more than `limits` allow, the page has the most cut, those with a problem and a
    sample, and says so. Raises `InputError` where the page can't be written or would replace a file that is no report.
    """

    def __init__(self, path: str | os.PathLike[str], *, limits: Limits | None = None) -> None:
        self._path = Path(path)
        self._limits = limits or Limits()
        self._totals = Totals()
        self._choice = Choice(documents=self._limits.documents, size=self._limits.size)
        self._rows: dict[Key, dict[str, Any]] = {}
        self._failures = Shelf(documents=_ROWS, size=10 * self._limits.size)
        self._failed = 0
        self._spool: Spool[Key] | None = None
        self._trouble: OSError | None = None

    def __enter__(self) -> ReportWriter:
        _refuse_foreign(self._path)
        try:
            self._spool = Spool(self._path.resolve().parent)
        except OSError as error:
            raise InputError(f"{self._path}: the report can't be written there: {error.strerror}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write()
        finally:
            self._opened().close()

    def add(self, name: str, ledger: Mapping[str, Any], text: str) -> None:
        """
        Take in one document: its name, its ledger (`StripResult.to_dict()`), and the text as given.

        Two documents of the same name and the same text are counted twice and shown once. A full disk is reported when
        the block ends, so that it does not end the run.
        """
        self._totals.add(ledger, len(text))
        key = (name, str(ledger["source"]["sha256"]))
        per_mille = size_removed(ledger) * 1000 // len(text) if text else 0
        size = len(text) if len(text) <= self._limits.document_size else 0
        problem = bool(ledger["problem"])
        dropped = self._choice.offer(key, size, cut=per_mille, chance=_chance(name), problem=problem)
        for other in dropped - {key}:
            self._rows.pop(other, None)
            self._opened().drop(other)
        if key not in dropped and not self._trouble:
            self._keep(key, ledger, text)

    def fail(self, name: str, reason: str) -> None:
        """Take in a document that could not be read, stripped or written, and why."""
        self._failed += 1
        self._failures.offer((0, name, reason), len(name) + len(reason))

    def _opened(self) -> Spool[Key]:
        if self._spool is None:
            raise ValueError("a ReportWriter is used in a with statement")
        return self._spool

    def _keep(self, key: Key, ledger: Mapping[str, Any], text: str) -> None:
        marks = marks_of(ledger)
        self._rows[key] = _row(key[0], ledger, len(text), marks)
        try:
            self._opened().put(key, embedded(self._document(text, _fewer(marks))))
        except OSError as error:
            self._trouble = error

    def _document(self, text: str, marks: Sequence[Mark]) -> dict[str, Any]:
        """What the page reads when a document is opened."""
        if len(text) > self._limits.document_size:
            return {"marks": [{**_shown(mark), "excerpt": text[mark.start : mark.end][:_EXCERPT]} for mark in marks]}
        segments = [[segment.text, segment.fate.value, segment.marks] for segment in cut(text, marks)]
        return {"marks": list(map(_shown, marks)), "segments": segments}

    def _write(self) -> None:
        if self._trouble:
            raise InputError(f"{self._path}: the report can't be written: {self._trouble.strerror}") from self._trouble
        keys = sorted(self._rows)
        with replacing(self._path) as temporary, temporary.open("wb") as stream:
            stream.writelines(page(self._index(keys), self._documents(keys)))

    def _documents(self, keys: Sequence[Key]) -> Iterator[bytes]:
        return map(self._opened().get, keys)

    def _index(self, keys: Sequence[Key]) -> dict[str, Any]:
        """What the page knows from the start."""
        failures = [[name, reason] for _, name, reason in self._failures.places()]
        return {
            "schema": REPORT_SCHEMA,
            "stripper": __version__,
            "totals": {**self._totals.to_dict(_ROWS), "failed": self._failed},
            "failures": failures,
            "partial": self._choice.partial,
            "limits": vars(self._limits),
            "documents": [self._finished(self._rows[key]) for key in keys],
        }

    def _finished(self, row: dict[str, Any]) -> dict[str, Any]:
        """With the verdict that only the whole run allows."""
        return {**row, "unusual": self._totals.shares.is_unusual(row["removed"], row["length"])}


def _row(name: str, ledger: Mapping[str, Any], length: int, marks: Sequence[Mark]) -> dict[str, Any]:
    """What the list of documents shows of one, and what it is found by."""
    counts: Counter[tuple[str, str, str]] = Counter()
    sizes: Counter[tuple[str, str, str]] = Counter()
    for mark in marks:
        kind = (mark.fate.value, mark.label, mark.rule)
        counts[kind] += 1
        sizes[kind] += mark.end - mark.start
    return {
        "name": name,
        "url": ledger["url"] or "",
        "site": site_of(ledger["url"]),
        "language": ledger["language"] or "",
        "length": length,
        "removed": size_removed(ledger),
        "sha256": ledger["source"]["sha256"],
        "problem": ledger["problem"] or "",
        "found": [[*kind, group_of(kind[1]), counts[kind], sizes[kind]] for kind in sorted(counts)],
    }


def _fewer(marks: Sequence[Mark]) -> list[Mark]:
    """All that went or is flagged, and the surest of what nearly went."""
    misses = sorted((mark for mark in marks if mark.fate is Fate.NEAR), key=lambda mark: (-mark.confidence, mark.start))
    shown = set(misses[:_MISSES])
    return [mark for mark in marks if mark.fate is not Fate.NEAR or mark in shown]


def _shown(mark: Mark) -> dict[str, Any]:
    return {**vars(mark), "fate": mark.fate.value, "group": group_of(mark.label)}


def _chance(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _refuse_foreign(path: Path) -> None:
    """A file that is not a report is never replaced by one."""
    try:
        if not path.is_file() or path.stat().st_size == 0:
            return
        with path.open("rb") as stream:
            if stream.read(len(GENERATOR)) == GENERATOR:
                return
    except OSError as error:
        raise InputError(f"{path}: can't be read, so it is not replaced: {error.strerror}") from error
    raise InputError(f"{path}: not a report of stripper, so it is not replaced; choose another name for --report")
