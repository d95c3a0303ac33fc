"""What became of a web page: the result for its text, with the places in the HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from stripper.html.page import Page
from stripper.html.places import Place
from stripper.language import CLOSE, Detector, guess
from stripper.pipeline import Stripper
from stripper.result import Removal, StripResult
from stripper.text import Span

_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, eq=False)
class HtmlResult:
    """
    What became of a web page.

    `page` is what was taken from it, `result` what became of that text. Offsets in `result` are into `page.text`; those
    of a `Place` lead to `page.html`.
    """

    page: Page = field(repr=False)
    result: StripResult

    @property
    def text(self) -> str:
        """The clean body."""
        return self.result.text

    @property
    def removals(self) -> tuple[Removal, ...]:
        """What was taken out of the page's text."""
        return self.result.removals

    @property
    def kept_lines(self) -> list[Span]:
        """The lines of the page's text that stayed, or what stayed of them; blank ones are left out."""
        spans = (Span(*line.span()) for kept in self.result.kept for line in _lines(self.page.text, kept))
        return [span for span in spans if self.page.text[span.start : span.end].strip()]

    def places(self, start: int, end: int) -> list[Place]:
        """
        Where the page's text from `start` to `end` stands in its HTML.

        Several places where the HTML has other text in between, or blanks where the text has none. Characters that
        could not be found, or not told from others, are in none of them.
        """
        return self.page.places.of(start, end)

    def explain(self, *, colour: bool = False) -> str:
        """For people: what `StripResult.explain` tells, and where in the HTML each removal stands."""
        lines = [self.result.explain(colour=colour), f"In the HTML ({self.page.places.share:.1%} of the text placed)"]
        for removal in self.removals:
            lines.append(f"  {removal.label}  {removal.rule}")
            places = self.places(removal.start, removal.end)
            lines += [f"      {place.html_start}-{place.html_end}  {place.xpath or ''}".rstrip() for place in places]
            lines += [] if places else ["      not found, or not told from others like it"]
        return "\n".join([*lines, ""])

    def to_dict(self) -> dict[str, Any]:
        """The ledger with the places in the HTML, JSON-ready; docs/provenance.md describes it field by field."""
        ledger = self.result.to_dict()
        for kind in ("removals", "flags"):
            ledger[kind] = [{**entry, "html": self._found(entry["start"], entry["end"])} for entry in ledger[kind]]
        ledger["kept"] = [{"start": a, "end": b, "html": self._found(a, b)} for a, b in self.kept_lines]
        ledger["html"] = {
            "length": len(self.page.html),
            "sha256": self.page.sha256,
            "encoding": self.page.encoding,
            "damaged": self.page.damaged,
            "title": self.page.title,
            "placed_share": round(self.page.places.share, 4),
        }
        return ledger

    def _found(self, start: int, end: int) -> list[dict[str, Any]]:
        return [place.to_dict() for place in self.places(start, end)]


def strip_page(page: Page, stripper: Stripper, *, language: str | None = None) -> HtmlResult:
    """Remove what the rules are sure of from the page's text; `language` is its ISO 639-1 code, where known."""
    known = language or stripper.language or _believable(page, stripper.detector)
    return HtmlResult(page, stripper.strip(page.text, page.url, known))


def _believable(page: Page, detector: Detector) -> str | None:
    """
    The language that the page says it is in, where its text does not say otherwise.

    Templates are copied from language to language; of 144 pages that declared one, the one that was wrong would have
    made its whole article foreign to the rules.
    """
    if page.language is None:
        return None
    told = guess(detector, page.text).language
    if told is None or told == page.language or frozenset((told, page.language)) in CLOSE:
        return page.language
    return None


def _lines(text: str, span: Span) -> Iterator[re.Match[str]]:
    return _LINE.finditer(text, span.start, span.end)
