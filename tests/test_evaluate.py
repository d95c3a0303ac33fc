"""The scorer of `stripper eval`: counts what it says, on records written by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from stripper import InputError, Stripper
from stripper.cli.main import main
from stripper.workbench.evaluate import below_floors, evaluate, page, read_records, summarise

BODY = "The bridge will stay closed until the autumn, the highways agency said on Tuesday after engineers found cracks."
JUNK = "Share this article"
LEFT = "A line of junk that no rule knows, <b>with markup</b>, long enough to be a paragraph, and unexplained."


def record(*lines: tuple[str, str], **more: object) -> dict[str, object]:
    text, spans = "", []
    for line, label in lines:
        spans.append([len(text), len(text) + len(line), label])
        text += line + "\n"
    gold = "\n".join(line for line, label in lines if label == "body")
    return {
        "id": "x",
        "extractor": "trafilatura",
        "lang": "en",
        "url": None,
        "text": text,
        "gold": gold,
        "lines": spans,
        **more,
    }


def test_figures(stripper: Stripper) -> None:
    clean = record((BODY, "body"), (JUNK, "boilerplate"))
    missed = record((BODY, "body"), (LEFT, "boilerplate"))
    wrong = record((BODY, "body"), (JUNK, "body"))
    figures = summarise(evaluate([clean, missed, wrong], stripper))
    lost = len(JUNK.replace(" ", ""))
    assert figures["docs"] == 3
    assert figures["tail_doc"] == figures["tail*"] == 50
    assert figures["loss"] == pytest.approx(100 * lost / (3 * len(BODY.replace(" ", "")) + lost))
    assert figures["intact"] == pytest.approx(100 * 2 / 3)
    assert figures["precision"] == 50
    assert figures["wF1_out"] < 100


def test_records_are_read_from_gzip_and_suspects_left_out(tmp_path: Path) -> None:
    lines = [json.dumps(record((BODY, "body"))), json.dumps(record((BODY, "body"), gold_suspect=True))]
    (tmp_path / "r.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    assert len(list(read_records([tmp_path / "r.jsonl.gz"]))) == 1


def test_a_line_that_is_no_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(InputError, match=r"r\.jsonl:1: not a labelled record"):
        list(read_records([tmp_path / "r.jsonl"]))


def test_floors(stripper: Stripper) -> None:
    scored = evaluate([record((BODY, "body"), (JUNK, "body"))], stripper)
    assert below_floors(scored, {"extractor outputs": {"loss": 50, "intact": 0}}) == []
    assert len(below_floors(scored, {"extractor outputs": {"loss": 0.1, "intact": 97}})) == 2


def test_the_page_escapes_what_it_shows(stripper: Stripper) -> None:
    shown = page(evaluate([record((BODY, "body"), (LEFT, "boilerplate"), id="<script>")], stripper))
    assert "<script>" not in shown
    assert "&lt;b&gt;with markup" in shown


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.jsonl").write_text(json.dumps(record((BODY, "body"), (JUNK, "boilerplate"))) + "\n")
    assert main(["eval", str(tmp_path / "r.jsonl"), "--page", str(tmp_path / "p.html")]) == 0
    assert "extractor outputs" in capsys.readouterr().out
    assert (tmp_path / "p.html").read_text(encoding="utf-8").startswith("<!doctype html>")
