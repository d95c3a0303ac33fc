"""
tests/sample/pages.txt → tests/sample/records.jsonl: every page as three kinds of scrapers would give it.

A page begins with `=== slug | language | genre | url | title`. The first letter of a line says what it is: `B` body,
`L` an item of a list in the body, `F` front matter, `J` junk that extractors leave in, `R` junk that only a dump of
the whole page has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "sample"
LABELS = {"B": "body", "L": "body", "F": "front", "J": "boilerplate", "R": "boilerplate"}
Lines = list[tuple[str, str]]


def pages(source: str) -> Iterator[tuple[dict[str, str], Lines]]:
    """Head and lines of every page; a line is its mark and its text."""
    for page in source.split("=== ")[1:]:
        head, *lines = page.strip("\n").split("\n")
        names = ("slug", "lang", "genre", "url", "title")
        yield dict(zip(names, head.split(" | "), strict=True)), [(line[0], line[2:]) for line in lines]


def as_trafilatura(lines: Lines) -> tuple[str, Lines]:
    """A line a paragraph, lists with hyphens, no front matter."""
    return "\n", [(mark, f"- {text}" if mark == "L" else text) for mark, text in lines if mark in "BLJ"]


def as_newspaper(lines: Lines) -> tuple[str, Lines]:
    """Blank lines between paragraphs, lists without bullets."""
    return "\n\n", [line for line in lines if line[0] in "BLJ"]


def as_dump(lines: Lines) -> tuple[str, Lines]:
    """All text of the page."""
    return "\n", lines


WAYS: dict[str, Callable[[Lines], tuple[str, Lines]]] = {
    "trafilatura": as_trafilatura,
    "newspaper4k": as_newspaper,
    "body_text": as_dump,
}


def record(head: dict[str, str], extractor: str, lines: Lines) -> dict[str, Any]:
    """One page as one extractor gives it, labelled."""
    joint, shown = WAYS[extractor](lines)
    spans, at = [], 0
    for mark, text in shown:
        spans.append([at, at + len(text), LABELS[mark]])
        at += len(text) + len(joint)
    return {
        "id": f"sample-{head['slug']}",
        "source": "sample",
        "lang": head["lang"],
        "genre": head["genre"],
        "url": head["url"],
        "title": head["title"],
        "extractor": extractor,
        "text": joint.join(text for _, text in shown),
        "gold": "\n".join(text for mark, text in lines if mark in "BL"),
        "lines": spans,
    }


def records(source: str) -> str:
    """All records as JSON lines."""
    made = (record(head, extractor, lines) for head, lines in pages(source) for extractor in WAYS)
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in made)


if __name__ == "__main__":
    source = (FOLDER / "pages.txt").read_text(encoding="utf-8")
    (FOLDER / "records.jsonl").write_text(records(source), encoding="utf-8")
