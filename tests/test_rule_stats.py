"""`stripper rules stats`: what it counts on records written by hand, and the status it writes into rule files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_evaluate import BODY, JUNK, record

from stripper import ConfigError, Stripper
from stripper.cli.main import main
from stripper.rule import Status
from stripper.ruleset import load_rules
from stripper.workbench.stats import Tally, earned, measure
from stripper.workbench.status import write_statuses

SUMMARY = Path(__file__).parent / "rule_stats.json"
RULES = """schema = 1
pack = "mine"
description = "Two rules"

[[rule]]
id = "share"
version = 1
label = "share"
status = "test"   # a remark
confidence = 0.9
match.phrases = ["share this article"]
example = [
  { name = "goes", text = \"\"\"
  The bridge will stay closed until the autumn, the highways agency said on Tuesday after engineers found cracks.
- Share this article\"\"\" },
  { name = "stays", text = "  He wanted to share this article, and did so." },
]

[[rule]]
id = "button"
version = 1
label = "share"
status = "stable"
confidence = 0.9
match.line = '''share this (?:article|story)'''
keywords = ["share this"]
example = [
  { name = "goes", text = \"\"\"
  The bridge will stay closed until the autumn, the highways agency said on Tuesday after engineers found cracks.
- Share this article\"\"\" },
  { name = "stays", text = "  He wanted to share this article, and did so." },
]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    source = RULES.replace('description = "Two rules"', 'description = "Two rules"\n\n[extend]\nbuiltin = false')
    (tmp_path / "rules" / "mine.toml").write_bytes(source.replace("\n", "\r\n").encode())
    return tmp_path / "rules"


def rules_alone(folder: Path) -> Stripper:
    return Stripper([folder])


def test_characters_are_counted_by_the_label_of_their_line(folder: Path) -> None:
    right = record((BODY, "body"), (JUNK, "boilerplate"))
    wrong = record((JUNK, "body"), (BODY, "body"), id="y")
    front = record((JUNK, "front"), (BODY, "body"), id="z")
    tally = measure([right, wrong, front], rules_alone(folder))["mine/button"]
    size = len(JUNK.replace(" ", ""))
    assert (tally.right, tally.wrong, tally.neither) == (size, size, size)
    assert tally.precision == 0.5
    assert tally.page_precision == pytest.approx(2 / 3)


def test_outputs_of_several_extractors_for_one_page_are_one_page(folder: Path) -> None:
    records = [record((BODY, "body"), (JUNK, "boilerplate"), extractor=name) for name in ("trafilatura", "body_text")]
    tally = measure(records, rules_alone(folder))["mine/button"]
    assert (tally.hits, tally.removals, len(tally.pages)) == (2, 2, 1)


def test_what_another_rule_finds_too_is_found_by_neither_alone(folder: Path) -> None:
    same = record((BODY, "body"), (JUNK, "boilerplate"))
    tallies = measure([same], rules_alone(folder))
    assert (tallies["mine/button"].alone, tallies["mine/share"].alone) == (0, 0)
    assert tallies["mine/button"].beside == {"mine/share": 1}


def test_what_only_one_rule_finds_is_its_alone(folder: Path) -> None:
    tallies = measure([record((BODY, "body"), ("Share this story", "boilerplate"))], rules_alone(folder))
    assert (tallies["mine/button"].alone, tallies["mine/share"].alone) == (len("Sharethisstory"), 0)


def test_figures_are_kept_by_language(folder: Path) -> None:
    tallies = measure([record((BODY, "body"), (JUNK, "boilerplate"), lang="xx")], rules_alone(folder))
    assert {language: zones["right"] for language, zones in tallies["mine/button"].languages.items()} == {"xx": 16}


def test_a_flag_for_a_byline_in_front_of_the_article_is_right(stripper: Stripper) -> None:
    tally = measure([record(("By Jane Doe", "front"), (BODY, "body"))], stripper)["any/byline/by-name"]
    assert (tally.right, tally.wrong, tally.removals) == (len("ByJaneDoe"), 0, 0)


@pytest.mark.parametrize(
    ("right", "wrong", "status"), [(990, 10, Status.STABLE), (989, 11, Status.TEST), (0, 0, Status.TEST)]
)
def test_only_work_that_is_nearly_all_right_earns_stable(right: int, wrong: int, status: Status) -> None:
    rule = load_rules(["fr/upsell"]).rules[0]
    assert earned(rule, Tally(right=right, wrong=wrong)) is status


def test_experimental_rules_stay_so() -> None:
    rule = replace(load_rules(["fr/upsell"]).rules[0], status=Status.EXPERIMENTAL)
    assert earned(rule, Tally(right=1000)) is Status.EXPERIMENTAL


def test_writing_a_status_changes_nothing_else(folder: Path) -> None:
    path = folder / "mine.toml"
    before = path.read_bytes()
    changed = write_statuses(folder, {"mine/share": Status.STABLE, "mine/button": Status.STABLE})
    assert changed == ["mine/share"]
    assert path.read_bytes() == before.replace(b'"test"   # a remark', b'"stable"   # a remark')


def test_a_status_that_is_not_on_a_line_of_its_own_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('pack = "a"\nrule = [{ id = "x", status = "test" }]\n')
    with pytest.raises(ConfigError, match=r'a\.toml:2: rule "x": put status'):
        write_statuses(tmp_path, {"a/x": Status.STABLE})


def test_a_folder_without_rule_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no rule files there"):
        write_statuses(tmp_path, {})


def test_the_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = tmp_path / "r.jsonl"
    records.write_text(json.dumps(record((BODY, "body"), ("Share this story", "boilerplate"))) + "\n")
    outputs = ["--json", str(tmp_path / "all.json"), "--summary", str(tmp_path / "s.json")]
    writing = ["--write-status", str(folder)]
    assert main(["rules", "stats", str(records), "--rules", str(folder), "--by", "time", *outputs, *writing]) == 0
    shown = capsys.readouterr().out
    assert "mine/button" in shown
    assert "mine/share: " not in shown
    assert "1 not at work on these records" in shown
    full = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert full["rules"]["mine/button"]["languages"] == {"en": {"right": 14}}
    kept = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert kept["rules"]["mine/button"] == {"version": 1, "right": 14, "wrong": 0, "pages": 1, "wrong_pages": 0}
    assert b'status = "test"   # a remark' in (folder / "mine.toml").read_bytes()


def test_status_is_not_judged_by_a_part_of_the_records(folder: Path, tmp_path: Path) -> None:
    assert main(["rules", "stats", "x", "--lang", "en", "--write-status", str(folder)]) == 2


def test_every_rule_has_the_status_that_the_records_gave_it() -> None:
    """Rules that were never measured, or changed since, are `test`: `make stats` measures them."""
    measured = json.loads(SUMMARY.read_text(encoding="utf-8"))["rules"]
    wrong = []
    for rule in load_rules().rules:
        found = measured.get(rule.id, {})
        current = found.get("version") == rule.version
        tally = Tally(right=found["right"], wrong=found["wrong"]) if current else Tally()
        if rule.status is not earned(rule, tally):
            wrong.append(
                f"{rule.origin}: {rule.id} is {rule.status.value}, the records say {earned(rule, tally).value}"
            )
    assert wrong == []
