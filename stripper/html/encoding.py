"""
The characters of an HTML file: by byte order mark, by what the page declares, by what its bytes can be.

In the order of the HTML standard, but for one thing: bytes with letters beyond ASCII that are valid UTF-8
throughout are UTF-8 whatever the page declares. Servers recode pages and leave the old declaration in; no other
encoding gives such bytes by accident.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_PRESCAN = 4096  # bytes in which a declaration is looked for; the standard says 1024, many pages declare later
_DECLARED = re.compile(
    rb"""<meta\s[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]+)|^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
# What browsers take a name for (WHATWG Encoding Standard), where it is not what Python takes it for.
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-8",  # a declaration that can be read as ASCII is not in UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-7": "cp1252",
}
_SAMPLE = 40_000  # bytes that the detector looks at


@dataclass(frozen=True)
class DecodedPage:
    """
    The characters of an HTML file, and how its bytes were read.

    A byte order mark is the first character of `text`. `encoding` is Python's name of the codec. `damaged` counts the
    bytes or sequences that are not of that encoding and stand as U+FFFD in `text`.
    """

    text: str
    encoding: str
    damaged: int = 0


def decode_page(raw: bytes, encoding: str | None = None) -> DecodedPage:
    """
    The characters of a page: as `encoding` says, else as its bytes do.

    Nothing is refused: what can't be decoded is replaced by U+FFFD and counted. Raises `LookupError` for an `encoding`
    that Python does not have.
    """
    if encoding is not None:
        return _replacing(raw, codecs.lookup(encoding).name)
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return _replacing(raw, name)
    if utf16 := _unmarked_utf16(raw):
        return _replacing(raw, utf16)
    declared = _declared(raw)
    if declared in {"iso2022_jp", "hz"}:  # these look like ASCII
        return _replacing(raw, declared)
    try:
        return DecodedPage(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _replacing(raw, declared) if declared else _guessed(raw)


def _replacing(raw: bytes, name: str) -> DecodedPage:
    try:
        return DecodedPage(raw.decode(name), name)
    except UnicodeDecodeError:
        text = raw.decode(name, "replace")
        return DecodedPage(text, name, text.count("\ufffd"))


def _unmarked_utf16(raw: bytes) -> str | None:
    """UTF-16 without a mark: `<` and a letter of ASCII, each with a zero byte."""
    head = raw[:200].lstrip(b"\x00\t\n\r ")[:4]
    if len(raw) % 2 == 0 and raw[:200].count(0) > len(raw[:200]) // 3 and head[:1] == b"<":
        return "utf-16-be" if raw[:1] == b"\x00" else "utf-16-le"
    return None


def _declared(raw: bytes) -> str | None:
    """The codec that the page names in a `meta` element or XML declaration; None for none, or one that nobody has."""
    found = _DECLARED.search(_COMMENT.sub(b"", raw[:_PRESCAN]))
    if not found:
        return None
    try:
        name = codecs.lookup((found[1] or found[2]).decode("ascii", "replace")).name
        "".encode(name)  # refuses codecs that are not of text, such as base64
    except LookupError:
        return None
    return _READ_AS.get(name, name)


def _guessed(raw: bytes) -> DecodedPage:
    """The text by what its bytes can be: UTF-8 with some damage, else what the detector says, else Western."""
    damaged = raw.decode("utf-8", "replace")
    beyond = sum(char >= "\x80" for char in damaged)
    if damaged.count("\ufffd") * 10 < beyond:
        return DecodedPage(damaged, "utf-8", damaged.count("\ufffd"))
    from charset_normalizer import from_bytes  # noqa: PLC0415 - takes longer to import than most pages to decode

    best = from_bytes(raw[:_SAMPLE]).best()
    return _replacing(raw, codecs.lookup(best.encoding).name if best else "cp1252")
