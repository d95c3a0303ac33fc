"""Junk in other words, other orders and other languages goes; what only looks like it stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import FIXTURES, Case, read_cases, solid

from stripper import Stripper

CASES = [case for path in sorted((FIXTURES / "cases").glob("*.toml")) for case in read_cases(path)]
LAYOUTS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "trailing spaces": lambda text: text.replace("\n", "  \n"),
    "NBSP": lambda text: text.replace(" ", "\u00a0"),
    "final newline": lambda text: f"{text}\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_goes_and_what_stays(stripper: Stripper, case: Case, layout: str) -> None:
    result = stripper.strip(LAYOUTS[layout](case.text))
    assert solid(result.text) == solid(case.cleaned)
    if case.labels is not None:
        assert [removal.label for removal in result.removals] == case.labels


TAILS = [case for case in CASES if case.text != case.cleaned and solid(case.text).startswith(solid(case.cleaned))]


@pytest.mark.parametrize("case", TAILS, ids=lambda case: case.name)
def test_no_blank_lines_are_left_at_the_end(stripper: Stripper, case: Case) -> None:
    text = stripper.strip(f"{case.text}\n\n\n").text
    assert text == f"{text.rstrip()}\n"
