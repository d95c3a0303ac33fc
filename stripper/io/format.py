"""
What every file format implements, so that a run need not know it.

    input ── chunks ──> Chunk ── records ──> Record ── strip ── part ──> part file ── join ──> output
             parent              worker                         worker               parent

An input is cut into chunks, which are cheap to send to another process. A worker reads a chunk's records, strips them
and writes the results as a part file. When all chunks of an input are done, the parts are joined in their order. What
is written depends on the input and the options alone: not on the number of workers, nor on what failed beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from stripper.result import Removal, StripResult


@dataclass(frozen=True)
class FormatOptions:
    """
    What the user says about inputs and outputs; every format takes from it what concerns it.

    The fields are names of JSON keys or of columns. `out_field` is where the clean body goes: None overwrites the text.
    `encoding` and `url` hold for what does not say its own. `chunk_bytes` is about what a chunk holds, uncompressed; 0
    cuts after every record. A record of more than `longest_record` bytes fails, and so does what unpacks to more than
    `most_unpacked` times its size.
    """

    text_field: str = "text"
    url_field: str = "url"
    language_field: str = "language"
    out_field: str | None = None
    removals_field: str = "removals"
    encoding: str | None = None
    url: str | None = None
    chunk_bytes: int = 1 << 20
    longest_record: int = 64 << 20
    most_unpacked: int = 10_000

    @property
    def result_field(self) -> str:
        """Where the clean body goes."""
        return self.text_field if self.out_field is None else self.out_field


@dataclass(frozen=True)
class Chunk:
    """
    Some records of an input, to be worked on at once; pickled on its way to a worker.

    `number` counts from 0 without gaps. `place` is the format's own: a range of bytes, lines, a row group. `digest` is
    the SHA-256 (hex) of what the chunk holds, as the parent saw it: a resumed run works again on a chunk whose digest
    has changed, and a worker that reads anything else complains. It is empty for a file that is one document, which
    the parent does not read. `weight` is how many bytes of the input file it stands for, for the progress bar.
    """

    number: int
    place: Any
    digest: str
    weight: int


@dataclass(frozen=True)
class Record:
    """
    One document of an input.

    `number` counts from 1 within the input (a line, a row, a WARC record); 0 is a file that is one document. `raw` are
    its bytes as they stand in the input, None where that makes no sense. `origin` is what its own format needs to write
    it back; a writer of another format uses `fields`. `page` is the `stripper.html.Page` that the text was taken from.
    """

    number: int
    text: str
    url: str | None = None
    language: str | None = None
    raw: bytes | None = field(default=None, repr=False)
    origin: Any = field(default=None, repr=False)
    tell_fields: Callable[[], dict[str, Any]] = field(default=dict, repr=False)
    page: Any = field(default=None, repr=False)

    @property
    def fields(self) -> dict[str, Any]:
        """All fields by name, the text included where it is one."""
        return self.tell_fields()


@dataclass(frozen=True)
class BadRecord:
    """A record (or, with number 0, an input) that could not be read, and why; the others go on."""

    number: int
    reason: str
    raw: bytes | None = field(default=None, repr=False)


class PartWriter(Protocol):
    """Writes results one by one into a part file."""

    def add(self, record: Record, result: StripResult) -> None:
        """Write one result; records may come from another format. Raises `OSError`."""

    def close(self) -> None:
        """Finish the file; the run syncs it. Raises `OSError`."""


class Format(Protocol):
    """
    A file format that can be read. Objects are stateless; workers find theirs by `name` (`stripper.io.formats`).

    Methods raise `InputError` for an input that can't be used at all, and never write to standard output.
    """

    @property
    def name(self) -> str:
        """What `--format` and `--to` call it."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Lower-case ends of file names that are taken for this format."""

    @property
    def written_as(self) -> str:
        """Name of the format that results are written in unless the user asks for another: its own, where possible."""

    @property
    def single(self) -> bool:
        """
        Whether a file is one document, which the run reads in one chunk, without a digest, and writes whole.

        Its record's `origin` is the encoding to write it in.
        """

    def chunks(self, path: Path | None, options: FormatOptions) -> Iterator[Chunk | BadRecord]:
        """
        Cut an input (None: standard input) into chunks, in its order, in constant memory.

        Where it breaks off, what came before is chunks, and a `BadRecord` says where and why it ends.
        """

    def records(self, path: Path | None, chunk: Chunk, options: FormatOptions) -> Iterator[Record | BadRecord]:
        """
        The records of a chunk in the order of their numbers.

        Raises `InputError` where the input is no longer what the chunk's digest says.
        """


@runtime_checkable
class WritableFormat(Format, Protocol):
    """A format of many documents a file that results can be written in."""

    def part(self, path: Path, options: FormatOptions) -> PartWriter:
        """A writer of a new part file at `path`."""

    def join(self, parts: Sequence[Path], target: Path, options: FormatOptions) -> None:
        """
        Write a new file at `target` from part files in their order (there may be none). Raises `OSError`.

        The run syncs and renames it.
        """


def removal_fields(removal: Removal) -> dict[str, Any]:
    """What a record keeps of a removal: enough to restore the text; the evidence is in the ledger."""
    return {
        "start": removal.start,
        "end": removal.end,
        "label": removal.label,
        "rule": removal.rule,
        "confidence": round(removal.confidence, 4),
        "text": removal.text,
    }
