"""
WARC and WET, plain, gzipped or in zstd: read only; results are records of another format.

The texts are those of `conversion` records (WET), of web pages (`response` and `resource` records with HTML), and of
`resource` records with plain text. All else of an archive, requests and images among it, is passed over; so are pages
that a server sent with another status than 200. The parent reads the archive, since its members can't be found without
unpacking it; a worker gets the records themselves.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from stripper.errors import ConfigError, InputError
from stripper.io.compressed import Unpacked
from stripper.io.format import BadRecord, Chunk, FormatOptions, Record
from stripper.io.pages import read_page

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_HTML = re.compile(rb"(?im)^content-type:\s*(?:text/html|application/xhtml\+xml)\b")
_IS_HTML = re.compile(r"\s*(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_IS_TEXT = re.compile(r"\s*text/plain\b", re.IGNORECASE)


_BROWSERS = {"utf-8": None, "ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}


class Held(NamedTuple):
    """A record on its way to a worker: its number (from 1), its offset in the file, its headers, its block."""

    number: int
    offset: int
    headers: dict[str, str]
    block: bytes

    def whole(self) -> bytes:
        """The record as an archive without compression has it."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return f"WARC/1.1\r\n{lines}\r\n".encode() + self.block + b"\r\n\r\n"


@dataclass(frozen=True)
class Warc:
    """Web archives of ISO 28500 and their extracted texts."""

    name: str = "warc"
    suffixes: tuple[str, ...] = tuple(f".{kind}{end}" for kind in ("warc", "wet") for end in ("", ".gz", ".zst"))
    written_as: str = "jsonl"
    single: bool = False

    def chunks(self, path: Path | None, options: FormatOptions) -> Iterator[Chunk | BadRecord]:
        """
        Records with texts, about `chunk_bytes` at once.

        A record that is broken is a `BadRecord` with its offset. Where the archive can't be read on, the last one says
        behind which record.
        """
        cutter = _Cutter(options.chunk_bytes)
        with _opened(path) as (stream, size):
            for found in _scan(stream, options):
                if isinstance(found, BadRecord):
                    yield found
                elif chunk := cutter.add(found):
                    yield chunk
        if chunk := cutter.last(size):
            yield chunk

    def records(self, path: Path | None, chunk: Chunk, options: FormatOptions) -> Iterator[Record | BadRecord]:  # noqa: ARG002
        """The texts of a chunk; a page without text is a `BadRecord`."""
        held: tuple[Held, ...] = chunk.place
        for one in held:
            found = _read(one, options)
            if found is not None:
                yield found


def _fastwarc() -> Any:
    try:
        from fastwarc import warc  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError("WARC and WET need an extra: pip install 'article-stripper[warc]'") from error
    return warc


@contextmanager
def _opened(path: Path | None) -> Iterator[tuple[IO[bytes], int]]:
    """The archive and its size in bytes (0 where that can't be told)."""
    if path is None:
        yield sys.stdin.buffer, 0
        return
    try:
        with path.open("rb") as stream:
            yield stream, path.stat().st_size
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from error


def _scan(stream: IO[bytes], options: FormatOptions) -> Iterator[Held | BadRecord]:
    """The records that may hold a text, and those that are broken."""
    archive = _fastwarc().ArchiveIterator(stream, parse_http=False)
    number, last, at = 0, 0, "at its beginning"
    found: Held | BadRecord | None = None
    while True:
        try:
            record = next(archive, None)
            if record is None:
                break
            number, last = number + 1, record.stream_pos
            at = f"behind record {number}, which begins at byte {record.stream_pos}"
            found = _held(record, number, options)
        except OSError as error:  # all that the reader finds wrong with an archive
            yield BadRecord(number + 1, f"can't be read on {at}: {error}")
            return
        if found is not None:
            yield found
    if not isinstance(found, BadRecord) and (cut := _cut_off(stream, last)):
        yield BadRecord(number + 1, f"can't be read on {at}: gzip {cut}")


def _cut_off(stream: IO[bytes], last: int) -> str | None:
    """
    Where a gzipped archive ends in the middle of a member, which its reader takes for the end; None where it does not.

    Only what begins at the last record is looked at; standard input can't be.
    """
    if not stream.seekable() or stream.seek(0) or stream.read(2) != b"\x1f\x8b":
        return None
    size = stream.seek(0, io.SEEK_END)
    start = stream.seek(last if last < size else 0)  # at the end: all records are in one member
    unpacked = Unpacked(stream, "gz", sys.maxsize)
    while unpacked.read(1 << 16):
        pass
    return unpacked.broken and f"{unpacked.broken.rpartition(' ')[0]} {start + unpacked.position}"


def _held(record: WarcRecord, number: int, options: FormatOptions) -> Held | BadRecord | None:
    """A record that may hold a text; what is wrong with it; None for any other."""
    at, length = f"the record at byte {record.stream_pos}", record.headers.get("Content-Length")
    if length is None or not length.isdecimal():
        return BadRecord(number, f"{at} is cut off in its headers, or has no length")
    kind = record.headers.get("WARC-Type", "")
    if kind not in ("conversion", "response", "resource"):
        return None
    if int(length) > options.longest_record:
        return BadRecord(number, f"{at} has {length} bytes, more than {options.longest_record}")
    held = Held(number, record.stream_pos, dict(record.headers.items()), record.reader.read())
    if len(held.block) < int(length):
        return BadRecord(number, f"{at} is cut off: {len(held.block)} of {length} bytes")
    if not _is_intact(held.block, held.headers.get("WARC-Block-Digest")):
        return BadRecord(number, f"{at} is damaged: it does not fit its digest")
    is_image_or_so = kind == "response" and not _HTML.search(held.block.partition(b"\r\n\r\n")[0])
    return None if is_image_or_so else held


def _is_intact(block: bytes, digest: str | None) -> bool:
    """Whether a block fits its digest, such as `sha1:` and Base32; one that can't be checked is taken on trust."""
    name, _, expected = (digest or "").partition(":")
    if name.lower().replace("-", "") not in ("md5", "sha1", "sha256", "sha512"):
        return True
    actual = hashlib.new(name.lower().replace("-", ""), block, usedforsecurity=False)
    encoded = base64.b32encode(actual.digest()).decode().rstrip("=")
    return expected.rstrip("=").lower() in (encoded.lower(), actual.hexdigest())


@dataclass
class _Cutter:
    """Gathers records until they make a chunk."""

    chunk_bytes: int
    number: int = 0
    start: int = 0
    size: int = 0
    held: list[Held] = field(default_factory=list)

    def add(self, record: Held) -> Chunk | None:
        """The chunk that a record completes by beginning behind it."""
        chunk = self.last(record.offset) if self.held and self.size >= self.chunk_bytes else None
        self.held.append(record)
        self.size += len(record.block)
        return chunk

    def last(self, end: int) -> Chunk | None:
        """What was gathered, which ends at byte `end` of the file; None for nothing."""
        if not self.held:
            return None
        place, digest = tuple(self.held), hashlib.sha256()
        for record in place:
            digest.update(repr((record.number, record.offset, record.headers)).encode("utf-8", "backslashreplace"))
            digest.update(record.block)
        chunk = Chunk(self.number, place, digest.hexdigest(), max(0, end - self.start))
        self.number, self.start, self.size, self.held = self.number + 1, max(end, self.start), 0, []
        return chunk


def _read(held: Held, options: FormatOptions) -> Record | BadRecord | None:
    """The text of a record; None for a page that is none."""
    kind, content = held.headers.get("WARC-Type"), held.headers.get("Content-Type", "")
    if kind == "conversion" or _IS_TEXT.match(content):
        return _plain(held)
    if kind == "resource":
        return _page(held, held.block, None, options) if _IS_HTML.match(content) else None
    try:
        record = next(_fastwarc().ArchiveIterator(io.BytesIO(held.whole()), parse_http=True, auto_decode="all"))
        if record.http_headers is None or record.http_headers.status_code != 200:
            return None
        html = record.reader.read(options.longest_record + 1)
    except OSError as error:
        return BadRecord(held.number, f"the page at byte {held.offset} can't be decoded: {error}", held.whole())
    if len(html) > options.longest_record:
        reason = f"the page at byte {held.offset} has more than {options.longest_record} bytes"
        return BadRecord(held.number, reason, held.whole())
    return _page(held, html, record.http_charset, options)


def _plain(held: Held) -> Record | BadRecord:
    try:
        text = held.block.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"the text at byte {held.offset} is not UTF-8: {error.reason} at its byte {error.start}"
        return BadRecord(held.number, reason, held.whole())
    return Record(
        held.number, text, held.headers.get("WARC-Target-URI"), raw=held.whole(), tell_fields=_fields(held, text, {})
    )


def _page(held: Held, html: bytes, charset: str | None, options: FormatOptions) -> Record | BadRecord:
    given = replace(options, encoding=_charset(html, charset))
    found = read_page(html, given, number=held.number, url=held.headers.get("WARC-Target-URI"))
    if isinstance(found, BadRecord):
        return replace(found, reason=f"the page at byte {held.offset}: {found.reason}", raw=held.whole())
    title = found.page.title if found.page else None
    return replace(found, origin=None, raw=held.whole(), tell_fields=_fields(held, found.text, {"title": title}))


def _charset(html: bytes, charset: str | None) -> str | None:
    """
    The encoding that the HTTP header names; None to go by the page itself.

    Servers name one for all of their pages, so bytes that are UTF-8 are taken for that.
    """
    try:
        name = codecs.lookup(charset or "utf-8").name
        "".encode(name)  # refuses codecs that are not of text
    except LookupError:
        return None
    if name in ("iso2022_jp", "hz") or name.startswith("utf-16"):  # these can look like UTF-8
        return name
    return None if _is_utf8(html) else _BROWSERS.get(name, name)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _fields(held: Held, text: str, more: dict[str, str | None]) -> Callable[[], dict[str, str | None]]:
    fields = {
        "id": held.headers.get("WARC-Record-ID", "").strip("<>") or None,
        "url": held.headers.get("WARC-Target-URI"),
        "date": held.headers.get("WARC-Date"),
        "warc_type": held.headers.get("WARC-Type"),
        **more,
        "text": text,
    }
    return lambda: dict(fields)
