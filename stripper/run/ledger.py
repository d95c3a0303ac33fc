"""The ledger of a run on disk: one line a document, or one file beside each output."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Any

from stripper.errors import InputError
from stripper.io.textfile import replacing


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


def beside(target: Path) -> Path:
    """Where the ledger of an output of many documents lies, a line a document, where it lies beside it."""
    return target.with_name(f"{target.name}.ledger.jsonl")


def refuse_foreign(path: Path) -> None:
    """Raise `InputError` where a file at `path` is no ledger of a run, which would be overwritten."""
    for _ in _lines(path):
        pass


def merge_into(path: Path, new: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    """
    Write the run's ledger: `new` are the lines of each output's documents by its name, in the order of the names.

    Lines that an earlier run wrote for other outputs of the same folder stay. Raises `InputError`.
    """
    with replacing(path) as temporary, temporary.open("wb") as stream:
        for _, lines in _merged(_by_name(path), new):
            stream.writelines(lines)


def _merged(
    earlier: Iterator[tuple[str, Iterable[bytes]]], new: Iterable[tuple[str, Iterable[bytes]]]
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Both in the order of their names; of what both have, the new."""
    old = next(earlier, None)
    for name, lines in new:
        while old and old[0] < name:
            yield old
            old = next(earlier, None)
        if old and old[0] == name:
            for _ in old[1]:
                pass
            old = next(earlier, None)
        yield name, lines
    while old:
        yield old
        old = next(earlier, None)


def _by_name(path: Path) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The lines of an earlier ledger by output, in the order of their names, which may not be that of the file."""
    names = [name for name, _ in groupby(name for name, _, _ in _lines(path))]
    if names == sorted(set(names)):
        yield from _in_order(path)
        return
    places: dict[str, list[tuple[int, int]]] = {}
    for name, start, size in _lines(path):
        places.setdefault(name, []).append((start, size))
    for name in sorted(places):
        yield name, read_ranges(path, places[name])


def _in_order(path: Path) -> Iterator[tuple[str, Iterable[bytes]]]:
    for name, places in groupby(_lines(path), key=lambda line: line[0]):
        yield name, read_ranges(path, ((start, size) for _, start, size in places))


def read_ranges(path: Path, places: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """The bytes of a file in each of the ranges (first byte, size), in pieces."""
    with path.open("rb") as stream:
        for start, size in places:
            stream.seek(start)
            rest = size
            while rest and (piece := stream.read(min(rest, 1 << 20))):
                rest -= len(piece)
                yield piece


def _lines(path: Path) -> Iterator[tuple[str, int, int]]:
    """The output that each line of a ledger is about, and where the line stands; nothing where there is no file."""
    if not path.exists():
        return
    at = 0
    try:
        with path.open("rb") as stream:
            for line in stream:
                if line.strip():
                    yield _name(line), at, len(line)
                at += len(line)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: not a ledger of stripper, so it is not overwritten; move it away or choose another -o"
        ) from error


_START = '{"file": '
_scan = json.JSONDecoder().raw_decode


def _name(line: bytes) -> str:
    head = line[: 1 << 16].decode("ascii", "replace")
    if head.startswith(_START) and line.endswith(b"}\n"):  # a whole line as this program writes it
        return str(_scan(head, len(_START))[0])
    return str(json.loads(line)["file"])
