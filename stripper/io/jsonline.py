"""One line of JSON: where its fields stand, so that some can be replaced and all others stay byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*\\u)([0-9a-f]{4})")
_CAPITALS = re.compile(r"(?<!\\)(?:\\\\)*\\u(?=[0-9a-f]{0,3}[A-F])[0-9a-fA-F]{4}")
_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_BLANK = re.compile(r"[^ \t\n\r]|\Z")


class Number(NamedTuple):
    """A number as it is written: numbers are only copied, however long they are."""

    digits: str


_scan = json.JSONDecoder(parse_int=Number, parse_float=Number).raw_decode


class Field(NamedTuple):
    """A value of the object and where its JSON stands in the line."""

    value: Any
    start: int
    end: int


@dataclass(frozen=True)
class JsonLine:
    """A JSON object as it is written: its fields, and `end`, where its closing brace stands."""

    line: str
    fields: Mapping[str, Field]
    end: int

    def replaced(self, changes: Mapping[str, str]) -> str:
        """
        The line with other JSON for some fields; those that it does not have are put at its end.

        >>> parse('{"id": 1.50, "text": "x"}').replaced({"text": '"y"', "removals": "[]"})
        '{"id": 1.50, "text": "y", "removals": []}'
        """
        edits = sorted((self.fields[name].start, self.fields[name].end, new) for name, new in changes.items()
                       if name in self.fields)  # fmt: skip
        added = [f"{json.dumps(name)}: {new}" for name, new in changes.items() if name not in self.fields]
        end = len(self.line[: self.end].rstrip())
        lead = ", " if self.fields else ""
        edits.append((end, end, lead + ", ".join(added) if added else ""))
        parts, at = [], 0
        for start, stop, new in edits:
            parts += [self.line[at:start], new]
            at = stop
        return "".join([*parts, self.line[at:]])


def parse(line: str) -> JsonLine:
    """
    The object that a line is.

    Raises `ValueError` with what is wrong and at which column (from 1), also where a field is there twice.
    """
    at = _skip_blank(line, 0)
    if line[at : at + 1] != "{":
        raise ValueError(f"not a JSON object at column {at + 1}")
    fields: dict[str, Field] = {}
    try:
        at = _skip_blank(line, at + 1)
        while line[at] != "}" or fields:
            at = _member(line, at, fields)
            if line[at] == "}":
                break
            at = _skip_blank(line, at + 1)
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON: {error.msg} at column {error.pos + 1}") from error
    except IndexError as error:
        raise ValueError(f"not valid JSON: ends at column {len(line) + 1}") from error
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error
    rest = _skip_blank(line, at + 1)
    if rest < len(line):
        raise ValueError(f"not valid JSON: more after the object at column {rest + 1}")
    return JsonLine(line, fields, at)


def _member(line: str, at: int, fields: dict[str, Field]) -> int:
    """Read `"name": value` and the blank after it; the offset of the comma or brace that follows."""
    if line[at] != '"':
        raise json.JSONDecodeError("a field's name in double quotes is expected", line, at)
    name, after = _scan(line, at)
    if name in fields:
        raise json.JSONDecodeError(f"field {json.dumps(name)} is there twice", line, at)
    colon = _skip_blank(line, after)
    if line[colon] != ":":
        raise json.JSONDecodeError("a colon is expected", line, colon)
    start = _skip_blank(line, colon + 1)
    value, end = _scan(line, start)
    fields[name] = Field(value, start, end)
    stop = _skip_blank(line, end)
    if line[stop] not in ",}":
        raise json.JSONDecodeError("a comma or } is expected", line, stop)
    return stop


def write_json(value: Any, like: str) -> str:
    r"""
    JSON written as `like` is: plain or with ASCII alone, with slashes escaped, with capitals in escapes.

    >>> print(write_json("é/", r'"a\/b"'), write_json("é/", '"ü"'))
    "\u00e9\/" "é/"
    """
    plain = json.dumps(value, ensure_ascii=like.isascii())
    try:
        plain.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates can only be written as \ud800
        plain = json.dumps(value)
    if _SLASH.search(like):
        plain = plain.replace("/", "\\/")
    return _ESCAPE.sub(lambda found: found[1] + found[2].upper(), plain) if _CAPITALS.search(like) else plain


def _skip_blank(line: str, at: int) -> int:
    """The offset of the first character from `at` on that is not blank, or the line's length."""
    found = _BLANK.search(line, at)
    return found.start() if found else len(line)
