"""The originals of a run, from its clean files and its ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stripper.errors import ConfigError, InputError, LedgerError, StripperError
from stripper.io.ledgerfile import Entry, read_entries
from stripper.io.textfile import decode, write_whole
from stripper.result import restore

_SIDECAR = re.compile(r"(?P<file>.+)\.ledger(?:\.(?P<number>\d+))?\.json")


@dataclass(frozen=True)
class Original:
    """What one file was before: `ledgers` are to be undone in their order, the newest first."""

    clean: Path
    ledgers: tuple[Entry, ...]

    def content(self) -> bytes:
        """The bytes of the original; raises `InputError` or `LedgerError` where file and ledger don't fit."""
        try:
            raw = self.clean.read_bytes()
        except OSError as error:
            raise InputError(f"{self.clean}: can't be read: {error.strerror}") from error
        encoding = next((entry.encoding for entry in self.ledgers if entry.encoding), None)
        decoded = decode(raw, str(self.clean), encoding)
        text = decoded.text
        for entry in self.ledgers:
            text = self._undone(text, entry)
        return text.encode(decoded.encoding, "surrogatepass")

    def _undone(self, text: str, entry: Entry) -> str:
        try:
            return restore(text, entry.ledger)
        except LedgerError as error:
            raise LedgerError(f"{self.clean}: {error} ({entry.where}){_later(self.clean, entry)}") from error


@dataclass
class Restored:
    """What became of a folder: how many files were written, what failed, and which files are in no ledger."""

    files: int = 0
    failures: list[str] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)


def restore_file(clean: Path, ledger: Path) -> bytes:
    """The original of one file; `ledger` is its own, or one of a run that has it."""
    return Original(clean, (entry_of(clean, ledger),)).content()


def entry_of(clean: Path, ledger: Path) -> Entry:
    """The entry of a ledger that is about `clean`; raises `LedgerError` where there is none or more than one."""
    first: Entry | None = None
    matching: list[Entry] = []
    count = 0
    for entry in map(_sound, read_entries(ledger)):
        count += 1
        first = first or entry
        if entry.file is not None and clean.parts[-len(entry.file.parts) :] == entry.file.parts:
            matching.append(entry)
    if count == 1 and first is not None:
        return first
    if not matching:
        raise LedgerError(f"{ledger}: none of its {count} documents is {clean}")
    nearest = max(len(entry.file.parts) for entry in matching if entry.file)
    best = [entry for entry in matching if entry.file and len(entry.file.parts) == nearest]
    if len(best) > 1:
        raise LedgerError(f"{ledger}: {len(best)} of its {count} documents are {clean}; restore the folder instead")
    return best[0]


def restore_folder(clean: Path, ledger: Path, output: Path) -> Restored:
    """
    Write the originals of a folder below `output`; a file that fails stops none of the others.

    `ledger` is the one of the run, or a folder with one beside each file.
    """
    done = Restored()
    seen: set[Path] = set()
    for original in originals(clean, ledger, done.failures):
        name = original.clean.relative_to(clean)
        seen.add(original.clean)
        try:
            if (output / name).resolve() == ledger.resolve():
                raise ConfigError(f"{original.clean} would be written over the ledger {ledger}; choose another -o")
            write_whole(output / name, original.content())
            done.files += 1
        except StripperError as error:
            done.failures.append(str(error))
    done.unknown += _without_ledger(clean, ledger, output, seen)
    return done


def originals(clean: Path, ledger: Path, failures: list[str]) -> Iterator[Original]:
    """The files of a folder that have a ledger; ledgers that can't be read go to `failures`."""
    if ledger.is_dir():
        yield from _beside(clean, ledger, failures)
        return
    for entry in read_entries(ledger):
        if isinstance(entry, LedgerError):
            failures.append(str(entry))
        elif entry.file is None:
            failures.append(f"{entry.where}: it does not say which file it is about; name that file, not a folder")
        else:
            yield Original(clean / entry.file, (entry,))


def _sound(entry: Entry | LedgerError) -> Entry:
    if isinstance(entry, LedgerError):
        raise entry
    return entry


def _beside(clean: Path, folder: Path, failures: list[str]) -> Iterator[Original]:
    """The files with ledgers beside them; of several ledgers of a file the latest is undone first."""
    ledgers: dict[Path, list[tuple[int, Path]]] = {}
    for path in sorted(folder.rglob("*.json")):
        if found := _SIDECAR.fullmatch(path.name):
            file = clean / path.relative_to(folder).with_name(found["file"])
            ledgers.setdefault(file, []).append((int(found["number"] or 1), path))
    if not ledgers:
        raise LedgerError(
            f"{folder}: no ledger in it (NAME.ledger.json); a run without --ledger sidecar has ledger.jsonl"
        )
    for file, paths in sorted(ledgers.items()):
        entries = [entry for _, path in sorted(paths, reverse=True) for entry in read_entries(path)]
        if errors := [str(entry) for entry in entries if isinstance(entry, LedgerError)]:
            failures += errors
        else:
            yield Original(file, tuple(map(_sound, entries)))


def _later(clean: Path, entry: Entry) -> str:
    """Where the file was stripped again after this ledger was written, that the newer one comes first."""
    others = [
        path.name
        for path in clean.parent.glob("*.json")
        if (found := _SIDECAR.fullmatch(path.name))
        and found["file"] == clean.name
        and not entry.where.endswith(path.name)
    ]
    return f"; there are also {', '.join(sorted(others))}: undo the newest first" if others else ""


def _without_ledger(clean: Path, ledger: Path, output: Path, seen: Iterable[Path]) -> Sequence[Path]:
    known = {*seen, ledger}
    return [
        path
        for path in sorted(clean.rglob("*"))
        if path.is_file()
        and path not in known
        and not _SIDECAR.fullmatch(path.name)
        and (clean == output or not path.is_relative_to(output))
    ]
