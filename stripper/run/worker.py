"""A worker process: reads its chunks itself, strips them, writes its part files itself, and sends back counts alone."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any, NamedTuple

from stripper.errors import ConfigError, InputError, RuleFileError, StripperError
from stripper.io.format import BadRecord, PartWriter, Record
from stripper.io.formats import format_named, writable
from stripper.io.pages import strip_record
from stripper.io.textfile import sha256_of, write_whole
from stripper.pipeline import Stripper
from stripper.result import StripResult
from stripper.run.ledger import LedgerKind, sidecar, to_entry, to_line, to_page
from stripper.run.tally import Tally, place
from stripper.run.task import (
    NUMBER,
    STARTED,
    UNIT,
    Beat,
    Done,
    EngineSettings,
    Piece,
    RunSettings,
    Task,
    Unit,
    failed_path,
)

_LOST = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}  # what will hit every other output too
_DENIED = {errno.EACCES, errno.EPERM}
_TOO_LARGE = "needs more memory than it may have (--max-memory)"


def main(connection: Connection, beat: Beat, settings: RunSettings, output: Path | None) -> None:
    """
    Work off the tasks that come through `connection` until it is closed.

    The first message back is the digest of the rules, or the error that keeps the worker from starting.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    try:
        limit_memory(settings.memory)
        stripper = make_stripper(settings.engine)
        stripper.strip("Ready.")  # compiles the rules
        worker = Worker(stripper, settings, beat, output)
    except MemoryError:
        connection.send(ConfigError(f"--max-memory {settings.memory} is too little to load the rules; allow more"))
        return
    except RuleFileError as error:  # its arguments are not its message, so that it can't be pickled
        connection.send(error.problems)
        return
    except StripperError as error:
        connection.send(error)
        return
    connection.send(stripper.rules.sha256)
    while True:
        task = connection.recv()
        connection.send(worker.work(task))


def make_stripper(engine: EngineSettings) -> Stripper:
    """The `Stripper` of the settings."""
    return Stripper(
        engine.rules,
        keep=engine.keep,
        drop=engine.drop,
        min_confidence=engine.min_confidence,
        language=engine.language,
    )


def limit_memory(size: int | None) -> None:
    """Let this process have so many bytes of address space; raises `ConfigError` where the system can't limit it."""
    if size is None:
        return
    if sys.platform == "win32":
        raise ConfigError("--max-memory: this system can't limit the memory of a process")
    import resource  # noqa: PLC0415 - not everywhere

    try:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (OSError, ValueError) as error:
        raise ConfigError(f"--max-memory {size}: {error}") from error


class Stripped(NamedTuple):
    """A record, what became of it, and what tells its ledger."""

    record: Record
    result: StripResult
    ledger: Callable[[], dict[str, Any]]


class Worker:
    """Strips tasks; `output` is the folder of the run's outputs, None where they have none in common."""

    def __init__(self, stripper: Stripper, settings: RunSettings, beat: Beat, output: Path | None) -> None:
        self._stripper = stripper
        self._settings = settings
        self._beat = beat
        self._output = output
        self._parent = os.getppid()

    def work(self, task: Task) -> list[Done]:
        """What became of each unit; after one that can't go on, the others are not tried."""
        done: list[Done] = []
        parts = _Parts(task.stem)
        try:
            for index, unit in enumerate(task.units):
                work = _UnitWork(self, task, index, unit, parts)
                done.append(_done_or_too_large(work, unit))
                if done[-1].fatal:
                    break
            parts.close()
        except OSError as error:
            return [_lost(unit, f"{parts.folder}: can't be written: {error.strerror}") for unit in task.units]
        finally:
            self.begin(-1, -1)
        return done

    def begin(self, unit: int, number: int) -> None:
        """Tell the parent which document is under way (-1: none)."""
        self._beat[STARTED] = 0
        self._beat[UNIT], self._beat[NUMBER] = unit, number
        if number >= 0:
            self._beat[STARTED] = time.monotonic()

    def leave_if_alone(self) -> None:
        """End this process where its parent has gone: another run may be writing the same outputs by now."""
        if os.getppid() != self._parent:
            os._exit(1)

    def strip(self, record: Record, tally: Tally) -> Stripped | str:
        """The result for one record, counted, and its ledger; the reason for one that failed."""
        started = time.perf_counter()
        try:
            result, ledger = strip_record(self._stripper, record)
            seconds = time.perf_counter() - started
            if not result.failed:
                told = self.settings.ledger is not LedgerKind.NONE
                tally.add(record.number, result, seconds, tell_language=told)
                return Stripped(record, result, ledger)
        except MemoryError:
            return _TOO_LARGE
        except Exception as error:  # one document never stops the others
            logging.getLogger("stripper").debug("record %s", record.number, exc_info=True)
            return f"stripper failed on it, which is a defect of stripper: {type(error).__name__}: {error}"
        return result.problem or ""

    @property
    def settings(self) -> RunSettings:
        """What the run was asked for."""
        return self._settings

    def is_lost(self, error: InputError) -> bool:
        """Whether an output that could not be written says that no other can be written either."""
        number = error.__cause__.errno if isinstance(error.__cause__, OSError) else None
        denied = number in _DENIED and self._output is not None and not os.access(self._output, os.W_OK)
        return number in _LOST or denied


class _UnitWork:
    """One unit of a task: its records, its counts, its parts."""

    def __init__(self, worker: Worker, task: Task, index: int, unit: Unit, parts: _Parts) -> None:
        self._worker = worker
        self._settings = worker.settings
        self._aside = {number: why for (at, number), why in task.set_aside.items() if at == index}
        self._index = index
        self._job = unit.job
        self._chunk = unit.chunk
        self._parts = parts
        self._tally = Tally()
        self._noted = parts.report.tell()

    def done(self) -> Done:
        """Strip and write the unit; raises `OSError` where a part file can't be written."""
        return self._single() if format_named(self._job.format).single else self._many()

    def _single(self) -> Done:
        """A file that is one document: its output is written at once."""
        before = self._parts.ledger.tell()
        digest, output, fatal = "", None, None
        try:
            for stripped in self._results():
                digest = hashlib.sha256(stripped.record.raw or b"").hexdigest()
                output = self._write(stripped)
                self._note(stripped)
                self._tally.encodings[str(stripped.record.origin)] += 1
        except InputError as error:
            fatal = str(error) if self._worker.is_lost(error) else None
            self._tally = Tally()
            self._tally.fail(0, self._reason(error))
        except MemoryError:
            self._tally = Tally()
            self._tally.fail(0, _TOO_LARGE)
        return self._done(digest, output, before, 0, fatal)

    def _many(self) -> Done:
        """A chunk of an input of many documents: its output is a part file, written in the format of the output."""
        path = self._parts.output
        writer = writable(self._job.written_as).part(path, self._settings.options)
        before, failed = self._parts.ledger.tell(), self._parts.failed.tell()
        try:
            self._write_all(writer)
        except InputError as error:
            self._tally.fail(0, self._reason(error))
        except MemoryError:
            self._tally.fail(0, f"a chunk of it {_TOO_LARGE}")
        finally:
            writer.close()
        piece = Piece(path.name, 0, path.stat().st_size, sha256_of(path))
        return self._done(self._chunk.digest, piece, before, failed, None)

    def _write_all(self, writer: PartWriter) -> None:
        for record, result, ledger in self._results():
            writer.add(record, result)
            self._note(Stripped(record, result, ledger))
            if self._settings.ledger is not LedgerKind.NONE:
                entry = {"record": record.number, **ledger()}
                self._parts.ledger.write(f"{to_line(to_entry(self._job.name, 'utf-8', entry))}\n".encode())

    def _note(self, stripped: Stripped) -> None:
        """Keep a document for the report."""
        if self._settings.report:
            record, result, ledger = stripped
            entry = {"name": place(self._job.name, record.number), "ledger": ledger(), "text": result.source}
            self._parts.report.write(json.dumps(entry).encode("ascii") + b"\n")

    def _results(self) -> Iterator[Stripped]:
        """What could be stripped; what could not is counted and set aside."""
        form = format_named(self._job.format)
        if form.single:
            if 0 in self._aside:
                self._set_aside(BadRecord(0, self._aside[0]))
                return
            self._worker.begin(self._index, 0)
        for item in form.records(self._job.source, self._chunk, self._settings.options):
            if isinstance(item, BadRecord):
                self._set_aside(item)
            elif item.number in self._aside:
                self._set_aside(BadRecord(item.number, self._aside[item.number], item.raw))
            else:
                self._worker.begin(self._index, item.number)
                stripped = self._worker.strip(item, self._tally)
                self._worker.leave_if_alone()
                if isinstance(stripped, Stripped):
                    yield stripped
                else:
                    self._set_aside(BadRecord(item.number, stripped, item.raw))
            self._worker.begin(-1, -1)

    def _set_aside(self, bad: BadRecord) -> None:
        """Count a record that failed, and copy it to where the user wants such."""
        self._tally.fail(bad.number, bad.reason)
        if self._settings.failed is None:
            return
        if not format_named(self._job.format).single:
            if bad.raw is not None:
                self._parts.failed.write(bad.raw if bad.raw.endswith(b"\n") else bad.raw + b"\n")
            return
        try:
            raw = self._job.source.read_bytes() if bad.raw is None else bad.raw
            write_whole(failed_path(self._settings.failed, self._job), raw)
        except (OSError, InputError) as error:
            self._tally.problems.append((bad.number, f"could not be copied to --failed: {error}"))

    def _write(self, stripped: Stripped) -> Piece | None:
        """Write a document and, where it lies beside it, its ledger; None where the file stays as it is."""
        job, settings = self._job, self._settings
        record, result, ledger = stripped
        if job.target is None or (settings.in_place and not result.removals):
            return None
        encoding = str(record.origin)
        entry = to_entry(job.name, encoding, ledger()) if settings.ledger is not LedgerKind.NONE else {}
        if settings.ledger is LedgerKind.SIDECAR:
            path = sidecar(job.target, in_place=settings.in_place)
            write_whole(path, to_page({**entry, "file": job.target.name}))
        clean = result.text.encode(encoding, "surrogatepass")
        write_whole(job.target, clean, like=job.source if settings.in_place else None)
        if settings.ledger is LedgerKind.JSONL:
            self._parts.ledger.write(f"{to_line(entry)}\n".encode())
        return Piece("", 0, len(clean), hashlib.sha256(clean).hexdigest())

    def _done(self, digest: str, output: Piece | None, ledger: int, failed: int, fatal: str | None) -> Done:
        return Done(
            self._job.key,
            self._chunk.number,
            digest,
            self._chunk.weight,
            self._tally,
            output,
            _piece(self._parts.ledger, ledger),
            _piece(self._parts.failed, failed),
            _piece(self._parts.report, self._noted),
            fatal,
        )

    def _reason(self, error: InputError) -> str:
        return str(error).removeprefix(f"{self._job.source}: ")


def _done_or_too_large(work: _UnitWork, unit: Unit) -> Done:
    try:
        return work.done()
    except MemoryError:  # where even reading or writing a chunk takes more
        tally = Tally()
        tally.fail(0, f"a chunk of it {_TOO_LARGE}")
        return Done(unit.job.key, unit.chunk.number, unit.chunk.digest, unit.chunk.weight, tally)


class _Parts:
    """The part files of a task; those that nothing is written to are not made."""

    def __init__(self, stem: Path | None) -> None:
        self.folder = stem.parent if stem else None
        self.output = stem.with_name(f"{stem.name}.out") if stem else Path(os.devnull)
        self.ledger = _Part(stem.with_name(f"{stem.name}.ledger") if stem else None)
        self.failed = _Part(stem.with_name(f"{stem.name}.failed") if stem else None)
        self.report = _Part(stem.with_name(f"{stem.name}.report") if stem else None)

    def close(self) -> None:
        """Sync what was written."""
        for part in (self.ledger, self.failed, self.report):
            part.close()


class _Part:
    """A file that is made when it is first written to."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._stream: IO[bytes] | None = None

    def tell(self) -> int:
        """How many bytes were written."""
        return self._stream.tell() if self._stream else 0

    def write(self, content: bytes) -> None:
        """Append."""
        if self.path is not None:
            self._stream = self._stream or self.path.open("wb")
            self._stream.write(content)

    def close(self) -> None:
        """Sync and close."""
        if self._stream:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()


def _piece(part: _Part, start: int) -> Piece | None:
    """What was appended to a part since `start`; None for nothing."""
    if part.path is None or part.tell() == start:
        return None
    return Piece(part.path.name, start, part.tell() - start)


def _lost(unit: Unit, why: str) -> Done:
    return Done(unit.job.key, unit.chunk.number, "", unit.chunk.weight, Tally(), fatal=why)
