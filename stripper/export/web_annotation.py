"""
W3C Web Annotation (JSON-LD): one collection of all documents, an annotation for each removal.

Targets are selected twice, by position and by quotation, both in the original text and in code points, as the Web
Annotation Data Model counts. A target's source is the name of the text file, relative to the collection; `scope` is the
page that the text is from.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from stripper import __version__
from stripper.export.documents import Marked

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_AROUND = 32  # characters before and after a quotation


def collection(documents: Iterable[Marked]) -> Iterator[str]:
    """The pieces of an annotation collection, whose only page holds all annotations."""
    yield (
        f'{{"@context": "{CONTEXT}", "type": "AnnotationCollection", "label": "Removed by stripper {__version__}",\n'
        ' "first": {"type": "AnnotationPage", "startIndex": 0, "items": ['
    )
    total = 0
    for document in documents:
        for one in annotations_of(document):
            yield ("," if total else "") + "\n" + json.dumps(one)
            total += 1
    yield f'\n]}},\n "total": {total}}}\n'


def annotations_of(document: Marked) -> Iterator[dict[str, Any]]:
    """The annotations of one document."""
    for removal in document.removals:
        yield {
            "id": _id(document, removal),
            "type": "Annotation",
            "motivation": "classifying",
            "generator": {"type": "Software", "name": f"stripper {__version__}"},
            "body": [
                {"type": "TextualBody", "purpose": "classifying", "format": "text/plain", "value": removal["label"]},
                {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": _why(removal)},
            ],
            "target": _target(document, removal),
        }


def _id(document: Marked, removal: dict[str, Any]) -> str:
    """An IRI that is the same whenever the same ledger is exported."""
    what = (document.name, document.ledger["source"]["sha256"], removal["start"], removal["end"], removal["rule"])
    return uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(what)).urn


def _why(removal: dict[str, Any]) -> str:
    reasons = "; ".join(one["why"] for one in removal.get("evidence", ()))
    return f"{removal['rule']}, confidence {removal['confidence']:.2f}" + (f": {reasons}" if reasons else "")


def _target(document: Marked, removal: dict[str, Any]) -> dict[str, Any]:
    start, end, text = removal["start"], removal["end"], document.source
    target: dict[str, Any] = {
        "source": quote(document.name.encode("utf-8", "surrogateescape")),
        "selector": [
            {"type": "TextPositionSelector", "start": start, "end": end},
            {
                "type": "TextQuoteSelector",
                "exact": removal["text"],
                "prefix": text[max(0, start - _AROUND) : start],
                "suffix": text[end : end + _AROUND],
            },
        ],
    }
    if url := document.ledger.get("url"):
        target["scope"] = url
    return target
