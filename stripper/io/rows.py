"""Records of any format as rows of an Arrow table, whose columns are what their fields turn out to be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from stripper.errors import InputError
from stripper.io.arrow import pyarrow, removals_array
from stripper.io.format import FormatOptions, Record
from stripper.result import StripResult


def table_of_records(rows: Sequence[tuple[Record, StripResult]], options: FormatOptions) -> Any:
    """
    A table of results: the fields of the records, the clean body, the removals.

    A field that holds values of several kinds is written as JSON.
    """
    pa = pyarrow()
    fields = [_fields(record, result, options) for record, result in rows]
    names = list(dict.fromkeys(name for row in fields for name in row))
    columns = [_column([row.get(name) for row in fields]) for name in names if name != options.removals_field]
    columns.append(removals_array([result for _, result in rows]))
    return pa.table(columns, [*(name for name in names if name != options.removals_field), options.removals_field])


def check_encodable(record: Record, result: StripResult) -> None:
    """Whether Arrow can hold a text; raises `InputError` for lone surrogates, which have no UTF-8."""
    try:
        result.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"record {record.number}: a lone surrogate at character {error.start}, which Parquet can't hold; "
            "write JSON Lines"
        ) from error


def unified(schemas: Sequence[Any]) -> Any:
    """One schema for tables of some schemas: fields of different kinds become text."""
    pa = pyarrow()
    kinds: dict[str, list[Any]] = {}
    for schema in dict.fromkeys(schemas):
        for field in schema:
            kinds.setdefault(field.name, []).append(field)
    return pa.schema([_common(fields) for fields in kinds.values()], metadata=schemas[0].metadata)


def with_schema(table: Any, schema: Any) -> Any:
    """A table with the columns of a schema: nulls where it has none, JSON where the kinds are different."""
    pa = pyarrow()
    if table.schema.equals(schema):
        return table.replace_schema_metadata(schema.metadata)
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(table.num_rows, field.type))
        elif pa.types.is_string(field.type) and not pa.types.is_string(table.schema.field(field.name).type):
            columns.append(pa.array(_as_json(table.column(field.name).to_pylist()), pa.string()))
        else:
            columns.append(table.column(field.name).cast(field.type))
    return pa.table(columns, schema=schema)


def _fields(record: Record, result: StripResult, options: FormatOptions) -> dict[str, Any]:
    known = {options.url_field: record.url, options.language_field: record.language or result.language}
    given = {name: value for name, value in known.items() if value is not None}
    return {**given, **record.fields, options.result_field: result.text}


def _column(values: list[Any]) -> Any:
    pa = pyarrow()
    try:
        return pa.array(values)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError):
        return pa.array(_as_json(values), pa.string())


def _as_json(values: Iterable[Any]) -> list[str | None]:
    """Texts as they are, where UTF-8 can hold them; all else as JSON."""
    return [value if _is_plain(value) else json.dumps(value, default=str) for value in values]


def _is_plain(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value))


def _common(fields: Sequence[Any]) -> Any:
    pa = pyarrow()
    if len(fields) == 1:
        return fields[0]
    try:
        return pa.unify_schemas([pa.schema([field]) for field in fields], promote_options="permissive").field(0)
    except pa.ArrowException:
        return pa.field(fields[0].name, pa.string())
