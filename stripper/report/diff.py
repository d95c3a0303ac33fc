"""The change to one text as a unified diff."""

from __future__ import annotations

import difflib

from stripper.result import StripResult


def diff(result: StripResult, name: str) -> str:
    """What goes, as `diff -u` writes it; empty where nothing does."""
    before, after = (text.splitlines(keepends=True) for text in (result.source, result.text))
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
