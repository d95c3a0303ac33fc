"""Whole articles: what goes, character by character, with the label that it has, and what is reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FIXTURES, solid

from stripper import Stripper, StripResult

ARTICLES = sorted(path.parent for path in (FIXTURES / "articles").glob("*/source.txt"))
CLEAN = sorted((FIXTURES / "clean").glob("*.txt"))
KNOWN_FAILURES = sorted(path.parent for path in (FIXTURES / "known_failures").glob("*/source.txt"))
LAYOUTS: dict[str, Callable[[str], str]] = {
    "one line": lambda text: text.replace("\n", " "),
    "one line, single spaces": lambda text: " ".join(text.split()),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "trailing spaces": lambda text: text.replace("\n", "   \n"),
    "NBSP": lambda text: text.replace(" ", "\u00a0"),
    "NBSP around lines": lambda text: text.replace("\n", "\u00a0\n\u00a0"),
    "tabs": lambda text: text.replace("\n", "\n\t"),
    "line separators": lambda text: text.replace("\n", "\u2028"),
    "no blank lines": lambda text: "\n".join(filter(None, text.split("\n"))),
}


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def characters(spans: list[dict[str, object]], text: str) -> dict[int, object]:
    """Label by offset of every character that is not blank."""
    labels = {i: span["label"] for span in spans for i in range(int(str(span["start"])), int(str(span["end"])))}
    return {i: label for i, label in labels.items() if not text[i].isspace()}


def assert_as_expected(result: StripResult, expected: dict[str, list[dict[str, object]]]) -> None:
    text = result.source
    assert characters([r.to_dict() for r in result.removals], text) == characters(expected["removed"], text)
    flags = {(flag.start, flag.end, flag.label) for flag in result.flags}
    assert {(flag["start"], flag["end"], flag["label"]) for flag in expected["flags"]} <= flags
    assert result.text.rstrip() + "\n" * text.endswith("\n") == result.text, "no blank lines are left at the end"


@pytest.mark.parametrize("folder", ARTICLES, ids=lambda folder: folder.name)
def test_an_article(stripper: Stripper, folder: Path) -> None:
    assert_as_expected(stripper.strip(read(folder / "source.txt")), json.loads(read(folder / "expected.json")))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("folder", ARTICLES, ids=lambda folder: folder.name)
def test_an_article_in_another_layout(stripper: Stripper, folder: Path, layout: str) -> None:
    source = read(folder / "source.txt")
    gone = characters(json.loads(read(folder / "expected.json"))["removed"], source)
    kept = "".join(char for i, char in enumerate(source) if i not in gone)
    assert solid(stripper.strip(LAYOUTS[layout](source)).text) == solid(kept)


@pytest.mark.parametrize("folder", KNOWN_FAILURES, ids=lambda folder: folder.name)
@pytest.mark.xfail(strict=True, raises=AssertionError, reason="can't be done yet")
def test_a_known_failure(stripper: Stripper, folder: Path) -> None:
    assert_as_expected(stripper.strip(read(folder / "source.txt")), json.loads(read(folder / "expected.json")))


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_a_clean_article_comes_back_byte_for_byte(stripper: Stripper, path: Path) -> None:
    result = stripper.strip(read(path))
    assert [(removal.rule, removal.text) for removal in result.removals] == []
    assert result.text == read(path)


def test_the_seeds_give_what_their_gold_says(stripper: Stripper, shared: Path) -> None:
    gold = json.loads(read(shared / "seeds" / "gold.json"))
    for name, entry in gold.items():
        text = read(shared / "seeds" / name)
        assert_as_expected(stripper.strip(text), {"removed": entry["removed"], "flags": entry["kept_but_labelled"]})
