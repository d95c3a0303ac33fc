"""The command line on real files, in a process of its own: outputs, ledgers, exit codes, messages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FIXTURES

from stripper.result import restore

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n"
JUNK = "\nShare this article\n"
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `stripper strip ARGUMENTS` in an empty folder, without any configuration."""

    def run(
        *arguments: str, text: bytes | None = None, command: str = "strip", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        where = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "none"), **environment}
        where.pop("STRIPPER_CONFIG", None) if "STRIPPER_CONFIG" not in environment else None
        program = [sys.executable, "-m", "stripper", *command.split(), *arguments]
        return subprocess.run(
            program, input=text or b"", capture_output=True, cwd=tmp_path, env=where, timeout=120, check=False
        )

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tree of texts, and a file that is none."""
    for name, text in {
        "a.txt": ARTICLE + JUNK,
        "sub/b.md": ARTICLE,
        "sub/deep/c.txt": ARTICLE + JUNK,
        "d.pdf": "%PDF",
    }.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "in"


def test_a_folder_keeps_its_tree_and_gets_one_ledger(run: Run, folder: Path, tmp_path: Path) -> None:
    done = run("in", "-o", "out")
    assert done.returncode == 0
    assert sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()) == [
        "a.txt", "ledger.jsonl", "sub/b.md", "sub/deep/c.txt",
    ]  # fmt: skip
    assert (tmp_path / "out/a.txt").read_text() == ARTICLE
    entries = [json.loads(line) for line in (tmp_path / "out/ledger.jsonl").read_text().splitlines()]
    assert [entry["file"] for entry in entries] == ["a.txt", "sub/b.md", "sub/deep/c.txt"]
    assert restore(ARTICLE, entries[0]["removals"]) == ARTICLE + JUNK
    assert b"d.pdf" in done.stderr, "what was left out is said"


def test_a_second_run_into_the_same_folder_keeps_the_first_ledger(run: Run, folder: Path, tmp_path: Path) -> None:
    run("in/a.txt", "-o", "out/")
    run("in/sub/deep/c.txt", "-o", "out/")
    entries = [json.loads(line)["file"] for line in (tmp_path / "out/ledger.jsonl").read_text().splitlines()]
    assert entries == ["a.txt", "c.txt"]


def test_a_file_that_is_no_ledger_is_not_overwritten(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/ledger.jsonl").write_text("mine\n")
    done = run("in", "-o", "out")
    assert done.returncode == 3
    assert (tmp_path / "out/ledger.jsonl").read_text() == "mine\n"
    assert b"ledger.jsonl: not a ledger" in done.stderr


def test_one_file_to_one_file_with_its_ledger_beside_it(run: Run, folder: Path, tmp_path: Path) -> None:
    assert run("in/a.txt", "-o", "clean.txt").returncode == 0
    assert (tmp_path / "clean.txt").read_text() == ARTICLE
    ledger = json.loads((tmp_path / "clean.txt.ledger.json").read_text())
    assert [removal["label"] for removal in ledger["removals"]] == ["share"]


def test_a_filter_writes_nothing_but_the_text(run: Run) -> None:
    done = run(text=(ARTICLE + JUNK).encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, ARTICLE.encode(), b"")


def test_a_filter_writes_its_ledger_where_it_is_told(run: Run, tmp_path: Path) -> None:
    run("--ledger-file", "l.json", text=(ARTICLE + JUNK).encode())
    assert json.loads((tmp_path / "l.json").read_text())["removals"][0]["text"] == "\n\nShare this article"


def test_one_file_without_output_goes_to_standard_output(run: Run, folder: Path) -> None:
    done = run("in/a.txt")
    assert (done.returncode, done.stdout) == (0, ARTICLE.encode())


def test_several_files_need_to_be_told_where(run: Run, folder: Path) -> None:
    done = run("in")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"nowhere to write them: say -o OUT, or --in-place" in done.stderr


def test_in_place_keeps_every_ledger(run: Run, folder: Path) -> None:
    assert run("in", "--in-place").returncode == 0
    assert (folder / "a.txt").read_text() == ARTICLE
    assert not (folder / "sub/b.md.ledger.json").exists(), "an unchanged file is left alone"
    (folder / "a.txt").write_text(ARTICLE + "\nAdvertisement\n")
    run("in/a.txt", "--in-place")
    texts = [
        json.loads((folder / name).read_text())["removals"][0]["text"]
        for name in ("a.txt.ledger.json", "a.txt.ledger.2.json")
    ]
    assert texts == ["\n\nShare this article", "\n\nAdvertisement"]


def test_in_place_keeps_the_permissions(run: Run, folder: Path) -> None:
    (folder / "a.txt").chmod(0o640)
    run("in/a.txt", "--in-place")
    assert (folder / "a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("option", ["--dry-run", "--diff", "--check"])
def test_looking_writes_nothing(run: Run, folder: Path, tmp_path: Path, option: str) -> None:
    done = run("in", "-o", "out", option)
    assert done.returncode == (1 if option == "--check" else 0)
    assert b"a.txt" in done.stdout
    assert not (tmp_path / "out").exists()


def test_check_is_content_with_clean_files(run: Run, folder: Path) -> None:
    assert run("in/sub/b.md", "--check").returncode == 0


def test_a_diff_is_one_that_patch_understands(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "change.diff").write_bytes(run("in/a.txt", "--diff").stdout)
    subprocess.run(["patch", "-p1", "-d", "in", "-i", "../change.diff"], cwd=tmp_path, check=True, capture_output=True)
    assert (folder / "a.txt").read_text() == ARTICLE


def test_sidecars(run: Run, folder: Path, tmp_path: Path) -> None:
    run("in", "-o", "out", "--ledger", "sidecar")
    assert (tmp_path / "out/sub/deep/c.txt.ledger.json").exists()
    assert not (tmp_path / "out/ledger.jsonl").exists()


def test_no_ledger(run: Run, folder: Path, tmp_path: Path) -> None:
    run("in", "-o", "out", "--ledger", "none")
    assert not list((tmp_path / "out").rglob("*ledger*"))


def test_one_that_is_not_utf8_is_named_and_left_alone(run: Run, folder: Path, tmp_path: Path) -> None:
    (folder / "latin.txt").write_bytes("Le café était fermé hier soir.\n".encode("latin-1"))
    done = run("in", "-o", "out")
    assert done.returncode == 3
    assert (
        b"in/latin.txt: not utf-8: invalid continuation byte at byte 6; left alone; say --encoding NAME" in done.stderr
    )
    assert not (tmp_path / "out/latin.txt").exists()
    assert (tmp_path / "out/a.txt").read_text() == ARTICLE, "the others are done"


def test_encoding_says_otherwise(run: Run, tmp_path: Path) -> None:
    raw = "Le café était fermé hier soir, dit la mairie.\n\nLire aussi : Les cafés rouvrent\n".encode("latin-1")
    (tmp_path / "latin.txt").write_bytes(raw)
    done = run("latin.txt", "-o", "out.txt", "--encoding", "latin-1")
    assert (done.returncode, (tmp_path / "out.txt").read_bytes()) == (
        0,
        "Le café était fermé hier soir, dit la mairie.\n".encode("latin-1"),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_honoured_and_kept(run: Run, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "bom.txt").write_bytes(("A bridge and its cracks\n\n" + ARTICLE + JUNK).encode(encoding))
    run("bom.txt", "-o", "out.txt")
    clean = (tmp_path / "out.txt").read_bytes()
    assert clean.decode(encoding) == ("A bridge and its cracks\n\n" + ARTICLE)
    assert clean[:2] == (ARTICLE.encode(encoding))[:2]


def test_newlines_are_not_translated(run: Run, tmp_path: Path) -> None:
    (tmp_path / "dos.txt").write_bytes((ARTICLE + JUNK).replace("\n", "\r\n").encode())
    run("dos.txt", "-o", "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == ARTICLE.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere"], 3, b"nowhere: no such file or folder"),
        (["empty", "-o", "out"], 2, b"empty: no .txt or .md file in it"),
        (["in", "-o", "in"], 2, b"-o in is the input itself"),
        (["in", "-o", "in/out"], 2, b"-o in/out is inside the input in"),
        (["in/a.txt", "-o", "in/a.txt"], 2, b"which is an input"),
        (["in/a.txt", "copy/a.txt", "-o", "out"], 2, b"would both be out/a.txt"),
        (["in", "--in-place", "-o", "out"], 2, b"exclude each other"),
        (["in/a.txt", "--keep", "byeline"], 2, b'did you mean "byline"?'),
        (["in/a.txt", "--min-confidence", "2"], 2, b"min_confidence is 2.0; it takes a number from 0 to 1"),
        (["in/a.txt", "--encoding", "klingon"], 2, b"no such encoding"),
        (["in/a.txt", "--rules", "nothing.toml"], 2, b"nothing.toml: no such file or folder, and no pack of that name"),
        (["in/a.txt", "--lang", "english"], 2, b'language is "english"; it takes an ISO 639-1 code'),
        (["-", "in/a.txt"], 2, b"can't be mixed"),
        (["in/a.txt", "--nonsense"], 2, b"unrecognized arguments: --nonsense"),
    ],
)  # fmt: skip
def test_mistakes_are_named_and_nothing_is_written(
    run: Run, folder: Path, tmp_path: Path, arguments: list[str], code: int, message: bytes
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/a.txt").write_text(ARTICLE)
    before = sorted(tmp_path.rglob("*"))
    done = run(*arguments)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert b"Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_an_unreadable_file_is_named(run: Run, folder: Path) -> None:
    (folder / "a.txt").chmod(0)
    done = run("in", "-o", "out")
    assert (done.returncode, b"a.txt: can't be read: Permission denied" in done.stderr) == (3, True)


def test_a_folder_given_as_a_file_name_fails_alone(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.txt").mkdir()
    done = run("in", "-o", "out")
    assert done.returncode == 3
    assert b"out/a.txt: can't be written" in done.stderr
    assert (tmp_path / "out/sub/deep/c.txt").read_text() == ARTICLE
    assert not list((tmp_path / "out").rglob("*.part"))


def test_keep_and_drop(run: Run) -> None:
    text = ("By Jane Doe\n\n" + ARTICLE.strip() + " Engineers had found new cracks.\n" + JUNK).encode()
    assert JUNK.strip().encode() in run("--keep", "share", text=text).stdout
    assert b"By Jane Doe" in run(text=text).stdout
    assert b"By Jane Doe" not in run("--drop", "byline", text=text).stdout


def test_min_confidence(run: Run) -> None:
    text = (ARTICLE + JUNK).encode()
    assert run("--min-confidence", "0.99", text=text).stdout == text


def test_own_rules_add_to_the_shipped_ones(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text((FIXTURES / "rulefiles/valid/own.toml").read_text())
    (folder / "a.txt").write_text(ARTICLE + "\nHarbour Post is a member of the Coastal Press Union\n" + JUNK)
    assert run("in/a.txt", "--rules", "own.toml").stdout == ARTICLE.encode()


@pytest.mark.parametrize("place", ["stripper.toml", "pyproject.toml", "env", "user"])
def test_configuration_files(run: Run, folder: Path, tmp_path: Path, place: str) -> None:
    settings = 'keep = ["share"]\n'
    environment = {}
    if place == "pyproject.toml":
        (tmp_path / place).write_text(f"[tool.stripper]\n{settings}")
    elif place == "env":
        (tmp_path / "x.toml").write_text(settings)
        environment["STRIPPER_CONFIG"] = "x.toml"
    else:
        target = tmp_path / ("home/stripper/stripper.toml" if place == "user" else place)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(settings)
        environment["XDG_CONFIG_HOME"] = str(tmp_path / "home")
    assert run("in/a.txt", **environment).stdout == (ARTICLE + JUNK).encode()
    assert run("in/a.txt", "--keep", "byline", **environment).stdout == ARTICLE.encode(), "the command line is stronger"


def test_a_wrong_configuration_is_named(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "stripper.toml").write_text('kep = ["share"]\n')
    done = run("in/a.txt")
    assert (done.returncode, b'unknown key "kep"; did you mean "keep"?' in done.stderr) == (2, True)


def test_explain_shows_what_went_and_what_stayed(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(ARTICLE + "Comments\n" + ARTICLE * 3 + JUNK)
    shown = run("in/a.txt", command="explain").stdout.decode()
    assert "-    7 | Share this article" in shown
    assert "line 7: share 0.9" in shown
    assert "(rules/en/share.toml:" in shown
    assert "stays: " in shown
    assert "the article goes on after it" in shown or "needs position = tail" in shown


def test_rules_list_and_show(run: Run) -> None:
    listed = run("list", command="rules").stdout.decode()
    assert "fr/upsell/upgrade-to-pro" in listed
    assert "rules/fr/upsell.toml:" in listed
    shown = run("show", "fr/upsell/upgrade-to-pro", command="rules").stdout.decode()
    assert "    - Mise à niveau vers Pro" in shown
    missing = run("show", "fr/upsell/upgrade-to-prö", command="rules")
    assert (missing.returncode, b"did you mean fr/upsell/upgrade-to-pro" in missing.stderr) == (2, True)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_run_leaves_whole_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3000):
        (tmp_path / f"in/{number}.txt").write_text(ARTICLE + JUNK)
    program = [sys.executable, "-m", "stripper", "strip", "in", "-o", "out"]
    process = subprocess.Popen(program, cwd=tmp_path, stderr=subprocess.PIPE)
    while len(list(tmp_path.glob("out/*.txt"))) < 20:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130, complaint
    written = list(tmp_path.glob("out/*.txt"))
    assert 20 <= len(written) < 3000
    assert all(path.read_text() == ARTICLE for path in written)
    assert not list(tmp_path.glob("out/.*.part"))
    entries = {json.loads(line)["file"] for line in (tmp_path / "out/ledger.jsonl").read_text().splitlines()}
    assert entries == {path.name for path in written}


def test_a_closed_pipe_is_no_error_message(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE * 5000)
    program = f"{sys.executable} -m stripper strip a.txt | head -c 10"
    done = subprocess.run(["bash", "-c", program], cwd=tmp_path, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (ARTICLE[:10].encode(), b"")
