"""JSON Lines, plain or packed: one object a line, of which some fields are read and written and all others stay."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from stripper.errors import InputError
from stripper.io.compressed import Unpacked, packing
from stripper.io.format import BadRecord, Chunk, FormatOptions, PartWriter, Record, removal_fields
from stripper.io.jsonline import JsonLine, parse, write_json
from stripper.result import StripResult

_MARK = "\ufeff"
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_][A-Za-z-]+)?")


class Lines(NamedTuple):
    """
    The place of a chunk: whole lines, the first of them being line `first` (from 1) of the input.

    They are a range of the file, or `held` where the input can't be read again at an offset.
    """

    first: int
    start: int
    size: int
    held: bytes | None


@dataclass(frozen=True)
class JsonLines:
    """JSON Lines; `packing` is "" or how the file is packed: gz or zst."""

    packing: str = ""

    @property
    def name(self) -> str:
        """What `--format` and `--to` call it."""
        return f"jsonl.{self.packing}" if self.packing else "jsonl"

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Ends of file names."""
        end = f".{self.packing}" if self.packing else ""
        return (f".jsonl{end}", f".ndjson{end}")

    @property
    def written_as(self) -> str:
        """Itself."""
        return self.name

    @property
    def single(self) -> bool:
        """A file is many documents."""
        return False

    def chunks(self, path: Path | None, options: FormatOptions) -> Iterator[Chunk | BadRecord]:
        """Ranges of bytes of a plain file; the lines themselves of a packed one or of standard input."""
        by_range = path is not None and not self.packing
        with self._opened(path, options) as (stream, unpacked):
            number = position = 0
            for found in _blocks(stream, options):
                if isinstance(found, BadRecord):
                    yield found
                    continue
                if unpacked and unpacked.broken and not found.data.endswith(b"\n"):
                    found, cut = found.before_last()  # noqa: PLW2901 - the line that the break has cut is no record
                    yield BadRecord(cut.first, "cut off where the file breaks", cut.data)
                    if not found.data:
                        continue
                weight = unpacked.position - position if unpacked else len(found.data)
                position += weight
                held = None if by_range else found.data
                place = Lines(found.first, found.start, len(found.data), held)
                yield Chunk(number, place, hashlib.sha256(found.data).hexdigest(), weight)
                number += 1
            if unpacked and unpacked.broken:
                yield BadRecord(0, unpacked.broken)

    @contextmanager
    def _opened(self, path: Path | None, options: FormatOptions) -> Iterator[tuple[IO[bytes], Unpacked | None]]:
        try:
            stream = sys.stdin.buffer if path is None else path.open("rb")
        except OSError as error:
            raise InputError(f"{path}: can't be read: {error.strerror}") from error
        try:
            if self.packing:
                unpacked = Unpacked(stream, self.packing, options.most_unpacked)
                yield io.BufferedReader(unpacked, 1 << 16), unpacked
            else:
                yield stream, None
        finally:
            if path is not None:
                stream.close()

    def records(self, path: Path | None, chunk: Chunk, options: FormatOptions) -> Iterator[Record | BadRecord]:
        """The records of a chunk; blank lines are none."""
        place: Lines = chunk.place
        lines = _read(path, chunk) if place.held is None else place.held
        for number, raw in enumerate(io.BytesIO(lines), place.first):
            if raw.strip(b" \t\r\n"):
                yield read_line(raw, number, options)

    def part(self, path: Path, options: FormatOptions) -> PartWriter:
        """A writer of a part, packed as the output is."""
        return self.writer(path.open("wb"), options)

    def writer(self, stream: IO[bytes], options: FormatOptions) -> PartWriter:
        """A writer into a stream, which is closed with it."""
        return _LineWriter(packing(stream, self.packing), options)

    def join(self, parts: Sequence[Path], target: Path, options: FormatOptions) -> None:  # noqa: ARG002
        """Parts one behind the other: gzip members and zstd frames join as plain lines do."""
        with target.open("wb") as whole:
            for part in parts:
                with part.open("rb") as stream:
                    shutil.copyfileobj(stream, whole, 1 << 20)
            if not parts:
                packing(whole, self.packing).close()


class _Block(NamedTuple):
    """Lines as they were read: the number of the first, the offset of the first byte."""

    first: int
    start: int
    data: bytes

    def before_last(self) -> tuple[_Block, _Block]:
        """All lines but the last, and the last."""
        at = self.data.rfind(b"\n") + 1
        first = self.first + self.data.count(b"\n")
        return self._replace(data=self.data[:at]), _Block(first, self.start + at, self.data[at:])


def _blocks(stream: IO[bytes], options: FormatOptions) -> Iterator[_Block | BadRecord]:
    """Blocks of whole lines; a line that is too long is a `BadRecord` and is never held as a whole."""
    first, start = 1, 0
    while True:
        data = stream.read(options.chunk_bytes) if options.chunk_bytes else b""
        if not data.endswith(b"\n"):
            data += stream.readline(options.longest_record + 1)
        if not data:
            return
        last = data.rfind(b"\n", 0, -1) + 1
        too_long = len(data) - last > options.longest_record
        whole = data[:last] if too_long else data
        if whole:
            yield _Block(first, start, whole)
        first += whole.count(b"\n")
        start += len(data)
        if too_long:
            start += 0 if data.endswith(b"\n") else _skip_line(stream)
            yield BadRecord(first, f"a line of more than {options.longest_record} bytes")
            first += 1


def _skip_line(stream: IO[bytes]) -> int:
    """Read on to the end of the line; how many bytes that were."""
    skipped = 0
    while piece := stream.readline(1 << 20):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _read(path: Path | None, chunk: Chunk) -> bytes:
    """The bytes of a chunk; raises `InputError` where they are not those that the parent has seen."""
    place: Lines = chunk.place
    try:
        with open(os.fspath(path or ""), "rb") as stream:  # noqa: PTH123 - also for a path that is None
            stream.seek(place.start)
            data = stream.read(place.size)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != chunk.digest:
        raise InputError(f"{path}: has changed while it was read; run again")
    return data


def read_line(raw: bytes, number: int, options: FormatOptions) -> Record | BadRecord:
    """The record that a line is, or what is wrong with it."""
    try:
        line = raw.decode("utf-8")
        found = parse(line[1:] if number == 1 and line.startswith(_MARK) else line)
    except UnicodeDecodeError as error:
        return BadRecord(number, f"not UTF-8: {error.reason} at byte {error.start} of the line", raw)
    except ValueError as error:
        return BadRecord(number, str(error), raw)
    except MemoryError:
        return BadRecord(number, "needs more memory than it may have", raw)
    text = found.fields.get(options.text_field)
    if text is None:
        near = ", ".join(list(found.fields)[:8]) or "none"
        return BadRecord(number, f'no field "{options.text_field}" (--text-field); fields: {near}', raw)
    if not isinstance(text.value, str):
        return BadRecord(number, f'field "{options.text_field}" is not a string', raw)
    url = found.fields.get(options.url_field)
    language = found.fields.get(options.language_field)
    return Record(
        number,
        text.value,
        url.value if url and isinstance(url.value, str) and url.value else options.url,
        language_code(language.value if language else None),
        raw,
        found,
        lambda: dict(json.loads(found.line)),
    )


def language_code(value: object) -> str | None:
    """The ISO 639-1 code that a field gives ("en", "en-US"); None for anything else, which is then detected."""
    known = _LANGUAGE.fullmatch(value) if isinstance(value, str) else None
    return known[1] if known else None


class _LineWriter:
    """Writes results as lines; records of this format keep all of their other fields byte for byte."""

    def __init__(self, stream: IO[bytes], options: FormatOptions) -> None:
        self._stream = stream
        self._options = options

    def add(self, record: Record, result: StripResult) -> None:
        """Write one result."""
        self._stream.write(write_line(record, result, self._options))

    def close(self) -> None:
        """Finish the file."""
        self._stream.close()


def write_line(record: Record, result: StripResult, options: FormatOptions) -> bytes:
    """
    The line of a result, newline included.

    The text keeps its own JSON where nothing went from it, and the byte order mark of a file's first line stays.
    """
    removals = [removal_fields(removal) for removal in result.removals]
    if not isinstance(record.origin, JsonLine):
        return _line_of_fields(record, result, removals, options)
    found, target = record.origin, options.result_field
    text = found.fields[options.text_field]
    source = found.line[text.start : text.end]
    changes = {}
    if result.removals or target != options.text_field:
        changes[target] = write_json(result.text, source) if result.removals else source
    changes[options.removals_field] = write_json(removals, source)
    line = found.replaced(changes).rstrip("\n")
    mark = _MARK if record.number == 1 and record.raw and record.raw.startswith(_MARK.encode()) else ""
    return f"{mark}{line}\n".encode()


def _line_of_fields(
    record: Record, result: StripResult, removals: list[dict[str, Any]], options: FormatOptions
) -> bytes:
    """The line of a record that comes from another format."""
    known = {options.url_field: record.url, options.language_field: record.language or result.language}
    fields = {**{name: value for name, value in known.items() if value is not None}, **record.fields}
    fields = {**fields, options.result_field: result.text, options.removals_field: removals}
    return json.dumps(fields, ensure_ascii=True, default=str).encode("ascii") + b"\n"
