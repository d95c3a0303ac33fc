"""The originals of a run, from its clean files and its ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from stripper.errors import ConfigError, LedgerError, StripperError
from stripper.io.format import FormatOptions
from stripper.io.ledgerfile import Entry, read_entries
from stripper.io.originals import Undoing, carries_texts, clean_records, is_records, own_removals, write_originals
from stripper.io.textfile import decode, read_whole, replacing, write_whole
from stripper.result import restore

_SIDECAR = re.compile(r"(?P<file>.+)\.ledger(?:\.(?P<number>\d+))?\.jsonl?")


@dataclass(frozen=True)
class Original:
    """What one file was before: `ledgers` are to be undone in their order, the newest first."""

    clean: Path
    ledgers: tuple[Entry, ...]

    def content(self) -> bytes:
        """The bytes of the original; raises `InputError` or `LedgerError` where file and ledger don't fit."""
        raw = read_whole(self.clean)
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

    def write(self, target: Path, options: FormatOptions) -> None:  # noqa: ARG002 - records need them
        """Write the original at `target`, whole or not at all."""
        write_whole(target, self.content())

    def documents(self, options: FormatOptions) -> Iterator[tuple[Entry, str]]:  # noqa: ARG002
        """The ledgers and the text that each was written for."""
        raw = read_whole(self.clean)
        encoding = next((entry.encoding for entry in self.ledgers if entry.encoding), None)
        text = decode(raw, str(self.clean), encoding).text
        for entry in self.ledgers:
            text = self._undone(text, entry)
            yield entry, text


@dataclass(frozen=True)
class OriginalRecords:
    """What a file of records was before; `entries` are those of its records in their order."""

    clean: Path
    entries: Iterator[Entry]

    def write(self, target: Path, options: FormatOptions) -> None:
        """Write the original at `target`, whole or not at all."""
        undo = Undoing(self.clean, self.entries)
        with replacing(target) as temporary:
            write_originals(self.clean, temporary, undo, options)
            undo.finish()

    def documents(self, options: FormatOptions) -> Iterator[tuple[Entry, str]]:
        """The ledgers and the text that each was written for."""
        undo = Undoing(self.clean, self.entries)
        for record in clean_records(self.clean, options):
            yield undo.with_entry(record)
        undo.finish()


@dataclass
class Restored:
    """What became of a folder: how many files were written, what failed, and which files are in no ledger."""

    files: int = 0
    failures: list[str] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)


def clean_of(ledger: Path) -> Path:
    """Where a run leaves the clean texts of a ledger: beside it."""
    if found := _SIDECAR.fullmatch(ledger.name):
        return ledger.with_name(found["file"])
    return ledger.parent


def original_of(clean: Path, ledger: Path) -> Original | OriginalRecords:
    """The original of one file; `ledger` is its own, or one of a run that has it."""
    if is_records(clean):
        return OriginalRecords(clean, _entries_of(clean, ledger))
    return Original(clean, (entry_of(clean, ledger),))


def write_from_own_removals(clean: Path, target: Path, options: FormatOptions) -> None:
    """Write the original of a file of records that carry their removals; raises `LedgerError` where they do not."""
    if not carries_texts(clean):
        raise LedgerError(f"{clean}: its removals are offsets without texts; name the ledger of the run")
    with replacing(target) as temporary:
        write_originals(clean, temporary, own_removals(options), options)


def _entries_of(clean: Path, ledger: Path) -> Iterator[Entry]:
    """The entries of the records of one file, which may have got another name."""
    files = {entry.file for entry in map(_sound, read_entries(ledger))}
    fitting = [file for file in files if file and clean.parts[-len(file.parts) :] == file.parts]
    chosen = max(fitting, key=lambda file: len(file.parts)) if fitting else None
    if chosen is None and len(files) != 1:
        raise LedgerError(f"{ledger}: none of its {len(files)} files is {clean}")
    for entry in map(_sound, read_entries(ledger)):
        if chosen is None or entry.file == chosen:
            yield entry


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


def restore_folder(clean: Path, ledger: Path, output: Path, options: FormatOptions) -> Restored:
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
            original.write(output / name, options)
            done.files += 1
        except StripperError as error:
            done.failures.append(str(error))
    done.unknown += _without_ledger(clean, ledger, output, seen)
    return done


def originals(clean: Path, ledger: Path, failures: list[str]) -> Iterator[Original | OriginalRecords]:
    """The files of a folder that have a ledger; ledgers that can't be read go to `failures`."""
    if ledger.is_dir():
        yield from _beside(clean, ledger, failures)
        return
    for file, entries in groupby(_readable(ledger, failures), key=lambda entry: entry.file):
        if file is None:
            failures += [f"{one.where}: it does not say which file it is about; name that file" for one in entries]
        elif is_records(file):
            yield OriginalRecords(clean / file, entries)
        else:
            yield from (Original(clean / file, (entry,)) for entry in entries)


def _readable(ledger: Path, failures: list[str]) -> Iterator[Entry]:
    for entry in read_entries(ledger):
        if isinstance(entry, LedgerError):
            failures.append(str(entry))
        else:
            yield entry


def _sound(entry: Entry | LedgerError) -> Entry:
    if isinstance(entry, LedgerError):
        raise entry
    return entry


def _beside(clean: Path, folder: Path, failures: list[str]) -> Iterator[Original | OriginalRecords]:
    """The files with ledgers beside them; of several ledgers of a file the latest is undone first."""
    ledgers: dict[Path, list[tuple[int, Path]]] = {}
    for path in sorted(folder.rglob("*.json*")):
        if found := _SIDECAR.fullmatch(path.name):
            file = clean / path.relative_to(folder).with_name(found["file"])
            ledgers.setdefault(file, []).append((int(found["number"] or 1), path))
    if not ledgers:
        raise LedgerError(
            f"{folder}: no ledger in it (NAME.ledger.json); a run without --ledger sidecar has ledger.jsonl"
        )
    for file, paths in sorted(ledgers.items()):
        if is_records(file):
            yield OriginalRecords(file, map(_sound, read_entries(max(paths)[1])))
            continue
        entries = [entry for _, path in sorted(paths, reverse=True) for entry in read_entries(path)]
        if errors := [str(entry) for entry in entries if isinstance(entry, LedgerError)]:
            failures += errors
        else:
            yield Original(file, tuple(map(_sound, entries)))


def _later(clean: Path, entry: Entry) -> str:
    """Where the file was stripped again after this ledger was written, that the newer one comes first."""
    others = [
        path.name
        for path in clean.parent.glob("*.json*")
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
