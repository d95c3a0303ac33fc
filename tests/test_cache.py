"""Compiled rules on disk: used, ignored where they can't be trusted, never in the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stripper import Stripper
from stripper.cache import compiled_rules

RULES = '''
schema = 1
pack = "own/shop"
description = "one rule"

[extend]
builtin = false

[[rule]]
id = "visit"
version = 1
label = "shop"
status = "stable"
confidence = 0.9
keywords = ["visit our shop"]
match.line = \'\'\'visit our shop(?: today)?[.!]?\'\'\'
when.previous_line = \'\'\'.{3,80}\'\'\'
[[rule.example]]
name = "goes"
text = """
  The bridge is open again, the mayor said.
- Visit our shop today!
"""
[[rule.example]]
name = "stays"
text = """
  She asked them to visit our shop today, and they came.
"""
'''


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STRIPPER_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "shop.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


def entries(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("*"))


def stripped(rules: Path) -> str:
    text = "The bridge is open again, the mayor said.\nVisit our shop today!\n"
    return Stripper([rules]).strip(text).text


def test_rules_from_the_cache_are_those_that_were_compiled(rules: Path) -> None:
    first, second = compiled_rules([rules]), compiled_rules([rules])
    assert (first[0].sha256, first[1]) == (second[0].sha256, _as_lists(second[1]))
    assert [rule.id for rule in first[0].rules] == [rule.id for rule in second[0].rules]
    assert repr(first[0].rules[0].when) == repr(second[0].rules[0].when)


def _as_lists(needs: object) -> object:
    tables = {
        name: {literal: [tuple(owner) for owner in owners] for literal, owners in table.items()}
        for name, table in vars(needs).items()
    }
    return type(needs)(**tables)


def test_one_entry_is_written_and_no_half_ones(rules: Path, tmp_path: Path) -> None:
    assert stripped(rules) == "The bridge is open again, the mayor said.\n"
    assert [path.suffix for path in entries(tmp_path)] == [".json"]
    assert stripped(rules) == "The bridge is open again, the mayor said.\n"


@pytest.mark.parametrize("damage", [b"", b"{}", b"0" * 64 + b"\n{}", b"\xff\n"])
def test_a_damaged_entry_is_written_anew(rules: Path, tmp_path: Path, damage: bytes) -> None:
    stripped(rules)
    (entry,) = entries(tmp_path)
    whole = entry.read_bytes()
    entry.write_bytes(damage)
    assert stripped(rules) == "The bridge is open again, the mayor said.\n"
    assert entry.read_bytes() == whole


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_an_entry_that_others_can_write_to_is_not_read(rules: Path, tmp_path: Path) -> None:
    stripped(rules)
    (entry,) = entries(tmp_path)
    entry.chmod(0o666)
    assert stripped(rules) == "The bridge is open again, the mayor said.\n"
    assert entry.stat().st_mode & 0o022 == 0  # written anew


def test_changed_rules_are_compiled_again(rules: Path, tmp_path: Path) -> None:
    stripped(rules)
    rules.write_text(RULES.replace("confidence = 0.9", "confidence = 0.8"), encoding="utf-8")
    assert [rule.confidence for rule in compiled_rules([rules])[0].rules] == [0.8]
    assert len(entries(tmp_path)) == 2


def test_a_cache_that_can_t_be_written_is_no_error(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("STRIPPER_CACHE", str(tmp_path / "file" / "cache"))
    assert stripped(rules) == "The bridge is open again, the mayor said.\n"


def test_an_empty_name_switches_the_cache_off(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPPER_CACHE", "")
    assert stripped(rules) == "The bridge is open again, the mayor said.\n"
    assert not entries(tmp_path)
