"""Arrow tables: a column of texts stripped, the ledger beside it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from stripper.default import default_stripper
from stripper.errors import ConfigError, InputError
from stripper.pipeline import Stripper
from stripper.result import StripResult

if TYPE_CHECKING:
    import pyarrow as pa

    Tabular = TypeVar("Tabular", pa.Table, pa.RecordBatch)

_log = logging.getLogger("stripper")
LEAVES = ("start", "end", "label", "rule", "confidence")
_ROWS = 1000  # rows that are held as Python objects at once
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_][A-Za-z-]+)?")


def pyarrow() -> Any:
    """The module; raises `ConfigError` where it is not installed."""
    try:
        import pyarrow as module  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError("Arrow and Parquet need an extra: pip install 'article-stripper[parquet]'") from error
    return module


def strip_table(  # noqa: PLR0913 - names of columns, all but the first by name
    table: Tabular,
    column: str = "text",
    *,
    url_column: str | None = None,
    language_column: str | None = None,
    removals_column: str | None = "removals",
    stripper: Stripper | None = None,
) -> Tabular:
    """
    The table (or record batch) with the texts of `column` stripped and a last column of what was removed from each.

    That column is a `list<struct<start, end, label, rule, confidence>>`, offsets in code points of the text as given;
    None leaves it out. Type, order and metadata of all other columns stay, and so do chunks. A null text stays null, as
    do the removals of a text that a rule ran out of time on (logged as a warning). Texts may be `string`,
    `large_string`, `string_view` or a dictionary of these.

    Raises `ConfigError` for a column that is not there, is not of text, or would be overwritten, and `InputError` for
    one that is not UTF-8.
    """
    pa = pyarrow()
    schema = table.schema
    check_text_column(schema, column)
    for name in filter(None, (url_column, language_column)):
        check_text_column(schema, name)
    if removals_column is not None:
        check_new_column(schema, removals_column)
    urls, languages = (table.column(name) if name else None for name in (url_column, language_column))
    texts = table.column(column)
    chunks = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
    stripped = list(_stripped(stripper or default_stripper(), chunks, urls, languages))
    at, field = schema.get_field_index(column), schema.field(column)
    if isinstance(texts, pa.ChunkedArray):
        clean = pa.chunked_array([text for text, _ in stripped], field.type)
        removals = pa.chunked_array([removal for _, removal in stripped], removals_type())
    else:
        ((clean, removals),) = stripped
    table = table.set_column(at, field, clean)
    return table if removals_column is None else table.append_column(removals_column, removals)


def removals_type() -> Any:
    """The Arrow type of the ledger's column."""
    pa = pyarrow()
    kinds = (pa.int64(), pa.int64(), pa.string(), pa.string(), pa.float64())
    return pa.list_(pa.struct(list(zip(LEAVES, kinds, strict=True))))


def removals_array(results: Sequence[StripResult | None]) -> Any:
    """The ledger's column for some results; null for one that is missing or failed."""
    rows = [
        None
        if result is None or result.failed
        else [
            {
                "start": removal.start,
                "end": removal.end,
                "label": removal.label,
                "rule": removal.rule,
                "confidence": round(removal.confidence, 4),
            }
            for removal in result.removals
        ]
        for result in results
    ]
    return pyarrow().array(rows, removals_type())


def text_array(texts: Sequence[str | None], kind: Any) -> Any:
    """Texts as an array of the type that they came in, dictionaries included."""
    pa = pyarrow()
    if pa.types.is_dictionary(kind):
        return pa.array(texts, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(texts, kind)


def check_text_column(schema: Any, name: str) -> None:
    """Whether a table has one column of that name, of text; raises `ConfigError` that names the columns there are."""
    count = len(schema.get_all_field_indices(name))
    if count != 1:
        there = ", ".join(f"{field.name} ({field.type})" for field in schema) or "none"
        raise ConfigError(f'{count or "no"} column{"s" if count else ""} "{name}"; columns: {there}')
    kind = schema.field(name).type
    if not is_text(kind):
        raise ConfigError(
            f'column "{name}" is {kind}; it takes string, large_string, string_view or a dictionary of it'
        )


def check_new_column(schema: Any, name: str) -> None:
    """Whether a column can be added; raises `ConfigError` where one of that name is there."""
    if schema.get_all_field_indices(name):
        raise ConfigError(
            f'there is a column "{name}" already, which is not overwritten; name another one for the removals'
        )


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is one of texts."""
    types = pyarrow().types
    value = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(value) or types.is_large_string(value) or types.is_string_view(value))


def values(array: Any, first: int = 0) -> list[str | None]:
    """The texts of an array; raises `InputError` that names the row (`first` and on) of one that is not UTF-8."""
    try:
        return list(array.to_pylist())
    except UnicodeDecodeError:
        return [_value(value, row) for row, value in enumerate(array, first)]


def _value(value: Any, row: int) -> str | None:
    try:
        text: str | None = value.as_py()
    except UnicodeDecodeError as error:
        raise InputError(f"row {row}: not UTF-8: {error.reason} at byte {error.start}") from error
    return text


def language_code(value: str | None) -> str | None:
    """The ISO 639-1 code that a column gives ("en", "en-US"); None for anything else, which is then detected."""
    known = _LANGUAGE.fullmatch(value) if value else None
    return known[1] if known else None


def _stripped(stripper: Stripper, chunks: Sequence[Any], urls: Any, languages: Any) -> Iterator[tuple[Any, Any]]:
    """Clean texts and removals of each chunk."""
    row = 0
    for chunk in chunks:
        results: list[StripResult | None] = []
        clean: list[str | None] = []
        for start in range(0, len(chunk), _ROWS):
            piece = chunk.slice(start, _ROWS)
            done = _strip_rows(
                stripper, row, values(piece, row), _column(urls, row, piece), _column(languages, row, piece)
            )
            clean += [result.text if result else None for result in done]
            results += done
            row += len(piece)
        yield text_array(clean, chunk.type), removals_array(results)


def _column(column: Any, row: int, like: Any) -> list[str | None]:
    return [None] * len(like) if column is None else values(column.slice(row, len(like)), row)


def _strip_rows(
    stripper: Stripper, first: int, texts: list[str | None], urls: list[str | None], languages: list[str | None]
) -> list[StripResult | None]:
    """The results of some rows; None for a null text."""
    given = [(text, url, language_code(language)) for text, url, language in zip(texts, urls, languages, strict=True)]
    present = [document for document in given if document[0] is not None]
    results = iter(stripper.strip_batch(*map(list, zip(*present, strict=True)))) if present else iter(())
    rows = [None if text is None else next(results) for text in texts]
    for number, result in enumerate(rows, first):
        if result is not None and result.failed:
            _log.warning("row %d: %s", number, result.problem)
    return rows
