"""What a report is made of: segments, totals, the choice of documents, the diff, the notebook view."""

from __future__ import annotations

import html
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from conftest import FIXTURES
from hypothesis import given
from hypothesis import strategies as st

from stripper import Stripper
from stripper.errors import InputError
from stripper.report.diff import diff, visible
from stripper.report.marked import Fate, Mark, cut, marks_of
from stripper.report.page import embedded
from stripper.report.shelf import Choice, Shelf
from stripper.report.totals import Totals
from stripper.report.usual import Shares
from stripper.report.writer import Limits, ReportWriter
from stripper.result import Evidence, Removal, StripResult

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday."


def removal(source: str, start: int, end: int, label: str = "share") -> Removal:
    return Removal(start, end, label, "any/share/x", 0.9, (Evidence("rule", 0.9, "seen"),), source[start:end])


def result_of(source: str, *spans: tuple[int, int], **rest: Any) -> StripResult:
    return StripResult(source, tuple(removal(source, start, end) for start, end in spans), **rest)


def read_page(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The index and the documents that a page holds."""
    found = re.findall(r'<script type="application/json" id="([^"]+)">(.*?)</script>', path.read_text("utf-8"))
    values = [json.loads(value) for _, value in found]
    return values[0], values[1:]


marks = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from([Fate.NEAR, Fate.FLAGGED, Fate.REMOVED])).map(
        lambda m: Mark(min(m[:2]), max(m[:2]), m[2], "share", "any/share/x", 0.9)
    ),
    max_size=8,
)


@given(st.text(max_size=60), marks)
def test_segments_are_the_text_and_each_says_which_marks_cover_it(text: str, marks: list[Mark]) -> None:
    segments = list(cut(text, marks))
    assert "".join(segment.text for segment in segments) == text
    at = 0
    for segment in segments:
        over = tuple(i for i, mark in enumerate(marks) if mark.start <= at and at + len(segment.text) <= mark.end)
        assert segment.marks == (over if segment.text else segment.marks)
        at += len(segment.text)


def test_the_fate_that_matters_most_is_shown_where_marks_overlap() -> None:
    marks = [Mark(0, 4, Fate.NEAR, "date", "a", 0.3), Mark(1, 3, Fate.REMOVED, "share", "b", 0.9)]
    assert [(s.text, s.fate) for s in cut("abcde", marks)] == [
        ("a", Fate.NEAR), ("bc", Fate.REMOVED), ("d", Fate.NEAR), ("e", Fate.KEPT),
    ]  # fmt: skip


def test_the_marks_of_a_real_ledger_are_all_there(stripper: Stripper) -> None:
    source = (FIXTURES / "articles" / "daily8" / "source.txt").read_text("utf-8")
    ledger = stripper.strip(source).to_dict()
    fates = [mark.fate for mark in marks_of(ledger)]
    assert fates.count(Fate.REMOVED) == len(ledger["removals"]) > 0
    assert fates.count(Fate.NEAR) == len(ledger["near_misses"])


# ---- the diff ------------------------------------------------------------------------------------------------------


@st.composite
def stripped(draw: st.DrawFn) -> StripResult:
    source = draw(st.text(st.sampled_from("ab \n\n\u2028\r"), max_size=60))
    edges = sorted(draw(st.sets(st.integers(0, len(source)), max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return result_of(source, *pairs)


@given(stripped())
def test_applying_the_diff_gives_the_clean_body(result: StripResult) -> None:
    assert patched(result.source, diff(result, "x")) == result.text


def patched(source: str, change: str) -> str:
    """What a unified diff makes of a text; each line it names must be the one that is there."""
    lines, out, at = re.findall(r"[^\n]*\n|[^\n]+", source), [], 0
    rows = re.findall(r"[^\n]*\n", change.replace("\n\\ No newline at end of file\n", "\x00\n"))[2:]
    for row in (row.removesuffix("\x00\n") for row in rows):
        if place := re.match(r"@@ -(\d+)(?:,(\d+))? \+(\d+)", row):
            start = int(place[1]) - (place[2] != "0")
            out += lines[at:start]
            at = start
            assert int(place[3]) in (len(out), len(out) + 1)
        elif row[0] == "+":
            out.append(row[1:])
        else:
            assert row[1:] == lines[at]
            out += [lines[at]] * (row[0] == " ")
            at += 1
    return "".join(out + lines[at:])


def test_patch_accepts_the_diff_of_every_sample_article(tmp_path: Path, stripper: Stripper) -> None:
    for path in sorted(FIXTURES.glob("articles/*/source.txt")):
        with path.open(encoding="utf-8", newline="") as stream:
            result = stripper.strip(stream.read())
        (tmp_path / "text").write_bytes(result.source.encode())
        subprocess.run(
            ["patch", "--binary", "-s", str(tmp_path / "text")], input=diff(result, "text").encode(), check=True
        )
        assert (tmp_path / "text").read_bytes() == result.text.encode()


def test_two_changes_far_apart_are_two_hunks() -> None:
    source = "".join(f"{number}\n" for number in range(40))
    change = diff(result_of(source, (2, 4), (62, 65)), "x")
    assert [line for line in change.splitlines() if line.startswith("@@")] == ["@@ -1,5 +1,4 @@", "@@ -22,7 +21,6 @@"]


def test_nothing_removed_is_no_diff() -> None:
    assert diff(result_of(ARTICLE), "x") == ""


def test_in_colour_the_diff_names_label_and_rule_and_steers_nothing() -> None:
    source = f"{ARTICLE}\n\x1b]0;title\x07Share \u202ethis\n"
    change = diff(result_of(source, (len(ARTICLE) + 1, len(source))), "x\x1b[2J", colour=True)
    assert "share 0.90 any/share/x" in change
    assert "\x1b]" not in change
    assert "\x1b[2J" not in change
    assert "\u202e" not in change
    assert "\\x1b]0;title\\x07Share \\u202ethis" in change


def test_a_diff_of_a_large_text_is_made_at_once() -> None:
    source = "line\njunk\n" * 20_000
    result = result_of(source, *((at, at + 5) for at in range(5, len(source), 10)))
    assert patched(source, diff(result, "x")) == "line\n" * 20_000


# ---- the notebook --------------------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_notebook_shows_the_text_with_label_rule_and_evidence() -> None:
    source = f"{ARTICLE}\n\nShare this article\n"
    shown = result_of(source, (len(ARTICLE), len(source)))._repr_html_()
    reader = _Tags()
    reader.feed(shown)
    assert "Share this article" in shown
    assert ("del", ("style", "title")) in reader.tags
    assert {"share", "any/share/x", "+0.90 rule: seen"} <= set(reader.words)


BREAKOUT = "</div></td>\"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;\ud800\x00"


def test_a_notebook_takes_every_text_as_text() -> None:
    entry = Removal(
        0, len(BREAKOUT), BREAKOUT, BREAKOUT, 0.9, (Evidence(BREAKOUT, 1.0, BREAKOUT),), BREAKOUT, {BREAKOUT: BREAKOUT}
    )
    shown = StripResult(BREAKOUT, (entry,), problem=BREAKOUT)._repr_html_()
    reader = _Tags()
    reader.feed(shown)
    assert {tag for tag, _ in reader.tags} == {
        "div", "b", "span", "del", "details", "summary", "table", "tbody", "tr", "td",
    }  # fmt: skip
    assert {name for _, names in reader.tags for name in names} == {"style", "title", "dir"}
    shown.encode("utf-8")


def test_a_notebook_leaves_out_the_middle_of_a_long_text() -> None:
    source = "word " * 200_000
    assert len(result_of(source)._repr_html_()) < 5_000


# ---- the writer ----------------------------------------------------------------------------------------------------


def documents(count: int) -> list[tuple[str, dict[str, Any], str]]:
    out = []
    for number in range(count):
        source = f"{ARTICLE} {number}\nShare" + "!" * (number % 7)
        result = result_of(
            source, *([(source.index("\n"), len(source))] * (number % 3 > 0)), url=f"https://s{number % 5}.org"
        )
        out.append((f"{number}.txt", result.to_dict(), source))
    return out


def write(path: Path, entries: list[tuple[str, dict[str, Any], str]], limits: Limits | None = None) -> Path:
    with ReportWriter(path, limits=limits) as report:
        for name, ledger, text in entries:
            report.add(name, ledger, text)
    return path


@pytest.mark.parametrize("limits", [None, Limits(documents=10, size=500, document_size=90)])
def test_the_page_does_not_depend_on_the_order_of_the_documents(tmp_path: Path, limits: Limits | None) -> None:
    entries = documents(60)
    first = write(tmp_path / "a.html", entries, limits).read_bytes()
    for seed in range(5):
        random.Random(seed).shuffle(entries)
        assert write(tmp_path / "b.html", entries, limits).read_bytes() == first


def test_the_page_holds_every_text_and_the_sums(tmp_path: Path) -> None:
    entries = documents(30)
    index, texts = read_page(write(tmp_path / "r.html", entries))
    assert [row["name"] for row in index["documents"]] == sorted(name for name, _, _ in entries)
    by_name = {name: text for name, _, text in entries}
    for row, text in zip(index["documents"], texts, strict=True):
        assert "".join(segment[0] for segment in text["segments"]) == by_name[row["name"]]
    removed = sum(r["end"] - r["start"] for _, ledger, _ in entries for r in ledger["removals"])
    assert index["totals"]["removed"] == removed
    assert index["totals"]["labels"] == [
        {"name": "share", "group": "promotion", "documents": 20, "removals": 20, "removed": removed,
         "characters": sum(len(text) for _, ledger, text in entries if ledger["removals"])},
    ]  # fmt: skip
    assert {site["name"]: site["documents"] for site in index["totals"]["sites"]} == {f"s{i}.org": 6 for i in range(5)}


def test_beyond_the_limit_the_sums_stay_and_the_most_cut_are_shown(tmp_path: Path) -> None:
    entries = documents(200)
    index, texts = read_page(write(tmp_path / "r.html", entries, Limits(documents=20)))
    assert index["partial"]
    assert index["totals"]["documents"] == 200
    assert 10 < len(texts) <= 20
    shares = {name: sum(r["end"] - r["start"] for r in led["removals"]) * 1000 // len(t) for name, led, t in entries}
    shown = {row["name"] for row in index["documents"]}
    assert set(sorted(shares, key=lambda name: (-shares[name], name))[:10]) <= shown
    assert any(shares[name] == 0 for name in shown), "the sample has others too"


def test_a_text_beyond_its_own_limit_is_left_out_and_its_marks_are_not(tmp_path: Path) -> None:
    source = "word " * 1000 + "\nShare this"
    ledger = result_of(source, (5000, len(source))).to_dict()
    _, (text,) = read_page(write(tmp_path / "r.html", [("long", ledger, source)], Limits(document_size=100)))
    assert "segments" not in text
    assert text["marks"][0]["excerpt"] == "\nShare this"


def test_a_failed_block_leaves_no_page_and_no_other_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ReportWriter(tmp_path / "r.html") as report:  # noqa: PT012
        report.add(*documents(1)[0])
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_report_replaces_a_report_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "r.html", documents(1))
    index, _ = read_page(write(tmp_path / "r.html", documents(2)))
    assert index["totals"]["documents"] == 2
    (tmp_path / "mine.html").write_text("<p>mine")
    with pytest.raises(InputError, match="not a report of stripper, so it is not replaced"):
        write(tmp_path / "mine.html", documents(1))
    assert (tmp_path / "mine.html").read_text() == "<p>mine"


FULL = """
import resource
from stripper.errors import InputError
from stripper.report.writer import ReportWriter
from stripper.result import StripResult

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # as much as the disk has left
try:
    with ReportWriter("r.html") as report:
        for number in range(100):
            report.add(f"{number}.txt", StripResult("x" * 10_000).to_dict(), "x" * 10_000)
        print("went on")
except InputError as error:
    print(error)
"""


def test_a_full_disk_does_not_end_the_run_and_is_said_at_its_end(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", FULL], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout.decode().splitlines() == ["went on", "r.html: the report can't be written: File too large"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the report can't be written there"), ReportWriter(tmp_path / "no" / "r.html"):
        pass


def test_failed_documents_are_counted_and_named(tmp_path: Path) -> None:
    with ReportWriter(tmp_path / "r.html") as report:
        report.fail("b.txt", "not utf-8")
        report.fail("a.txt", "gone")
    index, _ = read_page(tmp_path / "r.html")
    assert index["totals"]["failed"] == 2
    assert index["failures"] == [["a.txt", "gone"], ["b.txt", "not utf-8"]]


def test_the_disk_holds_no_more_than_what_is_shown(tmp_path: Path) -> None:
    choice, held = Choice(documents=20, size=10_000), set()
    for number in range(2000):
        key = (str(number), "")
        held.add(key)
        held -= choice.offer(key, 100, cut=number % 1000, chance=number * 7919 % 2000, problem=False)
    assert len(held) <= 20


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), max_size=6, unique_by=lambda one: one[0]))
def test_what_a_shelf_holds_does_not_depend_on_the_order(offers: list[tuple[int, int]]) -> None:
    held = set()
    for order in permutations(offers):
        shelf = Shelf(documents=3, size=60)
        for rank, size in order:
            shelf.offer((rank, "", ""), size)
        held.add(tuple(shelf.places()))
    assert len(held) == 1


@given(st.text())
def test_what_is_embedded_comes_back_and_can_not_end_its_element(text: str) -> None:
    content = embedded(text)
    assert json.loads(content) == text
    assert not re.search(rb"[<>&]|\xe2\x80[\xa8\xa9]", content)


def test_half_a_character_is_embedded_as_an_escape() -> None:
    assert json.loads(embedded(["\ud800</script>"])) == ["\ud800</script>"]


# ---- what is usual -------------------------------------------------------------------------------------------------


def test_where_little_is_usual_more_than_half_stands_out() -> None:
    shares = Shares()
    for removed in [50] * 10 + [60] * 11 + [500, 501]:
        shares.add(removed, 1000)
    assert (shares.median(), shares.limit()) == (0.06, 0.5)
    assert [shares.is_unusual(removed, 1000) for removed in (500, 501)] == [False, True]
    assert shares.count_unusual() == 1


def test_where_much_is_usual_more_is_needed_to_stand_out() -> None:
    shares = Shares()
    for removed in [300] * 10 + [400] * 10 + [350] * 11 + [650, 651]:
        shares.add(removed, 1000)
    assert shares.limit() == 0.65
    assert [shares.is_unusual(removed, 1000) for removed in (650, 651)] == [False, True]
    assert shares.count_unusual() == 1


def test_an_empty_document_is_never_unusual() -> None:
    assert not Shares().is_unusual(0, 0)


def test_sums_count_each_document_once_a_label() -> None:
    totals = Totals()
    source = "Share this\nShare that\nText"
    totals.add(result_of(source, (0, 11), (11, 22)).to_dict(), len(source))
    (label,) = totals.to_dict(10)["labels"]
    assert (label["documents"], label["removals"], label["removed"], label["characters"]) == (1, 2, 22, 26)


# ---- the command line ----------------------------------------------------------------------------------------------

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*arguments: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
        where = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "none"), **environment}
        program = [sys.executable, "-m", "stripper", *arguments]
        return subprocess.run(program, input=text.encode(), capture_output=True, cwd=tmp_path, env=where, check=False)

    return run


def test_a_run_writes_its_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(f"{ARTICLE}\n\nShare this article\n")
    (tmp_path / "in/b.txt").write_bytes(b"\xff\xfe\xfd")
    done = run("strip", "in", "-o", "out", "--report", "report.html")
    assert done.returncode == 3, done.stderr
    index, (text,) = read_page(tmp_path / "report.html")
    assert [row["name"] for row in index["documents"]] == ["a.txt"]
    assert text["marks"][0]["rule"] == "en/share/names-itself"
    assert index["failures"][0][0] == "b.txt"


def test_any_number_of_workers_writes_the_same_report(run: Run, tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"{ARTICLE} {number}\n\nShare this article\n"}) for number in range(40)]
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text("\n".join([*lines, "{"]))
    for number in range(5):
        (tmp_path / f"in/{number}.txt").write_text(f"{ARTICLE} {number}\n\nShare this article\n")
    pages = []
    for workers in ("1", "2"):
        done = run("strip", "in", "-o", f"out{workers}", "-j", workers, "--report", "report.html")
        assert done.returncode == 3, done.stderr
        pages.append((tmp_path / "report.html").read_bytes())
    assert pages[0] == pages[1]
    index, texts = read_page(tmp_path / "report.html")
    assert index["totals"]["documents"] == len(texts) == 45
    assert "a.jsonl:17" in {row["name"] for row in index["documents"]}
    assert [name for name, _ in index["failures"]] == ["a.jsonl:41"]


def test_a_resumed_run_reports_what_was_done_before_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(300):
        (tmp_path / f"in/{number}.txt").write_text(f"{ARTICLE} {number}\n\nShare this article\n")
    whole = run("strip", "in", "-o", "whole", "--report", "whole.html")
    assert whole.returncode == 0, whole.stderr
    program = [sys.executable, "-m", "stripper", "strip", "in", "-o", "out", "--report", "report.html"]
    killed = subprocess.Popen(program, cwd=tmp_path, stderr=subprocess.DEVNULL)
    journal = tmp_path / "out/.stripper/journal.jsonl"
    end = time.monotonic() + 60
    while not (journal.exists() and journal.read_bytes().count(b"\n") > 3) and time.monotonic() < end:
        time.sleep(0.002)
    killed.kill()
    killed.wait()
    assert not (tmp_path / "report.html").exists()
    done = run("strip", "in", "-o", "out", "--report", "report.html", "--resume")
    assert done.returncode == 0, done.stderr
    assert b"starting from the beginning" not in done.stderr
    assert (tmp_path / "report.html").read_bytes() == (tmp_path / "whole.html").read_bytes()


def test_a_run_in_place_has_no_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    done = run("strip", "a.txt", "--in-place", "--report", "report.html")
    assert done.returncode == 2
    assert b"--report needs -o OUT" in done.stderr


def test_a_filter_writes_a_report_too(run: Run, tmp_path: Path) -> None:
    done = run("strip", "--report", "report.html", text=f"{ARTICLE}\n\nShare this article\n")
    assert done.stdout.decode() == f"{ARTICLE}\n"
    index, _ = read_page(tmp_path / "report.html")
    assert index["totals"]["documents"] == 1


def test_a_report_never_replaces_an_article(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    done = run("strip", "a.txt", "-o", "b.txt", "--report", "a.txt")
    assert done.returncode == 3
    assert (tmp_path / "a.txt").read_text() == ARTICLE


@pytest.mark.parametrize(
    ("arguments", "coloured"), [(("--diff",), False), (("--diff", "--color", "always"), True)], ids=["pipe", "asked"]
)
def test_colours_are_for_terminals_or_on_request(run: Run, arguments: tuple[str, ...], coloured: bool) -> None:
    done = run("strip", *arguments, text=f"{ARTICLE}\n\nShare this article\n", NO_COLOR="")
    assert (b"\x1b[" in done.stdout) == coloured


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colours_unless_it_says_no(tmp_path: Path, no_color: str, coloured: bool) -> None:
    pty = pytest.importorskip("pty")
    (tmp_path / "a.txt").write_text(f"{ARTICLE}\n\nShare this article\n")
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "stripper", "strip", "--diff", "-q", "a.txt"], stdout=theirs, cwd=tmp_path, check=True,
        env={**os.environ, "NO_COLOR": no_color},
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 100_000)
    os.close(ours)
    assert b"Share this article" in shown
    assert (b"\x1b[" in shown) == coloured


def test_visible_keeps_what_steers_nothing() -> None:
    assert visible("tab\tÄ 漢 ✓") == "tab\tÄ 漢 ✓"


def test_html_of_a_notebook_is_escaped_once() -> None:
    shown = result_of("a < b & c")._repr_html_()
    assert html.escape("a < b & c") in shown
