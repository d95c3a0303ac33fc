"""Web pages as a format: a file is one document, its text what `stripper.html` takes from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stripper.errors import ExtractionError, InputError
from stripper.io.encoding import AUTO
from stripper.io.format import BadRecord, Chunk, FormatOptions, Record
from stripper.io.textdocument import size_of
from stripper.io.textfile import read_whole

if TYPE_CHECKING:
    from stripper.pipeline import Stripper
    from stripper.result import StripResult


@dataclass(frozen=True)
class WebPages:
    """HTML files; what is written is the text of the page, in UTF-8."""

    name: str = "html"
    suffixes: tuple[str, ...] = (".html", ".htm", ".xhtml")
    written_as: str = "text"
    single: bool = True

    def chunks(self, path: Path | None, options: FormatOptions) -> Iterator[Chunk | BadRecord]:  # noqa: ARG002
        """The file is the only chunk."""
        yield Chunk(0, None, "", size_of(path))

    def records(self, path: Path | None, chunk: Chunk, options: FormatOptions) -> Iterator[Record | BadRecord]:  # noqa: ARG002
        """The page in the file."""
        if path is None:
            raise InputError("standard input: web pages are read from files")
        yield read_page(read_whole(path), options)


def read_page(raw: bytes, options: FormatOptions, *, number: int = 0, url: str | None = None) -> Record | BadRecord:
    """The record that a web page is, taken from it within the limits of `stripper.html`, or why there is none."""
    from stripper.html.worker import default_worker  # noqa: PLC0415 - where no page comes, nothing of it is loaded

    encoding = None if options.encoding == AUTO else options.encoding  # a page tells its own
    try:
        page = default_worker().extract(raw, url=url or options.url, encoding=encoding)
    except ExtractionError as error:
        return BadRecord(number, str(error), raw)
    return Record(number, page.text, page.url, raw=raw, origin="utf-8", page=page)


def strip_record(stripper: Stripper, record: Record) -> tuple[StripResult, Callable[[], dict[str, Any]]]:
    """What becomes of a record, and its ledger, which for a web page says where in the HTML everything stands."""
    if record.page is None:
        result = stripper.strip(record.text, record.url, record.language)
        return result, result.to_dict
    from stripper.html.result import strip_page  # noqa: PLC0415

    page = strip_page(record.page, stripper, language=record.language)
    return page.result, page.to_dict
