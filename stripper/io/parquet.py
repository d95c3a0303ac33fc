"""
Parquet: a row group is a chunk, and all columns but the text's stay as they are.

Row groups are read in batches, so that their size does not matter. Parts are Arrow streams; they become row groups of
one file when they are joined.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from stripper.errors import ConfigError, InputError
from stripper.io.arrow import (
    LEAVES,
    check_new_column,
    check_text_column,
    is_text,
    language_code,
    pyarrow,
    removals_array,
    removals_type,
    text_array,
    values,
)
from stripper.io.format import BadRecord, Chunk, FormatOptions, PartWriter, Record
from stripper.io.rows import check_encodable, table_of_records, unified, with_schema
from stripper.result import StripResult

_BATCH_BYTES = 8 << 20  # of a row group, uncompressed, that are read at once
_GROUP_BYTES = 32 << 20  # a larger row group is written as several
_BATCH_ROWS = 10_000
_SETTINGS = b"stripper:parquet"  # in the schema of a part: how the input was written


class RowGroup(NamedTuple):
    """The place of a chunk: a row group, and the number of its first row (from 1)."""

    at: int
    first: int
    rows: int


class Row(NamedTuple):
    """Where a record stands in the batch that it was read with; a null text stays null."""

    batch: Any
    at: int
    is_null: bool

    def fields(self) -> dict[str, Any]:
        """All columns of the row by name."""
        row: dict[str, Any] = self.batch.slice(self.at, 1).to_pylist()[0]
        return row


@dataclass(frozen=True)
class Parquet:
    """Apache Parquet, with any codec that pyarrow has."""

    name: str = "parquet"
    suffixes: tuple[str, ...] = (".parquet",)
    written_as: str = "parquet"
    single: bool = False

    def chunks(self, path: Path | None, options: FormatOptions) -> Iterator[Chunk | BadRecord]:
        """
        The row groups.

        Raises `InputError` for a file that is not whole, since its end says where the rest stands, and for one without
        a column of text.
        """
        with opened(path) as file:
            _check_columns(path, file.schema_arrow, options)
            first = 1
            for index in range(file.num_row_groups):
                group = file.metadata.row_group(index)
                place = RowGroup(index, first, group.num_rows)
                weight = sum(group.column(column).total_compressed_size for column in range(group.num_columns))
                yield Chunk(index, place, _digest(path, file, index), weight)
                first += group.num_rows

    def records(self, path: Path | None, chunk: Chunk, options: FormatOptions) -> Iterator[Record | BadRecord]:
        """The rows; where one can't be decoded, the row group ends with a `BadRecord`."""
        place: RowGroup = chunk.place
        with opened(path) as file:
            if place.at >= file.num_row_groups or _digest(path, file, place.at) != chunk.digest:
                raise InputError(f"{path}: has changed while it was read; run again")
            row = place.first
            metadata = {**(file.schema_arrow.metadata or {}), _SETTINGS: settings_of(file)}
            batches = batches_of(file, place.at)
            while True:
                try:
                    batch = next(batches, None)
                except (pyarrow().ArrowException, OSError) as error:
                    last = place.first + place.rows - 1
                    yield BadRecord(row, f"rows {row} to {last} can't be read: {_one_line(error)}")
                    return
                if batch is None:
                    return
                yield from _records(batch.replace_schema_metadata(metadata), row, options)
                row += batch.num_rows

    def part(self, path: Path, options: FormatOptions) -> PartWriter:
        """A writer of Arrow streams, which is what parts are."""
        return _Part(path.open("wb"), options)

    def join(self, parts: Sequence[Path], target: Path, options: FormatOptions) -> None:
        """
        A Parquet file of the parts: codecs and metadata are those of the input.

        Of an input without any rows nothing but the columns of text and removals is known.
        """
        pa = pyarrow()
        schemas = list(dict.fromkeys(schema for part in parts for schema in _schemas(part)))
        none = pa.schema([(options.result_field, pa.string()), (options.removals_field, removals_type())])
        schema = unified(schemas) if schemas else none
        settings = json.loads((schema.metadata or {}).get(_SETTINGS, b"{}"))
        schema = _without_settings(schema)
        with file_writer(target, schema, settings, options) as out:
            for group in _groups(parts, schema, merge=not settings):
                out.write_table(group, row_group_size=max(1, group.num_rows))


def opened(path: Path | None) -> Any:
    """The `ParquetFile` at `path`, to be read piece by piece; raises `InputError` for one that is not whole."""
    pa = pyarrow()
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    if path is None:
        raise InputError("standard input: Parquet is read from its end, which a pipe does not allow; name a file")
    try:
        return pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a whole Parquet file: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _check_columns(path: Path | None, schema: Any, options: FormatOptions) -> None:
    try:
        check_text_column(schema, options.text_field)
    except ConfigError as error:
        raise InputError(f"{path}: {error} (--text-field)") from error
    try:
        check_new_column(schema, options.removals_field)
        if options.result_field != options.text_field:
            check_new_column(schema, options.result_field)
    except ConfigError as error:
        raise InputError(f"{path}: {error} (--removals-field, --out-field)") from error


def _digest(path: Path | None, file: Any, index: int) -> str:
    """SHA-256 of the bytes of a row group and of the schema."""
    digest = hashlib.sha256(file.schema_arrow.serialize())
    group = file.metadata.row_group(index)
    try:
        with open(path or "", "rb") as stream:  # noqa: PTH123 - also for a path that is None
            for number in range(group.num_columns):
                column = group.column(number)
                starts = (column.dictionary_page_offset, column.data_page_offset)
                _add(digest, stream, min(start for start in starts if start is not None), column.total_compressed_size)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    return digest.hexdigest()


def _add(digest: Any, stream: IO[bytes], start: int, size: int) -> None:
    stream.seek(start)
    while size > 0 and (piece := stream.read(min(size, 1 << 20))):
        digest.update(piece)
        size -= len(piece)


def batches_of(file: Any, index: int) -> Iterator[Any]:
    """The rows of a row group, about as many at once as fit in a batch."""
    group = file.metadata.row_group(index)
    row_bytes = group.total_byte_size / max(1, group.num_rows)
    size = int(min(_BATCH_ROWS, max(1, _BATCH_BYTES / max(1, row_bytes))))
    batches: Iterator[Any] = file.iter_batches(batch_size=size, row_groups=[index], use_threads=False)
    return batches


def _records(batch: Any, first: int, options: FormatOptions) -> Iterator[Record | BadRecord]:
    columns = (_optional(batch, name) for name in (options.text_field, options.url_field, options.language_field))
    rows = zip(*(_values(column, batch.num_rows) for column in columns), strict=True)
    for index, row in enumerate(rows):
        number = first + index
        if error := next((value for value in row if isinstance(value, InputError)), None):
            yield BadRecord(number, str(error))
            continue
        text, url, language = row
        if text and len(text) * 4 > options.longest_record and len(text.encode()) > options.longest_record:
            yield BadRecord(number, f"a text of more than {options.longest_record} bytes")
            continue
        origin = Row(batch, index, text is None)
        yield Record(
            number, text or "", url or options.url, language_code(language), origin=origin, tell_fields=origin.fields
        )


def _values(column: Any, rows: int) -> list[Any]:
    """The texts of a column that may not be there; an error stands in the place of one that is not UTF-8."""
    if column is None:
        return [None] * rows
    try:
        return values(column)
    except InputError:
        return [_value(column, row) for row in range(rows)]


def _value(column: Any, row: int) -> str | InputError | None:
    try:
        return values(column.slice(row, 1))[0]
    except InputError as error:
        return InputError(str(error).removeprefix("row 0: "))


def _optional(batch: Any, name: str) -> Any:
    """A column of text, where there is one of that name."""
    at = batch.schema.get_field_index(name)
    return batch.column(at) if at >= 0 and is_text(batch.schema.field(at).type) else None


def settings_of(file: Any) -> bytes:
    """What a new file needs to be written as this one was, as JSON."""
    if not file.num_row_groups:
        return b"{}"
    group = file.metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    settings = {
        "compression": {column.path_in_schema: column.compression for column in columns},
        "arrow_schema": b"ARROW:schema" in (file.metadata.metadata or {}),
        "int96": any(column.physical_type == "INT96" for column in columns),
    }
    return json.dumps(settings).encode()


def _without_settings(schema: Any) -> Any:
    metadata = {name: value for name, value in (schema.metadata or {}).items() if name != _SETTINGS}
    return schema.with_metadata(metadata or None)


class _Part:
    """Writes results as Arrow streams, one behind the other; nothing where there is no result."""

    def __init__(self, stream: IO[bytes], options: FormatOptions) -> None:
        pyarrow()
        self._stream = stream
        self._options = options
        self._rows: list[tuple[Record, StripResult]] = []
        self._bytes = 0

    def add(self, record: Record, result: StripResult) -> None:
        """Write one result; raises `InputError` for a text that Arrow can't hold."""
        origin = record.origin
        if not isinstance(origin, Row):
            check_encodable(record, result)
            self._bytes += len(record.text)
        elif not self._rows or origin.batch is not self._rows[-1][0].origin.batch:
            self._bytes += origin.batch.nbytes
        self._rows.append((record, result))
        if self._bytes >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        native = isinstance(self._rows[0][0].origin, Row)
        table = _table(self._rows, self._options) if native else table_of_records(self._rows, self._options)
        self._rows, self._bytes = [], 0
        with pyarrow().ipc.new_stream(self._stream, table.schema) as writer:
            writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        try:
            self._flush()
        finally:
            self._stream.close()


def _table(rows: Sequence[tuple[Record, StripResult]], options: FormatOptions) -> Any:
    """Rows of Parquet with their results."""
    pa = pyarrow()
    table = pa.Table.from_batches([batch.slice(start, size) for batch, start, size in _runs(rows)]).combine_chunks()
    results = [None if record.origin.is_null else result for record, result in rows]
    field = table.schema.field(options.text_field)
    clean = text_array([result.text if result else None for result in results], field.type)
    if options.result_field == options.text_field:
        table = table.set_column(table.schema.get_field_index(options.text_field), field, clean)
    else:
        table = table.append_column(options.result_field, clean)
    return table.append_column(options.removals_field, removals_array(results))


def _runs(rows: Sequence[tuple[Record, StripResult]]) -> Iterator[tuple[Any, int, int]]:
    """Batches, and where in them rows follow one another: the first one, and how many."""
    start = 0
    for end in range(1, len(rows) + 1):
        first, last = rows[start][0].origin, rows[end - 1][0].origin
        following = rows[end][0].origin if end < len(rows) else None
        if following is None or following.batch is not first.batch or following.at != last.at + 1:
            yield first.batch, first.at, end - start
            start = end


def _tables(part: Path) -> Iterator[Any]:
    """The tables of a part, one after the other."""
    pa = pyarrow()
    size = part.stat().st_size
    with part.open("rb") as stream:
        while stream.tell() < size:
            with pa.ipc.open_stream(stream) as reader:
                yield reader.read_all()


def _schemas(part: Path) -> Iterator[Any]:
    for table in _tables(part):
        yield table.schema


def _groups(parts: Sequence[Path], schema: Any, *, merge: bool) -> Iterator[Any]:
    """Tables that become row groups; small ones are merged where they are not those of the input."""
    waiting: list[Any] = []
    for part in parts:
        for table in _tables(part):
            waiting.append(with_schema(table, schema))
            if not merge or sum(one.nbytes for one in waiting) >= _GROUP_BYTES:
                yield pyarrow().concat_tables(waiting)
                waiting = []
    if waiting:
        yield pyarrow().concat_tables(waiting)


def file_writer(
    target: Path, schema: Any, settings: dict[str, Any], options: FormatOptions, *, ledger: bool = True
) -> Any:
    """A writer that codes columns as the input does, the new ones as the texts."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    codecs = {name: codec.lower() for name, codec in settings.get("compression", {}).items()}
    usual = codecs.get(options.text_field, "zstd")
    added = (options.result_field, *(f"{options.removals_field}.list.element.{leaf}" for leaf in LEAVES))
    codecs.update({name: codecs.get(name, usual) for name in added if ledger})
    return pq.ParquetWriter(
        target,
        schema,
        compression={name: "none" if codec == "uncompressed" else codec for name, codec in codecs.items()}
        if settings
        else "zstd",
        store_schema=settings.get("arrow_schema", True),
        use_deprecated_int96_timestamps=settings.get("int96", False),
    )
