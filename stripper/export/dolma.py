"""
Attributes of dolma: a line a document, spans `[start, end, score]` by attribute.

Spans are code points of the original text. Attributes are called `stripper__stripper__LABEL`, which dolma's mixer
selects by `$.attributes.stripper__stripper__LABEL`. Documents come in the order of the ledger, those without removals
too, as the mixer wants its attributes beside its documents line by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from stripper.export.documents import Marked

_PREFIX = "stripper__stripper__"


def attributes(documents: Iterable[Marked]) -> Iterator[str]:
    """The line of each document."""
    for document in documents:
        spans: dict[str, list[tuple[int, int, float]]] = {}
        for removal in document.removals:
            name = _PREFIX + removal["label"].replace("-", "_")
            spans.setdefault(name, []).append((removal["start"], removal["end"], removal["confidence"]))
        yield json.dumps({"id": document.name, "attributes": spans}) + "\n"
