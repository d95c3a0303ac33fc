"""Records as they were: read from a clean file, put together with their ledger, written without what was added."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from stripper.errors import InputError, LedgerError
from stripper.io.arrow import text_array, values
from stripper.io.compressed import packing
from stripper.io.format import BadRecord, FormatOptions, Record
from stripper.io.formats import format_of
from stripper.io.jsonl import JsonLines
from stripper.io.jsonline import JsonLine, write_json
from stripper.io.ledgerfile import Entry
from stripper.io.parquet import Parquet, batches_of, file_writer, opened, settings_of
from stripper.result import restore

Undo = Callable[[Record], str]


class Undoing:
    """Gives the original texts of the records of a file, one after the other, from the entries of its ledger."""

    def __init__(self, clean: Path, entries: Iterator[Entry]) -> None:
        self._clean = clean
        self._entries = entries

    def __call__(self, record: Record) -> str:
        """The original text of the next record; raises `LedgerError` where the ledger is not about it."""
        return self.with_entry(record)[1]

    def with_entry(self, record: Record) -> tuple[Entry, str]:
        """The same, with the record's entry."""
        entry = next(self._entries, None)
        if entry is None:
            raise LedgerError(f"{self._clean}: record {record.number} and those behind it are not in the ledger")
        try:
            return entry, restore(record.text, entry.ledger)
        except LedgerError as error:
            raise LedgerError(f"{self._clean}:{record.number}: {error} ({entry.where})") from error

    def finish(self) -> None:
        """Raise `LedgerError` where the ledger has more records than the file."""
        if (entry := next(self._entries, None)) is not None:
            raise LedgerError(f"{self._clean}: {entry.where} is about a record that is not in it any more")


def is_records(path: Path) -> bool:
    """Whether a file's name is one of many documents that can be restored."""
    return isinstance(format_of(path), JsonLines | Parquet)


def carries_texts(path: Path) -> bool:
    """Whether the removals in a file of records have their texts: those of JSON Lines do."""
    return isinstance(format_of(path), JsonLines)


def clean_records(path: Path, options: FormatOptions) -> Iterator[Record]:
    """The records of a clean file, whose texts are the clean ones; raises `InputError` for one that can't be read."""
    reading = replace(options, text_field=options.result_field, out_field=None, removals_field="")
    form = format_of(path) or JsonLines()
    for chunk in form.chunks(path, reading):
        found = [chunk] if isinstance(chunk, BadRecord) else form.records(path, chunk, reading)
        for record in found:
            if isinstance(record, BadRecord):
                raise InputError(f"{path}:{record.number}: {record.reason}")
            yield record


def own_removals(options: FormatOptions) -> Undo:
    """How a record is restored from the removals that it carries: offsets can be checked, digests can't."""

    def undo(record: Record) -> str:
        removals = record.fields.get(options.removals_field)
        if not isinstance(removals, list):
            raise LedgerError(
                f'record {record.number} has no list "{options.removals_field}"; name the ledger of the run'
            )
        try:
            return restore(record.text, removals)
        except LedgerError as error:
            raise LedgerError(f"record {record.number}: {error}; name the ledger of the run") from error

    return undo


def write_originals(clean: Path, target: Path, undo: Undo, options: FormatOptions) -> None:
    """Write the records of `clean` at `target`, with their original texts and without what a run added to them."""
    if isinstance(format_of(clean), Parquet):
        _write_rows(clean, target, undo, options)
    else:
        _write_lines(clean, target, undo, options)


def _write_lines(clean: Path, target: Path, undo: Undo, options: FormatOptions) -> None:
    form = format_of(clean)
    with packing(target.open("wb"), form.packing if isinstance(form, JsonLines) else "") as stream:
        for record in clean_records(clean, options):
            stream.write(_line(record, undo(record), options))


def _line(record: Record, text: str, options: FormatOptions) -> bytes:
    """A line with its text as it was; all other bytes stay, but for the fields that go."""
    line: JsonLine = record.origin
    edits = [_cut(line, name) for name in _added(options) if name in line.fields]
    if options.result_field == options.text_field and text != record.text:
        found = line.fields[options.text_field]
        written = [line.fields[name] for name in (options.text_field, options.removals_field) if name in line.fields]
        like = "".join(line.line[field.start : field.end] for field in written)
        edits.append((found.start, found.end, write_json(text, like)))
    parts, at = [], 0
    for start, end, new in sorted(edits):
        parts += [line.line[at:start], new]
        at = end
    whole = "".join([*parts, line.line[at:]]).rstrip("\n")
    mark = b"\xef\xbb\xbf" if record.number == 1 and (record.raw or b"").startswith(b"\xef\xbb\xbf") else b""
    return mark + whole.encode("utf-8") + b"\n"


def _added(options: FormatOptions) -> list[str]:
    """The fields that a run added."""
    out = [] if options.result_field == options.text_field else [options.result_field]
    return [*out, options.removals_field]


def _cut(line: JsonLine, name: str) -> tuple[int, int, str]:
    """The range that a field takes with the comma before it."""
    ends = [field.end for field in line.fields.values()]
    at = list(line.fields).index(name)
    if at:
        return ends[at - 1], ends[at], ""
    raise LedgerError(f'the field "{name}" is the first of a record, where no run puts it; name another one')


def _write_rows(clean: Path, target: Path, undo: Undo, options: FormatOptions) -> None:
    with opened(clean) as file:
        schema = file.schema_arrow
        for name in _added(options):
            if schema.get_field_index(name) >= 0:
                schema = schema.remove(schema.get_field_index(name))
        with file_writer(target, schema, json.loads(settings_of(file)), options, ledger=False) as out:
            number = 1
            for group in range(file.num_row_groups):
                for batch in batches_of(file, group):
                    out.write_table(
                        _restored(batch, number, schema, undo, options), row_group_size=max(1, batch.num_rows)
                    )
                    number += batch.num_rows


def _restored(batch: Any, first: int, schema: Any, undo: Undo, options: FormatOptions) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - an extra

    clean = values(batch.column(options.result_field), first)
    texts = [undo(Record(number, text or "")) for number, text in enumerate(clean, first)]
    kept = [None if text is None else original for text, original in zip(clean, texts, strict=True)]
    table = pa.Table.from_batches([batch])
    if options.result_field == options.text_field:
        field = schema.field(options.text_field)
        at = table.schema.get_field_index(options.text_field)
        table = table.set_column(at, field, text_array(kept, field.type))
    return table.select(schema.names).replace_schema_metadata(schema.metadata)
