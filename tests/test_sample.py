"""The sample of our own making: pages in many languages and genres, and how much of their junk goes."""

from __future__ import annotations

import json
from pathlib import Path

from make_sample import records

from stripper.cli.main import main

SAMPLE = Path(__file__).parent / "sample"
MADE = SAMPLE / "records.jsonl"


def test_the_records_are_made_from_the_pages() -> None:
    pages = (SAMPLE / "pages.txt").read_text(encoding="utf-8")
    assert MADE.read_text(encoding="utf-8") == records(pages), "run tests/make_sample.py"


def test_labels_cover_the_lines_of_the_text() -> None:
    for one in map(json.loads, MADE.read_text(encoding="utf-8").splitlines()):
        spans = [one["text"][start:end] for start, end, _ in one["lines"]]
        assert spans == [line for line in one["text"].split("\n") if line]


def test_it_has_many_languages_and_genres() -> None:
    made = [json.loads(line) for line in MADE.read_text(encoding="utf-8").splitlines()]
    assert len({one["lang"] for one in made}) >= 15
    assert len({one["genre"] for one in made}) >= 12


def test_its_floors_hold() -> None:
    assert main(["eval", str(MADE), "--floors", str(SAMPLE / "floors.json")]) == 0
