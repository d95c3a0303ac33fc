"""What goes to a worker and what comes back: no text goes either way, apart from lines that can't be read twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stripper.io.format import Chunk, FormatOptions
from stripper.run.ledger import LedgerKind
from stripper.run.plan import Job
from stripper.run.tally import Tally

UNIT, NUMBER, STARTED = 0, 1, 2  # what the shared memory tells the parent of the document under way
Beat = Any  # multiprocessing's array of three floats for that
_PIECES = ("output", "ledger", "failed", "report")


@dataclass(frozen=True)
class EngineSettings:
    """What a worker makes its `Stripper` from; see there."""

    rules: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    min_confidence: float = 0.5
    language: str | None = None


@dataclass(frozen=True)
class RunSettings:
    """
    All that a run was asked for, but for its inputs and outputs.

    `failed` is the folder for inputs and records that fail. `timeout` is in seconds for one document, `memory` in bytes
    of address space for one worker; None is no limit. `report`: the texts are kept until the end for the report.
    """

    engine: EngineSettings = field(default_factory=EngineSettings)
    options: FormatOptions = field(default_factory=FormatOptions)
    ledger: LedgerKind = LedgerKind.JSONL
    in_place: bool = False
    failed: Path | None = None
    timeout: float | None = None
    memory: int | None = None
    report: bool = False

    @property
    def sha256(self) -> str:
        """Digest of what the outputs depend on: what was stripped with other settings can't be taken over."""
        failed = str(self.failed) if self.failed else ""
        outputs = (self.engine, self.options, self.ledger.value, self.in_place, failed, self.report)
        return hashlib.sha256(repr(outputs).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Unit:
    """One chunk of one input."""

    job: Job
    chunk: Chunk


@dataclass(frozen=True)
class Task:
    """
    Units to be worked on by one worker, and where it writes.

    `stem` is the path of its part files without their endings. `set_aside` are documents on which a worker has died:
    the reason by the index of the unit and the number of the record. They fail without being looked at again.
    """

    number: int
    units: tuple[Unit, ...]
    stem: Path | None
    set_aside: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def without(self, reasons: Mapping[tuple[int, int], str]) -> Task:
        """The task with more documents set aside."""
        return replace(self, set_aside={**self.set_aside, **reasons})


@dataclass(frozen=True)
class Piece:
    """A range of a part file: its name in the folder of parts, first byte and length in bytes, SHA-256 of the whole."""

    part: str
    start: int
    size: int
    sha256: str = ""


@dataclass(frozen=True)
class Done:
    """
    What became of one unit, the chunk numbered `chunk` of the job whose key is `name`; a line of the journal.

    `digest` is that of the chunk, or of the file where it is one document. `output` is a part file, or, for a file that
    is one document, the output itself (None: nothing was written). `fatal` says why the run can't go on.
    """

    name: str
    chunk: int
    digest: str
    weight: int
    tally: Tally
    output: Piece | None = None
    ledger: Piece | None = None
    failed: Piece | None = None
    report: Piece | None = None
    fatal: str | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        pieces = {name: vars(piece) if (piece := getattr(self, name)) else None for name in _PIECES}
        return {**vars(self), **pieces, "tally": vars(self.tally)}

    @staticmethod
    def from_json(entry: dict[str, Any]) -> Done:
        """The inverse of `to_json`; raises `KeyError` or `TypeError` for anything else."""
        pieces = {name: Piece(**entry[name]) if entry[name] else None for name in _PIECES}
        return Done(**{**entry, **pieces, "tally": Tally.from_json(entry["tally"])})


def failed_path(folder: Path, job: Job) -> Path:
    """Where what failed of an input is copied: in the place of its output, under its own name."""
    return folder / Path(job.name).parent / job.source.name
