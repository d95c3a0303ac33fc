"""A page's text, and what the page says of itself."""

from __future__ import annotations

import codecs
import json
import subprocess
import sys

import pytest

from stripper.errors import ExtractionError
from stripper.html import extract_page

SENTENCE = "The harbour bridge stays closed until the autumn, the council said after a long meeting on Tuesday."
GERMAN = (
    "Die Brücke über den Hafen bleibt bis zum Herbst gesperrt, wie der Stadtrat am Dienstag mitteilte, für alle Züge."
)


def page(text: str = SENTENCE, head: str = "", attributes: str = "") -> str:
    return f"<!DOCTYPE html><html{attributes}><head>{head}</head><body><article><p>{text}</p></article></body></html>"


def test_a_page_tells_its_text_url_language_and_title() -> None:
    head = '<title>Bridge closed | Post</title><link rel="canonical" href="https://post.example/bridge">'
    found = extract_page(page(head=head, attributes=' lang="en-GB"'))
    assert (
        found.text,
        found.url,
        found.language,
        found.title,
    ) == (SENTENCE, "https://post.example/bridge", "en", "Bridge closed | Post")


def test_the_given_url_is_stronger_than_the_page_s() -> None:
    head = '<meta property="og:url" content="https://post.example/own">'
    assert extract_page(page(head=head), url="https://given.example/").url == "https://given.example/"
    assert extract_page(page(head=head)).url == "https://post.example/own"


def test_a_relative_canonical_url_is_no_url() -> None:
    assert extract_page(page(head='<link rel="canonical" href="/bridge">')).url is None


@pytest.mark.parametrize(
    ("declared", "told"), [("nb-NO", "no"), ("DE_de", "de"), ("und", None), ("", None), ("english", None)]
)
def test_the_language_is_a_plain_code(declared: str, told: str | None) -> None:
    assert extract_page(page(attributes=f' lang="{declared}"')).language == told


@pytest.mark.parametrize(
    ("head", "encoding", "used"),
    [
        ('<meta charset="windows-1252">', "cp1252", "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252", "cp1252"),
        ("<meta charset=iso-8859-15>", "iso8859-15", "iso8859-15"),
        ('<meta charset="windows-1252">', "utf-8", "utf-8"),
        ("", "utf-8", "utf-8"),
        ("", "utf-16-le", "utf-16-le"),
        ("", "utf-16-be", "utf-16-be"),
        ('<!-- <meta charset="koi8-r"> --><meta charset="latin1">', "cp1252", "cp1252"),
    ],
)
def test_bytes_are_read_as_they_are_coded(head: str, encoding: str, used: str) -> None:
    found = extract_page(page(GERMAN, head).encode(encoding))
    assert (GERMAN, used, 0) == (found.text, found.encoding, found.damaged)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_is_stronger_than_the_declaration(mark: bytes, encoding: str) -> None:
    found = extract_page(mark + page(GERMAN, '<meta charset="koi8-r">').encode(encoding))
    assert (GERMAN, encoding, "\ufeff") == (found.text, found.encoding, found.html[0])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Мост через гавань закрыт до осени, сообщил во вторник городской совет после долгого заседания.", "koi8-r"),
        (
            "港にかかる橋は秋まで通行止めになると、市議会が火曜日の長い会議のあとで発表した。住民は船で渡る。",
            "shift_jis",
        ),
        (
            "港にかかる橋は秋まで通行止めになると、市議会が火曜日の長い会議のあとで発表した。住民は船で渡る。",
            "iso2022_jp",
        ),
        ("市议会在周二的长时间会议后宣布,港口大桥将关闭至秋季,居民只能乘船过河,孩子们上学也要绕路。", "gb2312"),
        ("항구의 다리는 가을까지 폐쇄된다고 시의회가 화요일 긴 회의 끝에 발표했다. 주민들은 배로 건넌다.", "euc-kr"),
        ("הגשר מעל הנמל יישאר סגור עד הסתיו, כך הודיעה מועצת העיר ביום שלישי לאחר ישיבה ארוכה מאוד.", "cp1255"),
    ],
)
def test_declared_encodings_of_other_scripts(text: str, encoding: str) -> None:
    found = extract_page(page(text * 3, f'<meta charset="{encoding}">').encode(encoding))
    assert (text * 3, 0) == (found.text, found.damaged)


def test_an_undeclared_encoding_is_detected() -> None:
    text = "Мост через гавань закрыт до осени, сообщил во вторник городской совет после долгого заседания. " * 5
    assert extract_page(page(text).encode("cp1251")).text == text.strip()


def test_bytes_that_are_not_of_the_encoding_are_counted() -> None:
    raw = page(GERMAN * 3).encode().replace(b"Dienstag", b"Dien\xffstag", 1)
    found = extract_page(raw)
    assert (found.encoding, found.damaged) == ("utf-8", 1)
    assert "Dien\ufffdstag" in found.text


def test_a_page_of_nothing_is_refused() -> None:
    for nothing in (
        "",
        "   ",
        "<html><body></body></html>",
        "<!-- nothing -->",
        "<html><script>let a = 1</script></html>",
    ):
        with pytest.raises(ExtractionError) as refused:
            extract_page(nothing)
        assert refused.value.kind == "empty"


def test_a_page_nested_too_deep_is_refused_though_the_parser_returns_its_beginning() -> None:
    deep = "<div>" * 400 + f"<p>{SENTENCE}</p>" + "</div>" * 400
    with pytest.raises(ExtractionError, match="255 deep") as refused:
        extract_page(f"<html><body><p>{SENTENCE}</p>{deep}</body></html>")
    assert refused.value.kind == "too-deep"


def test_a_page_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(ExtractionError, match="more than the 1,000 bytes") as refused:
        extract_page(page("x" * 2000).encode(), size_limit=1000)
    assert refused.value.kind == "too-large"


def test_what_is_not_extracted_is_no_empty_text() -> None:
    with pytest.raises(ExtractionError, match="no content"):
        extract_page("<html><body><img src='a.png' alt='A bridge'><hr></body></html>")


def test_the_package_loads_neither_the_extractor_nor_the_parser() -> None:
    code = (
        "import sys, json, stripper.html; print(json.dumps([m for m in ('trafilatura', 'lxml') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) == []
