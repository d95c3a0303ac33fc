"""`stripper restore` and `restore`: the originals byte for byte, or a refusal that says what does not fit."""

from __future__ import annotations

import codecs
import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import FIXTURES

from stripper import LedgerError, Stripper, restore
from stripper.cli.main import main

pa: Any = pytest.importorskip("pyarrow")
pq: Any = pytest.importorskip("pyarrow.parquet")

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n"
JUNK = "\nShare this article\n"
SOURCES = {
    "plain.txt": (ARTICLE + JUNK).encode(),
    "dos.txt": (ARTICLE + JUNK).replace("\n", "\r\n").encode(),
    "sub/mark.md": codecs.BOM_UTF8 + (ARTICLE + JUNK).encode(),
    "sub/wide.txt": codecs.BOM_UTF16_BE + (ARTICLE + JUNK).encode("utf-16-be"),
    "sub/deep/clean.txt": ARTICLE.encode(),
    "sub/deep/empty.txt": b"",
    "breaks.txt": (ARTICLE + "\x0b\x85\u2028" + JUNK).encode(),
}


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources in `in`, and what runs made of them: `out`, `beside` with sidecars, `l.json` of one text."""
    folder = tmp_path_factory.mktemp("runs")
    for name, raw in SOURCES.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CONFIG_HOME", str(folder / "none"))
        assert main(["strip", "in", "-o", "out", "-q"]) == 0
        assert main(["strip", "in", "-o", "beside", "-q", "--ledger", "sidecar"]) == 0
        assert main(["strip", "in/plain.txt", "-o", "one.txt", "--ledger", "sidecar", "-q"]) == 0
        Path("one.txt.ledger.json").rename("l.json")
        records(folder / "records")
        assert main(["strip", "records", "-o", "cleaned", "-q"]) == 0
    return folder


def records(folder: Path) -> None:
    """JSON Lines, plain and packed, and Parquet, with what a careless writer would lose."""
    folder.mkdir()
    rows = [{"id": 1.50, "text": ARTICLE + JUNK}, {"text": ARTICLE}, {"x": [], "text": "é" + JUNK + ARTICLE + JUNK}]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    raw = "".join(f"{line}\n" for line in [*lines, '{ "n":1e400 ,"text":"a", "z" : {"b" :1} }']).encode()
    (folder / "a.jsonl").write_bytes(raw)
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(raw))
    table = pa.table({"id": [1, 2, 3, 4], "text": [ARTICLE + JUNK, None, "", ARTICLE], "blob": [b"a", b"b", None, b""]})
    pq.write_table(table, folder / "c.parquet", row_group_size=3, compression="zstd")


@pytest.fixture(autouse=True)
def place(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the runs is the current folder; there is no configuration."""
    shutil.copytree(runs, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))


def files(folder: str) -> dict[str, bytes]:
    """The files below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()}


def test_a_folder_comes_back_byte_for_byte() -> None:
    assert main(["restore", "out", "out/ledger.jsonl", "-o", "back"]) == 0
    assert files("back") == dict(sorted(SOURCES.items()))
    assert files("out")["plain.txt"] == ARTICLE.encode()


def test_a_folder_comes_back_from_sidecars() -> None:
    assert main(["restore", "beside", "beside", "-o", "back"]) == 0
    assert files("back") == dict(sorted(SOURCES.items()))


def test_two_runs_in_place_are_undone_in_place(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in/plain.txt").write_text(ARTICLE + JUNK + "\nAdvertisement\n")
    before = files("in")
    main(["strip", "in", "--in-place", "-q", "--keep", "ad-slot"])
    main(["strip", "in", "--in-place", "-q"])
    assert {"plain.txt.ledger.json", "plain.txt.ledger.2.json"} <= files("in").keys()
    capsys.readouterr()
    assert main(["restore", "in", "in", "-o", "in"]) == 0
    assert {name: raw for name, raw in files("in").items() if "ledger" not in name} == before
    assert "2 files of in are in no ledger, in/sub/deep/clean.txt the first" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["windows-1252", "shift_jis", "utf-16", "utf-16-le", "utf-8-sig", "gb18030"])
def test_the_encoding_is_kept_in_the_ledger(encoding: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    raw = (ARTICLE + JUNK).encode(encoding)
    Path("one.txt").write_bytes(raw)
    main(["strip", "one.txt", "-o", "clean.txt", "-q", "--encoding", encoding])
    assert main(["restore", "clean.txt", "clean.txt.ledger.json"]) == 0
    assert capsysbinary.readouterr().out == raw
    assert json.loads(Path("clean.txt.ledger.json").read_text())["encoding"] == codecs.lookup(encoding).name


def test_one_file_comes_back_from_the_ledger_of_the_run(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["restore", "out/sub/mark.md", "out/ledger.jsonl"]) == 0
    assert capsysbinary.readouterr().out == SOURCES["sub/mark.md"]


def test_the_filter_s_ledger_restores_what_it_printed(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["strip", "in/sub/wide.txt", "--ledger-file", "l.json"])
    Path("clean.txt").write_bytes(capsysbinary.readouterr().out)
    assert main(["restore", "clean.txt", "l.json", "-o", "back.txt"]) == 0
    assert Path("back.txt").read_bytes() == SOURCES["sub/wide.txt"]


def test_every_sample_article_comes_back() -> None:
    main(["strip", str(FIXTURES / "articles"), "-o", "samples", "-q"])
    main(["restore", "samples", "samples/ledger.jsonl", "-o", "back"])
    folder = FIXTURES / "articles"
    sources = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.txt")}
    assert files("back") == dict(sorted(sources.items()))


def edited(change: dict[str, Any]) -> None:
    """Change fields of the first entry of out/ledger.jsonl that has removals."""
    path = Path("out/ledger.jsonl")
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    entry = next(entry for entry in entries if entry["file"] == "plain.txt")
    entry.update(change)
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"source": {"length": 5, "sha256": "0" * 64}}, "plain.txt: restored text is not the one of the ledger: 103"),
        ({"result": {"length": 83, "sha256": "0" * 64}}, "plain.txt: clean text is not the one of the ledger: 83"),
        ({"removals": [{"start": 500, "end": 501, "text": "x"}]}, "plain.txt: removal 0 (500 to 501, 1 characters)"),
        ({"removals": [{"start": 3, "end": 9, "text": "x"}]}, "plain.txt: removal 0 (3 to 9, 1 characters) does not"),
        ({"removals": [{"start": 3, "end": 9}]}, "plain.txt: removal 0 has no 'text'"),
        ({"removals": [{"start": "3", "end": 9, "text": "x"}]}, "plain.txt: removal 0 has '3', 9, 'x'"),
    ],
)
def test_a_digest_that_does_not_fit_names_the_file(
    change: dict[str, Any], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(change)
    assert main(["restore", "out", "out/ledger.jsonl", "-o", "back"]) == 3
    assert complaint in capsys.readouterr().err
    assert set(SOURCES) - set(files("back")) == {"plain.txt"}, "the others are done, and nothing is half written"


def test_a_clean_text_that_was_edited_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("out/plain.txt").write_text(ARTICLE.replace("closed", "opened"))
    assert main(["restore", "out", "out/ledger.jsonl", "-o", "back"]) == 3
    assert "out/plain.txt: clean text is not the one of the ledger" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ledger", "complaint"),
    [
        ("", "l.json: not a ledger"),
        ("{", "l.json: not a ledger"),
        ("[1]", "l.json:1: not a ledger: list where it takes an object"),
        ('{"text": "a"}', "l.json:1: not a ledger: it has no schema, source, result, removals"),
        ('{"schema": 9, "source": {}, "result": {}, "removals": []}', "l.json:1: schema 9; this version reads 1"),
        ('{"schema": 1, "source": {}, "result": {}, "removals": {}}', "l.json:1: removals are dict; it takes a list"),
    ],
)
def test_what_is_no_ledger_is_named(ledger: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("l.json").write_text(ledger)
    assert main(["restore", "in/plain.txt", "l.json", "-o", "back.txt"]) == 3
    assert complaint in capsys.readouterr().err
    assert not Path("back.txt").exists()


@pytest.mark.parametrize("name", ["../escape.txt", "/tmp/escape.txt", "sub/../../escape.txt", ""])
def test_a_ledger_can_t_name_files_outside_of_the_folder(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    edited({"file": name})
    assert main(["restore", "out", "out/ledger.jsonl", "-o", "back"]) == 3
    assert "is not below the output folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["nowhere", "out/ledger.jsonl"], 3, "nowhere: no such file or folder"),
        (["out", "out/ledger.jsonl"], 2, "out is a folder: say -o OUT"),
        (["out", "out/ledger.jsonl", "-o", "in/plain.txt"], 2, "is a file, and out a folder"),
        (["out/plain.txt", "out", "-o", "x"], 2, "out is a folder, and out/plain.txt a file; name its ledger"),
        (["in/dos.txt", "l.json"], 3, "in/dos.txt: clean text is not the one of the ledger"),
        (["l.json", "out/ledger.jsonl"], 3, "none of its 7 documents is l.json"),
        (["cleaned/a.jsonl", "cleaned/ledger.jsonl"], 2, "is a file of records: say -o OUT"),
        (["out/plain.txt"], 2, "out/plain.txt needs a LEDGER"),
        (["out", "-o", "back"], 2, "out is a folder: name its LEDGER"),
        (["out", "in", "-o", "x"], 3, "in: no ledger in it (NAME.ledger.json)"),
    ],
)
def test_mistakes_are_named(
    arguments: list[str], code: int, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", *arguments]) == code
    assert complaint in capsys.readouterr().err


def test_the_library_checks_what_it_puts_together(stripper: Stripper) -> None:
    result = stripper.strip(ARTICLE + JUNK)
    assert restore(result.text, result.to_dict()) == ARTICLE + JUNK
    with pytest.raises(LedgerError, match="clean text is not the one of the ledger"):
        restore(result.text + " ", result.to_dict())


def test_a_text_with_lone_surrogates_comes_back(stripper: Stripper) -> None:
    result = stripper.strip("\ud800 " + ARTICLE + JUNK)
    assert restore(result.text, json.loads(json.dumps(result.to_dict()))) == "\ud800 " + ARTICLE + JUNK


def test_records_come_back_with_their_lines_byte_for_byte() -> None:
    assert main(["restore", "cleaned", "cleaned/ledger.jsonl", "-o", "back"]) == 0
    assert files("back")["a.jsonl"] == files("records")["a.jsonl"]
    assert gzip.decompress(files("back")["b.jsonl.gz"]) == files("records")["a.jsonl"]
    before, after = (pq.ParquetFile(f"{folder}/c.parquet") for folder in ("records", "back"))
    assert after.read().equals(before.read(), check_metadata=True)
    assert [after.metadata.row_group(at).num_rows for at in range(2)] == [3, 1]
    assert files("cleaned")["a.jsonl"] != files("records")["a.jsonl"]


def test_one_file_of_records_comes_back_from_the_ledger_of_the_run() -> None:
    assert main(["restore", "cleaned/c.parquet", "cleaned/ledger.jsonl", "-o", "back.parquet"]) == 0
    assert pq.read_table("back.parquet").equals(pq.read_table("records/c.parquet"))


def test_one_file_of_records_comes_back_from_the_ledger_beside_it() -> None:
    main(["strip", "records/a.jsonl", "-o", "one.jsonl", "-q"])
    assert main(["restore", "one.jsonl", "one.jsonl.ledger.jsonl", "-o", "back.jsonl"]) == 0
    assert Path("back.jsonl").read_bytes() == Path("records/a.jsonl").read_bytes()


def test_records_come_back_from_the_removals_that_they_carry() -> None:
    assert main(["restore", "cleaned/b.jsonl.gz", "-o", "back.jsonl.gz"]) == 0
    assert gzip.decompress(Path("back.jsonl.gz").read_bytes()) == files("records")["a.jsonl"]


def test_parquet_needs_its_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "cleaned/c.parquet", "-o", "back.parquet"]) == 3
    assert (
        "cleaned/c.parquet: its removals are offsets without texts; name the ledger of the run"
        in capsys.readouterr().err
    )
    assert not Path("back.parquet").exists()


def test_fields_of_other_names_are_taken_away() -> None:
    main(["strip", "records/a.jsonl", "-o", "o.jsonl", "-q", "--out-field", "clean", "--removals-field", "gone"])
    names = ["--out-field", "clean", "--removals-field", "gone"]
    assert main(["restore", "o.jsonl", "o.jsonl.ledger.jsonl", "-o", "back.jsonl", *names]) == 0
    assert Path("back.jsonl").read_bytes() == Path("records/a.jsonl").read_bytes()


@pytest.mark.parametrize("kept", [1, 3])
def test_records_that_are_not_those_of_the_ledger_are_refused(kept: int, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Path("cleaned/a.jsonl").read_bytes().splitlines(keepends=True)
    Path("cleaned/a.jsonl").write_bytes(b"".join(lines[:kept] if kept == 3 else [*lines, lines[0]]))
    assert main(["restore", "cleaned", "cleaned/ledger.jsonl", "-o", "back"]) == 3
    said = capsys.readouterr().err
    assert ("is about a record that is not in it any more" if kept == 3 else "record 5 and those behind it") in said
    assert set(files("back")) == {"b.jsonl.gz", "c.parquet"}, "the others are done, and nothing is half written"


def test_a_record_that_was_edited_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    raw = Path("cleaned/a.jsonl").read_text().replace('"text":"a"', '"text":"b"')
    Path("cleaned/a.jsonl").write_text(raw)
    assert main(["restore", "cleaned", "cleaned/ledger.jsonl", "-o", "back"]) == 3
    assert "cleaned/a.jsonl:4: clean text is not the one of the ledger" in capsys.readouterr().err


@pytest.mark.parametrize("style", ["plain", "ascii", "slashes", "capitals"])
def test_a_text_comes_back_with_the_escapes_that_it_was_written_with(style: str) -> None:
    text = "Die Brücke bleibt bis 2027/28 gesperrt, teilte die Behörde mit.\n\nLesen Sie auch: Brücken im Überblick\n"
    line = json.dumps({"text": text, "id": 1}, ensure_ascii=style != "plain")
    line = line.replace("/", r"\/") if style == "slashes" else line
    line = line.replace("00fc", "00FC").replace("00f6", "00F6").replace("00dc", "00DC") if style == "capitals" else line
    Path("in.jsonl").write_bytes(f"{line}\n".encode())
    assert main(["strip", "in.jsonl", "-o", "out.jsonl", "-q"]) == 0
    assert "Lesen Sie auch" not in json.loads(Path("out.jsonl").read_bytes())["text"]
    assert main(["restore", "out.jsonl", "-o", "back.jsonl"]) == 0
    assert Path("back.jsonl").read_bytes() == Path("in.jsonl").read_bytes()
