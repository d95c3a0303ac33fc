"""A whole run: inputs are cut into tasks, workers do them, what they bring is written down, joined and added up."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from stripper import __version__
from stripper.errors import InputError
from stripper.io.format import BadRecord, Chunk
from stripper.io.formats import format_named, writable
from stripper.io.textfile import remove_temporaries, replacing, same_file, sha256_of
from stripper.report.writer import ReportWriter
from stripper.run.ledger import LedgerKind, beside, merge_into, read_ranges, refuse_foreign, sidecar
from stripper.run.plan import FOLDER, LEDGER_NAME, Job, Plan
from stripper.run.pool import Pool
from stripper.run.state import Joined, State
from stripper.run.tally import Summary, Tally, place
from stripper.run.task import Done, Piece, RunSettings, Task, Unit, failed_path

_BATCH = 32  # files that are one document each and go to a worker at once
_BATCH_BYTES = 1 << 20


class Watch(Protocol):
    """Who is told how a run goes, and asked whether it is to go on."""

    def say(self, message: str) -> None:
        """Something about the run as a whole."""

    def failed(self, where: str, reason: str) -> None:
        """An input or a record has failed."""

    def problem(self, where: str, reason: str) -> None:
        """A document was done, but not as one would like."""

    def advance(self, weight: int, summary: Summary) -> None:
        """So many bytes of the inputs are done; the sum of all so far."""

    def stop(self) -> bool:
        """Whether to stop once what is under way is done."""


def strip_files(  # noqa: PLR0913 - all but the first two by name
    plan: Plan,
    settings: RunSettings,
    *,
    workers: int,
    resume: bool,
    watch: Watch,
    report: ReportWriter | None = None,
) -> Summary:
    """
    Strip all files of a plan and write outputs and ledgers; one that fails stops none of the others.

    `report` is given all documents at the end, those of the run that is resumed too.

    Raises what keeps a run from starting (`RuleFileError`, `ConfigError`, `InputError` for a foreign ledger),
    `InputError` where it can't go on, and `KeyboardInterrupt` where it was asked to stop. In the latter two cases what
    was done is kept, and `resume` goes on from there.
    """
    if settings.ledger is LedgerKind.JSONL and plan.folder is not None:
        refuse_foreign(plan.folder / LEDGER_NAME)
    with Pool(workers, settings, _output(plan)) as pool:
        folder = state_folder(plan)
        state = State(folder) if folder else None
        run = _Run(plan, settings, state, watch, workers, report)
        try:
            run.begin(pool.rules_sha256, resume=resume)
            for done in pool.work(run.tasks(), run.stop):
                run.take(done)
            run.finish()
        finally:
            if state:
                state.close(complete=run.complete)
    return run.summary


def state_folder(plan: Plan) -> Path | None:
    """Where a run keeps its state: in the output folder, beside a single output; nowhere in place."""
    if plan.folder is not None:
        return plan.folder / FOLDER
    targets = [job.target for job in plan.jobs if job.target not in (None, job.source)]
    return targets[0].with_name(f".{targets[0].name}{FOLDER}") if targets and targets[0] else None


def _output(plan: Plan) -> Path | None:
    """The folder that all outputs lie in."""
    if plan.folder is not None:
        return plan.folder
    folders = {job.target.parent for job in plan.jobs if job.target}
    return folders.pop() if len(folders) == 1 else None


@dataclass
class _Input:
    """A job under way: which chunks there are, what became of them, and what the file looked like at first."""

    job: Job
    before: os.stat_result | None
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    chunks: int = 0
    cut: bool = False
    broken: bool = False
    done: dict[int, Done] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether all of it is done."""
        return self.cut and len(self.done) == self.chunks

    def pieces(self, kind: str) -> list[Piece]:
        """Parts of a kind in the order of the chunks."""
        found = (getattr(self.done[number], kind) for number in sorted(self.done))
        return [piece for piece in found if piece is not None]


class _Run:
    """The parent's side of a run."""

    def __init__(  # noqa: PLR0913, PLR0917 - one call
        self,
        plan: Plan,
        settings: RunSettings,
        state: State | None,
        watch: Watch,
        workers: int,
        report: ReportWriter | None,
    ) -> None:
        self._report = report
        self._noted: list[Piece] = []  # what goes to the report
        self.summary = Summary()
        self.complete = False
        self._plan = plan
        self._settings = settings
        self._state = state
        self._watch = watch
        self._batch = max(1, min(_BATCH, len(plan.jobs) // (4 * workers)))
        self._inputs: dict[str, _Input] = {}
        self._ledger: dict[str, list[Piece]] = {}  # of the outputs that are complete
        self._fatal: str | None = None
        self._number = 0
        self._all_begun = False

    def begin(self, rules: str, *, resume: bool) -> None:
        """Open the journal."""
        if self._state:
            key = {"stripper": __version__, "rules": rules, "options": self._settings.sha256}
            if said := self._state.open(key, resume=resume):
                self._watch.say(said)
            if self._state.unfinished:
                remove_temporaries(self._targets())

    def _targets(self) -> Iterator[Path]:
        """All files that the run may write."""
        if self._plan.folder is not None:
            yield self._plan.folder / LEDGER_NAME
        for job in self._plan.jobs:
            if job.target is not None:
                yield job.target
                yield from (sidecar(job.target), beside(job.target))
            if self._settings.failed is not None:
                yield failed_path(self._settings.failed, job)

    def stop(self) -> bool:
        """Whether nothing more is to be begun."""
        return self._fatal is not None or self._watch.stop()

    def tasks(self) -> Iterator[Task]:
        """The work that is to be done, input by input; files that are one document go together."""
        batch: list[Unit] = []
        for job in self._plan.jobs:
            single = format_named(job.format).single
            for unit in self._units(job):
                if not single:
                    yield self._task((unit,))
                    continue
                batch.append(unit)
                if len(batch) >= self._batch or sum(one.chunk.weight for one in batch) >= _BATCH_BYTES:
                    yield self._task(tuple(batch))
                    batch = []
        if batch:
            yield self._task(tuple(batch))
        self._all_begun = True

    def _task(self, units: tuple[Unit, ...]) -> Task:
        self._number += 1
        return Task(self._number, units, self._state.stem(self._number) if self._state else None)

    def _units(self, job: Job) -> Iterator[Unit]:
        """The chunks of an input that are not done yet."""
        if self._is_complete(job):
            return
        current = self._inputs[job.key] = _Input(job, _stat(job.source))
        try:
            for chunk in format_named(job.format).chunks(job.source, self._settings.options):
                if isinstance(chunk, BadRecord):
                    self._failed(job, chunk)
                    current.broken = True
                    continue
                current.chunks += 1
                current.digest.update(chunk.digest.encode())
                if earlier := self._earlier(job, chunk):
                    self._add(earlier)
                else:
                    yield Unit(job, chunk)
        except InputError as error:
            self._failed(job, BadRecord(0, str(error).removeprefix(f"{job.source}: ")))
            current.broken = True
        if current.broken and not current.chunks:  # nothing of it could be read, so there is nothing to write
            del self._inputs[job.key]
            return
        current.cut = True
        self._close_if_ready(current)

    def _is_complete(self, job: Job) -> bool:
        """Whether an earlier run has joined the output from the same chunks, and it is still there."""
        joined = self._state.joined.get(job.key) if self._state else None
        if joined is None or job.target is None or not _is_file(job.target, joined.size, joined.sha256):
            return False
        digest, dones, bad = hashlib.sha256(), [], []
        with suppress(InputError):
            for chunk in format_named(job.format).chunks(job.source, self._settings.options):
                if isinstance(chunk, BadRecord):
                    bad.append(chunk)
                    continue
                digest.update(chunk.digest.encode())
                dones.append(self._state.done.get((job.key, chunk.number)) if self._state else None)
        if digest.hexdigest() != joined.digest or None in dones:
            return False
        for one in bad:
            self._failed(job, one)
        for done in dones:
            if done:
                self._count(job, done)
        self._ledger[job.key] = [done.ledger for done in dones if done and done.ledger]
        return True

    def _earlier(self, job: Job, chunk: Chunk) -> Done | None:
        """What an earlier run made of the chunk, if that is still there and the chunk is still the same."""
        done = self._state.done.get((job.key, chunk.number)) if self._state else None
        if not self._state or done is None or done.output is None:
            return None
        for piece in (done.ledger, done.failed, done.report):
            if piece and _size(self._state.parts / piece.part) < piece.start + piece.size:
                return None
        single = format_named(job.format).single
        path = job.target if single else self._state.parts / done.output.part
        if path is None or not _is_file(path, done.output.size, done.output.sha256):
            return None
        with suppress(OSError):
            digest = sha256_of(job.source) if single else chunk.digest
            return done if digest == done.digest else None
        return None

    def take(self, done: Done) -> None:
        """Write down what became of a unit."""
        if done.fatal:
            self._fatal = self._fatal or done.fatal
            return
        try:
            if self._state:
                self._state.note(done)
        except OSError as error:
            self._fatal = self._fatal or f"{self._state and self._state.folder}: can't be written: {error.strerror}"
            return
        self._add(done)

    def _add(self, done: Done) -> None:
        current = self._inputs[done.name]
        current.done[done.chunk] = done
        self._count(current.job, done)
        self._close_if_ready(current)

    def _count(self, job: Job, done: Done) -> None:
        source = str(job.source)
        if done.report:
            self._noted.append(done.report)
        if self._report:
            for number, reason in done.tally.failures:
                self._report.fail(place(job.name, number), reason)
        self.summary.add(source, done.tally)
        for number, reason in done.tally.failures:
            self._watch.failed(place(source, number), reason)
        for number, reason in done.tally.problems:
            self._watch.problem(place(source, number), reason)
        self._watch.advance(done.weight, self.summary)

    def _failed(self, job: Job, bad: BadRecord) -> None:
        """Something that the parent has found itself."""
        tally = Tally()
        tally.fail(bad.number, bad.reason)
        self._count(job, Done(job.key, -1, "", 0, tally))

    def _close_if_ready(self, current: _Input) -> None:
        if not current.ready:
            return
        del self._inputs[current.job.key]
        if format_named(current.job.format).single:
            self._ledger[current.job.key] = current.pieces("ledger")
            return
        try:
            self._join(current)
        except InputError as error:
            self._fatal = self._fatal or str(error)
        except OSError as error:
            self._fatal = self._fatal or f"{current.job.target}: can't be written: {error.strerror}"

    def _join(self, current: _Input) -> None:
        """Make the output of an input of many documents from its parts. Raises `InputError` or `OSError`."""
        job, state = current.job, self._state
        after = _stat(job.source)
        if not state or job.target is None:
            return
        if not (current.before and after and same_file(current.before, after)):
            self._failed(job, BadRecord(0, "has changed while it was read; nothing was written for it, run again"))
            return
        parts = [state.parts / piece.part for piece in current.pieces("output")]
        with replacing(job.target) as temporary:
            writable(job.written_as).join(parts, temporary, self._settings.options)
        if self._settings.failed and (failed := current.pieces("failed")):
            self._write_pieces(failed_path(self._settings.failed, job), failed)
        if self._settings.ledger is LedgerKind.SIDECAR:
            self._write_pieces(beside(job.target), current.pieces("ledger"))
        sha256 = sha256_of(job.target)
        state.note_joined(Joined(job.key, current.digest.hexdigest(), job.target.stat().st_size, sha256))
        for part in parts:
            part.unlink(missing_ok=True)
        self._ledger[job.key] = current.pieces("ledger")

    def _write_pieces(self, path: Path, pieces: list[Piece]) -> None:
        with replacing(path) as temporary, temporary.open("wb") as stream:
            stream.writelines(self._read(pieces))

    def _read(self, pieces: Iterable[Piece]) -> Iterator[bytes]:
        for piece in pieces:
            if self._state:
                yield from read_ranges(self._state.parts / piece.part, [(piece.start, piece.size)])

    def finish(self) -> None:
        """Write the ledger of all outputs that are complete; raise where the run has not come to its end."""
        try:
            self._write_ledger()
        except InputError as error:
            self._fatal = self._fatal or str(error)
        if self._fatal:
            raise InputError(f"{self._fatal}; stopped here. {self._way_on()}")
        if self._inputs or not self._all_begun:
            raise KeyboardInterrupt(f"interrupted; outputs written so far are whole. {self._way_on()}")
        self._tell_report()
        self.complete = True

    def _write_ledger(self) -> None:
        written = {name: pieces for name, pieces in self._ledger.items() if pieces}
        if self._plan.folder is not None and self._settings.ledger is LedgerKind.JSONL and written:
            lines = ((name, self._read(written[name])) for name in sorted(written))
            merge_into(self._plan.folder / LEDGER_NAME, lines)

    def _tell_report(self) -> None:
        if self._report and self._state:
            for piece in self._noted:
                for line in _lines_of(self._state.parts / piece.part, piece):
                    entry = json.loads(line)
                    self._report.add(entry["name"], entry["ledger"], entry["text"])

    def _way_on(self) -> str:
        again = "with --resume goes on from here" if self._state else "does the others"
        return f"The same command {again}"


def _lines_of(path: Path, piece: Piece) -> Iterator[bytes]:
    """The lines of a piece, one after the other."""
    with path.open("rb") as stream:
        stream.seek(piece.start)
        while stream.tell() < piece.start + piece.size:
            yield stream.readline()


def _stat(path: Path) -> os.stat_result | None:
    with suppress(OSError):
        return path.stat()
    return None


def _size(path: Path) -> int:
    found = _stat(path)
    return found.st_size if found else -1


def _is_file(path: Path, size: int, sha256: str) -> bool:
    with suppress(OSError):
        return path.stat().st_size == size and sha256_of(path) == sha256
    return False
