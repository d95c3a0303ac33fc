"""TOML with line numbers: what `tomli` reads, and on which line each key stands."""

from __future__ import annotations

import re
from typing import Any

import tomli

from stripper.errors import Problem

Path = tuple["str | int", ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=""")
_FENCE = re.compile("'''|\"\"\"")


def parse(source: str, path: str) -> dict[str, Any] | Problem:
    """The tables of a TOML file, or the problem that makes it unreadable."""
    try:
        return tomli.loads(source)
    except tomli.TOMLDecodeError as error:
        return Problem(path, getattr(error, "lineno", 0), f"not valid TOML: {error}")


class Lines:
    """Where the keys of a TOML file stand: 1-based line numbers by path, `("rule", 0, "when", "position")`."""

    def __init__(self, source: str) -> None:
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._scan(source)

    def of(self, *path: str | int) -> int:
        """The line of the key, or of the nearest table around it; 1 for the file."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def _scan(self, source: str) -> None:
        table: Path = ()
        fence = ""  # the quotes that close the multi-line string we are in
        for number, line in enumerate(source.split("\n"), 1):
            if not fence:
                if header := _HEADER.match(line):
                    table = self._open(header[1], header[2].split("."))
                    self._lines.setdefault(table, number)
                elif key := _KEY.match(line):
                    self._lines.setdefault((*table, *key[1].strip("\"'").split(".")), number)
            for quotes in _FENCE.findall(line):
                fence = quotes if not fence else "" if quotes == fence else fence

    def _open(self, brackets: str, names: list[str]) -> Path:
        """The path of a header, array indexes filled in; `[[…]]` begins a new element."""
        path: Path = ()
        for depth, name in enumerate(names):
            path = (*path, name.strip())
            if brackets == "[[" and depth == len(names) - 1:
                self._counts[path] = self._counts.get(path, -1) + 1
            if path in self._counts:
                path = (*path, self._counts[path])
        return path
