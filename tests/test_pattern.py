"""Bounds that are computed from a pattern hold for what it matches."""

from __future__ import annotations

import pytest
import regex

from stripper.pattern import MAX_LINE, danger, fold_pattern, longest
from stripper.rule import InlineMatch, LineMatch, PhrasesMatch
from stripper.ruleset import load_rules


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abc", 3),
        ("a?b{2,5}", 6),
        ("(?:ab|cde){2}", 6),
        ("(?<name>.{2,60})x", 61),
        ("a(?=bcd)", 1),
        ("(?<!abc)d", 1),
        (r"\p{L}{1,3}\b", 3),
        ("[^]a]{3}", 3),
        ("a+", MAX_LINE),
        (r"(?<site>a)-(?P=site)", MAX_LINE),
        ("a{3,}", MAX_LINE),
        ("(?>ab|c)++", MAX_LINE),
        ("a|bcd|ef", 3),
    ],
)
def test_the_longest_match(pattern: str, expected: int) -> None:
    assert longest(pattern) == expected


def test_no_example_of_a_shipped_rule_is_longer_than_its_pattern_says() -> None:
    for rule in load_rules().rules:
        if isinstance(rule.match, LineMatch):
            for example in rule.examples:
                for line in fold_pattern(example.text).split("\n"):
                    matching = [p for p in rule.match.patterns if p.whole(line.strip(), rule.id)]
                    assert all(len(line.strip()) <= pattern.longest for pattern in matching), (rule.id, line)


@pytest.mark.parametrize("pattern", ["(?:a|a)*$", "(?:a+)+", "(?:a*b?){3,}", "(?:.{0,40}x){1,30}", "(?:(?:ab?)*c?)*"])
def test_patterns_that_blow_up_are_refused(pattern: str) -> None:
    regex.compile(pattern)
    assert danger(pattern)


@pytest.mark.parametrize("pattern", ["a{0,40}b", "(?:[a-z]++ ?){1,4}", "(?>a|ab){1,20}", "(?:share|tweet)(?: this)?"])
def test_harmless_patterns_are_not(pattern: str) -> None:
    assert danger(pattern) is None


def test_no_kind_of_match_is_left_out() -> None:
    kinds = {type(rule.match) for rule in load_rules().rules}
    assert {LineMatch, PhrasesMatch, InlineMatch} <= kinds
