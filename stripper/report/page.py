"""The report page put together: one file that loads nothing, under a policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

GENERATOR = b'<!doctype html>\n<meta charset="utf-8">\n<meta name="generator" content="stripper report">\n'


def page(index: Any, documents: Iterable[bytes]) -> Iterator[bytes]:
    """
    The bytes of the page, part by part.

    `index` is what the page knows from the start; each of `documents` is the JSON of one text (see `embedded`), in the
    order in which the index names them, and read only when it is opened.
    """
    script, style = _part("page.js"), _part("page.css")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    yield GENERATOR
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'.encode()
    yield _part("page.html").replace("/* style */", style).encode()
    yield b'<script type="application/json" id="index">' + embedded(index) + b"</script>\n"
    yield f"<script>{script}</script>\n".encode()
    for number, document in enumerate(documents):
        yield b'<script type="application/json" id="document-%d">' % number + document + b"</script>\n"


def embedded(value: Any) -> bytes:
    r"""
    JSON that can stand inside a script element: nothing in it can end the element or begin a comment.

    Lone surrogates, which UTF-8 has no form for, become escapes too.

    >>> embedded("</script>\u2028\ud800")
    b'"\\u003c/script\\u003e\\u2028\\ud800"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029\x7f":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode("utf-8", "backslashreplace")


@cache
def _part(name: str) -> str:
    return (files("stripper.report") / name).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    """How a content security policy names the source of an element."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
