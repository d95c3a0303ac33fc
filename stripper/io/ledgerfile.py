"""Ledgers on disk, read back: one file a document, or one line a document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from stripper.errors import LedgerError
from stripper.io.textfile import check_encoding
from stripper.result import check_ledger


@dataclass(frozen=True)
class Entry:
    """
    One document's ledger, as found on disk.

    `where` names the ledger and the line for messages. `file` is the output that it is about, relative to the output
    folder; `record` the 0-based number of the record in it, None where the file is the document. `encoding` is how
    the file's bytes are read and written. `file` and `encoding` are None where the ledger does not say.
    """

    where: str
    file: Path | None
    record: int | None
    encoding: str | None
    ledger: dict[str, Any]

    @property
    def name(self) -> str:
        """The document's name: the file, and the number of the record in it."""
        file = self.file.as_posix() if self.file else "document"
        return file if self.record is None else f"{file}#{self.record}"


def read_entries(path: Path) -> Iterator[Entry | LedgerError]:
    """
    The documents of a ledger in their order, read as they are asked for.

    An error stands in the place of what is no ledger or names a file outside of its folder, and says where. Raises
    `LedgerError` for a file that can't be read.
    """
    try:
        with path.open("rb") as stream:
            first = stream.readline()
            if not _is_whole(first):
                yield _entry_or_error(str(path), first + stream.read())
                return
            for number, line in enumerate(chain((first,), stream), 1):
                if line.strip():
                    yield _entry_or_error(f"{path}:{number}", line)
    except OSError as error:
        raise LedgerError(f"{path}: can't be read: {error.strerror}") from error


def _is_whole(line: bytes) -> bool:
    """Whether a ledger's first line is a document by itself, so that the others are too."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _entry_or_error(where: str, raw: bytes) -> Entry | LedgerError:
    try:
        return _entry(where, raw)
    except LedgerError as error:
        return error


def _entry(where: str, raw: bytes) -> Entry:
    try:
        fields = json.loads(raw)
    except ValueError as error:
        raise LedgerError(f"{where}: not a ledger: {error}") from error
    if not isinstance(fields, dict):
        raise LedgerError(f"{where}: not a ledger: {type(fields).__name__} where it takes an object")
    try:
        check_ledger(fields)
    except LedgerError as error:
        raise LedgerError(f"{where}: {error}") from error
    encoding = fields.get("encoding")
    return Entry(
        where,
        _file(where, fields.get("file")),
        fields.get("record"),
        check_encoding(encoding) if encoding else None,
        fields,
    )


def _file(where: str, name: object) -> Path | None:
    """The file that a ledger names; one outside of its folder would write where nobody said so."""
    if name is None:
        return None
    path = Path(str(name))
    if path.anchor or ".." in path.parts or not path.parts:
        raise LedgerError(f"{where}: file {name!r} is not below the output folder; such a ledger is not used")
    return path
