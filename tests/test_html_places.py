"""Where the text of a page stands in its HTML, checked by reading the HTML at the place."""

from __future__ import annotations

import gzip
import html as entities
import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring

from stripper.html import Page, Place, extract_page
from stripper.html.places import find_places
from stripper.html.source import ink_of_html

PAGES = sorted(Path(__file__).parent.glob("fixtures/pages/*.html"))
BENCH = Path(__file__).parents[2] / "shared" / "bench" / "dev_html"
MARK = re.compile(r"(?m)^\s*- |[|\\]|-{3}")  # what the extractor writes before list items and around cells


def plain(text: str) -> str:
    """Composed, without what can't be printed, blanks collapsed."""
    printed = (char if char.isprintable() or char.isspace() else "" for char in unicodedata.normalize("NFC", text))
    return " ".join("".join(printed).split())


def read_at(page: Page, place: Place) -> str:
    """The HTML at a place as the simplest of readers reads it."""
    source = page.html[place.html_start : place.html_end]
    return plain(entities.unescape(re.sub(r"<[^>]*>", "", source)))


def lines(page: Page) -> list[tuple[int, int]]:
    return [line.span() for line in re.finditer(r"[^\n]+", page.text)]


def placed(page: Page) -> list[Place]:
    return [place for start, end in lines(page) for place in page.places.of(start, end)]


def without_blanks(text: str) -> str:
    return "".join(plain(text).split())


def parsed(page: Page) -> HtmlElement:
    return document_fromstring(page.html.encode("utf-8", "surrogatepass"), parser=None)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_html_at_each_place_reads_as_the_text(path: Path) -> None:
    page = extract_page(path.read_bytes())
    expected = [plain(page.text[place.start : place.end]) for place in placed(page)]
    assert [read_at(page, place) for place in placed(page)] == expected


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_all_but_the_extractor_s_own_marks_has_a_place(path: Path) -> None:
    page = extract_page(path.read_bytes())
    found = "".join(without_blanks(page.text[place.start : place.end]) for place in placed(page))
    assert without_blanks(MARK.sub("", found)) == without_blanks(MARK.sub("", page.text))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_xpath_leads_to_an_element_that_holds_the_text(path: Path) -> None:
    page = extract_page(path.read_bytes())
    from lxml.html import HTMLParser

    tree = document_fromstring(page.html.encode(), parser=HTMLParser(encoding="utf-8"))
    for place in placed(page):
        assert place.xpath is not None
        (element,) = tree.xpath(place.xpath)
        assert without_blanks(page.text[place.start : place.end]) in without_blanks(element.text_content())


def test_lines_that_are_repeated_go_to_their_own_places() -> None:
    page = extract_page((PAGES[0].parent / "repeated.html").read_bytes())
    found = {page.text[place.start : place.end]: [] for place in placed(page)}  # type: dict[str, list[str | None]]
    for place in placed(page):
        found[page.text[place.start : place.end]].append(place.xpath)
    assert found["The Sofie"] == ["/html/body/article/h2[2]"]
    assert found["Details"] == [f"/html/body/article/p[{number}]" for number in (2, 4, 6)]


def test_a_part_of_a_line_has_its_own_place() -> None:
    source = "<html><body><p>The old <b>harbour&nbsp;bridge</b> is closed, the council said.</p></body></html>"
    page = extract_page(source)
    start = page.text.index("bridge")
    (place,) = page.places.of(start, start + len("bridge is"))
    assert page.html[place.html_start : place.html_end] == "bridge</b> is"
    assert place.xpath == "/html/body/p"


def test_half_of_a_character_reference_has_no_place() -> None:
    text = "A fjord"  # &fjlig; is one reference for two characters
    source = "<p>A &fjlig;ord</p>"
    places = find_places(text, source, document_fromstring(source))
    assert [source[place.html_start : place.html_end] for place in places.of(0, 4)] == ["A &fjlig;"]
    assert [source[place.html_start : place.html_end] for place in places.of(0, 3)] == ["A"]


def test_a_line_that_could_stand_in_two_places_has_none() -> None:
    source = "<p>Details</p><p>Something else.</p><p>Details</p>"
    places = find_places("Details", source, document_fromstring(source))
    assert places.of(0, 7) == []
    assert places.share == 0.0


def test_of_two_copies_of_an_article_the_one_is_told_that_the_extractor_took() -> None:
    sentences = [f"Boat number {number} lies in the harbour, and nobody sails it any more." for number in range(9)]
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    source = f"<html><body><div class='print-only sidebar'>{body}</div><article>{body}</article></body></html>"
    page = extract_page(source)
    assert page.text == "\n".join(sentences)
    assert [place.xpath for place in placed(page)] == [f"/html/body/article/p[{number}]" for number in range(1, 10)]


def test_a_text_that_the_page_does_not_have_has_no_place() -> None:
    source = "<p>The bridge is closed.</p>"
    assert find_places("The ferry runs again.", source, document_fromstring(source)).of(0, 21) == []


def test_a_line_with_a_piece_left_out_has_a_place_on_either_side_of_it() -> None:
    source = "<p>The harbour bridge is closed <button>Share this</button> until the autumn, they say.</p>"
    text = "The harbour bridge is closed until the autumn, they say."
    places = find_places(text, source, document_fromstring(source)).of(0, len(text))
    assert [source[place.html_start : place.html_end] for place in places] == [
        "The harbour bridge is closed",
        "until the autumn, they say.",
    ]


def test_paragraphs_in_another_order_than_the_page_s_are_found() -> None:
    first, second = "The harbour bridge is closed until autumn.", "The ferry runs twice a day instead, they say."
    source = f"<p>{first}</p><p>{second}</p>"
    text = f"{second}\n{first}"
    places = find_places(text, source, document_fromstring(source)).of(0, len(text))
    assert [source[place.html_start : place.html_end] for place in places] == [second, first]


@pytest.mark.parametrize(
    ("source", "ink"),
    [
        ("a<!-- <b>no</b> -->b", "ab"),
        ("a<!-->b", "ab"),
        ("a<!--->b", "ab"),
        ("a<!-- x --!>b", "ab"),
        ("a<!-- never ends", "a"),
        ("a<SCRIPT>if (a < b) '</p>'</SCRIPT >b", "ab"),
        ("a<script>never ends", "a"),
        ("a<style>b</styles>c</style>d", "ad"),
        ("a<b title='>'>b", "ab"),
        ('a<b title=">">b', "ab"),
        ("a<b title=it's>b", "ab"),
        ("a<b>b</b >c<br/>d", "abcd"),
        ("1 < 2 <3 <", "1<2<3<"),
        ("a</>b<?php x?>c<!DOCTYPE html>d", "abcd"),
        ("&lt;b&gt; &amp;amp; &copy2 &#65;&#x42; &#150; &unknown; &", "<b>&amp;©2AB–&unknown;&"),
        ("a&nbsp;b&shy;c&zwj;d", "abcd"),
        ("a<title>t</title><textarea>x</textarea><iframe>y</iframe>b", "ab"),
        ("e\u0301", "\u00e9"),
        ("", ""),
    ],
)
def test_the_ink_of_a_page_is_what_a_browser_would_print(source: str, ink: str) -> None:
    assert ink_of_html(source).text == ink


SOME = ["oak", "larch", "pier", "rope", "Tür", "été", "море", "港", "7", "&", "<", "—", "“so”", "l’eau"]
WORDS = st.lists(st.sampled_from(SOME), min_size=1, max_size=9)
TAGS = st.sampled_from(["", "<b>", "</b>", "<i class='x>y'>", "<!-- no -->", "<span></span>", "\n", "&nbsp;", "<br>"])


@given(paragraphs=st.lists(st.lists(st.tuples(WORDS, TAGS), min_size=1, max_size=6), min_size=1, max_size=8))
def test_each_character_is_led_to_where_it_was_written(
    paragraphs: list[list[tuple[list[str], str]]],
) -> None:
    source, text, truth = "<html><body>", "", {}
    for number, parts in enumerate(paragraphs):
        source += "<p>"
        for position, (words, tag) in enumerate([([f"Paragraph {number:03} begins."], ""), *parts]):
            for word in words:
                for char in word:
                    written = entities.escape(char)
                    if char != " ":
                        truth[len(text)] = (len(source), len(source) + len(written))
                    text, source = text + char, source + written
                text, source = text + " ", source + " "
            source += tag if position else ""
        source += "</p>"
        text = text.rstrip() + "\n"
    places = find_places(text, source, document_fromstring(source))
    for offset, place in truth.items():
        assert [(p.html_start, p.html_end) for p in places.of(offset, offset + 1)] == [place]


@pytest.mark.slow
def test_a_large_page_of_repeated_lines_takes_no_square_of_its_size() -> None:
    import time

    def seconds(count: int) -> float:
        source = "<p>Details</p>" * count + "<p>The only sentence that is not repeated.</p>"
        text = "Details\n" * count + "The only sentence that is not repeated."
        tree = document_fromstring(source)
        start = time.perf_counter()
        find_places(text, source, tree)
        return time.perf_counter() - start

    seconds(1000)
    assert seconds(40_000) < 10 * seconds(10_000)


def bench_pages() -> list[Path]:
    if not BENCH.is_dir():
        pytest.skip(f"{BENCH} is not there")
    return [BENCH / f"{entry['id']}.html.gz" for entry in json.loads((BENCH / "index.json").read_text("utf-8"))]


@pytest.mark.slow
def test_on_real_pages_nearly_all_is_placed_and_nothing_wrongly() -> None:
    total = found = 0
    wrong = []
    for path in bench_pages():
        page = extract_page(gzip.decompress(path.read_bytes()))
        for place in placed(page):
            if read_at(page, place) != plain(page.text[place.start : place.end]):
                wrong.append((path.name, read_at(page, place)))
            found += len(without_blanks(page.text[place.start : place.end]))
        total += len(without_blanks(page.text))
    assert wrong == []
    assert found / total >= 0.98
