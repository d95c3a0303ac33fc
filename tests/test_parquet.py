"""Parquet in and out: what is not the text stays as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from formatted import convert

from stripper import InputError, Stripper
from stripper.io.format import FormatOptions
from stripper.io.formats import format_named, format_of
from stripper.io.parquet import Parquet

pa: Any = pytest.importorskip("pyarrow")
pq: Any = pytest.importorskip("pyarrow.parquet")

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n"
JUNK = "\nShare this article\n"


def table(rows: int = 10, kind: Any = None) -> Any:
    texts = [None if row % 5 == 4 else f"{row} {ARTICLE}{JUNK if row % 2 else ''}" for row in range(rows)]
    schema = pa.schema(
        [
            pa.field("id", pa.uint16(), metadata={b"note": b"kept"}),
            pa.field("text", kind or pa.string()),
            pa.field("url", pa.large_string()),
            pa.field("tags", pa.list_(pa.struct([("name", pa.string()), ("score", pa.float32())]))),
            pa.field("price", pa.decimal128(9, 2)),
            pa.field("blob", pa.binary()),
            pa.field("kind", pa.dictionary(pa.int32(), pa.string())),
            pa.field("seen", pa.timestamp("ms", "Europe/Kyiv")),
        ],
        metadata={b"origin": b"a crawl", b"pandas": b"{}"},
    )
    from decimal import Decimal

    return pa.table(
        [
            range(rows),
            pa.array(texts, schema.field("text").type),
            [f"https://example.org/{row}" for row in range(rows)],
            [[{"name": "a", "score": 0.5}] * (row % 3) for row in range(rows)],
            [Decimal(row) for row in range(rows)],
            [bytes([row % 256]) for row in range(rows)],
            pa.array([f"k{row % 2}" for row in range(rows)]).dictionary_encode(),
            pa.array([row * 1000 for row in range(rows)], pa.timestamp("ms", "Europe/Kyiv")),
        ],
        schema=schema,
    )


def clean(rows: int) -> list[str | None]:
    return [None if row % 5 == 4 else f"{row} {ARTICLE}" for row in range(rows)]


def codecs(path: Path) -> dict[str, str]:
    group = pq.ParquetFile(path).metadata.row_group(0)
    return {group.column(at).path_in_schema: group.column(at).compression for at in range(group.num_columns)}


def test_other_columns_types_and_metadata_stay(tmp_path: Path, stripper: Stripper) -> None:
    before = table()
    pq.write_table(before, tmp_path / "in.parquet", row_group_size=4)
    done = convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)
    after = pq.read_table(tmp_path / "out.parquet")
    assert after.column_names == [*before.column_names, "removals"]
    assert after["text"].to_pylist() == clean(10)
    kept = pq.read_table(tmp_path / "in.parquet").drop_columns(["text"])
    assert after.drop_columns(["text", "removals"]).equals(kept, check_metadata=True)
    assert (len(done.chunks), [record.number for record in done.records], done.bad) == (3, list(range(1, 11)), [])


def test_row_groups_and_codecs_stay(tmp_path: Path, stripper: Stripper) -> None:
    names = {"id": "snappy", "text": "gzip", "url": "zstd", "tags.list.element.name": "brotli", "kind": "none"}
    pq.write_table(table(), tmp_path / "in.parquet", row_group_size=4, compression=names)
    convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)
    metadata = pq.ParquetFile(tmp_path / "out.parquet").metadata
    assert [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)] == [4, 4, 2]
    ledger = {f"removals.list.element.{leaf}": "GZIP" for leaf in ("start", "end", "label", "rule", "confidence")}
    assert codecs(tmp_path / "out.parquet") == {**codecs(tmp_path / "in.parquet"), **ledger}
    assert codecs(tmp_path / "in.parquet")["text"] == "GZIP"


def test_the_ledger_column_says_what_went(tmp_path: Path, stripper: Stripper) -> None:
    pq.write_table(table(2), tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)
    after = pq.read_table(tmp_path / "out.parquet")
    kind = "struct<start: int64, end: int64, label: string, rule: string, confidence: double>"
    assert str(after.schema.field("removals").type) == f"list<element: {kind}>"
    (none, one) = after["removals"].to_pylist()
    text = f"1 {ARTICLE}{JUNK}"
    assert (none, len(one), text[: one[0]["start"]] + text[one[0]["end"] :]) == ([], 1, f"1 {ARTICLE}")


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), pa.string())], ids=str)
def test_the_type_of_the_texts_stays(tmp_path: Path, stripper: Stripper, kind: Any) -> None:
    pq.write_table(table(10, kind), tmp_path / "in.parquet", row_group_size=4)
    convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)
    assert pq.read_schema(tmp_path / "out.parquet").field("text") == pq.read_schema(tmp_path / "in.parquet").field(
        "text"
    )
    assert pq.read_table(tmp_path / "out.parquet")["text"].to_pylist() == clean(10)


def test_texts_and_removals_go_where_they_are_told(tmp_path: Path, stripper: Stripper) -> None:
    pq.write_table(table(3).rename_columns(["id", "body", *table().column_names[2:]]), tmp_path / "in.parquet")
    options = FormatOptions(text_field="body", out_field="clean", removals_field="ledger")
    convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper, options=options)
    after = pq.read_table(tmp_path / "out.parquet")
    assert after.column_names[-2:] == ["clean", "ledger"]
    assert after["clean"].to_pylist() == clean(3)
    assert after["body"].to_pylist() == table(3)["text"].to_pylist()


def test_a_large_row_group_is_read_and_written_in_pieces(
    tmp_path: Path, stripper: Stripper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripper.io.parquet._BATCH_BYTES", 10_000)
    monkeypatch.setattr("stripper.io.parquet._GROUP_BYTES", 30_000)
    pq.write_table(table(1000), tmp_path / "in.parquet")
    done = convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)
    assert len(done.chunks) == 1
    assert pq.ParquetFile(tmp_path / "out.parquet").num_row_groups > 3
    assert pq.read_table(tmp_path / "out.parquet")["text"].to_pylist() == clean(1000)


def test_an_empty_file_stays_one(tmp_path: Path, stripper: Stripper) -> None:
    pq.write_table(table(0), tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)
    after = pq.read_table(tmp_path / "out.parquet")
    assert (after.num_rows, after.column_names) == (0, ["text", "removals"])


@pytest.mark.parametrize("keep", [0, 3, 100, -1, -20])
def test_a_truncated_file_says_so(tmp_path: Path, stripper: Stripper, keep: int) -> None:
    pq.write_table(table(), tmp_path / "in.parquet")
    whole = (tmp_path / "in.parquet").read_bytes()
    (tmp_path / "in.parquet").write_bytes(whole[:keep])
    with pytest.raises(InputError, match=r"in\.parquet: not a whole Parquet file: "):
        convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)


def test_a_broken_row_group_loses_no_other(tmp_path: Path, stripper: Stripper) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(table(12), path, row_group_size=4, use_dictionary=False, compression="zstd")
    column = pq.ParquetFile(path).metadata.row_group(1).column(1)
    raw = bytearray(path.read_bytes())
    at = column.data_page_offset
    raw[at : at + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(raw)
    done = convert(path, tmp_path / "out.parquet", Parquet(), stripper)
    assert [bad.number for bad in done.bad] == [5]
    assert done.bad[0].reason.startswith("rows 5 to 8 can't be read: ")
    assert pq.read_table(tmp_path / "out.parquet")["id"].to_pylist() == [0, 1, 2, 3, 8, 9, 10, 11]


def test_a_text_that_is_not_utf8_fails_alone(tmp_path: Path, stripper: Stripper) -> None:
    texts = pa.array([b"one", b"caf\xe9", b"three"]).view(pa.string())
    pq.write_table(pa.table({"text": texts}), tmp_path / "in.parquet")
    done = convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)
    assert [(bad.number, bad.reason) for bad in done.bad] == [(2, "not UTF-8: unexpected end of data at byte 3")]
    assert pq.read_table(tmp_path / "out.parquet")["text"].to_pylist() == ["one", "three"]


def test_a_text_that_is_too_long_fails_alone(tmp_path: Path, stripper: Stripper) -> None:
    pq.write_table(pa.table({"text": ["short", "x" * 101, "é" * 51]}), tmp_path / "in.parquet")
    done = convert(
        tmp_path / "in.parquet",
        tmp_path / "out.parquet",
        Parquet(),
        stripper,
        options=FormatOptions(longest_record=100),
    )
    assert [(bad.number, bad.reason) for bad in done.bad] == [(n, "a text of more than 100 bytes") for n in (2, 3)]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (FormatOptions(text_field="body"), r'in.parquet: no column "body"; columns: id \(uint16\), text \(string\)'),
        (FormatOptions(text_field="tags"), r'column "tags" is list<.*; it takes string'),
        (FormatOptions(text_field="blob"), r'column "blob" is binary'),
        (FormatOptions(removals_field="id"), r'a column "id" already, which is not overwritten.*\(--removals-field'),
        (FormatOptions(out_field="url"), r'a column "url" already'),
    ],
)
def test_columns_that_can_t_be_are_named(tmp_path: Path, options: FormatOptions, complaint: str) -> None:
    pq.write_table(table(), tmp_path / "in.parquet")
    with pytest.raises(InputError, match=complaint):
        list(Parquet().chunks(tmp_path / "in.parquet", options))


def test_standard_input_is_refused() -> None:
    with pytest.raises(InputError, match="standard input: Parquet is read from its end"):
        list(Parquet().chunks(None, FormatOptions()))


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(table(), path)
    (chunk,) = Parquet().chunks(path, FormatOptions())
    pq.write_table(table(9), path)
    with pytest.raises(InputError, match="has changed while it was read; run again"):
        list(Parquet().records(path, chunk, FormatOptions()))  # type: ignore[arg-type]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, stripper: Stripper) -> None:
    pq.write_table(table(), tmp_path / "in.parquet", row_group_size=4)
    for name in ("one", "two"):
        convert(tmp_path / "in.parquet", tmp_path / name, Parquet(), stripper)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_old_timestamps_and_files_without_an_arrow_schema_stay_so(tmp_path: Path, stripper: Stripper) -> None:
    one = pa.table({"text": [ARTICLE + JUNK], "at": pa.array([1_000_000_000], pa.timestamp("ns"))})
    pq.write_table(one, tmp_path / "in.parquet", use_deprecated_int96_timestamps=True, store_schema=False)
    convert(tmp_path / "in.parquet", tmp_path / "out.parquet", Parquet(), stripper)
    metadata = pq.ParquetFile(tmp_path / "out.parquet").metadata
    assert metadata.row_group(0).column(1).physical_type == "INT96"
    assert b"ARROW:schema" not in (metadata.metadata or {})
    assert pq.read_table(tmp_path / "out.parquet")["at"].to_pylist() == one["at"].to_pylist()


def test_parquet_to_json_lines(tmp_path: Path, stripper: Stripper) -> None:
    pq.write_table(table(3), tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / "out.jsonl", Parquet(), stripper, to="jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["text"] for row in rows] == clean(3)
    assert [row["id"] for row in rows] == [0, 1, 2]


def test_json_lines_to_parquet(tmp_path: Path, stripper: Stripper) -> None:
    lines: list[dict[str, Any]] = [
        {"text": ARTICLE + JUNK, "id": 1, "mixed": 1, "meta": {"a": 1}},
        {"text": ARTICLE, "id": 2, "mixed": "one", "late": 0.5},
        {"text": "", "id": None, "mixed": None, "meta": {"b": [2]}},
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    options = FormatOptions(chunk_bytes=1)
    convert(tmp_path / "in.jsonl", tmp_path / "out.parquet", format_named("jsonl"), stripper, "parquet", options)
    after = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["text"] for row in after] == [ARTICLE, ARTICLE, ""]
    assert [row["id"] for row in after] == [1, 2, None]
    assert [row["late"] for row in after] == [None, 0.5, None]
    assert [row["mixed"] for row in after] == ["1", "one", None]
    assert [len(row["removals"]) for row in after] == [1, 0, 0]


def test_names_that_are_parquet() -> None:
    assert [format_of(Path(name)) for name in ("a.parquet", "b/A.PARQUET")] == [Parquet(), Parquet()]
