"""What an export is made of: the documents of a ledger, with their original texts where these are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripper.errors import ConfigError, LedgerError, StripperError
from stripper.io.format import FormatOptions
from stripper.io.ledgerfile import read_entries
from stripper.run.restore import Original, OriginalRecords, clean_of, original_of, originals


@dataclass(frozen=True)
class Marked:
    """
    A document and what was removed from it.

    `name` is unique in the ledger: the file, and the record in it. `source` is the original text, empty where it was
    not asked for.
    """

    name: str
    source: str
    ledger: Mapping[str, Any]

    @property
    def removals(self) -> list[dict[str, Any]]:
        """The removals of the ledger, sorted and disjoint."""
        found: list[dict[str, Any]] = self.ledger["removals"]
        return found


def marked(ledger: Path) -> Iterator[Marked | StripperError]:
    """The documents of a ledger without their texts; an error stands in the place of an entry that is none."""
    for entry in read_entries(ledger):
        yield entry if isinstance(entry, LedgerError) else Marked(entry.name, "", entry.ledger)


def marked_texts(ledger: Path, clean: Path | None, options: FormatOptions) -> Iterator[Marked | StripperError]:
    """
    The documents of a ledger with their original texts, restored from the clean ones and checked.

    `clean` is the file or folder with the clean texts; None where it lies beside the ledger as a run leaves it. An
    error stands in the place of a file that can't be restored.
    """
    failures: list[str] = []
    place = clean or clean_of(ledger)
    if not place.exists():
        raise ConfigError(f"{place}: no such file or folder; name the clean texts: --clean PATH")
    found = originals(place, ledger, failures) if place.is_dir() else iter([original_of(place, ledger)])
    for original in found:
        yield from _documents(original, place, options)
    yield from map(LedgerError, failures)


def _documents(
    original: Original | OriginalRecords, place: Path, options: FormatOptions
) -> Iterator[Marked | StripperError]:
    try:
        for entry, text in original.documents(options):
            yield Marked(entry.name if entry.file else place.name, text, entry.ledger)
    except StripperError as error:
        yield error
