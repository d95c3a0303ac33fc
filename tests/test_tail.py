"""Where the article ends: the scorecard, its signals, and how its weights are learnt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stripper import Stripper
from stripper.judge import Facts, judge
from stripper.scorecard import parse, tail_scorecard
from stripper.signals import ends
from stripper.tail import covering_lines
from stripper.text import Document
from stripper.workbench import learn

BODY = [
    "The town council voted on Tuesday to close the bridge over the river for two years, starting in March.",
    "Engineers had found cracks in three of its eleven pillars, the oldest of which dates from the nineteenth century.",
    "Shops on the east bank fear for their customers, and have asked the council for a ferry that runs until midnight.",
    "“We were told of the repairs in the newspaper, like everybody else,” said Anna Lind, who runs a bakery there.",
    "The mayor promised an answer before Christmas and said that the costs of a ferry were being looked into.",
    "A bus line over the motorway bridge will take twenty minutes longer, according to the transport office.",
] * 3
COMMENTS = [
    "Leave a comment",
    "Your email address will not be published.",
    "Paul Moore says:",
    "I cross that bridge every single morning, and nobody ever asked me or my neighbours what we think about it.",
    "Reply",
    "Cancel reply",
    "Privacy policy",
    "© 2025 The Example Times. All rights reserved.",
]


def signals_of(text: str) -> dict[int, dict[str, float]]:
    stripper = Stripper()
    document = Document(text)
    facts = Facts(document, stripper.matches(document), stripper.detector)
    return dict(ends(covering_lines(judge(facts)[0], facts.layout), facts.layout))


def test_signals_count_what_follows_a_finding() -> None:
    found = signals_of("\n".join([*BODY, *COMMENTS]))
    at_copyright, at_comments = found[len(BODY) + 7], found[len(BODY)]
    assert (at_copyright["explained lines"], at_copyright["unexplained lines"]) == (1, 0)
    assert (at_comments["unexplained paragraphs"], at_comments["paragraphs before"]) == (1, len(BODY))
    assert at_comments["longest unexplained paragraph"] == len(COMMENTS[3])
    assert at_comments["characters before"] == sum(map(len, BODY))


def test_signals_are_asked_only_where_a_finding_begins() -> None:
    assert signals_of("\n".join(BODY)) == {}


def test_a_paragraph_among_comments_goes_with_them() -> None:
    text = "\n".join([*BODY, *COMMENTS])
    result = Stripper().strip(text)
    assert result.text == "\n".join(BODY)
    assert any(COMMENTS[3] in removal.text for removal in result.removals if removal.rule == "engine/tail")


def test_the_evidence_of_a_learned_tail_adds_up_to_its_score() -> None:
    signals = signals_of("\n".join([*BODY, *COMMENTS]))[len(BODY)]
    card = tail_scorecard()
    assert sum(part.amount for part in card.evidence(signals)) == pytest.approx(card.score(signals))


def test_a_scorecard_adds_the_highest_step_reached() -> None:
    card = parse(
        'base = -1.0\nenough = 2\nenough_weak = 3\n[[weight]]\nsignal = "lines"\nsteps = [[1, 0.5], [3, 2.0]]\n'
    )
    assert [card.score({"lines": lines}) for lines in (0, 1, 2, 3, 9)] == [-1.0, -0.5, -0.5, 1.0, 1.0]


def test_every_signal_of_the_shipped_scorecard_is_one_that_the_engine_gives() -> None:
    assert {weight.signal for weight in tail_scorecard().weights} <= learn.STEPS.keys()


def records() -> list[dict[str, Any]]:
    text = Path(__file__).with_name("sample").joinpath("records.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_weights_learnt_from_the_sample_tell_its_tails_from_its_bodies() -> None:
    rows = list(learn.read_rows(records(), Stripper()))
    card = learn.fit(rows, 0.0, 0.0)
    right = sum((card.score(row.signals) > 0) == row.ended for row in rows)
    assert right > 0.9 * len(rows)
    assert parse(learn.to_toml(card, "the sample")) == card


def test_sites_kept_aside_are_judged_by_weights_that_have_not_seen_them() -> None:
    rows = list(learn.read_rows(records(), Stripper()))
    scores = learn.judged(rows)
    assert {row.group for _, row in scores["sites kept aside"]} == {0}
    assert len(scores["sites kept aside"]) + len(scores["other sites"]) == len(rows)
