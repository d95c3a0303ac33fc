"""The ledger of a run on disk: one line a document, or one file beside each output."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

from stripper.errors import InputError
from stripper.io.textfile import write_whole


class LedgerKind(str, Enum):
    """Where the ledger goes: a file beside each output, one file for the run, nowhere."""

    SIDECAR = "sidecar"
    JSONL = "jsonl"
    NONE = "none"


def to_entry(name: str, encoding: str, ledger: dict[str, Any]) -> dict[str, Any]:
    """One document's ledger as it goes to disk: the output file and how its characters are coded come first."""
    return {"file": name, "encoding": encoding, **ledger}


def to_line(entry: dict[str, Any]) -> str:
    """An entry as a line of JSON."""
    return json.dumps(entry, ensure_ascii=True)


def to_page(entry: dict[str, Any]) -> bytes:
    """An entry as a file of its own."""
    return (json.dumps(entry, indent=1) + "\n").encode("utf-8")


def sidecar(target: Path, *, in_place: bool = False) -> Path:
    """
    Where the ledger of one output lies: beside it.

    A file that is stripped in place a second time gets a second ledger; the first one is needed to restore it.
    """
    path = target.with_name(f"{target.name}.ledger.json")
    number = 2
    while in_place and path.exists():
        path = target.with_name(f"{target.name}.ledger.{number}.json")
        number += 1
    return path


def write_jsonl(path: Path, entries: dict[str, str]) -> None:
    """
    Write the run's ledger: `entries` are lines by file name.

    Lines that an earlier run wrote for other files of the same folder stay.
    """
    lines = {**{name: line for name, line in _earlier(path) if name not in entries}, **entries}
    content = "".join(f"{line}\n" for _, line in sorted(lines.items()))
    write_whole(path, content.encode("utf-8"))


def _earlier(path: Path) -> Iterable[tuple[str, str]]:
    if not path.exists():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [(str(json.loads(line)["file"]), line) for line in lines if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: not a ledger of stripper, so it is not overwritten; move it away or choose another -o"
        ) from error
