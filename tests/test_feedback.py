"""Examples for rules, made of the judgements that were saved from a report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripper.errors import InputError
from stripper.rulefile import read_rule_file
from stripper.workbench.check import check
from stripper.workbench.examples import Judgement, make_examples, read_feedback

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n\n"
RULES = """\
schema = 1
pack = "coast"
description = "What one publisher puts under its articles"

[[rule]]
id = "press-union"
version = 1
label = "legal"
status = "stable"
confidence = 0.9
keywords = ["press union"]

[rule.match]
inline = '''\\(member of the press union\\)'''

[[rule.example]]
name = "goes"
text = '''
  The ferry to the islands will run twice a day from the first of May, the company said on Monday.
- We regret the error (member of the press union).
+ We regret the error .
'''

[[rule.example]]
name = "stays"
text = '''
  The ferry to the islands will run twice a day from the first of May, the company said on Monday.
'''

"""


def judgement(text: str, *, accepted: bool = True, before: str = ARTICLE, after: str = "", **rest: Any) -> Judgement:
    known = {"document": "a.txt", "url": "", "language": "", "rule": "any/share/x", "start": 0, "end": 1}
    return Judgement(accepted=accepted, before=before, text=text, after=after, **{**known, **rest})


def saved(path: Path, *entries: dict[str, Any]) -> Path:
    whole = {
        "verdict": "accepted", "document": "a.txt", "url": "", "language": "", "rule": "coast/press-union",
        "label": "legal", "start": 0, "end": 1, "before": "", "text": "x", "after": "",
    }  # fmt: skip
    judgements = [{**whole, **entry} for entry in entries]
    path.write_text(json.dumps({"schema": 1, "kind": "stripper-feedback", "judgements": judgements}))
    return path


def block(one: Judgement) -> str:
    (own,) = make_examples([one]).blocks.values()
    return own[0]


def test_what_was_accepted_goes_and_what_was_rejected_stays() -> None:
    assert block(judgement("Share this\n", after="The end.\n")).endswith(
        "text = '''\n  The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n\n"
        "- Share this\n  The end.\n'''\n"
    )
    assert "- " not in block(judgement("Share this\n", accepted=False, after="The end.\n"))


def test_a_part_of_a_line_leaves_its_rest() -> None:
    assert "\n- It rained. Share this! Again.\n+ It rained.  Again.\n" in block(
        judgement("Share this!", before="It rained. ", after=" Again.\n")
    )


def test_an_example_pasted_into_its_rule_holds(tmp_path: Path) -> None:
    fires = judgement(" (member of the press union)", before=ARTICLE + "We are glad", after=" of it.\n")
    stays = judgement("union members said", accepted=False, after=" they would strike.\n")
    (own,) = make_examples([fires, stays]).blocks.values()
    pack = tmp_path / "coast.toml"
    pack.write_text(RULES + "\n".join(own))
    count, problems = check([pack])
    assert (count, problems) == (1, [])


@given(st.text(), st.text(min_size=1), st.text(), st.booleans())
def test_every_example_is_one_that_the_reader_takes(before: str, text: str, after: str, accepted: bool) -> None:
    examples = make_examples(
        [judgement(text, before=before, after=after, accepted=accepted, document=before, url=f"https://{after}")]
    )
    own = [one for blocks in examples.blocks.values() for one in blocks]
    assert len(own) + len(examples.left_out) == 1
    for one in own:
        rule_file = read_rule_file(RULES + one, "x")
        assert rule_file.problems == ()
        example = rule_file.pack.rules[0].examples[-1]
        lines = [line.strip() for line in (before + text + after).split("\n") if line.strip()]
        assert [line.strip() for line in example.text.split("\n") if line.strip()] == lines
        assert example.fires == accepted


def test_the_tail_has_no_examples_and_that_is_said() -> None:
    examples = make_examples([judgement("Share", rule="engine/tail")])
    assert examples.blocks == {}
    assert examples.left_out == (
        "a.txt, characters 0 to 1: engine/tail took it, which is not a rule that has examples",
    )


def test_the_same_text_twice_is_one_example() -> None:
    assert len(make_examples([judgement("Share")] * 2).blocks["any/share/x"]) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "can't be read as judgements"),
        ("[1]", "not judgements saved from a report"),
        ('{"kind": "stripper-feedback", "schema": 2}', "not judgements saved from a report"),
        ('{"kind": "stripper-feedback", "schema": 1}', "judgements is missing"),
        ('{"kind": "stripper-feedback", "schema": 1, "judgements": [3]}', "judgement 1: not a table"),
        ('{"kind": "stripper-feedback", "schema": 1, "judgements": [{}]}', "judgement 1: verdict is null"),
    ],
)
def test_a_file_that_holds_no_judgements_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "f.json").write_text(content)
    with pytest.raises(InputError, match=message):
        read_feedback(tmp_path / "f.json")


def test_a_verdict_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it takes accepted or rejected"):
        read_feedback(saved(tmp_path / "f.json", {"verdict": "perhaps"}))


def test_the_command_prints_the_examples_under_their_rules(tmp_path: Path) -> None:
    (tmp_path / "coast.toml").write_text(RULES)
    feedback = saved(tmp_path / "f.json", {"text": "Share"}, {"text": "Share", "rule": "no/such\nrule"})
    command = [
        sys.executable,
        "-m",
        "stripper",
        "rules",
        "examples",
        str(feedback),
        "--rules",
        str(tmp_path / "coast.toml"),
    ]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    heads = [line for line in done.stdout.decode().splitlines() if line.startswith("#")]
    assert heads == [f"# coast/press-union  ({tmp_path}/coast.toml:6)", "# no/such rule  (no such rule is in force)"]
    assert done.stderr.decode() == "2 examples for 2 rules, 0 left out\n"
