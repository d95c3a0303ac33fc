"""WARC and WET: texts and pages are read, and all before a break is done."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from formatted import Done, convert

from stripper import Stripper
from stripper.io.format import FormatOptions
from stripper.io.formats import format_of
from stripper.io.warc import Warc

pytest.importorskip("fastwarc")

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n"
JUNK = "\nShare this article\n"
PARAGRAPHS = [
    f"Engineers who inspected pier {number} of the old bridge found new cracks, the agency said on Tuesday, and "
    "heavy lorries will have to take the longer way through the valley until the repairs are done."
    for number in range(1, 6)
]


def record(kind: str, number: int, block: bytes, content_type: str, **more: str) -> bytes:
    headers = {
        "WARC-Type": kind,
        "WARC-Target-URI": f"https://example.org/{number}",
        "WARC-Date": "2026-03-01T12:00:00Z",
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
        "Content-Type": content_type,
        "Content-Length": str(len(block)),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def wet(number: int, text: str | bytes | None = None, **more: str) -> bytes:
    block = text if isinstance(text, bytes) else (text or f"{number} {ARTICLE}{JUNK}").encode()
    return record("conversion", number, block, "text/plain", **more)


def info() -> bytes:
    return record("warcinfo", 0, b"software: none\r\n", "application/warc-fields")


def html(charset: str = "utf-8", accent: str = "é") -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    page = f"<html lang='en'><head><title>Bridge {accent}</title></head><body><article>{body}</article></body></html>"
    return page.encode(charset)


def response(number: int, payload: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    lines = "".join(f"{line}\r\n" for line in (f"Content-Type: {kind}", *headers))
    block = f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + payload
    return record("response", number, block, "application/http; msgtype=response")


def packed(records: list[bytes], end: str) -> bytes:
    if end == ".gz":
        return b"".join(gzip.compress(one, mtime=0) for one in records)
    if end == ".zst":
        import zstandard

        return b"".join(zstandard.compress(one) for one in records)
    return b"".join(records)


def run(
    folder: Path, content: bytes, stripper: Stripper, end: str = "", **options: Any
) -> tuple[Done, list[dict[str, Any]]]:
    path = folder / f"in.warc{end}"
    path.write_bytes(content)
    done = convert(path, folder / "out.jsonl", Warc(), stripper, options=FormatOptions(**options))
    return done, [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("end", ["", ".gz", ".zst"])
@pytest.mark.parametrize("chunk_bytes", [1, 300, 1 << 20])
def test_the_texts_of_a_wet_file(tmp_path: Path, stripper: Stripper, end: str, chunk_bytes: int) -> None:
    content = packed([info(), *(wet(number) for number in range(1, 6))], end)
    done, rows = run(tmp_path, content, stripper, end, chunk_bytes=chunk_bytes)
    assert [row["text"] for row in rows] == [f"{number} {ARTICLE}" for number in range(1, 6)]
    assert [record.number for record in done.records] == [2, 3, 4, 5, 6]
    assert (rows[0]["url"], rows[0]["date"]) == ("https://example.org/1", "2026-03-01T12:00:00Z")
    assert (rows[0]["id"], rows[0]["warc_type"]) == ("urn:uuid:00000000-0000-4000-8000-000000000001", "conversion")
    assert sum(chunk.weight for chunk in done.chunks) == len(content)
    assert [chunk.number for chunk in done.chunks] == list(range(len(done.chunks)))


def test_a_file_that_is_one_gzip_member(tmp_path: Path, stripper: Stripper) -> None:
    _, rows = run(tmp_path, gzip.compress(info() + wet(1) + wet(2)), stripper, ".gz")
    assert [row["text"] for row in rows] == [f"{number} {ARTICLE}" for number in (1, 2)]


def test_pages_give_their_texts_and_all_else_is_passed_over(tmp_path: Path, stripper: Stripper) -> None:
    content = packed(
        [
            info(),
            record("request", 1, b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"),
            response(1, html()),
            response(2, b"\x89PNG", kind="image/png"),
            response(3, html(), status="404 Not Found"),
            record("resource", 4, (ARTICLE + JUNK).encode(), "text/plain"),
            record("resource", 5, html(), "text/html"),
        ],
        ".gz",
    )
    done, rows = run(tmp_path, content, stripper, ".gz")
    assert done.bad == []
    assert [row["url"] for row in rows] == [f"https://example.org/{number}" for number in (1, 4, 5)]
    assert [row["text"].split("\n") for row in rows if row["url"][-1] in "15"] == [PARAGRAPHS, PARAGRAPHS]
    assert (rows[0]["title"], rows[0]["language"], rows[1]["text"]) == ("Bridge é", "en", ARTICLE)


def chunked(payload: bytes) -> bytes:
    return b"%x\r\n" % len(payload) + payload + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("payload", "headers"),
    [
        (html("iso-8859-1"), ("X: y",)),
        (gzip.compress(html()), ("Content-Encoding: gzip",)),
        (zlib.compress(html()), ("Content-Encoding: deflate",)),
        (chunked(html()), ("Transfer-Encoding: chunked",)),
        (chunked(gzip.compress(html())), ("Content-Encoding: gzip", "Transfer-Encoding: chunked")),
    ],
    ids=["latin", "gzip", "deflate", "chunked", "both"],
)
def test_what_the_server_did_to_a_page_is_undone(
    tmp_path: Path, stripper: Stripper, payload: bytes, headers: tuple[str, ...]
) -> None:
    _, rows = run(tmp_path, response(1, payload, *headers), stripper)
    assert [(row["title"], row["text"].split("\n")) for row in rows] == [("Bridge é", PARAGRAPHS)]


@pytest.mark.parametrize(
    ("kind", "charset", "accent"),
    [
        ("text/html; charset=windows-1251", "windows-1251", "мост"),
        ("text/html; charset=Shift_JIS", "shift_jis", "橋"),
        ("text/html; charset=ISO-8859-1", "windows-1252", "“é”"),
        ("text/html; charset=ISO-8859-1", "utf-8", "мост"),
        ("text/html; charset=klingon", "utf-8", "мост"),
        ("text/html; charset=utf-16", "utf-16", "мост"),
        ("application/xhtml+xml", "utf-8", "мост"),
    ],
)
def test_the_charset_is_the_server_s(tmp_path: Path, stripper: Stripper, kind: str, charset: str, accent: str) -> None:
    _, rows = run(tmp_path, response(1, html(charset, accent), kind=kind), stripper)
    assert [row["title"] for row in rows] == [f"Bridge {accent}"]


def test_a_page_without_text_fails_with_the_reason(tmp_path: Path, stripper: Stripper) -> None:
    content = wet(1) + response(2, b"<html><body></body></html>") + wet(3)
    done, rows = run(tmp_path, content, stripper)
    assert [row["url"][-1] for row in rows] == ["1", "3"]
    (bad,) = done.bad
    assert bad.number == 2
    assert bad.reason.startswith(f"the page at byte {len(wet(1))}: no text could be taken from the page")


def test_a_text_that_is_not_utf8_fails_alone(tmp_path: Path, stripper: Stripper) -> None:
    done, rows = run(tmp_path, wet(1) + wet(2, b"caf\xe9") + wet(3), stripper)
    assert [row["url"][-1] for row in rows] == ["1", "3"]
    reason = f"the text at byte {len(wet(1))} is not UTF-8: unexpected end of data at its byte 3"
    assert [(bad.number, bad.reason) for bad in done.bad] == [(2, reason)]
    aside = [bad.raw or b"" for bad in done.bad]
    assert aside == [wet(2, b"caf\xe9").replace(b"WARC/1.0", b"WARC/1.1")], "what is set aside is an archive again"


@pytest.mark.parametrize("end", ["", ".gz", ".zst"])
@pytest.mark.parametrize("lost", [5, 60, 120, 200])
def test_all_before_a_cut_is_done_and_the_cut_is_named(tmp_path: Path, stripper: Stripper, end: str, lost: int) -> None:
    records = [packed([one], end) for one in (info(), wet(1), wet(2), wet(3, ARTICLE * 4 + JUNK))]
    content = b"".join(records)[:-lost]
    done, rows = run(tmp_path, content, stripper, end)
    assert [row["text"] for row in rows[:2]] == [f"{number} {ARTICLE}" for number in (1, 2)]
    complete = [row["text"] for row in rows[2:]] == [ARTICLE * 4]
    at, before = (sum(map(len, records[:count])) for count in (3, 2))
    assert complete or [bad.number for bad in done.bad] == [4], (done.bad, rows[2:])
    assert complete or f"byte {at}" in done.bad[0].reason or f"byte {before}:" in done.bad[0].reason


def test_a_damaged_member_ends_the_file_and_is_named(tmp_path: Path, stripper: Stripper) -> None:
    members = [gzip.compress(one, mtime=0) for one in (info(), wet(1), wet(2), wet(3))]
    members[2] = members[2][:40] + b"\0" * 20 + members[2][60:]
    done, rows = run(tmp_path, b"".join(members), stripper, ".gz")
    assert [row["url"][-1] for row in rows] == ["1"]
    (bad,) = done.bad
    assert bad.number == 3
    assert bad.reason.startswith(f"can't be read on behind record 2, which begins at byte {len(members[0])}: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello world\n" * 9, "can't be read on at its beginning: Invalid WARC header"),
        (wet(1) + b"garbage\r\n\r\n" + wet(2), "can't be read on behind record 1, which begins at byte 0: Invalid"),
    ],
)
def test_what_is_no_archive_is_named(tmp_path: Path, stripper: Stripper, content: bytes, reason: str) -> None:
    done, _ = run(tmp_path, content, stripper)
    assert [bad.reason.startswith(reason) for bad in done.bad] == [True], done.bad


def test_a_record_that_does_not_fit_its_digest_fails_alone(tmp_path: Path, stripper: Stripper) -> None:
    good = base64.b32encode(hashlib.sha1(f"1 {ARTICLE}{JUNK}".encode()).digest()).decode()
    content = wet(1, WARC_Block_Digest=f"sha1:{good}") + wet(2, WARC_Block_Digest=f"sha1:{good}")
    done, rows = run(tmp_path, content, stripper)
    assert [row["url"][-1] for row in rows] == ["1"]
    assert [bad.reason.partition(" is ")[2] for bad in done.bad] == ["damaged: it does not fit its digest"]


def test_a_record_that_is_too_long_is_not_read(tmp_path: Path, stripper: Stripper) -> None:
    done, rows = run(tmp_path, wet(1) + wet(2, "x" * 5000) + wet(3), stripper, longest_record=1000)
    assert [row["url"][-1] for row in rows] == ["1", "3"]
    assert [bad.reason for bad in done.bad] == [f"the record at byte {len(wet(1))} has 5000 bytes, more than 1000"]


def test_a_page_that_unpacks_to_too_much_is_not_read_on(tmp_path: Path, stripper: Stripper) -> None:
    bomb = gzip.compress(b"<p>" + b"x" * 10_000_000)
    done, rows = run(tmp_path, response(1, bomb, "Content-Encoding: gzip") + wet(2), stripper, longest_record=100_000)
    assert [row["url"][-1] for row in rows] == ["2"]
    assert [bad.reason for bad in done.bad] == ["the page at byte 0 has more than 100000 bytes"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(packed([wet(1), wet(2)], ".gz"))))
    (chunk,) = Warc().chunks(None, FormatOptions())
    records = list(Warc().records(None, chunk, FormatOptions()))  # type: ignore[arg-type]
    assert [record.number for record in records] == [1, 2]


def test_to_parquet(tmp_path: Path, stripper: Stripper) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "in.wet.gz").write_bytes(packed([wet(1), wet(2)], ".gz"))
    convert(tmp_path / "in.wet.gz", tmp_path / "out.parquet", Warc(), stripper, "parquet", FormatOptions(chunk_bytes=1))
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["url", "language", "id", "date", "warc_type", "text", "removals"]
    assert table["text"].to_pylist() == [f"1 {ARTICLE}", f"2 {ARTICLE}"]


def test_names_that_are_archives() -> None:
    names = ("a.warc", "a.warc.gz", "a.warc.zst", "a.warc.wet.gz", "A.WET")
    assert [format_of(Path(name)) for name in names] == [Warc()] * 5
