"""All formats, by name and by the end of a file's name."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

from stripper.errors import ConfigError
from stripper.io.format import Format, WritableFormat
from stripper.io.jsonl import JsonLines
from stripper.io.pages import WebPages
from stripper.io.parquet import Parquet
from stripper.io.textdocument import TextDocuments
from stripper.io.warc import Warc


@cache
def formats() -> dict[str, Format]:
    """Every format by its name. What they need is imported when they are used."""
    known: list[Format] = [
        TextDocuments(),
        WebPages(),
        JsonLines(),
        JsonLines("gz"),
        JsonLines("zst"),
        Parquet(),
        Warc(),
    ]
    return {one.name: one for one in known}


def format_named(name: str) -> Format:
    """The format of that name; raises `ConfigError` for one that does not exist."""
    if name not in formats():
        near = difflib.get_close_matches(name, formats(), n=1)
        guess = f'did you mean "{near[0]}"?  ' if near else ""
        raise ConfigError(f'no format "{name}"; {guess}formats: {", ".join(formats())}')
    return formats()[name]


def format_of(path: Path) -> Format | None:
    """The format that a file's name ends as; None where none does."""
    name = path.name.lower()
    fitting = [
        (len(suffix), one.name) for one in formats().values() for suffix in one.suffixes if name.endswith(suffix)
    ]
    return formats()[max(fitting)[1]] if fitting else None


def writable(name: str) -> WritableFormat:
    """The format of that name, to write many documents in; raises `ConfigError` where that can't be."""
    found = format_named(name)
    if isinstance(found, WritableFormat):
        return found
    able = ", ".join(name for name, one in formats().items() if isinstance(one, WritableFormat))
    raise ConfigError(f"records can't be written as {name}; they can as {able}")
