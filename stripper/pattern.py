"""Patterns of rules: `regex` syntax, matched against the view of one line, compiled when first needed."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING

from stripper import literals
from stripper.errors import PatternTimeoutError
from stripper.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    import regex

TIME_LIMIT = 1.0  # seconds for one match on one line; `regex` counts the CPU time of the process
MAX_LINE = 400  # code points; a longer line is prose, no line rule is asked about it

# What keeps its case in a pattern: escapes (\S is not \s), properties, names of groups.
_TOKEN = re.compile(
    r"""
    (?P<fixed> \\[pP]\{[^}]*\} | \\. | \(\?P?<(?=[^=!])[^>]*> | \(\?P=[^)]*\) | \(\?&[^)]*\) | \(\?P>[^)]*\) )
  | (?P<plain> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class Pattern:
    """
    One pattern of a rule.

    `source` is what the author wrote. It is matched ignoring case because both sides are folded, the pattern once
    and the text by `stripper.text.view`.
    """

    __slots__ = ("__dict__", "source")

    def __init__(self, source: str) -> None:
        self.source = source

    def __repr__(self) -> str:
        return f"Pattern({self.source!r})"

    @cached_property
    def _compiled(self) -> regex.Pattern[str]:
        import regex  # noqa: PLC0415 - takes as long as the rest of the package, and --help does not need it

        return regex.compile(self._folded)

    @cached_property
    def _folded(self) -> str:
        return fold_pattern(self.source)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """What the words of a line begin with that the pattern covers, one of these; nothing where it can't be told."""
        return literals.heads(self._folded)

    @cached_property
    def tails(self) -> tuple[str, ...]:
        """What they end with."""
        return literals.tails(self._folded)

    @cached_property
    def inside(self) -> tuple[str, ...]:
        """What they hold, newlines before and behind them included, one of these: the rarest that can be told."""
        found = [
            literals.parts(self._folded),
            tuple(f"\n{literal}" for literal in literals.openings(self._folded)),
            tuple(f"{literal}\n" for literal in literals.closings(self._folded)),
        ]
        return max(found, key=literals.worth)

    @cached_property
    def longest(self) -> int:
        """No line longer than this, in code points, can be covered by the pattern."""
        return longest(self.source)

    def compile(self) -> None:
        """Compile now; raises `regex.error` if the pattern is not well-formed."""
        _ = self._compiled

    def whole(self, words: str, rule: str) -> regex.Match[str] | None:
        """The match that covers all of `words`, or None."""
        try:
            return self._compiled.fullmatch(words, timeout=TIME_LIMIT)
        except TimeoutError as error:
            raise PatternTimeoutError(rule) from error

    def begins(self, words: str, rule: str) -> bool:
        """Whether the pattern covers a beginning of `words`."""
        try:
            return self._compiled.match(words, timeout=TIME_LIMIT) is not None
        except TimeoutError as error:
            raise PatternTimeoutError(rule) from error

    def ends(self, words: str, rule: str) -> bool:
        """Whether the pattern covers an end of `words`, blanks and bars behind it left out."""
        try:
            return self._compiled_for_ends.search(words, timeout=TIME_LIMIT) is not None
        except TimeoutError as error:
            raise PatternTimeoutError(rule) from error

    @cached_property
    def _compiled_for_ends(self) -> regex.Pattern[str]:
        import regex  # noqa: PLC0415 - as above

        return regex.compile(rf"(?:{self._folded})[ |>]*\Z")

    def anywhere(self, words: str, rule: str) -> Iterator[regex.Match[str]]:
        """The matches inside `words`, from left to right."""
        try:
            yield from self._compiled.finditer(words, timeout=TIME_LIMIT)
        except TimeoutError as error:
            raise PatternTimeoutError(rule) from error


def fold_pattern(source: str) -> str:
    r"""
    The pattern in the form of the view: lower case, plain quotes and dashes; escapes and group names as written.

    >>> fold_pattern(r"(?<Plan>Pro|PREMIUM) d’\S+")
    "(?<Plan>pro|premium) d'\\S+"
    """
    return "".join(m["fixed"] or _fold_letter(m["plain"]) for m in _TOKEN.finditer(source))


_fold_letter = cache(fold)  # letter by letter: a class may hold letters of two alphabets side by side


_SCAN = re.compile(
    r"""
    (?P<atom> \(\?(?:P[=>]|&)[^)]*\) | \\[pP]\{[^}]*\} | \\.
            | \[\^?\]?(?:\\.|\[:[a-z]+:\]|[^\]\\])*\] | [^()|*+?{}\[\]] )
  | (?P<open> \((?:\?(?:<?[=!]|P?<[^>]*>|>|:|[a-z-]+:))? )
  | (?P<close> \) )
  | (?P<repeat> (?: [*+?] | \{\d*,?\d*\} ) [+?]? )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


def danger(source: str) -> str | None:
    """
    Why a pattern might need more than low polynomial time on a line, or None.

    A repeated group that holds variable repeats multiplies their ways of matching; so does a chain of unbounded
    repeats. Possessive repeats and atomic groups never give back what they took, so they are free to use.

    >>> danger("(?:a+)+") is None
    False
    >>> danger("(?:[a-z]++ ?){1,4}") is None
    True
    """
    ways = [1.0]  # for each open group, in how many ways its repeats can share a text
    begins: list[list[str]] = [[]]  # and with what its alternatives begin
    atomic = [False]
    closed = 1.0  # the ways of the group just closed
    unbounded = 0
    for token in _SCAN.finditer(source):
        if token["open"]:
            ways[-1] *= closed
            closed = 1.0
            begins[-1] = begins[-1] or [token[0]]
            ways.append(1.0)
            begins.append([])
            atomic.append(token["open"] == "(?>")
        elif token["close"] and len(ways) > 1:
            own = begins.pop()
            alike = 2.0 if len(set(own)) < len(own) else 1.0
            closed = 1.0 if atomic.pop() else ways[-1] * alike
            ways.pop()
        elif token["repeat"] and (limits := _limits(token["repeat"])):
            least, most = limits
            unbounded += most >= MAX_LINE
            if closed > 1 and most > 1 and closed ** min(most, 20) > _WAYS:
                return f"a group that holds variable repeats is repeated ({token['repeat']})"
            ways[-1] *= closed ** min(most, 20) * (most - least + 1 if closed == 1 else 1)
            closed = 1.0
            continue
        if not token["close"]:
            ways[-1] *= closed
            closed = 1.0
        if token["other"] == "|":
            begins[-1].append("")
        elif token["atom"] and (not begins[-1] or not begins[-1][-1]):
            begins[-1] = [*begins[-1][:-1], token["atom"]]
    if unbounded > 2:
        return f"{unbounded} unbounded repeats in one pattern"
    return None


_WAYS = 1e6


def longest(source: str) -> int:
    """
    An upper bound of what a pattern can match, in code points, at most `MAX_LINE`.

    >>> longest("(?:jan|feb)[a-z]{0,6} [0-3]?[0-9]")
    12
    """
    sums, bests, kinds = [0], [0], [""]  # of the open groups: this alternative, the longest other one, how they began
    last = 0  # the size of what a repeat would repeat
    for token in _SCAN.finditer(source):
        if token["open"]:
            sums, bests, kinds = [*sums, 0], [*bests, 0], [*kinds, token["open"]]
            last = 0
        elif token["close"] and len(sums) > 1:
            last = max(sums.pop(), bests.pop())
            last = 0 if kinds.pop().rstrip("=!") in ("(?", "(?<") else last  # lookarounds take nothing
            sums[-1] += last
        elif token["repeat"]:
            most = _most(token["repeat"])
            sums[-1] += last * (most - 1)
            last = 0
        elif token["atom"]:
            unknown = _REFERENCE.match(token["atom"])
            last = MAX_LINE if unknown else 0 if token["atom"] in _TAKE_NOTHING else 1
            sums[-1] += last
        elif token["other"] == "|":
            bests[-1] = max(bests[-1], sums[-1])
            sums[-1] = last = 0
        else:
            last = 0
    return min(MAX_LINE, max(sums[-1], bests[-1])) if len(sums) == 1 else MAX_LINE


_REFERENCE = re.compile(r"\(\?|\\[1-9]")  # to a group: of any length
_TAKE_NOTHING = frozenset({"^", "$", "\\b", "\\B", "\\A", "\\Z", "\\m", "\\M"})


def _most(repeat: str) -> int:
    """How often a repeat repeats at the most."""
    if repeat[0] in "*+":
        return MAX_LINE
    if repeat[0] == "?":
        return 1
    least, comma, most = repeat.rstrip("?+").strip("{}").partition(",")
    return int(most or MAX_LINE) if comma else int(least or 1)


def _limits(repeat: str) -> tuple[int, int] | None:
    """The least and most of a repeat; None for one that never backtracks."""
    if repeat.endswith("+") and len(repeat) > 1:
        return None
    simple = {"*": (0, MAX_LINE), "+": (1, MAX_LINE), "?": (0, 1)}.get(repeat[0])
    if simple:
        return simple
    least, _, most = repeat.rstrip("?").strip("{}").partition(",")
    return int(least or 0), int(most or MAX_LINE) if "," in repeat else int(least or 0)
