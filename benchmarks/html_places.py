"""
How much of the text of web pages is led back to its place in the HTML, and what that takes.

    python benchmarks/html_places.py FOLDER

FOLDER holds pages (.html, .htm, .html.gz). A place is wrong where the HTML there, read by stripping its tags with a
regular expression and decoding its character references, is not the text; both composed (NFC), without characters that
can't be printed, and with blanks collapsed. Characters are counted without blanks.
"""

from __future__ import annotations

import argparse
import gzip
import html
import re
import statistics
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml.html import HTMLParser, document_fromstring

from stripper.errors import ExtractionError
from stripper.html import Page, Place, extract_page
from stripper.html.page import extract_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worst", type=int, default=10, metavar="N", help="name the N pages with the most left over")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter({"placed wrongly": 0, "places with a wrong XPath": 0})
    left: list[tuple[int, str]] = []
    times: dict[str, list[float]] = {"extraction": [], "places and metadata": []}
    for path in pages(arguments.folder):
        counts["pages"] += 1
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        try:
            page = extract_page(raw)
        except ExtractionError as error:
            counts[f"pages failed: {error.kind}"] += 1
            continue
        found = count(page)
        counts.update(found)
        left.append((found["characters"] - found["placed"] - found["marks"], path.name))
        measure(raw, times)
    report(counts, times, sorted(left, reverse=True)[: arguments.worst])


def pages(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if re.search(r"\.html?(\.gz)?$", path.name, re.IGNORECASE))


def count(page: Page) -> Counter[str]:
    counts: Counter[str] = Counter(characters=len(blankless(page.text)))
    tree = document_fromstring(page.html.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8"))
    for start, end in (line.span() for line in re.finditer(r"[^\n]+", page.text)):
        places = page.places.of(start, end)
        counts["lines"] += 1
        counts["places"] += len(places)
        for place in places:
            counts.update(judge(page, place, tree))
        rest = blankless("".join(left_over(page.text, start, end, places)))
        counts["marks" if not rest.strip("-|\\") else "not found or ambiguous"] += len(rest)
    return counts


def judge(page: Page, place: Place, tree: object) -> Iterator[str]:
    text = page.text[place.start : place.end]
    there = html.unescape(re.sub(r"<[^>]*>", "", page.html[place.html_start : place.html_end]))
    size = len(blankless(text))
    yield from ["placed"] * size
    if normal(there) != normal(text):
        yield from ["placed wrongly"] * size
    if place.xpath is None:
        yield "places without XPath"
    elif blankless(text) not in blankless(tree.xpath(place.xpath)[0].text_content()):  # type: ignore[attr-defined]
        yield "places with a wrong XPath"


def left_over(text: str, start: int, end: int, places: Iterable[Place]) -> Iterator[str]:
    for place in places:
        yield text[start : place.start]
        start = place.end
    yield text[start:end]


def normal(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(char for char in composed if char.isprintable() or char.isspace()).split())


def blankless(text: str) -> str:
    return "".join(normal(text).split())


def measure(raw: bytes, times: dict[str, list[float]]) -> None:
    """Both stages of one page, one right after the other: the machine's moods fall on both."""
    start = time.perf_counter()
    extract_text(raw)
    middle = time.perf_counter()
    extract_page(raw)
    times["extraction"].append(middle - start)
    times["places and metadata"].append(time.perf_counter() - middle - (middle - start))


def report(counts: Counter[str], times: dict[str, list[float]], worst: list[tuple[int, str]]) -> None:
    share = counts["placed"] / (counts["characters"] or 1)
    print(f"characters placed: {100 * share:.2f} %")
    for name, number in counts.items():
        print(f"{name:24} {number:10,}")
    for name, seconds in times.items():
        if seconds:
            mean, median = 1e6 * statistics.mean(seconds), 1e6 * statistics.median(seconds)
            print(f"{name:24} {mean:10,.0f} µs a page, median {median:,.0f}")
    print("characters left over, without marks of lists and tables:")
    for number, name in worst:
        print(f"  {number:8,}  {name}")


if __name__ == "__main__":
    main()
