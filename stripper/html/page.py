"""A web page: parsed once, its text taken out by trafilatura, its URL, language and title."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stripper.errors import ExtractionError
from stripper.html.encoding import DecodedPage, decode_page
from stripper.html.places import Places, find_places

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SIZE_LIMIT = 8_000_000  # bytes or characters of HTML; the extractor's time may grow with the square of it
_AGAIN_LIMIT = 1_000_000  # characters of HTML that are read a second time where their lines can't be told apart
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?![A-Za-z])")
_CURRENT = {
    "nb": "no",
    "nn": "no",
    "iw": "he",
    "in": "id",
    "und": None,
    "mul": None,
    "zxx": None,
}  # as detectors name them
# What XML can't hold, and lone surrogates: dropped for the parser, as trafilatura does.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Page:
    """
    What a web page gave.

    `text` is what the extractor took for the article, a line a paragraph; never empty. `url` is the one given, else the
    page's own; `language` (ISO 639-1 or -2) and `title` are what the page says of itself. All three are None where it
    says nothing. `html` is the decoded source; `encoding` how its bytes were read (None where it was given as
    characters), `damaged` how many of them could not be and stand as U+FFFD. `places` tells where in `html` the parts
    of `text` stand.
    """

    text: str
    url: str | None
    language: str | None
    title: str | None
    html: str = field(repr=False)
    places: Places = field(repr=False)
    encoding: str | None = None
    damaged: int = 0

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the UTF-8 form of `html` (lone surrogates as their three bytes)."""
        return hashlib.sha256(self.html.encode("utf-8", "surrogatepass")).hexdigest()


def extract_page(
    html: bytes | str, *, url: str | None = None, encoding: str | None = None, size_limit: int = SIZE_LIMIT
) -> Page:
    """
    The text of a page with what the page says of itself; takes as long as it takes, see `strip_html` for a limit.

    `encoding` is for bytes whose encoding is known better than the page tells. `size_limit` is in bytes (characters for
    a `str`). Raises `ExtractionError` for a page that is too large, nested too deep for the parser, or without any text
    that the extractor takes for content.
    """
    decoded, tree, text = extract_text(html, url=url, encoding=encoding, size_limit=size_limit)
    return Page(
        text,
        url or _own_url(tree),
        _declared_language(tree),
        _title(tree),
        decoded.text,
        find_places(text, decoded.text, tree, lambda again: _extracted_again(again, url)),
        decoded.encoding or None,
        decoded.damaged,
    )


def extract_text(
    html: bytes | str, *, url: str | None = None, encoding: str | None = None, size_limit: int = SIZE_LIMIT
) -> tuple[DecodedPage, HtmlElement, str]:
    """The characters of a page, its tree, and the text taken from it; raises what `extract_page` raises."""
    if len(html) > size_limit:
        unit = "bytes" if isinstance(html, bytes) else "characters"
        raise ExtractionError("too-large", f"it has more than the {size_limit:,} {unit} of the limit")
    decoded = decode_page(html, encoding) if isinstance(html, bytes) else DecodedPage(html, "")
    tree = _parse(decoded.text)
    return decoded, tree, _extracted(tree, url)


def _parse(html: str) -> HtmlElement:
    """The tree of a page; raises `ExtractionError` where the parser stopped before its end."""
    from lxml import etree  # noqa: PLC0415 - heavy, and most users never see HTML
    from lxml.html import HTMLParser, document_fromstring  # noqa: PLC0415

    parser = HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    try:
        tree = document_fromstring(_NOT_XML.sub("", html).encode("utf-8"), parser=parser)
    except etree.ParserError as error:
        raise ExtractionError("empty", "there is no element in it") from error
    for complaint in parser.error_log:
        if complaint.type_name == "ERR_RESOURCE_LIMIT":  # lxml returns what came before it and says nothing
            raise ExtractionError("too-deep", f"the parser stopped at line {complaint.line}: {complaint.message}")
    return tree


def _extracted(tree: HtmlElement, url: str | None) -> str:
    """What trafilatura takes for content; raises `ExtractionError` where that is nothing."""
    import trafilatura  # noqa: PLC0415

    try:
        text = trafilatura.extract(tree, url=url)
    except MemoryError:
        raise
    except Exception as error:
        raise ExtractionError("crash", f"trafilatura failed: {type(error).__name__}: {error}") from error
    if not text or not text.strip():
        raise ExtractionError("empty", "trafilatura found no content in it")
    return text


def _extracted_again(html: str, url: str | None) -> str:
    """The text of a page that was changed to see what becomes of it; empty where that is not to be had, or too dear."""
    if len(html) > _AGAIN_LIMIT:
        return ""
    try:
        return _extracted(_parse(html), url)
    except ExtractionError:
        return ""


def _own_url(tree: HtmlElement) -> str | None:
    """The absolute URL that the page gives as its own."""
    found = [*_attributes(tree, ".//link[@rel='canonical']", "href"), *_meta(tree, "og:url")]
    return next((url for url in found if re.match(r"https?://[^/\s]", url, re.IGNORECASE)), None)


def _declared_language(tree: HtmlElement) -> str | None:
    found = [tree.get("lang") or "", tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""]
    code = next((match[1].lower() for value in found if (match := _LANGUAGE.match(value))), None)
    return _CURRENT.get(code, code) if code else None


def _title(tree: HtmlElement) -> str | None:
    titles = [*_meta(tree, "og:title"), *(title.text_content() for title in tree.iterfind(".//title"))]
    return next((clean for title in titles if (clean := " ".join(title.split()))), None)


def _meta(tree: HtmlElement, name: str) -> list[str]:
    return _attributes(tree, f".//meta[@property='{name}']", "content")


def _attributes(tree: HtmlElement, path: str, name: str) -> list[str]:
    found: list[Any] = [element.get(name) for element in tree.iterfind(path)]
    return [value.strip() for value in found if value and value.strip()]
