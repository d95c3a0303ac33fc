"""Rule files: what is wrong with one is said once, exactly, with file, line, rule, key, finding and way out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import FIXTURES

from stripper import ConfigError, RuleFileError, Stripper
from stripper.errors import Problem
from stripper.rulefile import read_rule_file
from stripper.ruleset import load_rules
from stripper.workbench.check import check

FILES = FIXTURES / "rulefiles"
INVALID = sorted(path.stem for path in (FILES / "invalid").glob("*.toml"))
REFRESH = os.environ.get("REFRESH_EXPECTED") == "1"


@pytest.fixture(scope="module")
def checked() -> tuple[int, list[Problem]]:
    """What a check of the folder of invalid files says; it names them as they were given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(FILES)
        return check([Path("invalid")])


def test_all_problems_of_all_files_are_reported_in_one_run(checked: tuple[int, list[Problem]]) -> None:
    _, problems = checked
    text = "".join(f"{problem}\n" for problem in problems)
    expected = FILES / "invalid" / "expected.txt"
    if REFRESH:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", INVALID)
def test_every_invalid_file_has_a_problem_with_its_line(checked: tuple[int, list[Problem]], name: str) -> None:
    own = [problem for problem in checked[1] if problem.path == f"invalid/{name}.toml"]
    assert own
    assert all(problem.line > 0 for problem in own)


def test_sound_rules_of_a_bad_folder_are_still_checked(checked: tuple[int, list[Problem]]) -> None:
    assert checked[0] > 0


def test_valid_files_have_no_problems() -> None:
    assert check([FILES / "valid"])[1] == []


def test_loading_reports_the_same_structure_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES)
    with pytest.raises(RuleFileError) as caught:
        load_rules(["invalid/several-problems.toml"])
    assert [problem.line for problem in caught.value.problems] == [8, 14, 17]


def test_a_pack_by_name_is_that_pack_alone() -> None:
    assert {pack.id for pack in load_rules(["fr/upsell"]).packs} == {"fr/upsell"}
    assert {pack.id.split("/")[0] for pack in load_rules(["fr"]).packs} == {"fr"}


def test_a_name_that_is_neither_pack_nor_path_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no such file or folder, and no pack of that name"):
        load_rules(["no-such-pack"])


EXTEND = """schema = 1
pack = "mine"
description = "Changes only"

[extend]
disable = ["en/share", "fr/upsell/upgrade-to-pro"]

[extend.confidence]
"en/comments/heading" = 0.4
"""


def test_a_file_can_disable_rules_and_change_their_confidence(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(EXTEND)
    rules = load_rules([tmp_path / "mine.toml"])
    ids = {rule.id: rule for rule in rules.rules}
    assert "fr/upsell/upgrade-to-pro" not in ids
    assert not any(rule_id.startswith("en/share/") for rule_id in ids)
    assert ids["en/comments/heading"].confidence == 0.4
    assert ("fr/upsell/upgrade-to-pro", str(tmp_path / "mine.toml")) in rules.disabled
    text = "The bridge will stay closed until the autumn, the agency said.\n\nShare this article\n"
    assert Stripper(rules).strip(text).text == text


def test_a_file_can_leave_out_all_shipped_rules(tmp_path: Path) -> None:
    source = (
        (FILES / "valid" / "own.toml").read_text().replace('description = "What', '[extend]\nbuiltin = false\n#"What')
    )
    (tmp_path / "own.toml").write_text(source.replace("[extend]", 'description = "x"\n[extend]'))
    assert [rule.id for rule in load_rules([tmp_path / "own.toml"]).rules] == ["own/press-union"]


def test_crlf_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    source = (FILES / "valid" / "own.toml").read_bytes()
    (tmp_path / "own.toml").write_bytes(b"\xef\xbb\xbf" + source.replace(b"\n", b"\r\n"))
    one, other = (load_rules([path]).rules for path in (tmp_path / "own.toml", FILES / "valid" / "own.toml"))
    assert [rule.id for rule in one] == [rule.id for rule in other]


def test_line_numbers_survive_multi_line_strings() -> None:
    source = (FILES / "valid" / "own.toml").read_text().replace("position", "positon")
    problem = read_rule_file(source, "own.toml").problems[0]
    assert source.split("\n")[problem.line - 1] == 'positon = "tail"'
