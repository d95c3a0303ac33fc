"""Long runs on real files, in processes of their own: workers, resuming, and everything that can go wrong."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from conftest import FIXTURES

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n"
JUNK = "\nShare this article\n"
SLOW = "Share this article\n" + ARTICLE  # many of these take long
RULES = ("--rules", "en/share")  # one pack, so that a run starts at once
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals")
Run = Callable[..., "subprocess.CompletedProcess[str]"]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts `stripper strip ARGUMENTS` in an empty folder, without any configuration."""

    def start(*arguments: str) -> subprocess.Popen[str]:
        where = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "none")}
        where.pop("STRIPPER_CONFIG", None)
        program = [sys.executable, "-m", "stripper", "strip", *arguments, *RULES]
        return subprocess.Popen(
            program, cwd=tmp_path, env=where, text=True, errors="surrogateescape",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    return start


@pytest.fixture
def run(start: Start) -> Run:
    """The same, to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        process = start(*arguments)
        out, err = process.communicate(timeout=300)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    return run


def write_jsonl(path: Path, count: int, repeat: int = 1) -> list[str]:
    """A file of records, every second of which ends in junk; its lines."""
    lines = [
        json.dumps({"id": n, "text": ARTICLE * repeat + (JUNK if n % 2 else ""), "url": f"https://example.org/{n}"})
        for n in range(count)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return lines


def write_parquet(source: Path, target: Path) -> None:
    """The records of a file of JSON Lines as Parquet, in row groups of some thirty rows."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    records = [json.loads(line) for line in source.read_bytes().splitlines()]
    parquet.write_table(pyarrow.Table.from_pylist(records), target, row_group_size=30)


def write_folder(folder: Path, count: int, repeat: int = 1) -> None:
    """A folder of texts, every second of which ends in junk."""
    for n in range(count):
        path = folder / f"{n % 7}" / f"{n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ARTICLE * repeat + (JUNK if n % 2 else ""))


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_bytes().splitlines()]


def workers(process: subprocess.Popen[str]) -> list[int]:
    """The worker processes of a run: its children that were spawned to work."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            command = (place / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == process.pid and b"spawn_main" in command:
            found.append(int(place.name))
    return found


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def journal(output: Path) -> Path:
    return output / ".stripper/journal.jsonl"


def done_units(output: Path) -> int:
    path = journal(output)
    return max(0, path.read_bytes().count(b"\n") - 1) if path.exists() else 0


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount")


def test_records_in_records_out_with_a_ledger(run: Run, tmp_path: Path) -> None:
    lines = write_jsonl(tmp_path / "in/a.jsonl", 10)
    (tmp_path / "in/b.txt").write_text(ARTICLE + JUNK)
    done = run("in", "-o", "out")
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(tree(tmp_path / "out")) == ["a.jsonl", "b.txt", "ledger.jsonl"]
    records = [json.loads(line) for line in (tmp_path / "out/a.jsonl").read_text().splitlines()]
    assert [{**record, "text": "", "removals": 0} for record in records] == [
        {**json.loads(line), "text": "", "removals": 0} for line in lines
    ]
    assert {record["text"] for record in records} == {ARTICLE}
    entries = [json.loads(line) for line in (tmp_path / "out/ledger.jsonl").read_text().splitlines()]
    assert [(entry["file"], entry.get("record")) for entry in entries] == [
        *(("a.jsonl", n) for n in range(1, 11)), ("b.txt", None),
    ]  # fmt: skip
    assert [entry["url"] for entry in entries[:2]] == ["https://example.org/0", "https://example.org/1"]
    assert "11 documents, 6 with removals" in done.stderr
    assert "characters by label: share" in done.stderr


def test_a_second_file_of_the_same_run_leaves_the_others_in_the_ledger(run: Run, tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        write_jsonl(tmp_path / f"in/{name}.jsonl", 2)
        run(f"in/{name}.jsonl", "-o", "out/")
    write_jsonl(tmp_path / "in/b.jsonl", 1)
    run("in/b.jsonl", "-o", "out/")
    entries = [json.loads(line) for line in (tmp_path / "out/ledger.jsonl").read_text().splitlines()]
    assert [(entry["file"], entry["record"]) for entry in entries] == [
        ("a.jsonl", 1), ("a.jsonl", 2), ("b.jsonl", 1), ("c.jsonl", 1), ("c.jsonl", 2),
    ]  # fmt: skip


def test_one_file_gets_its_ledger_beside_it_and_the_format_of_its_name(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", 4)
    assert run("a.jsonl", "-o", "b.jsonl.zst").returncode == 0
    with zstandard.open(tmp_path / "b.jsonl.zst", "rt") as stream:
        assert [json.loads(line)["text"] for line in stream] == [ARTICLE] * 4
    assert len((tmp_path / "b.jsonl.zst.ledger.jsonl").read_text().splitlines()) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl.zst", "b.jsonl.zst.ledger.jsonl"]


def test_another_format_on_demand(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/sub/a.ndjson", 3)
    assert run("in", "-o", "out", "--to", "jsonl.gz", "--ledger", "none").returncode == 0
    assert list(tree(tmp_path / "out")) == ["sub/a.jsonl.gz"]
    assert gzip.decompress((tmp_path / "out/sub/a.jsonl.gz").read_bytes()).count(b"\n") == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.jsonl", "--in-place"], "a.jsonl: --in-place is for texts; name an output with -o for jsonl"),
        (["a.jsonl", "-o", "b.jsonl", "--to", "text"], "records can't be written as text; they can as jsonl"),
        (["a.jsonl", "-o", "b.jsonl", "--format", "jsonlines"], 'no format "jsonlines"; did you mean "jsonl'),
        (["t.txt", "-o", "b.jsonl", "--to", "jsonl"], "t.txt: text files are one document each and can't become jsonl"),
        (["a.jsonl", "-o", "b", "-j", "-1"], "-j -1: it takes the number of worker processes"),
        (["in", "-o", "out", "--format", "jsonl.zst"], "in: no file in it that ends as jsonl.zst does"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    run: Run, tmp_path: Path, arguments: list[str], message: str
) -> None:
    write_jsonl(tmp_path / "a.jsonl", 1)
    (tmp_path / "in").mkdir()
    (tmp_path / "t.txt").write_text(ARTICLE)
    before = tree(tmp_path)
    done = run(*arguments)
    assert (done.returncode, message in done.stderr, tree(tmp_path)) == (2, True, before), done.stderr


def test_a_stream_answers_line_by_line(start: Start) -> None:
    process = start("--format", "jsonl")
    assert process.stdin is not None
    assert process.stdout is not None
    for n in range(3):
        process.stdin.write(json.dumps({"text": ARTICLE + JUNK, "n": n}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())  # hangs where it waits for more
        assert (answer["text"], answer["n"]) == (ARTICLE, n)
    process.stdin.write("nonsense\n")
    process.stdin.close()
    assert process.wait(60) == 3
    assert process.stderr is not None
    assert process.stderr.read() == "stripper: standard input:4: not a JSON object at column 1\n"


def test_looking_at_records(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", 2)
    done = run("a.jsonl", "--check")
    assert (done.returncode, done.stdout) == (1, "a.jsonl:2: 20 of 103 characters to strip: share\n")
    assert "--- a/a.jsonl:2" in run("a.jsonl", "--diff").stdout
    assert [json.loads(line)["text"] for line in run("a.jsonl").stdout.splitlines()] == [ARTICLE] * 2


def test_bad_records_stop_none_of_the_others(run: Run, tmp_path: Path) -> None:
    lines = write_jsonl(tmp_path / "in/a.jsonl", 6)
    lines[1:3] = ["nonsense", '{"text": 5}']
    (tmp_path / "in/a.jsonl").write_text("\n".join(lines))
    (tmp_path / "in/b.txt").write_bytes(b"caf\xe9\n")
    done = run("in", "-o", "out", "--failed", "bad")
    assert done.returncode == 3
    assert "stripper: in/a.jsonl:2: not a JSON object at column 1\n" in done.stderr
    assert 'stripper: in/a.jsonl:3: field "text" is not a string\n' in done.stderr
    assert "in/b.txt: not utf-8" in done.stderr
    assert "4 documents, 2 with removals" in done.stderr
    assert ", 3 failed" in done.stderr
    assert tree(tmp_path / "bad") == {"a.jsonl": b'nonsense\n{"text": 5}\n', "b.txt": b"caf\xe9\n"}
    assert [json.loads(line)["id"] for line in (tmp_path / "out/a.jsonl").read_text().splitlines()] == [0, 3, 4, 5]


def test_the_outputs_are_the_same_for_any_number_of_workers(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", 300, repeat=120)
    write_folder(tmp_path / "in/texts", 50)
    (tmp_path / "in/b.jsonl.gz").write_bytes(gzip.compress((tmp_path / "in/a.jsonl").read_bytes()))
    assert run("in", "-o", "one").returncode == 0
    assert run("in", "-o", "three", "-j", "3").returncode == 0
    assert tree(tmp_path / "one") == tree(tmp_path / "three")
    assert texts(tmp_path / "one/a.jsonl") == [ARTICLE * 120] * 300


@linux
def test_a_worker_that_is_killed_costs_nothing(start: Start, run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", 200, repeat=400)
    process = start("in", "-o", "out", "-j", "2")
    for wanted in (1, 4):
        wait_until(lambda: done_units(tmp_path / "out") >= wanted and workers(process))  # noqa: B023
        os.kill(random.choice(workers(process)), signal.SIGKILL)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert run("in", "-o", "calm").returncode == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "calm")


@linux
def test_a_document_on_which_workers_die_is_set_aside(start: Start, tmp_path: Path) -> None:
    lines = write_jsonl(tmp_path / "in/a.jsonl", 5)
    lines[2] = json.dumps({"text": SLOW * 60_000})
    (tmp_path / "in/a.jsonl").write_text("\n".join(lines))
    process = start("in", "-o", "out", "--failed", "bad")
    killed: set[int] = set()
    while process.poll() is None and len(killed) < 2:
        fresh = [pid for pid in workers(process) if pid not in killed and _seconds(pid) > 2]  # it is at the long one
        killed.update(fresh[:1])
        for pid in fresh[:1]:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 3
    assert "in/a.jsonl:3: its worker process was killed (SIGKILL) over it, 2 times" in err
    assert texts(tmp_path / "out/a.jsonl") == [ARTICLE] * 4
    assert (tmp_path / "bad/a.jsonl").read_text() == lines[2] + "\n"


def _seconds(pid: int) -> float:
    """How long a process has used a processor."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_document_over_its_time_fails_alone(run: Run, tmp_path: Path) -> None:
    lines = write_jsonl(tmp_path / "in/a.jsonl", 5)
    lines[2] = json.dumps({"text": SLOW * 100_000})
    (tmp_path / "in/a.jsonl").write_text("\n".join(lines))
    (tmp_path / "in/b.txt").write_text(SLOW * 100_000)
    (tmp_path / "in/c.txt").write_text(ARTICLE + JUNK)
    done = run("in", "-o", "out", "--timeout", "1.5", "--failed", "bad")
    assert done.returncode == 3
    assert "in/a.jsonl:3: took longer than 1.5 seconds (--timeout)" in done.stderr
    assert "in/b.txt: took longer than 1.5 seconds (--timeout)" in done.stderr
    assert texts(tmp_path / "out/a.jsonl") == [ARTICLE] * 4
    assert (tmp_path / "out/c.txt").read_text() == ARTICLE
    assert not (tmp_path / "out/b.txt").exists()
    assert sorted(tree(tmp_path / "bad")) == ["a.jsonl", "b.txt"]


@POSIX
def test_a_document_over_its_memory_fails_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(ARTICLE + JUNK)
    (tmp_path / "in/b.txt").write_text(ARTICLE * 1_000_000)
    (tmp_path / "in/c.txt").write_text(ARTICLE + JUNK)
    done = run("in", "-o", "out", "--max-memory", "500M")
    assert done.returncode == 3
    assert "in/b.txt: needs more memory than it may have (--max-memory)" in done.stderr
    assert sorted(tree(tmp_path / "out")) == ["a.txt", "c.txt", "ledger.jsonl"]


@POSIX
def test_too_little_memory_for_the_rules_is_said_at_once(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", 1)
    done = run("a.jsonl", "-o", "out.jsonl", "--max-memory", "60M", "--rules", "fr", "de", "es", "ru", "it", "pl")
    assert done.returncode in (2, 3)
    assert "--max-memory 62914560 is too little" in done.stderr or "worker processes can't be started" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


@contextmanager
def mounted(place: Path, size: str) -> Iterator[None]:
    """A small disk of its own."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@root
@linux
def test_a_full_disk_stops_the_run_which_goes_on_once_there_is_room(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", 300, repeat=200)
    write_folder(tmp_path / "in/texts", 100, repeat=20)
    with mounted(tmp_path / "disk", "3m"):
        done = run("in", "-o", "disk/out")
        assert done.returncode == 3
        assert "can't be written: No space left on device; stopped here. The same command with --resume" in done.stderr
        assert not (tmp_path / "disk/out/a.jsonl").exists(), "no half file"
        subprocess.run(["mount", "-o", "remount,size=100m", tmp_path / "disk"], check=True)
        assert run("in", "-o", "disk/out", "--resume").returncode == 0
        assert run("in", "-o", "calm").returncode == 0
        assert tree(tmp_path / "disk/out") == tree(tmp_path / "calm")


@root
@linux
def test_an_output_folder_that_becomes_read_only_stops_the_run(start: Start, run: Run, tmp_path: Path) -> None:
    write_folder(tmp_path / "in", 600, repeat=20)
    process = start("in", "-o", "out")
    wait_until(lambda: done_units(tmp_path / "out") >= 40)
    frozen = [
        tmp_path / "out",
        *(path for path in (tmp_path / "out").iterdir() if path.is_dir() and path.name.isdigit()),
    ]
    if subprocess.run(["chattr", "+i", *frozen], capture_output=True, check=False).returncode:
        process.kill()
        pytest.skip("this file system has no immutable folders")
    try:
        _, err = process.communicate(timeout=300)
    finally:
        subprocess.run(["chattr", "-i", *frozen], check=True)
    assert process.returncode == 3, err
    assert "can't be written: Operation not permitted; stopped here. The same command with --resume" in err
    assert run("in", "-o", "out", "--resume").returncode == 0
    assert run("in", "-o", "calm").returncode == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "calm")


def test_inputs_that_vanish_or_change_are_named(start: Start, tmp_path: Path) -> None:
    write_folder(tmp_path / "in/texts", 400, repeat=20)
    write_jsonl(tmp_path / "in/z.jsonl", 200, repeat=400)
    process = start("in", "-o", "out")
    wait_until(lambda: done_units(tmp_path / "out") >= 1)
    (tmp_path / "in/texts/6/398.txt").unlink()
    wait_until(lambda: b'"name": "z.jsonl"' in journal(tmp_path / "out").read_bytes())
    with (tmp_path / "in/z.jsonl").open("a") as stream:
        stream.write('{"text": "more"}\n')
    _, err = process.communicate(timeout=300)
    assert process.returncode == 3
    assert "in/texts/6/398.txt: can't be read: No such file or directory" in err
    assert "in/z.jsonl: has changed while it was read; nothing was written for it, run again" in err
    names = sorted(tree(tmp_path / "out"))
    assert (len(names), "z.jsonl" in names) == (400, False)  # 399 texts and the ledger


@linux
def test_a_second_run_on_the_same_output_refuses(start: Start, run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", 200, repeat=400)
    process = start("in", "-o", "out")
    wait_until(lambda: done_units(tmp_path / "out") >= 1)
    second = run("in", "-o", "out")
    assert (second.returncode, second.stderr) == (
        2,
        f"stripper: out: another run (process {process.pid}) is writing there; wait for it, or choose another -o\n",
    )
    process.communicate(timeout=300)
    assert process.returncode == 0
    assert len(texts(tmp_path / "out/a.jsonl")) == 200


@POSIX
def test_an_interrupted_run_says_how_to_go_on_and_does(start: Start, run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", 200, repeat=400)
    process = start("in", "-o", "out")
    wait_until(lambda: done_units(tmp_path / "out") >= 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "interrupted; outputs written so far are whole. The same command with --resume goes on from here" in err
    assert not (tmp_path / "out/a.jsonl").exists()
    before = done_units(tmp_path / "out")
    again = run("in", "-o", "out", "--resume")
    assert (again.returncode, before > 1) == (0, True)
    assert "200 documents, 100 with removals" in again.stderr, "the summary is that of the whole run"
    assert run("in", "-o", "calm").returncode == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "calm")


@POSIX
@pytest.mark.parametrize("what", ["folder", "jsonl", "jsonl.gz", "parquet"])
def test_a_run_that_is_killed_ten_times_ends_as_if_it_were_not(
    start: Start, run: Run, tmp_path: Path, what: str
) -> None:
    if what == "folder":
        write_folder(tmp_path / "in", 600, repeat=30)
    else:
        write_jsonl(tmp_path / "in/a.jsonl", 300, repeat=400)
    if what == "jsonl.gz":
        (tmp_path / "in/b.jsonl.gz").write_bytes(gzip.compress((tmp_path / "in/a.jsonl").read_bytes(), 1))
        (tmp_path / "in/a.jsonl").unlink()
    if what == "parquet":
        write_parquet(tmp_path / "in/a.jsonl", tmp_path / "in/b.parquet")
        (tmp_path / "in/a.jsonl").unlink()
    assert run("in", "-o", "calm").returncode == 0
    chance = random.Random(what)
    kills = 0
    while kills < 10:
        process = start("in", "-o", "out", "-j", "2", "--resume")
        begun = done_units(tmp_path / "out")
        wait_until(lambda: process.poll() is not None or done_units(tmp_path / "out") > begun)  # noqa: B023
        time.sleep(chance.random() * 0.3)
        process.kill()
        _, err = process.communicate()
        assert "Traceback" not in err
        if process.returncode == 0:
            subprocess.run(["rm", "-r", tmp_path / "out"], check=True)  # it was faster; begin again
        kills += 1
    done = run("in", "-o", "out", "--resume")
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "out") == tree(tmp_path / "calm")


@POSIX
def test_what_was_done_is_taken_over_only_where_nothing_has_changed(start: Start, run: Run, tmp_path: Path) -> None:
    lines = write_jsonl(tmp_path / "in/a.jsonl", 200, repeat=400)
    write_folder(tmp_path / "in/0", 300)

    def interrupt() -> None:
        process = start("in", "-o", "out", "--resume")
        wait_until(
            lambda: (
                b'"name": "a.jsonl"'
                in (journal(tmp_path / "out").read_bytes() if done_units(tmp_path / "out") else b"")
            )
        )
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=300) is not None
        assert process.returncode == 130

    interrupt()
    other = run("in", "-o", "out", "--resume", "--keep", "share")
    assert "the unfinished run had other options; starting from the beginning" in other.stderr
    assert texts(tmp_path / "out/a.jsonl")[1] == ARTICLE * 400 + JUNK
    interrupt()
    lines[0] = json.dumps({"id": "new", "text": ARTICLE})
    (tmp_path / "in/a.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "in/0/0/0.txt").write_text("New. " + ARTICLE + JUNK)
    assert run("in", "-o", "out", "--resume").returncode == 0
    assert run("in", "-o", "calm").returncode == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "calm")
    assert "no unfinished run is here; starting from the beginning" in run("in", "-o", "out", "--resume").stderr


@POSIX
def test_links_are_not_followed_unless_asked_and_loops_end(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "in/a.txt").write_text(ARTICLE)
    (tmp_path / "elsewhere/b.txt").write_text(ARTICLE)
    (tmp_path / "in/sub/up").symlink_to(tmp_path / "in")
    (tmp_path / "in/away").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/file.txt").symlink_to(tmp_path / "elsewhere/b.txt")
    (tmp_path / "in/broken.txt").symlink_to(tmp_path / "nowhere")
    done = run("in", "-o", "out")
    assert (done.returncode, sorted(tree(tmp_path / "out"))) == (0, ["a.txt", "ledger.jsonl"])
    assert "left out 4 files of no known format, hidden or links" in done.stderr
    done = run("in", "-o", "followed", "--follow-links")
    assert done.returncode == 3
    assert "in/sub/up: a link to a folder that it is in, a loop; not followed" in done.stderr
    assert sorted(tree(tmp_path / "followed")) == ["a.txt", "away/b.txt", "file.txt", "ledger.jsonl"]


@linux
def test_names_with_odd_bytes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    odd = os.fsdecode(b'caf\xe9 "\n\xff.txt')
    (tmp_path / "in" / odd).write_text(ARTICLE + JUNK)
    (tmp_path / "in" / os.fsdecode(b"\xe9.jsonl")).write_text(json.dumps({"text": ARTICLE + JUNK}))
    (tmp_path / "in/z.txt").write_bytes(b"\xff")
    done = run("in", "-o", "out")
    assert done.returncode == 3
    assert (tmp_path / "out" / odd).read_text() == ARTICLE
    names = [json.loads(line)["file"] for line in (tmp_path / "out/ledger.jsonl").read_text().splitlines()]
    assert sorted(names) == sorted([odd, os.fsdecode(b"\xe9.jsonl")])


def test_a_bomb_fails_and_the_others_are_done(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", 3)
    (tmp_path / "in/b.jsonl.zst").write_bytes(zstandard.compress(b'{"text": "' + b"a" * (1 << 30) + b'"}\n'))
    done = run("in", "-o", "out")
    assert done.returncode == 3
    assert "in/b.jsonl.zst: unpacks to more than 10000 times its size, which looks like a bomb" in done.stderr
    assert texts(tmp_path / "out/a.jsonl") == [ARTICLE] * 3
    assert not (tmp_path / "out/b.jsonl.zst").exists()


def test_a_broken_member_leaves_what_came_before(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", 5)
    whole = gzip.compress((tmp_path / "a.jsonl").read_bytes())
    (tmp_path / "b.jsonl.gz").write_bytes(whole + whole[:60])
    done = run("b.jsonl.gz", "-o", "c.jsonl.gz")
    assert (done.returncode, f"b.jsonl.gz: ends in the middle at byte {len(whole) + 60}" in done.stderr) == (3, True)
    assert gzip.decompress((tmp_path / "c.jsonl.gz").read_bytes()).count(b"\n") == 5


def test_a_document_of_which_far_more_goes_than_usual_is_pointed_out(run: Run, tmp_path: Path) -> None:
    usual = [json.dumps({"text": ARTICLE * 5 + JUNK}) for _ in range(40)]
    usual[20] = json.dumps({"text": ARTICLE + "Share this article\n" * 40})
    (tmp_path / "a.jsonl").write_text("\n".join(usual))
    done = run("a.jsonl", "-o", "b.jsonl", "--quiet")
    assert (done.returncode, done.stderr) == (
        0, "stripper: look at these, far more is gone than is usual for this run: a.jsonl:21 (90 %)\n",
    )  # fmt: skip


def test_a_log_for_machines(run: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", 3)
    (tmp_path / "in/b.txt").write_bytes(b"\xff")
    done = run("in", "-o", "out", "--log-format", "json")
    failure, summary = (json.loads(line) for line in done.stderr.splitlines())
    assert (failure["event"], failure["document"]) == ("failure", "in/b.txt")
    assert (summary["event"], summary["documents"], summary["failed"]) == ("summary", 3, 1)
    assert (summary["labels"], summary["languages"]) == ({"share": 20}, {"en": 3})


@linux
def test_no_worker_outlives_a_run_that_is_killed(start: Start, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", 200, repeat=400)
    process = start("in", "-o", "out", "-j", "2")
    wait_until(lambda: done_units(tmp_path / "out") >= 1)
    left = workers(process)
    process.kill()
    process.communicate()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))


def test_folders_with_files_of_one_name_in_place(run: Run, tmp_path: Path) -> None:
    write_folder(tmp_path / "one", 14)
    write_folder(tmp_path / "two", 14)
    done = run("one", "two", "one/1/1.txt", "--in-place", "-j", "2", "--failed", "bad")
    assert (done.returncode, "28 documents, 14 with removals" in done.stderr) == (0, True)
    assert {path.read_text() for path in tmp_path.rglob("*.txt")} == {ARTICLE}
    assert len(list(tmp_path.rglob("*.ledger.json"))) == 14
    assert not list(tmp_path.rglob("*.ledger.2.json"))


def test_web_pages_become_texts_and_say_where_in_the_html_things_stand(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/page.html").write_bytes((FIXTURES / "pages/inline-en.html").read_bytes())
    (tmp_path / "in/empty.htm").write_text("<html><body></body></html>")
    done = run("in", "-o", "out", "--failed", "bad")
    assert done.returncode == 3
    assert "in/empty.htm: no text could be taken from the page" in done.stderr
    assert sorted(tree(tmp_path / "out")) == ["ledger.jsonl", "page.html.txt"]
    assert list(tree(tmp_path / "bad")) == ["empty.htm"]
    (entry,) = [json.loads(line) for line in (tmp_path / "out/ledger.jsonl").read_text().splitlines()]
    assert (entry["file"], entry["encoding"], entry["html"]["placed_share"] > 0.9) == ("page.html.txt", "utf-8", True)
    assert run("in/page.html").stdout == (tmp_path / "out/page.html.txt").read_text()
    refused = run("in/page.html", "--in-place")
    assert (refused.returncode, "--in-place is for texts" in refused.stderr) == (2, True)
