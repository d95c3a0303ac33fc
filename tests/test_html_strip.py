"""Web pages stripped: the ledger, the process that reads them, the command line."""

from __future__ import annotations

import hashlib
import html as entities
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import stripper
from stripper import ExtractionError, Stripper, restore, strip_html
from stripper.errors import InputError
from stripper.html import PageWorker, extract_page, is_page, read_page, strip_page

PAGES = Path(__file__).parent / "fixtures" / "pages"
INLINE = PAGES / "inline-en.html"
HOSTILE = "<html><body>" + "<p>ab</p>" * 600_000  # the extractor's time grows with the square of these


@pytest.fixture(scope="module")
def worker() -> PageWorker:
    return PageWorker()


def test_a_page_is_stripped_and_each_removal_stands_in_the_html() -> None:
    source = INLINE.read_text("utf-8").replace(
        "</ARTICLE>", "<P>&copy; 2025 Coastal Post. All rights reserved.</P></ARTICLE>"
    )
    result = strip_html(source)
    assert [removal.label for removal in result.removals] == ["copyright"]
    assert "Coastal Post" not in result.text
    (removal,) = result.removals
    (place,) = result.places(removal.start, removal.end)
    assert source[place.html_start : place.html_end] == "&copy; 2025 Coastal Post. All rights reserved."
    assert place.xpath == "/html/body/article/p[5]"


def test_the_ledger_of_a_page_tells_where_all_of_its_text_stands() -> None:
    raw = (PAGES / "cp1252-de.html").read_bytes()
    result = strip_html(raw)
    ledger = json.loads(json.dumps(result.to_dict()))
    source = raw.decode("cp1252")
    assert ledger["html"] == {
        "length": len(source),
        "sha256": hashlib.sha256(source.encode()).hexdigest(),
        "encoding": "cp1252",
        "damaged": 0,
        "title": "Müller übernimmt die Bäckerei",
        "placed_share": 1.0,
    }
    assert ledger["url"] == "https://heimatblatt.example/müller"
    assert [removal["label"] for removal in ledger["removals"]] == ["read-also"]
    for entry in (*ledger["removals"], *ledger["kept"]):
        for place in entry["html"]:
            there = entities.unescape(re.sub("<[^>]*>", "", source[place["start"] : place["end"]]))
            assert there.split() == result.page.text[place["text_start"] : place["text_end"]].split()
            assert place["xpath"].startswith("/html/body/div/")


def test_kept_lines_and_removals_are_all_of_the_text() -> None:
    result = strip_html((PAGES / "cp1251-ru.html").read_bytes())
    spans = [*result.kept_lines, *((removal.start, removal.end) for removal in result.removals)]
    covered = {offset for start, end in spans for offset in range(start, end)}
    missing = set(range(len(result.page.text))) - covered
    assert {result.page.text[offset] for offset in missing} <= {"\n"}


def test_the_page_s_text_comes_back_from_the_ledger() -> None:
    result = strip_html((PAGES / "cp1252-de.html").read_bytes())
    assert restore(result.text, result.to_dict()["removals"]) == result.page.text


def test_the_text_is_stripped_as_strip_does_it() -> None:
    page = extract_page(INLINE.read_bytes())
    assert strip_html(INLINE.read_bytes()).text == Stripper().strip(page.text, page.url, "en").text


def test_a_declared_language_that_the_text_contradicts_is_not_believed() -> None:
    german = (PAGES / "cp1252-de.html").read_bytes()
    assert strip_html(german.replace(b'lang="de"', b'lang="en"')).result.language == "de"
    assert strip_html(german.replace(b'lang="de"', b'lang="en"'), language="nl").result.language == "nl"


def test_a_declared_language_is_believed_where_the_text_is_too_short_to_tell() -> None:
    page = extract_page('<html lang="sv"><body><p>Färja 45, 50.</p></body></html>')
    assert strip_page(page, Stripper()).result.language == "sv"


def test_the_given_stripper_decides() -> None:
    raw = (PAGES / "cp1252-de.html").read_bytes()
    assert strip_html(raw, stripper=Stripper(keep={"read-also"})).removals == ()


@pytest.mark.parametrize("nothing", ["", "<html><body></body></html>", b"", b"<html><script>1</script></html>"])
def test_a_page_without_text_is_refused_with_the_reason(nothing: str | bytes) -> None:
    with pytest.raises(ExtractionError, match="no text could be taken") as refused:
        strip_html(nothing)
    assert refused.value.kind == "empty"


def test_a_page_nested_too_deep_is_refused() -> None:
    with pytest.raises(ExtractionError, match="255 deep") as refused:
        strip_html("<html><body>" + "<div>" * 400 + "The bridge is closed." + "</div>" * 400)
    assert refused.value.kind == "too-deep"


def test_a_page_over_the_size_limit_is_refused() -> None:
    with pytest.raises(ExtractionError, match="100 characters") as refused:
        strip_html("<p>" + "x" * 200, size_limit=100)
    assert refused.value.kind == "too-large"


def test_a_page_that_takes_too_long_is_killed_and_the_next_one_read(worker: PageWorker) -> None:
    worker.extract(INLINE.read_bytes())
    before = time.monotonic()
    with pytest.raises(ExtractionError, match="not done after 1 seconds") as refused:
        worker.extract(HOSTILE, time_limit=1)
    assert refused.value.kind == "time"
    assert time.monotonic() - before < 10
    assert worker.extract(INLINE.read_bytes()) == extract_page(INLINE.read_bytes())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its address space")
def test_a_page_that_takes_too_much_memory_is_refused_and_the_next_one_read(worker: PageWorker) -> None:
    with pytest.raises(ExtractionError) as refused:
        worker.extract("<p>" * 2_000_000, memory_limit=450_000_000)
    assert refused.value.kind in {"memory", "crash"}
    assert worker.extract(INLINE.read_bytes()).text.startswith("Ferry returns")


def child_of(worker: PageWorker) -> int:
    assert worker._process is not None
    return worker._process.pid


def test_the_process_is_kept_for_the_next_page(worker: PageWorker) -> None:
    worker.extract(INLINE.read_bytes())
    first = child_of(worker)
    worker.extract(INLINE.read_bytes())
    assert child_of(worker) == first


def test_a_process_that_died_in_between_is_replaced(worker: PageWorker) -> None:
    worker.extract(INLINE.read_bytes())
    os.kill(child_of(worker), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    time.sleep(0.2)
    assert worker.extract(INLINE.read_bytes()).text.startswith("Ferry returns")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_process_that_dies_over_a_page_is_told_and_the_next_page_read(worker: PageWorker) -> None:
    worker.extract(INLINE.read_bytes())
    threading.Timer(0.5, os.kill, (child_of(worker), signal.SIGKILL)).start()
    with pytest.raises(ExtractionError, match="by signal 9") as refused:
        worker.extract(HOSTILE, time_limit=60)
    assert refused.value.kind == "crash"
    assert worker.extract(INLINE.read_bytes()).text.startswith("Ferry returns")


def test_threads_share_a_worker(worker: PageWorker) -> None:
    found: list[str] = []
    names = sorted(PAGES.glob("*.html"))

    def read(path: Path) -> None:
        found.append(worker.extract(path.read_bytes()).text)

    threads = [threading.Thread(target=read, args=(path,)) for path in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(extract_page(path.read_bytes()).text for path in names)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_after_a_fork_each_process_has_its_own_reader() -> None:
    code = f"""
import os, sys
from stripper import strip_html
source = open({str(INLINE)!r}, "rb").read()
text = strip_html(source).text
if os.fork() == 0:
    os._exit(0 if strip_html(source).text == text else 1)
status = os.wait()[1]
sys.exit(status or strip_html(source).text != text)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0


def test_a_script_without_a_main_guard_may_strip_pages(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"import stripper\nprint(stripper.strip_html(open({str(INLINE)!r}, 'rb').read()).text[:12])\n")
    done = subprocess.run([sys.executable, str(script)], check=False, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("Ferry return\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_ends_with_the_program() -> None:
    code = f"""
from stripper.html import PageWorker
worker = PageWorker()
worker.extract(open({str(INLINE)!r}, "rb").read())
print(worker._process.pid)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert not Path("/proc", done.stdout.strip()).exists()


def test_an_unknown_encoding_is_an_error_in_the_caller(worker: PageWorker) -> None:
    with pytest.raises(LookupError, match="klingon"):
        worker.extract(b"<p>x</p>", encoding="klingon")


def test_a_page_file_is_read_with_complaints_that_name_it(tmp_path: Path) -> None:
    assert read_page(INLINE) == extract_page(INLINE.read_bytes())
    empty = tmp_path / "empty.html"
    empty.write_text("<html></html>")
    for path, complaint in ((empty, "no text could be taken"), (tmp_path / "none.html", "can't be read")):
        with pytest.raises(InputError, match=complaint) as refused:
            read_page(path)
        assert str(refused.value).startswith(str(path))
    with pytest.raises(InputError, match="more than the 100 bytes"):
        read_page(INLINE, size_limit=100)


def test_pages_are_told_by_their_names() -> None:
    names = ("a.html", "A.HTM", "a.xhtml", "a.txt", "html", "a.html.gz")
    assert [is_page(Path(name)) for name in names] == [True, True, True, False, False, False]


def test_explain_reads_web_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "stripper", "explain", str(PAGES / "cp1252-de.html")]
    told = subprocess.run(command, capture_output=True, timeout=120, check=True).stdout.decode()
    assert "read-also" in told
    assert "In the HTML (100.0% of the text placed)" in told
    assert "/html/body/div/p[4]" in told
    empty = tmp_path / "empty.html"
    empty.write_text("<html></html>")
    failed = subprocess.run([*command[:-1], str(empty)], check=False, capture_output=True, timeout=120)
    assert failed.returncode == 3
    assert f"{empty}: no text could be taken from the page" in failed.stderr.decode()


def test_the_public_names_are_there_and_cost_nothing() -> None:
    assert {"strip_html", "HtmlResult", "ExtractionError"} <= set(stripper.__all__)
    code = "import sys, stripper; stripper.strip_html; print([m for m in ('trafilatura', 'lxml') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
