"""The six invariants, over arbitrary Unicode and over texts made of real junk and odd characters."""

from __future__ import annotations

import random

import pytest
from conftest import FIXTURES, read_cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripper import Stripper, StripResult
from stripper.result import restore
from stripper.rule import Rule
from stripper.ruleset import RuleSet, load_rules

CASES = [case for path in sorted((FIXTURES / "cases").glob("*.toml")) for case in read_cases(path)]
LINES = sorted({line for case in CASES for line in case.text.split("\n") if line.strip()})
ODD = [
    "\ud800",
    "\udfff",
    "\x00",
    "\r",
    "\r\n",
    "\u2028",
    "\u2029",
    "\x85",
    "\v",
    "\f",
    "\x1c",
    "\u202e",
    "\u200f",
    "\ufeff",
]
ODD += [
    "\u00a0",
    "\u00ad",
    "\u200b",
    "\u200d",
    "\u0301",
    "İ",
    "ς",
    "ﬁ",
    "🇺🇦",
    "👩‍👩‍👧",
    "- ",
    "* ",
    "> ",
    "| ",
    " »",
    "…",
    "。",
    "\t",
]

anything = st.text(st.characters(), max_size=300)  # lone surrogates are among the characters
pieces = st.one_of(st.sampled_from(LINES), st.sampled_from(ODD), st.sampled_from(["\n", "\n\n", " ", "\r\n"]), anything)
junk_texts = st.lists(pieces, max_size=25).map("".join)
line_texts = st.lists(st.one_of(st.sampled_from(LINES), st.sampled_from(ODD), st.just("")), max_size=25).map("\n".join)
texts = st.one_of(anything, junk_texts, line_texts)

thorough = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def check_invariants(stripper: Stripper, text: str) -> StripResult:
    result = stripper.strip(text)
    edges = [0, *(edge for removal in result.removals for edge in (removal.start, removal.end)), len(text)]
    assert edges == sorted(edges), "sorted, disjoint, inside the text"
    assert all(removal.start < removal.end for removal in result.removals), "not empty"
    assert all(removal.text == text[removal.start : removal.end] for removal in result.removals)
    covered = sorted([*result.kept, *((removal.start, removal.end) for removal in result.removals)])
    assert "".join(text[start:end] for start, end in covered) == text
    assert result.text == "".join(text[start:end] for start, end in result.kept)
    assert result.restore() == text
    assert stripper.strip(result.text).text == result.text, "idempotent"
    assert all(result.text[i] == text[result.original_offset(i)] for i in range(len(result.text)))
    assert result.original_offset(len(result.text)) <= len(text)
    return result


@thorough
@given(texts)
def test_invariants_hold_for_any_text(stripper: Stripper, text: str) -> None:
    check_invariants(stripper, text)


@thorough
@given(st.lists(texts, max_size=4))
def test_a_batch_gives_what_single_calls_give(stripper: Stripper, several: list[str]) -> None:
    together = stripper.strip_batch(several)
    assert [result.to_dict() for result in together] == [stripper.strip(text).to_dict() for text in several]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_invariants_hold_for_the_cases(stripper: Stripper, case: object) -> None:
    check_invariants(stripper, case.text)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "word " * 200_000,
        "\n" * 1_000_000,
        " " * 1_000_000 + "x",
        "\r\n" * 100_000,
        "- " * 100_000,
        "漢字。" * 300_000,
    ],
    ids=["one word", "one line of words", "newlines", "spaces", "CRLF", "bullets", "CJK"],
)
def test_invariants_hold_for_a_megabyte(stripper: Stripper, text: str) -> None:
    result = stripper.strip(text)
    assert result.restore() == text
    assert stripper.strip(result.text).text == result.text


def test_the_order_of_rules_does_not_matter() -> None:
    rules = load_rules()
    shuffled: list[Rule] = list(rules.rules)
    random.Random(7).shuffle(shuffled)
    one, other = Stripper(rules), Stripper(RuleSet(rules.packs, tuple(shuffled)))
    for case in CASES:
        assert one.strip(case.text).removals == other.strip(case.text).removals


def test_restore_needs_nothing_but_text_and_ledger(stripper: Stripper) -> None:
    for case in CASES:
        result = stripper.strip(case.text)
        assert restore(result.text, result.to_dict()["removals"]) == case.text
