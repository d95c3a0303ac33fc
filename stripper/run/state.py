"""What a run keeps beside its outputs until it is complete, so that it can go on where it was killed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from stripper.errors import ConfigError, InputError
from stripper.run.task import Done


@dataclass(frozen=True)
class Joined:
    """An input whose output is complete: the digest of its chunks, size and digest of the output."""

    name: str
    digest: str
    size: int
    sha256: str


class State:
    """
    The folder of a run's state: a lock, the parts that are not joined yet, and a journal of what is done.

    Raises `ConfigError` where another run is at work on the same output, `InputError` where the folder can't be made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts = folder / "parts"
        self.done: dict[tuple[str, int], Done] = {}
        self.joined: dict[str, Joined] = {}
        self._journal: IO[bytes] | None = None
        self._made = _missing(folder)
        self._run = secrets.token_hex(4)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _Lock(folder / "lock")
            self.parts.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder}: can't be written: {error.strerror}") from error

    def open(self, key: dict[str, Any], *, resume: bool) -> str | None:
        """
        Begin or go on; `key` is what a run must have in common with the one that it goes on from.

        Something to tell the user: that nothing could be taken over, or that something was left behind; or None.
        """
        path = self.folder / "journal.jsonl"
        entries = _entries(path)
        same = bool(entries) and entries[0] == key
        said = _what_is_new(entries, key, resume=resume)
        if resume and same:
            for entry in entries[1:]:
                self._recall(entry)
        else:
            shutil.rmtree(self.parts, ignore_errors=True)
            self.parts.mkdir(exist_ok=True)
        try:
            self._journal = path.open("r+b" if resume and same else "wb")
            self._journal.seek(_whole_lines(path))  # a line that the end of the run has cut goes
            self._journal.truncate()
            if self._journal.tell() == 0:
                self._write(key)
        except OSError as error:
            raise InputError(f"{path}: can't be written: {error.strerror}") from error
        return said

    def _recall(self, entry: dict[str, Any]) -> None:
        with suppress(KeyError, TypeError):  # a line of the journal that is not understood is work to be done again
            if "joined" in entry:
                joined = Joined(**entry["joined"])
                self.joined[joined.name] = joined
            else:
                done = Done.from_json(entry)
                self.done[done.name, done.chunk] = done

    def note(self, done: Done) -> None:
        """Write down what became of a unit. Raises `OSError`."""
        self._write(done.to_json())

    def note_joined(self, joined: Joined) -> None:
        """Write down that an output is complete. Raises `OSError`."""
        self._write({"joined": joined.__dict__})

    def _write(self, entry: dict[str, Any]) -> None:
        if self._journal:
            self._journal.write(json.dumps(entry).encode("ascii") + b"\n")
            self._journal.flush()  # a line that a power cut takes away is work to be done again

    def stem(self, number: int) -> Path:
        """
        Where the parts of a task go, without their endings.

        The name is this run's own: a worker whose parent was killed may still be writing when the next run has begun.
        """
        return self.parts / f"{self._run}-{number}"

    def close(self, *, complete: bool) -> None:
        """Give the lock back; where the run is complete, or nothing is done yet, leave nothing behind."""
        if self._journal:
            self._journal.close()
        if sys.platform == "win32":  # where a file that is open can't be removed
            self._lock.release()
        if complete:
            shutil.rmtree(self.parts, ignore_errors=True)
            for name in ("journal.jsonl", "lock"):
                with suppress(OSError):
                    (self.folder / name).unlink()
            with suppress(OSError):
                self.folder.rmdir()
            for folder in self._made:
                with suppress(OSError):  # not empty: outputs are in it
                    folder.rmdir()
        self._lock.release()


def _missing(folder: Path) -> list[Path]:
    """The folders above that are made for it, the innermost first."""
    return [parent for parent in folder.parents if not parent.exists()]


def _entries(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal; the last one may have been cut by the end of its run."""
    entries: list[dict[str, Any]] = []
    try:
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        entries += (entry for entry in map(json.loads, lines) if isinstance(entry, dict))
    except (OSError, ValueError):
        return entries
    return entries


def _whole_lines(path: Path) -> int:
    """How many bytes of a file are whole lines."""
    return path.read_bytes().rfind(b"\n") + 1


def _what_is_new(entries: list[dict[str, Any]], key: dict[str, Any], *, resume: bool) -> str | None:
    if not entries:
        return "no unfinished run is here; starting from the beginning" if resume else None
    if not resume:
        return "an unfinished run was here; starting from the beginning (--resume would go on where it was)"
    changed = [name for name in key if entries[0].get(name) != key[name]]
    if changed:
        return f"the unfinished run had other {' and '.join(changed)}; starting from the beginning"
    return None


class _Lock:
    """A lock that the system gives back when its process ends, however it ends; the file names the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        while True:
            self._stream = path.open("a+b")
            if not _locked(self._stream):
                self._stream.seek(0)
                owner = self._stream.read(100).decode("ascii", "replace").strip() or "unknown"
                self._stream.close()
                raise ConfigError(
                    f"{path.parent.parent}: another run (process {owner}) is writing there; wait for it, or choose "
                    "another -o"
                )
            if self._is_current():
                break
            self._stream.close()
        self._stream.truncate(0)
        self._stream.write(str(os.getpid()).encode())
        self._stream.flush()

    def _is_current(self) -> bool:
        """Whether the file that was locked is still the one of that name: a run that ended has removed it."""
        try:
            return os.path.samestat(os.fstat(self._stream.fileno()), self._path.stat())
        except OSError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return False

    def release(self) -> None:
        """Let others in."""
        self._stream.close()


if sys.platform == "win32":
    import msvcrt

    def _locked(stream: IO[bytes]) -> bool:
        try:
            stream.seek(1 << 20)  # a byte beyond the content, so that others can read the process's number
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(stream: IO[bytes]) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
