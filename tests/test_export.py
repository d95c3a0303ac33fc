"""Exports, read back by the rules of their formats: each must give the spans of the ledger in the original text."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from stripper.cli.main import main
from stripper.export.brat import fragments

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n"
SOURCES = {
    "a.txt": "\ufeffБрюссель 🚆.\n" + ARTICLE + "\nShare this article\n\nAdvertisement\n",
    "sub/naïve name#1.md": ARTICLE.replace("\n", "\r\n") + "\r\nAlso read: The ferry is back\r\n" + ARTICLE,
    "clean.txt": ARTICLE,
}
LINES = [{"text": f"🚲 {number} {ARTICLE}\nShare this article\n"} for number in (1, 2)]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `in` with texts and records, and what a run made of it in `out`."""
    folder = tmp_path_factory.mktemp("exports")
    for name, text in SOURCES.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    (folder / "in/many.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CONFIG_HOME", str(folder / "none"))
        assert main(["strip", "in", "-o", "out", "-q", "--url", "https://example.org/a?b=1"]) == 0
    return folder


@pytest.fixture(autouse=True)
def place(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the run is the current folder."""
    shutil.copytree(runs, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


def texts() -> dict[str, str]:
    """The original of each document by its name in an export."""
    return {**SOURCES, **{f"many.jsonl#{number}": line["text"] for number, line in enumerate(LINES, 1)}}


def spans() -> dict[str, list[tuple[int, int, str]]]:
    """What went, by document."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for line in Path("out/ledger.jsonl").read_text().splitlines():
        entry = json.loads(line)
        name = entry["file"] + (f"#{entry['record']}" if "record" in entry else "")
        found[name] = [(one["start"], one["end"], one["label"]) for one in entry["removals"]]
    return found


def test_the_run_has_something_to_export() -> None:
    assert {name: len(removals) for name, removals in spans().items()} == {
        "a.txt": 2, "clean.txt": 0, "many.jsonl#1": 1, "many.jsonl#2": 1, "sub/naïve name#1.md": 1,
    }  # fmt: skip


def test_web_annotations_select_the_spans_by_position_and_by_quotation() -> None:
    assert main(["export", "out/ledger.jsonl", "--to", "web-annotation", "-o", "removed.jsonld"]) == 0
    whole = json.loads(Path("removed.jsonld").read_text())
    items = whole["first"]["items"]
    assert (whole["@context"], whole["type"]) == ("http://www.w3.org/ns/anno.jsonld", "AnnotationCollection")
    assert (whole["total"], whole["first"]["type"], len({item["id"] for item in items})) == (5, "AnnotationPage", 5)
    found: dict[str, list[tuple[int, int, str]]] = {name: [] for name in texts()}
    for item in items:
        assert {"id", "type", "body", "target", "motivation", "generator"} == item.keys()
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", item["id"])
        name = unquote(item["target"]["source"])
        position, quotation = item["target"]["selector"]
        assert (position["type"], quotation["type"]) == ("TextPositionSelector", "TextQuoteSelector")
        assert item["target"]["scope"] == "https://example.org/a?b=1"
        around = quotation["prefix"] + quotation["exact"] + quotation["suffix"]
        assert texts()[name].count(around) == 1
        assert texts()[name].index(around) + len(quotation["prefix"]) == position["start"]
        assert texts()[name][position["start"] : position["end"]] == quotation["exact"]
        found[name].append((position["start"], position["end"], item["body"][0]["value"]))
    assert found == spans()


def test_an_export_is_the_same_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for _ in range(2):
        main(["export", "out/ledger.jsonl", "--to", "web-annotation"])
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def test_dolma_attributes_are_spans_by_attribute_a_line_a_document() -> None:
    assert main(["export", "out/ledger.jsonl", "--to", "dolma", "-o", "attributes.jsonl.gz"]) == 0
    rows = [json.loads(line) for line in gzip.decompress(Path("attributes.jsonl.gz").read_bytes()).splitlines()]
    found: dict[str, list[tuple[int, int, str]]] = {}
    for row in rows:
        assert row.keys() == {"id", "attributes"}
        found[row["id"]] = []
        for name, members in row["attributes"].items():
            label = name.removeprefix("stripper__stripper__").replace("_", "-")
            assert all(0 < score <= 1 for _, _, score in members)
            found[row["id"]] += [(start, end, label) for start, end, _ in members]
    assert {name: sorted(members) for name, members in found.items()} == spans()
    assert [row["id"] for row in rows] == list(spans())


def read_brat(path: Path) -> list[tuple[str, list[tuple[int, int]]]]:
    """Text-bound annotations by the rules of the format: the reference text must be that of the fragments."""
    source = path.with_suffix(".txt").read_bytes().decode("utf-8")
    found = []
    for line in path.read_bytes().decode("utf-8").split("\n"):
        if not line.startswith("T"):
            assert not line or re.fullmatch(r"#\d+\tAnnotatorNotes T\d+\t\S+ \d\.\d\d", line), line
            continue
        key, middle, text = line.split("\t")
        label, _, places = middle.partition(" ")
        pieces = [(int(start), int(end)) for start, end in (piece.split(" ") for piece in places.split(";"))]
        assert re.fullmatch(r"T[1-9]\d*", key)
        assert re.fullmatch(r"[A-Za-z0-9_-]+", label)
        assert text == " ".join(source[start:end] for start, end in pieces)
        assert all(len(source[start:end].splitlines()) == 1 for start, end in pieces)
        found.append((label, pieces))
    return found


def test_brat_gets_originals_and_annotations() -> None:
    assert main(["export", "out/ledger.jsonl", "--to", "brat", "-o", "brat"]) == 0
    assert Path("brat/a.txt").read_bytes() == SOURCES["a.txt"].encode()
    for name, expected in spans().items():
        found = read_brat(Path("brat", f"{name.removesuffix('.txt')}.ann"))
        assert [label for label, _ in found] == [label for _, _, label in expected]
        for (start, end, _), (_, pieces) in zip(expected, found, strict=True):
            inside = "".join(texts()[name][a:b] for a, b in pieces)
            assert "".join(inside.split()) == "".join(texts()[name][start:end].split())
            assert start <= pieces[0][0] < pieces[-1][1] <= end
    assert "\nad-slot\n" in Path("brat/annotation.conf").read_text()


def test_a_span_of_several_lines_is_several_fragments() -> None:
    assert list(fragments("ab\r\n  \n c d\t e\u2028f\n", 1, 17)) == [(1, 2), (8, 11), (13, 14), (15, 16)]


def test_a_single_ledger_finds_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    main(["strip", "in/a.txt", "-o", "one.txt", "-q"])
    assert main(["export", "one.txt.ledger.json", "--to", "web-annotation"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 2


def test_a_clean_text_that_was_edited_is_named_and_the_others_are_exported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("out/a.txt").write_text("other")
    assert main(["export", "out/ledger.jsonl", "--to", "web-annotation"]) == 3
    said = capsys.readouterr()
    assert "out/a.txt: clean text is not the one of the ledger" in said.err
    assert json.loads(said.out)["total"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["nowhere", "--to", "dolma"], 3, "nowhere: no such file"),
        (["out/ledger.jsonl", "--to", "brat"], 2, "say -o FOLDER"),
        (["out/ledger.jsonl", "--to", "brat", "--clean", "gone", "-o", "b"], 2, "gone: no such file or folder"),
        (["in/a.txt", "--to", "dolma"], 3, "in/a.txt: not a ledger"),
    ],
)
def test_mistakes_are_named(
    arguments: list[str], code: int, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *arguments]) == code
    assert complaint in capsys.readouterr().err


def test_records_of_any_name_have_an_entry(capsys: pytest.CaptureFixture[str]) -> None:
    main(["strip", "in/many.jsonl", "-o", "other.jsonl", "-q"])
    assert main(["export", "other.jsonl.ledger.jsonl", "--to", "web-annotation"]) == 0
    items: list[Any] = json.loads(capsys.readouterr().out)["first"]["items"]
    assert [item["target"]["source"] for item in items] == ["other.jsonl%231", "other.jsonl%232"]
