"""The fast path gives what the reference gives, byte for byte."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FIXTURES, read_cases
from reference import reference_of, told

from stripper import Stripper

SHARED = Path(__file__).parents[2] / "shared" / "bench"
RECORDS = sorted(SHARED.glob("dev/*.jsonl.gz")) + sorted(SHARED.glob("mixed/*.jsonl.gz"))
EVERY = int(
    os.environ.get("REFERENCE_EVERY", "1501")
)  # of so many records, one is compared; `make reference` takes all


@pytest.fixture(scope="module")
def fast() -> Stripper:
    return Stripper()


@pytest.fixture(scope="module")
def slow(fast: Stripper) -> Stripper:
    return reference_of(fast)


def own_texts() -> Iterator[tuple[str, str]]:
    for path in sorted([*FIXTURES.glob("articles/*/source.txt"), *FIXTURES.glob("clean/**/*.txt")]):
        yield path.name, path.read_text(encoding="utf-8")
    for path in sorted((FIXTURES / "cases").glob("*.toml")):
        for case in read_cases(path):
            yield case.name, case.text


def test_own_texts_come_out_as_the_reference_says(fast: Stripper, slow: Stripper) -> None:
    every = 1 if EVERY == 1 else 7
    for name, text in list(own_texts())[::every]:
        assert told(slow.strip(text)) == told(fast.strip(text)), name


def test_shuffled_and_joined_lines_come_out_as_the_reference_says(fast: Stripper, slow: Stripper) -> None:
    generator = random.Random(7)
    lines = sorted({line for _, text in own_texts() for line in text.split("\n")})
    for _ in range(25):
        picked = generator.sample(lines, generator.randint(1, 25))
        text = generator.choice(["\n", "\n\n", " ", "\r\n", "\n- "]).join(picked)
        assert told(slow.strip(text)) == told(fast.strip(text)), text


@pytest.mark.skipif(not RECORDS, reason="needs the labelled records beside the project")
@pytest.mark.parametrize("path", RECORDS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_records_come_out_as_the_reference_says(fast: Stripper, slow: Stripper, path: Path) -> None:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for number, line in enumerate(stream):
            if number % EVERY == 0:
                record = json.loads(line)
                assert told(slow.strip(record["text"])) == told(fast.strip(record["text"])), record["id"]
