"""Arrow tables in the library: same type back, one column stripped, the ledger beside it."""

from __future__ import annotations

from typing import Any

import pytest

from stripper import ConfigError, InputError, Stripper, strip_table

pa: Any = pytest.importorskip("pyarrow")

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday.\n"
JUNK = "\nShare this article\n"
RAW = [ARTICLE + JUNK, ARTICLE, None, "", JUNK + ARTICLE + JUNK]
CLEAN = [ARTICLE, ARTICLE, None, "", ARTICLE]
REMOVALS = "list<element: struct<start: int64, end: int64, label: string, rule: string, confidence: double>>"


def table(kind: Any = None) -> Any:
    text = pa.field("text", kind or pa.string(), metadata={b"unit": b"letters"})
    schema = pa.schema(
        [pa.field("id", pa.int16()), text, pa.field("seen", pa.timestamp("us", "UTC")), pa.field("url", pa.string())],
        metadata={b"made by": b"a test"},
    )
    values = (
        pa.array(RAW, kind.value_type).dictionary_encode().cast(kind)
        if pa.types.is_dictionary(kind or pa.null())
        else RAW
    )
    return pa.table([range(5), values, [1, 2, None, 4, 5], ["https://example.org/a"] * 5], schema=schema)


def test_a_table_comes_back_with_one_column_stripped(stripper: Stripper) -> None:
    before = table()
    after = strip_table(before, stripper=stripper)
    assert after.column("text").to_pylist() == CLEAN
    assert after.column_names == ["id", "text", "seen", "url", "removals"]
    assert after.drop_columns(["text", "removals"]).equals(before.drop_columns(["text"]), check_metadata=True)
    assert after.schema.metadata == before.schema.metadata
    assert after.schema.field("text").equals(before.schema.field("text"), check_metadata=True)


def test_the_ledger_is_a_list_of_structs(stripper: Stripper) -> None:
    after = strip_table(table(), stripper=stripper)
    kind = after.schema.field("removals").type
    assert [field.name for field in kind.value_type] == ["start", "end", "label", "rule", "confidence"]
    expected = [
        None
        if text is None
        else [(r.start, r.end, r.label, r.rule, round(r.confidence, 4)) for r in stripper.strip(text).removals]
        for text in RAW
    ]
    actual = [rows if rows is None else [tuple(row.values()) for row in rows] for rows in after["removals"].to_pylist()]
    assert actual == expected
    assert [None if rows is None else len(rows) for rows in actual] == [1, 0, None, 0, 2]


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
    ids=str,
)
def test_the_type_of_the_texts_stays(stripper: Stripper, kind: Any) -> None:
    after = strip_table(table(kind), stripper=stripper)
    assert after.schema.field("text").type == kind
    assert after.column("text").to_pylist() == CLEAN


def test_a_record_batch_gives_a_record_batch(stripper: Stripper) -> None:
    (batch,) = table().to_batches()
    after = strip_table(batch, stripper=stripper)
    assert isinstance(after, pa.RecordBatch)
    assert after.column("text").to_pylist() == CLEAN
    assert after.schema.metadata == batch.schema.metadata
    after.validate(full=True)


def test_chunks_stay(stripper: Stripper) -> None:
    before = pa.concat_tables([table().slice(0, 2), table().slice(2, 0), table().slice(2)])
    after = strip_table(before, stripper=stripper)
    for name in ("text", "removals"):
        assert [len(chunk) for chunk in after.column(name).chunks] == [2, 0, 3]
    assert after.column("text").to_pylist() == CLEAN
    after.validate(full=True)


def test_an_empty_table_has_the_columns(stripper: Stripper) -> None:
    after = strip_table(table().slice(0, 0), stripper=stripper)
    assert (after.num_rows, after.column_names[-1]) == (0, "removals")


def test_more_rows_than_are_held_at_once(stripper: Stripper) -> None:
    many = pa.table({"text": [f"{number} {ARTICLE}{JUNK}" for number in range(1501)]})
    assert strip_table(many, stripper=stripper)["text"].to_pylist() == [f"{n} {ARTICLE}" for n in range(1501)]


def test_language_and_url_reach_the_rules(stripper: Stripper) -> None:
    seen: list[tuple[Any, ...]] = []

    class Recording(Stripper):
        def strip(self, *document: Any) -> Any:
            seen.append(document)
            return stripper.strip(*document)

    texts = pa.table({"text": ["a", None, "b", "c"], "u": ["x", "y", None, "z"], "l": ["en-US", "de", "fr", "klingon"]})
    strip_table(texts, url_column="u", language_column="l", stripper=Recording(stripper.rules))
    assert seen == [("a", "x", "en"), ("b", None, "fr"), ("c", "z", None)]


def test_without_a_ledger(stripper: Stripper) -> None:
    assert strip_table(table(), removals_column=None, stripper=stripper).column_names == table().column_names


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"column": "body"}, r'no column "body"; columns: id \(int16\), text \(string\), seen \(timestamp'),
        ({"column": "id"}, 'column "id" is int16; it takes string, large_string'),
        ({"url_column": "link"}, 'no column "link"'),
        ({"language_column": "seen"}, r'column "seen" is timestamp\[us, tz=UTC\]'),
        ({"removals_column": "id"}, 'there is a column "id" already'),
    ],
)
def test_columns_that_can_t_be_are_named(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        strip_table(table(), **arguments)


def test_a_text_that_is_not_utf8_is_named(stripper: Stripper) -> None:
    raw = pa.array([b"caf\xc3\xa9", b"caf\xe9"]).view(pa.string())
    with pytest.raises(InputError, match="row 1: not UTF-8: unexpected end of data at byte 3"):
        strip_table(pa.table({"text": raw}), stripper=stripper)


def test_a_rule_out_of_time_is_reported(stripper: Stripper, caplog: pytest.LogCaptureFixture) -> None:
    from stripper.result import StripResult

    class Slow(Stripper):
        def strip(self, text: str, url: Any = None, language: Any = None) -> StripResult:
            return StripResult(text, failed=True, problem="rule x/y ran longer than its time limit")

    after = strip_table(pa.table({"text": [ARTICLE]}), stripper=Slow(stripper.rules))
    assert after.to_pylist() == [{"text": ARTICLE, "removals": None}]
    assert caplog.messages == ["row 0: rule x/y ran longer than its time limit"]
