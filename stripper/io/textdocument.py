"""Text files as a format: a file is one document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stripper.errors import InputError
from stripper.io.format import BadRecord, Chunk, FormatOptions, Record
from stripper.io.textfile import decode, read_whole


def size_of(path: Path | None) -> int:
    """Size of a file in bytes; 0 where it can't be told."""
    try:
        return path.stat().st_size if path else 0
    except OSError:
        return 0  # whoever reads it says why


@dataclass(frozen=True)
class TextDocuments:
    """Plain text, in UTF-8 or as its byte order mark or the user says."""

    name: str = "text"
    suffixes: tuple[str, ...] = (".txt", ".md")
    written_as: str = "text"
    single: bool = True

    def chunks(self, path: Path | None, options: FormatOptions) -> Iterator[Chunk | BadRecord]:  # noqa: ARG002
        """The file is the only chunk."""
        yield Chunk(0, None, "", size_of(path))

    def records(self, path: Path | None, chunk: Chunk, options: FormatOptions) -> Iterator[Record | BadRecord]:  # noqa: ARG002
        """The text of the file."""
        if path is None:
            raise InputError("standard input: a text that is read whole has no chunks")
        raw = read_whole(path)
        try:
            decoded = decode(raw, str(path), options.encoding)
        except InputError as error:
            yield BadRecord(0, str(error).removeprefix(f"{path}: "), raw)
            return
        yield Record(0, decoded.text, options.url, raw=raw, origin=decoded.encoding)
