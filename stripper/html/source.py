"""
The ink of a page: the characters that its markup leaves, with their offsets in the HTML.

A tokenizer of HTML's tags, comments and character references, as the HTML standard reads them. It builds no tree: which
element a character belongs to is asked of the parser (`xpaths.py`).
"""

from __future__ import annotations

import re
from html import unescape

from stripper.html.ink import WALL, Ink, Pen

# Elements whose content is no text of the page for the extractor, or no markup for the parser.
UNREAD = frozenset({"script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp"})
# The lookahead with its back reference makes the attributes atomic: a quote that never ends costs one pass, not many.
_MARKUP = re.compile(
    r"""<(?:(!--)
    |([a-zA-Z][^\s/>]*)(?=((?:[^>"'=]+|=\s*"[^"]*"|=\s*'[^']*'|[="'])*))\3(?:>|\Z)
    |[/!?][^>]*(?:>|\Z))""",
    re.VERBOSE,
)
_COMMENT_END = re.compile("--!?>")
_ODD = re.compile(r"<|&(?:#(?:[0-9]+|[xX][0-9a-fA-F]+);?|[A-Za-z][A-Za-z0-9]*;?)")


def ink_of_html(html: str) -> Ink:
    """The ink of a page's text."""
    pen, at = Pen(html), 0
    while markup := _MARKUP.search(html, at):
        if at < markup.start():
            _write_text(pen, html, at, markup.start())
        at = _past(html, markup)
        if _is_wall(html, markup, at):
            pen.gap = WALL
    _write_text(pen, html, at, len(html))
    return pen.ink()


def _past(html: str, markup: re.Match[str]) -> int:
    """Where the text goes on: after the comment, after the element that is not read, else after the tag."""
    if markup[1]:
        start = markup.start()
        if html.startswith((">", "->"), start + 4):
            return html.index(">", start) + 1
        end = _COMMENT_END.search(html, start + 4)
        return end.end() if end else len(html)
    name = (markup[2] or "").lower()
    return _past_element(html, name, markup.end()) if name in UNREAD else markup.end()


def _past_element(html: str, name: str, at: int) -> int:
    """After the end tag of an element that holds no markup."""
    while (at := html.find("</", at)) >= 0:
        after = at + 2 + len(name)
        if html[at + 2 : after].lower() == name and html[after : after + 1] in " \t\n\f\r/>":
            end = html.find(">", after)
            return len(html) if end < 0 else end + 1
        at += 2
    return len(html)


def _is_wall(html: str, markup: re.Match[str], end: int) -> bool:
    """Whether a reader who takes all between `<` and the next `>` for a tag would stumble over it."""
    return html.find(">", markup.start(), end - 1) >= 0


def _write_text(pen: Pen, html: str, start: int, end: int) -> None:
    """Add a stretch of text between tags, its character references decoded."""
    for odd in _ODD.finditer(html, start, end):
        if odd[0] == "<":  # no tag begins here, but a reader of a place that takes it for one must not find its `>`
            pen.write(start, odd.end())
            pen.gap = WALL
            start = odd.end()
        elif (characters := unescape(odd[0])) != odd[0]:
            pen.write(start, odd.start())
            pen.write_as(characters, *odd.span())
            start = odd.end()
    pen.write(start, end)
