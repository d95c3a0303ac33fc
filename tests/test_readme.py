"""The README does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import FIXTURES

from stripper import Stripper
from stripper.workbench.check import check

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_rule_of_twenty_lines_is_sound(tmp_path: Path) -> None:
    (rule,) = blocks("toml")
    assert len(rule.splitlines()) <= 20
    (tmp_path / "coastal.toml").write_text(rule, encoding="utf-8")
    assert check([tmp_path / "coastal.toml"]) == (1, [])


def test_the_library_in_five_lines_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    assert len([line for line in code.splitlines() if line]) <= 5
    text = (FIXTURES / "articles" / "fintter" / "source.txt").read_text(encoding="utf-8")
    exec(compile(code, "README.md", "exec"), {"text": text})
    assert "fr/upsell/upgrade-to-pro" in capsys.readouterr().out


def test_the_explanation_shown_is_the_one_given(stripper: Stripper) -> None:
    shown = next(block for block in blocks("text") if block.startswith("Removed"))
    text = (FIXTURES / "articles" / "fintter" / "source.txt").read_bytes().decode("utf-8")
    given = stripper.strip(text).explain()
    assert [line for line in shown.splitlines() if line.strip() != "…" and line not in given.splitlines()] == []


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = next(block.strip() for block in blocks("console") if "pytest" in block)
    assert command in (Path(__file__).parents[1] / ".ci" / "run").read_text(encoding="utf-8")
