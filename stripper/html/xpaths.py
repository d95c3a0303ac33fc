"""
Which element of the parsed page each character of its ink belongs to.

The parser's text nodes, one after the other, have the ink of the source in the same order, so the two are walked
together. Where they differ (the parser dropped something, or repaired more than tags), the walk picks up again at the
next text node whose ink the source goes on with; what lies between gets no XPath.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from typing import TYPE_CHECKING

from stripper.html.ink import WORD, Ink
from stripper.html.source import UNREAD

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_AHEAD = 2_000  # characters of ink that the parser may have dropped between two text nodes
_TELLING = 8  # characters of ink that a text node needs for the walk to pick up again at it


class Elements:
    """The elements of a page by its ink."""

    def __init__(self, tree: HtmlElement, page: Ink) -> None:
        self._root = tree.getroottree()
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._elements: list[HtmlElement] = []
        self._paths: dict[HtmlElement, str] = {}
        at = 0
        for node in tree.xpath("//text()"):
            parent = node.getparent()
            if node.isspace() or (node.is_text and parent.tag in UNREAD):
                continue
            ink = "".join(WORD.findall(node if node.isascii() else unicodedata.normalize("NFC", node)))
            start = _next(page.text, ink, at)
            if ink and start >= 0:
                at = start + len(ink)
                self._starts.append(start)
                self._ends.append(at)
                self._elements.append(parent if node.is_text else parent.getparent())

    def path(self, index: int) -> str | None:
        """The XPath of the element with the character at `index` of the page's ink; None where it can't be told."""
        number = bisect_right(self._starts, index) - 1
        if number < 0 or index >= self._ends[number]:
            return None
        element = self._elements[number]
        if element not in self._paths:
            self._paths[element] = self._root.getpath(element)
        return self._paths[element]


def _next(page: str, ink: str, at: int) -> int:
    """Where the ink of a text node stands in the page's: right here, else not far ahead; -1 where it does not."""
    if page.startswith(ink, at):
        return at
    return page.find(ink, at, at + _AHEAD + len(ink)) if len(ink) >= _TELLING else -1


def common_path(one: str | None, other: str | None) -> str | None:
    """
    The XPath of the innermost element that both elements lie in, or are.

    >>> common_path("/html/body/p[2]/b", "/html/body/p[2]")
    '/html/body/p[2]'
    """
    if one is None or other is None:
        return None
    if one == other:
        return one
    steps = []
    for step, same in zip(one.split("/"), other.split("/"), strict=False):
        if step != same:
            break
        steps.append(step)
    return "/".join(steps)
