"""The report page in a real Chromium, opened from disk: what it shows, its keys, what it must not let happen."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, DRIVER, Browser
from conftest import FIXTURES

from stripper import Stripper
from stripper.report.writer import Limits, ReportWriter
from stripper.result import Evidence, NearMiss, Removal, StripResult

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="needs Chromium and ChromeDriver (Debian: apt-get install chromium chromium-driver)",
)

ARTICLE = "The bridge will stay closed until the autumn, the highways agency said on Tuesday."
SHARE = f"{ARTICLE}\n\nShare this article\n"
UPSELL = f"By Maria Nowak\n\n{ARTICLE}\n\nMise à niveau vers Pro\n"
HEBREW = "הגשר יישאר סגור עד הסתיו, כך הודיעה רשות הכבישים ביום שלישי.\n\nשתפו את הכתבה\n"
BLUE = "https://blue.example/a"
# the text of the first open document, without the labels that stand in it
WORDS = """
const text = document.querySelector('.text').cloneNode(true);
text.querySelectorAll('.tag').forEach((tag) => tag.remove());
return text.textContent;
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


def marked(source: str, *found: tuple[str, str, str, str], **rest: Any) -> StripResult:
    """A result: (fate, label, rule, words) of each mark."""
    lists: dict[str, list[Any]] = {"removed": [], "flagged": [], "near": []}
    for fate, label, rule, words in found:
        start = source.index(words)
        place = (start, start + len(words), label, rule, 0.9)
        if fate == "near":
            lists[fate].append(NearMiss(*place, "too close to the article"))
        else:
            lists[fate].append(Removal(*place, (Evidence("rule", 0.9, f"{rule} version 1"),), words, {"plan": "Pro"}))
    return StripResult(source, tuple(lists["removed"]), tuple(lists["flagged"]), tuple(lists["near"]), **rest)


def write(path: Path, *results: tuple[str, StripResult], limits: Limits | None = None) -> Path:
    with ReportWriter(path, limits=limits) as report:
        for name, result in results:
            report.add(name, result.to_dict(), result.source)
    return path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Three documents in two languages, on two sites, with every kind of mark."""
    share = ("removed", "share", "any/share/x", "\nShare this article\n")
    upsell = ("removed", "upsell", "fr/upsell/pro", "\nMise à niveau vers Pro\n")
    byline = ("flagged", "byline", "any/byline/by", "By Maria Nowak")
    near = ("near", "date", "en/date/weekday", "on Tuesday")
    hebrew = ("removed", "share", "he/share/this", "\nשתפו את הכתבה\n")
    return write(
        tmp_path / "report.html",
        ("a.txt", marked(SHARE, share, near, url=BLUE, tell_language=lambda: "en")),
        ("b.txt", marked(UPSELL, upsell, byline, url="https://red.example/b", tell_language=lambda: "en")),
        ("c.txt", marked(HEBREW, hebrew, url=BLUE, tell_language=lambda: "he")),
    )


def shown(browser: Browser) -> list[str]:
    """The names of the documents in the list."""
    names: list[str] = browser.run(
        "return [...document.querySelectorAll('.document:not([hidden]) .title bdi')].map((e) => e.textContent)"
    )
    return names


def panel(browser: Browser) -> str:
    words: str = browser.run("return document.getElementById('details').innerText")
    return words


def choose(browser: Browser, name: str, value: str) -> None:
    browser.run(
        "const e = document.getElementById(arguments[0]); e.value = JSON.parse(arguments[1]);"
        "e.dispatchEvent(new Event(e.type === 'search' ? 'input' : 'change', {bubbles: true}))",
        name,
        json.dumps(value),  # half a character can't be sent as it is
    )


def here(browser: Browser) -> str:
    words: str = browser.run("return document.querySelector('.mark.here .words')?.textContent ?? ''")
    return words


def test_texts_are_folded_until_opened_and_are_whole_then(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert shown(browser) == ["c.txt", "b.txt", "a.txt"]
    assert browser.run("return document.querySelectorAll('.text').length") == 0
    browser.run("document.querySelectorAll('.row')[1].click()")
    assert browser.run("return document.querySelector('.row[aria-expanded=true] .title bdi').textContent") == "b.txt"
    assert browser.run(WORDS) == UPSELL
    assert browser.complaints() == []


def test_a_mark_says_what_becomes_of_it_in_more_than_colour(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelectorAll('.row').forEach((row) => row.click())")
    marks = browser.run(
        "return [...document.querySelectorAll('.mark')].map((m) => [m.dataset.fate,"
        " m.querySelector('.tag').textContent, getComputedStyle(m.querySelector('.words')).textDecorationLine])"
    )
    assert ["removed", "upsell", "line-through"] in marks
    assert ["flagged", "byline", "underline"] in marks
    assert ["near", "date", "underline"] in marks


def test_pointing_at_a_mark_shows_its_rule_and_evidence(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelectorAll('.row')[1].click()")
    browser.point(".mark[data-fate=removed]")
    browser.until("document.getElementById('details').innerText.includes('fr/upsell/pro version 1')")
    assert "confidence 0.90" in panel(browser)
    assert "Pro" in panel(browser)


def test_keys_go_from_mark_to_mark_and_open_documents(browser: Browser, page: Path) -> None:
    browser.open(page)
    seen = []
    for _ in range(6):
        browser.press("j")
        seen.append(here(browser).strip())
    assert seen == ["שתפו את הכתבה", "By Maria Nowak", "Mise à niveau vers Pro", "on Tuesday", "Share this article",
                    "Share this article"]  # fmt: skip
    browser.press("k")
    assert here(browser) == "on Tuesday"
    assert "too close to the article" in panel(browser)


def test_tab_reaches_every_mark_and_shows_it(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelectorAll('.row')[1].click(); document.querySelectorAll('.row')[1].focus()")
    browser.press("\ue004", "\ue004", "\ue004")
    assert here(browser) == "Mise à niveau vers Pro"
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert "fr/upsell/pro" in panel(browser)


def test_judgements_are_saved_taken_back_and_loaded(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("j", "a", "j", "j", "r", "j", "r", "u")
    assert browser.run("return document.getElementById('judged').textContent") == "1 accepted, 1 rejected"
    browser.run("document.getElementById('save').click()")
    saved = browser.downloads / "stripper-feedback.json"
    end = time.monotonic() + 10
    while not saved.exists() and time.monotonic() < end:
        time.sleep(0.05)
    judgements = json.loads(saved.read_text("utf-8"))["judgements"]
    assert [(one["document"], one["verdict"], one["rule"]) for one in judgements] == [
        ("b.txt", "rejected", "fr/upsell/pro"), ("c.txt", "accepted", "he/share/this"),
    ]  # fmt: skip
    assert judgements[0]["before"] + judgements[0]["text"] + judgements[0]["after"] == UPSELL
    assert UPSELL[judgements[0]["start"] : judgements[0]["end"]] == judgements[0]["text"]
    browser.open(page)
    browser.upload("#load", saved)
    browser.until("document.getElementById('judged').textContent === '1 accepted, 1 rejected'")
    browser.press("j")
    assert browser.run("return document.querySelector('.mark.here').dataset.verdict") == "accepted"
    saved.unlink()
    assert browser.complaints() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("label", "=upsell", ["b.txt"]),
        ("rule", "=he/share/this", ["c.txt"]),
        ("language", "=he", ["c.txt"]),
        ("site", "=blue.example", ["c.txt", "a.txt"]),
        ("text", "mise À", ["b.txt"]),
        ("text", "red.example", ["b.txt"]),
        ("text", "nowhere", []),
        ("sort", "name", ["a.txt", "b.txt", "c.txt"]),
        ("sort", "size", ["b.txt", "a.txt", "c.txt"]),
    ],
)
def test_filters_and_orders(browser: Browser, page: Path, name: str, value: str, expected: list[str]) -> None:
    browser.open(page)
    choose(browser, name, value)
    browser.until(f"document.getElementById('status').textContent.startsWith('{len(expected)} of 3')")
    assert shown(browser) == expected


def test_a_bar_of_a_chart_is_a_filter_and_clear_takes_it_back(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("[...document.querySelectorAll('#charts button')].find((b) => b.dataset.value === '=upsell').click()")
    assert shown(browser) == ["b.txt"]
    assert browser.run("return document.querySelectorAll('#charts [aria-pressed=true]').length") == 1
    browser.run("document.getElementById('clear').click()")
    browser.until("document.querySelectorAll('.document:not([hidden])').length === 3")


def test_keys_do_nothing_while_one_types(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("/", "j", "a", "?")
    assert browser.run("return document.getElementById('text').value") == "ja?"
    assert here(browser) == ""


# ---- texts nobody vouches for --------------------------------------------------------------------------------------

BREAKOUTS = [
    "</script><script>window.__pwned=1</script>",
    "<!--<script>window.__pwned=1//-->",
    "<img src=x onerror='window.__pwned=1'>",
    "\"><svg onload=window.__pwned=1>",
    "\u2028window.__pwned=1\u2029",
    "javascript:window.__pwned=1",
    "${window.__pwned=1}`;window.__pwned=1//",
    "__proto__",
    "\ud800\x00\x1b[31m\u202e",
]  # fmt: skip


@pytest.mark.parametrize("words", BREAKOUTS)
def test_no_text_is_ever_run_or_taken_for_markup(browser: Browser, tmp_path: Path, words: str) -> None:
    entry = Removal(0, len(words), words, words, 0.9, (Evidence(words, 0.9, words),), words, {words: words})
    miss = NearMiss(0, len(words), words, words, 0.9, words)
    result = StripResult(words, (entry,), (entry,), (miss,), problem=words, url=words, tell_language=lambda: words)
    with ReportWriter(tmp_path / "r.html") as report:
        report.add(words, result.to_dict(), words)
        report.fail(words, words)
    browser.open(tmp_path / "r.html")
    browser.press("j", "a", "j", "r")
    choose(browser, "rule", f"={words}")
    browser.press("j")
    browser.run("document.querySelectorAll('details').forEach((e) => e.open = true)")
    assert browser.run("return window.__pwned") is None
    assert browser.complaints() == []
    is_it = "return document.querySelector(arguments[0]).textContent === JSON.parse(arguments[1])"
    assert browser.run(is_it, ".document .title bdi", json.dumps(words))
    assert browser.run(is_it, "#details code", json.dumps(words))
    assert browser.run("return document.querySelectorAll('img, svg, iframe, object, .document a').length") == 0
    assert browser.run("return document.querySelectorAll('script:not([type])').length") == 1


def test_only_web_addresses_are_links(browser: Browser, tmp_path: Path) -> None:
    addresses = ["https://a.example/?q=\"><b>", "http://b.example", "file:///etc/passwd", "data:text/html,x",
                 " javascript:alert(1)", "//c.example"]  # fmt: skip
    results = [(f"{at}.txt", marked(SHARE, url=url)) for at, url in enumerate(addresses)]
    browser.open(write(tmp_path / "r.html", *results))
    browser.run("document.querySelectorAll('.row').forEach((row) => row.click())")
    links = browser.run("return [...document.querySelectorAll('.body a')].map((a) => [a.protocol, a.rel])")
    assert links == [["https:", "noopener noreferrer nofollow"], ["http:", "noopener noreferrer nofollow"]]


def test_the_policy_stops_what_gets_in_all_the_same(browser: Browser, page: Path) -> None:
    hostile = "<script>window.__pwned=1</script><img src=https://example.org/x.png onerror='window.__pwned=1'>"
    page.write_text(page.read_text("utf-8") + hostile, encoding="utf-8")
    browser.open(page)
    browser.until("window.__violations.length >= 3")
    assert browser.run("return window.__pwned") is None
    browser.complaints()


def test_nothing_is_asked_of_the_network(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("j", "j", "a")
    assert browser.run("return performance.getEntriesByType('resource').length") == 0


# ---- sizes, shapes, themes -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand documents of some four thousand characters."""
    seed = random.Random(5)
    words = " ".join((FIXTURES / "articles" / "daily8" / "source.txt").read_text("utf-8").split()).split()
    results = []
    for number in range(1000):
        body = " ".join(seed.choices(words, k=650))
        share = ("removed", "share", f"any/share/rule-{number % 40}", "\nShare this article")
        results.append((f"{number:04}.txt", marked(f"{body}.\nShare this article", share)))
    return write(tmp_path_factory.mktemp("thousand") / "r.html", *results)


def test_a_thousand_documents_open_in_moments(browser: Browser, thousand: Path) -> None:
    start = time.monotonic()
    browser.open(thousand)
    browser.press("j")
    assert here(browser) == "Share this article"
    assert time.monotonic() - start < 5, "it takes about one second on an idle machine"
    assert len(shown(browser)) == 1000
    choose(browser, "text", "share this article")
    browser.until("document.getElementById('status').textContent.startsWith('1,000 of 1,000')", seconds=15)
    assert browser.complaints() == []


def test_a_text_of_a_megabyte_is_folded_and_unfolds_whole(browser: Browser, tmp_path: Path) -> None:
    source = "".join(f"{number} {ARTICLE}\n" for number in range(12_000)) + "\nShare this article\n"
    share = ("removed", "share", "any/share/x", "\nShare this article\n")
    browser.open(write(tmp_path / "r.html", ("long.txt", marked(source, share))))
    start = time.monotonic()
    browser.press("j")
    assert here(browser) == "Share this article"
    browser.run("document.querySelector('.fold').click()")
    browser.until("document.querySelectorAll('.chunk').length > 50")
    assert time.monotonic() - start < 5
    assert browser.run(WORDS).replace("\n", "") == source.replace("\n", "")
    assert browser.complaints() == []


def test_a_page_that_does_not_hold_all_says_so(browser: Browser, tmp_path: Path) -> None:
    results = [(f"{number}.txt", marked(f"{number} {SHARE}")) for number in range(40)]
    browser.open(write(tmp_path / "r.html", *results, limits=Limits(documents=8)))
    notice = browser.run("return document.querySelector('.notice').textContent")
    assert "The totals are of all 40 documents." in notice
    assert len(shown(browser)) < 10


def test_right_to_left_text_runs_right_to_left(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("j")
    left, right, start = browser.run(
        "const box = document.querySelector('.text').getBoundingClientRect();"
        "const range = document.createRange(); range.selectNodeContents(document.querySelector('.text').firstChild);"
        "const end = Math.max(...[...range.getClientRects()].map((line) => line.right));"
        "return [box.left, box.right, end]"
    )
    assert abs(start - right) < 3 < start - left


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_nothing_is_wider_than_the_window(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width)
    browser.press("j", "j", "j")
    assert browser.run("return document.documentElement.scrollWidth") <= width


# the contrast of two colours, as WCAG 2 defines it
_CONTRAST = """
const solid = (e) => { while (e) { const c = getComputedStyle(e).backgroundColor;
  if (!/, 0\\)$|^transparent$/.test(c)) return c; e = e.parentElement; } return 'rgb(255, 255, 255)'; };
const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map((v) => { v /= 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const low = [];
for (const e of document.querySelectorAll('body *')) {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!own || !e.checkVisibility() || e.closest('script, :disabled')) continue;
  const [a, b] = [light(getComputedStyle(e).color), light(solid(e))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) low.push(`${e.tagName}.${e.className} ${e.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
}
return low;
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_word_can_be_read(browser: Browser, tmp_path: Path, dark: bool) -> None:
    labels = ["share", "read-also", "legal", "comments", "credit", "navigation", "other", "byline"]
    source = f"{ARTICLE}\n" + "".join(f"line of {label}\n" for label in labels)
    found = [(fate, label, f"any/{label}/x", f"line of {label}\n") for label in labels for fate in ("removed", "near")]
    flagged = [("flagged", label, f"any/{label}/x", f"line of {label}\n") for label in labels]
    results = [("a", marked(source, *found, problem="too much")), ("b", marked(source, *flagged, url=BLUE))]
    browser.open(write(tmp_path / "r.html", *results), dark=dark)
    browser.run("document.querySelectorAll('.row').forEach((row) => row.click())")
    browser.press("j", "a", "j", "r")
    assert browser.run(_CONTRAST) == []


def test_moved_by_nothing_where_motion_is_not_wanted(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert browser.run("return getComputedStyle(document.querySelector('.row'), '::before').transitionDuration") == "0s"


def test_printed_it_is_the_texts_without_the_controls(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press("j")
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    hidden = "return ['filters', 'details', 'save'].map((id) => document.getElementById(id).checkVisibility())"
    assert browser.run(hidden) == [False, False, False]
    assert browser.run("return document.querySelector('.text').checkVisibility()")


def test_every_judgement_of_a_real_run_becomes_an_example(browser: Browser, tmp_path: Path, stripper: Stripper) -> None:
    results = [
        (path.parent.name, stripper.strip(path.read_text("utf-8"))) for path in FIXTURES.glob("articles/*/source.txt")
    ]
    browser.open(write(tmp_path / "r.html", *results))
    choose(browser, "marks", "removed")
    total = sum(len(result.removals) for _, result in results)
    for _ in range(total):
        browser.press("j", "a")
    browser.run("document.getElementById('save').click()")
    saved = browser.downloads / "stripper-feedback.json"
    end = time.monotonic() + 10
    while not saved.exists() and time.monotonic() < end:
        time.sleep(0.05)
    done = subprocess.run(
        [sys.executable, "-m", "stripper", "rules", "examples", str(saved)], capture_output=True, check=True
    )
    saved.unlink()
    printed = done.stdout.decode()
    tails = sum(removal.rule == "engine/tail" for _, result in results for removal in result.removals)
    assert printed.count("[[rule.example]]") + tails == total
    assert "\n- " in printed
