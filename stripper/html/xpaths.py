"""
Which element of the parsed page each character of its ink belongs to.

The parser's text nodes, one after the other, have the ink of the source in the same order, so the two are walked
together. Where they differ (the parser dropped something, or repaired more than tags), the walk picks up again at the
next text node whose ink the source goes on with; what lies between gets no XPath.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from stripper.html.ink import WORD, Ink
from stripper.html.source import UNREAD

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_AHEAD = 2_000  # characters of ink that the parser may have dropped between two text nodes
_TELLING = 8  # characters of ink that a text node needs for the walk to pick up again at it


class Elements:
    """The elements of a page by its ink."""

    def __init__(self, tree: HtmlElement, page: Ink) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._elements: list[HtmlElement] = []
        self._paths: dict[int, str] = {}
        self._steps: dict[HtmlElement, str] = {}
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
        if number not in self._paths:
            self._paths[number] = self._path(self._elements[number])
        return self._paths[number]

    def _path(self, element: HtmlElement) -> str:
        steps: list[str] = []
        while element is not None:
            steps.append(self._step(element))
            element = element.getparent()
        return "/" + "/".join(reversed(steps))

    def _step(self, element: HtmlElement) -> str:
        """The element among its siblings: `p`, or `p[2]` where there are more; all of them are numbered at once."""
        if element not in self._steps:
            parent = element.getparent()
            siblings = [element] if parent is None else parent.findall("*")
            self._steps.update(zip(siblings, _numbered([sibling.tag for sibling in siblings]), strict=True))
        return self._steps[element]


def _numbered(tags: list[str]) -> list[str]:
    """
    The XPath steps to siblings.

    >>> _numbered(["p", "o:p", "p", "div"])
    ['p[1]', '*[2]', 'p[2]', 'div']
    """
    all_of, so_far = Counter(tags), Counter[str]()
    steps = []
    for position, tag in enumerate(tags, 1):
        so_far[tag] += 1
        if not _NAME.fullmatch(tag):  # Word's o:p and the like: XPath takes the colon for a namespace's
            steps.append(f"*[{position}]")
        else:
            steps.append(tag if all_of[tag] == 1 else f"{tag}[{so_far[tag]}]")
    return steps


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
