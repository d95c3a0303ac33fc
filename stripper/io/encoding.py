"""Which encoding a text is in, where nobody says: by its bytes."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from stripper.errors import InputError

AUTO = "auto"
_LEAST = 0.1  # chardet's confidence; it was right in all of 298 texts above, and damaged texts are below
_NAMED = 4  # candidates that a message names
_PLAIN = frozenset("\t\n\r\f\v\x1b\x1c\x1d\x1e\x85\xa0\xad\ufeff")

_SEPARATORS = frozenset(" \n\u3000\u3001\u3002")


class Candidate(NamedTuple):
    """An encoding that a text may be in: Python's name of it, and a confidence from 0 to 1."""

    encoding: str
    confidence: float

    def __str__(self) -> str:
        return f"{self.encoding} {self.confidence:.2f}"


def guess(raw: bytes, name: str) -> str:
    """
    The encoding that bytes without a byte order mark are in.

    UTF-8 is told by being valid, UTF-16 by its zeros, all others by the statistics of chardet. `name` is what the
    message of the `InputError` calls the text where none is likely enough; it names those that were considered.
    """
    if b"\x1b" not in raw and _decodes(raw, "utf-8"):
        return "utf-8"
    considered = list(_candidates(raw))
    for candidate in considered:
        if candidate.confidence >= _LEAST and _decodes(raw, candidate.encoding):
            return candidate.encoding
    names = ", ".join(map(str, considered[:_NAMED])) or "utf-8, utf-16 and all that chardet knows; it may be no text"
    raise InputError(f"{name}: its encoding can't be told; left alone, say --encoding NAME. Considered: {names}")


def _candidates(raw: bytes) -> Iterator[Candidate]:
    """The encodings that chardet takes for possible, the likeliest first."""
    import chardet  # noqa: PLC0415 - its models are loaded for --encoding auto alone

    for found in chardet.detect_all(raw):
        known = _codec(found["encoding"] or "")
        if known and known.startswith("utf-16"):
            yield Candidate(_byte_order(raw), found["confidence"])
        elif known:
            yield Candidate(known, found["confidence"])
    if len(raw) % 2 == 0:
        yield Candidate(_byte_order(raw), _LEAST if _is_text(raw, _byte_order(raw)) else 0.0)


def _codec(name: str) -> str | None:
    """Python's name of an encoding; Latin-1 is called by that of its superset, which is what files are in."""
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return None
    return "cp1252" if known == "iso8859-1" else known


def _byte_order(raw: bytes) -> str:
    """UTF-16 in the order in which the higher bytes, those of the script, take fewer values."""
    return "utf-16-le" if len(set(raw[1::2])) <= len(set(raw[0::2])) else "utf-16-be"


def _decodes(raw: bytes, encoding: str) -> bool:
    """Whether all bytes are of the encoding, none of them a control character that texts don't have."""
    try:
        text = raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return not any(unicodedata.category(letter) == "Cc" for letter in set(text) - _PLAIN)


def _is_text(raw: bytes, encoding: str) -> bool:
    """Whether nearly all characters of a text are letters, marks and spaces, and some part its words."""
    if not _decodes(raw, encoding):
        return False
    text = raw[:20_000].decode(encoding)
    kinds = [unicodedata.category(letter) for letter in text]
    letters = sum(kind[0] in "LMZ" for kind in kinds)
    return bool(_SEPARATORS & set(text)) and not {"Cn", "Co"} & set(kinds) and letters > 0.8 * len(kinds)
