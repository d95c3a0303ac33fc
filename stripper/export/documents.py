"""What an export is made of: the documents of a ledger, with their original texts where these are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Marked:
    """
    A document and what was removed from it.

    `name` is unique in the ledger: the file, and the record in it. `source` is the original text, empty where it was
    not asked for. `ledger` is the document's.
    """

    name: str
    source: str
    ledger: Mapping[str, Any]

    @property
    def removals(self) -> list[dict[str, Any]]:
        """The removals of the ledger."""
        found: list[dict[str, Any]] = self.ledger["removals"]
        return found
