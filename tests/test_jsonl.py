"""JSON Lines: what is read, what is written back, and what is wrong with a line or a packed file."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from stripper import Stripper
from stripper.io.format import BadRecord, Chunk, FormatOptions
from stripper.io.formats import format_of, writable
from stripper.io.jsonl import read_line
from stripper.io.jsonline import Number, parse

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n"
JUNK = "\nShare this article\n"
STRIPPER = Stripper(["en/share"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def convert(path: Path, options: FormatOptions, target: Path) -> list[tuple[int, str]]:
    """Strip a file into another, as a run does it; the records that failed, with their reasons."""
    form, out = format_of(path), format_of(target)
    assert form is not None
    assert out is not None
    parts, bad = [], []
    for chunk in form.chunks(path, options):
        if isinstance(chunk, BadRecord):
            bad.append((chunk.number, chunk.reason))
            continue
        assert isinstance(chunk, Chunk)
        parts.append(target.with_suffix(f".{chunk.number}"))
        writer = writable(out.name).part(parts[-1], options)
        for record in form.records(path, chunk, options):
            if isinstance(record, BadRecord):
                bad.append((record.number, record.reason))
            else:
                writer.add(record, STRIPPER.strip(record.text, record.url, record.language))
        writer.close()
    writable(out.name).join(parts, target, options)
    return bad


def unpacked(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        with zstandard.ZstdDecompressor().stream_reader(
            io.BytesIO(path.read_bytes()), read_across_frames=True
        ) as reader:
            return reader.read()
    return path.read_bytes()


def packed(content: bytes, kind: str) -> bytes:
    if kind == "gz":
        return gzip.compress(content)
    return zstandard.compress(content) if kind == "zst" else content


def line(text: str, **fields: object) -> bytes:
    return json.dumps({"text": text, **fields}).encode() + b"\n"


def test_all_other_fields_stay_byte_for_byte(tmp_path: Path) -> None:
    head = '{"n": 123456789012345678901234567890,"f":1.500,  "é\\u00e9" :[1e400, -0.0] ,"text":'
    rest = ' , "z":{"text":"Share this article"}}\r\n'
    source = head + json.dumps(ARTICLE + JUNK) + rest
    (tmp_path / "in.jsonl").write_bytes(source.encode())
    assert convert(tmp_path / "in.jsonl", FormatOptions(), tmp_path / "out.jsonl") == []
    written = (tmp_path / "out.jsonl").read_bytes().decode()
    start = f"{head}{json.dumps(ARTICLE)}{rest[:-3]}, "
    assert written.startswith(start)
    removals = json.loads("{" + written.removeprefix(start))["removals"]
    assert [(one["label"], one["text"]) for one in removals] == [("share", "\n\nShare this article")]


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=5), st.booleans())
def test_any_object_is_taken_apart_as_json_reads_it(fields: dict[str, object], plain: bool) -> None:
    text = json.dumps(fields, ensure_ascii=not plain)
    found = parse(text)
    assert {name: json.loads(text[f.start : f.end]) for name, f in found.fields.items()} == json.loads(text)
    assert json.loads(found.replaced({"é": '"new"'})) == {**json.loads(text), "é": "new"}
    assert found.replaced({}) == text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"nonsense\n", "not a JSON object at column 1"),
        (b'["text"]\n', "not a JSON object at column 1"),
        (b'{"text": "a"', "not valid JSON: ends at column 13"),
        (b'{"text": "a" "b": 1}\n', "not valid JSON: a comma or } is expected at column 14"),
        (b'{"text": "a",}\n', "not valid JSON: a field's name in double quotes is expected at column 14"),
        (b'{"text": nul}\n', "not valid JSON: Expecting value at column 10"),
        (b'{"text": "a"} {}\n', "not valid JSON: more after the object at column 15"),
        (b'{"text": "a", "text": "b"}\n', 'not valid JSON: field "text" is there twice at column 15'),
        (b'{"a": ' + b"[" * 100_000, "JSON nested too deeply"),
        (b'{"text": null}\n', 'field "text" is not a string'),
        (b'{"text": 5}\n', 'field "text" is not a string'),
        (b'{"text": 1.5e3}\n', 'field "text" is not a string'),
        (b'{"body": "a", "id": 1}\n', 'no field "text" (--text-field); fields: body, id'),
        (b'{"text": "caf\xe9"}\n', "not UTF-8: invalid continuation byte at byte 13 of the line"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(raw: bytes, reason: str) -> None:
    assert read_line(raw, 7, FormatOptions()) == BadRecord(7, reason, raw)


def test_lone_surrogates_and_long_numbers_pass(tmp_path: Path) -> None:
    text = "\ud800 " + ARTICLE + JUNK
    raw = b'{"text": ' + json.dumps(text).encode() + b', "n": ' + b"9" * 5000 + b', "u": "\xc3\xa9"}\n'
    (tmp_path / "in.jsonl").write_bytes(raw)
    convert(tmp_path / "in.jsonl", FormatOptions(), tmp_path / "out.jsonl")
    written = parse((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert written.fields["text"].value == "\ud800 " + ARTICLE
    assert written.fields["n"].value == Number("9" * 5000)


def test_fields_of_ones_own(tmp_path: Path) -> None:
    raw = json.dumps({"body": ARTICLE + JUNK, "removals": "mine"}).encode()
    (tmp_path / "in.jsonl").write_bytes(raw)
    options = FormatOptions(text_field="body", out_field="clean", removals_field="gone")
    convert(tmp_path / "in.jsonl", options, tmp_path / "out.jsonl")
    written = json.loads((tmp_path / "out.jsonl").read_bytes())
    assert list(written) == ["body", "removals", "clean", "gone"]
    assert (written["body"], written["clean"], written["removals"]) == (ARTICLE + JUNK, ARTICLE, "mine")


def test_a_record_tells_its_url_and_language() -> None:
    known = [
        read_line(line("a", url=url, language=language), 1, FormatOptions(url="https://given.example"))
        for url, language in (("https://own.example", "de-AT"), (None, "German"), ("", 5))
    ]
    assert [(one.url, one.language) for one in known if not isinstance(one, BadRecord)] == [
        ("https://own.example", "de"), ("https://given.example", None), ("https://given.example", None),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["", "gz", "zst"])
@pytest.mark.parametrize("chunk_bytes", [0, 1000, 1 << 20])
def test_any_packing_and_any_chunks_give_the_same_lines(tmp_path: Path, kind: str, chunk_bytes: int) -> None:
    content = b"\xef\xbb\xbf" + b"".join(
        line(ARTICLE + (JUNK if n % 3 else ""), id=n) + b"\n" * (n % 5 == 0) for n in range(60)
    )
    end = f".{kind}" if kind else ""
    source, target = tmp_path / f"in.jsonl{end}", tmp_path / f"out.jsonl{end}"
    source.write_bytes(packed(content[:1500], kind) + packed(content[1500:], kind))
    assert convert(source, FormatOptions(chunk_bytes=chunk_bytes), target) == []
    written = unpacked(target)
    assert written.startswith(b"\xef\xbb\xbf{")
    records = [json.loads(one) for one in written.decode("utf-8-sig").splitlines()]
    assert [(one["id"], one["text"]) for one in records] == [(n, ARTICLE) for n in range(60)]
    assert [len(one["removals"]) for one in records] == [int(n % 3 > 0) for n in range(60)]


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_what_comes_before_a_break_is_done(tmp_path: Path, kind: str) -> None:
    lines = [line(ARTICLE + str(n)) for n in range(2000)]
    first, second = packed(b"".join(lines[:1000]), kind), packed(b"".join(lines[1000:]), kind)
    end = len(first) + len(second) // 2
    source = tmp_path / f"in.jsonl.{kind}"
    source.write_bytes((first + second)[:end])
    bad = convert(source, FormatOptions(chunk_bytes=5000), tmp_path / "out.jsonl")
    done = (tmp_path / "out.jsonl").read_bytes().count(b"\n")
    assert bad[-1] == (0, f"ends in the middle at byte {end}")
    assert done >= 1000
    assert bad[:-1] in ([], [(done + 1, "cut off where the file breaks")])


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_damaged_member_ends_the_file_and_is_named(tmp_path: Path, kind: str) -> None:
    first, second = packed(line(ARTICLE) * 10, kind), packed(line(ARTICLE) * 10, kind)
    (tmp_path / f"in.jsonl.{kind}").write_bytes(first + b"XX" + second[2:])
    ((number, reason),) = convert(tmp_path / f"in.jsonl.{kind}", FormatOptions(), tmp_path / "out.jsonl")
    assert (number, reason.startswith("broken: "), reason.endswith(f"at byte {len(first)}")) == (0, True, True)
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 10


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl.zst").write_bytes(zstandard.compress(b'{"text": "' + b"a" * (1 << 30) + b'"}\n'))
    assert (tmp_path / "in.jsonl.zst").stat().st_size < 40_000
    bad = convert(tmp_path / "in.jsonl.zst", FormatOptions(), tmp_path / "out.jsonl")
    assert "unpacks to more than 10000 times its size, which looks like a bomb" in bad[-1][1]


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    lines = [line("one"), line("x" * 5000), line("three"), b'{"text": "' + b"y" * 9000]
    (tmp_path / "in.jsonl").write_bytes(b"".join(lines))
    options = FormatOptions(chunk_bytes=100, longest_record=1000)
    bad = convert(tmp_path / "in.jsonl", options, tmp_path / "out.jsonl")
    assert bad == [(2, "a line of more than 1000 bytes"), (4, "a line of more than 1000 bytes")]
    assert [json.loads(one)["text"] for one in (tmp_path / "out.jsonl").read_bytes().splitlines()] == ["one", "three"]


def test_an_empty_file_stays_one(tmp_path: Path) -> None:
    for kind in ("jsonl", "jsonl.gz", "jsonl.zst"):
        (tmp_path / f"in.{kind}").write_bytes(packed(b"", kind.partition(".")[2]))
        assert convert(tmp_path / f"in.{kind}", FormatOptions(), tmp_path / f"out.{kind}") == []
        assert unpacked(tmp_path / f"out.{kind}") == b""
