r"""
What a line must begin with, end with or hold for a pattern to cover it: literals derived from the pattern itself.

The parser knows the parts of the `regex` syntax that rules are written in; what it does not know stands for any text,
so that what is derived is always necessary. Beginnings and ends are those of the words of a line, without the marks
around them: most patterns allow for quotes, brackets and dots there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 8  # code points of a literal that are looked at
_MOST = 120  # literals of one kind for one pattern; more are not worth their room
_WIDEST = 12  # letters of a class that are spelled out
_FIGURE = r"\d"  # in a choice of letters stands for all figures

_TOKEN = re.compile(
    r"""
    (?P<look> \(\?<?[=!] )
  | (?P<open> \((?:\?(?:P?<[^>=!]*>|>|:))? )
  | (?P<close> \) )
  | (?P<bar> \| )
  | (?P<repeat> (?: [*+?] | \{\d*,?\d*\} ) [+?]? )
  | (?P<edge> [$^] | \\[bBAZmM] )
  | (?P<members> \\u[0-9a-fA-F]{4} | \\[pP]\{[^}]*\} | \\. | \.
      | \[\^?\]?(?:\\[pP]\{[^}]*\}|\\.|\[:[a-z]+:\]|[^\]\\])*\] )
  | (?P<letter> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_POINT = r"(?:\\[uUx]\{?[0-9a-fA-F]+\}?|\\[^pPwWdDsS]|[^\\])"  # one code point, as itself or escaped
_MEMBER = re.compile(rf"{_POINT}-(?!\]){_POINT}|\\[pP]\{{[^}}]*\}}|\\u[0-9a-fA-F]{{4}}|\\.|\[:[a-z]+:\]|.", re.DOTALL)


@dataclass(frozen=True)
class _Letter:
    """One code point of several; None: of too many to name. `mark`: none of them is a letter or a figure."""

    choice: tuple[str, ...] | None
    mark: bool = False


@dataclass(frozen=True)
class _All:
    """One part after the other."""

    parts: tuple[_Node, ...]


@dataclass(frozen=True)
class _OneOf:
    """One of several ways."""

    ways: tuple[_Node, ...]


@dataclass(frozen=True)
class _Repeated:
    """The same part several times; `most` is None where there is no bound."""

    part: _Node
    least: int
    most: int | None


_Node = _Letter | _All | _OneOf | _Repeated
_NOTHING = _All(())
_ANY_TEXT = _Repeated(_Letter(None), 0, None)


def heads(folded: str) -> tuple[str, ...]:
    r"""
    What the words of a line begin with, one of these, if the folded pattern covers it; nothing where it can't be told.

    >>> heads(r"\W{0,4}(?:read|see) (?:more|also): .{2,80}")
    ('read als', 'read mor', 'see also', 'see more')
    >>> heads(r"[\u0980-\u09ff]{1,9}/")
    ()
    """
    return _shortened(_beginnings(_parse(folded), skip=True))


def tails(folded: str) -> tuple[str, ...]:
    """
    What the words of a line end with, one of these, if the folded pattern covers it; nothing where it can't be told.

    >>> tails(".{0,40}hours? ago[.!]?")
    ('hour ago', 'ours ago')
    """
    found = _shortened(_beginnings(_reversed(_parse(folded)), skip=True))
    return tuple(sorted(literal[::-1] for literal in found))


def openings(folded: str) -> tuple[str, ...]:
    """
    What a line begins with, marks included, if the folded pattern covers it; nothing where it can't be told.

    >>> openings("\\\\((?:[a-z]{2,5})\\\\)")
    ('(',)
    """
    return _shortened(_beginnings(_parse(folded), skip=False))


def closings(folded: str) -> tuple[str, ...]:
    """What a line ends with, marks included, if the folded pattern covers it; nothing where it can't be told."""
    found = _shortened(_beginnings(_reversed(_parse(folded)), skip=False))
    return tuple(sorted(literal[::-1] for literal in found))


def parts(folded: str) -> tuple[str, ...]:
    """
    What a line holds, one of these, if the folded pattern covers it; nothing where it can't be told.

    >>> parts(".{0,40}(?:forfait|formule).{0,60}")
    ('forfait', 'formule')
    """
    return tuple(sorted(_parts(_parse(folded))))


def core(words: str) -> tuple[int, int]:
    """
    Where the words of a line begin and end, without the marks around them: at letters or figures.

    >>> core('("Read more…')
    (2, 11)
    """
    start, end = 0, len(words)
    while start < end and is_mark(words[start]):
        start += 1
    while end > start and is_mark(words[end - 1]):
        end -= 1
    return start, end


def is_mark(letter: str) -> bool:
    """Whether a code point is neither a letter nor a decimal figure."""
    return not (letter.isalpha() or letter.isdecimal())


def _shortened(literals: Iterable[str]) -> tuple[str, ...]:
    """The literals, without those that begin with another one; nothing if one of them is empty."""
    kept: list[str] = []
    for literal in sorted(literals):
        if not (kept and literal.startswith(kept[-1])):
            kept.append(literal)
    return () if "" in kept else tuple(kept)


class _Parser:
    """A recursive descent over the tokens of a pattern."""

    def __init__(self, source: str) -> None:
        self.tokens = list(_TOKEN.finditer(source))
        self.at = 0

    def one_of(self) -> _Node:
        ways: list[_Node] = []
        parts: list[_Node] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token["close"]:
                break
            self.at += 1
            if token["bar"]:
                ways.append(_All(tuple(parts)))
                parts = []
            elif token["repeat"]:
                parts[-1:] = [_repeated(parts[-1], token["repeat"])] if parts else [_ANY_TEXT]
            else:
                parts.append(self._part(token))
        ways.append(_All(tuple(parts)))
        return ways[0] if len(ways) == 1 else _OneOf(tuple(ways))

    def _part(self, token: re.Match[str]) -> _Node:
        if token["open"] or token["look"]:
            inner = self.one_of()
            self.at += 1  # the bracket that closes it
            return _NOTHING if token["look"] else inner
        if token["edge"]:
            return _NOTHING
        if token["members"]:
            return _letter(token["members"])
        return _Letter((token[0],), mark=is_mark(token[0]))


@lru_cache(maxsize=8)
def _parse(folded: str) -> _Node:
    """The tree of a pattern; any text where it has parts that the parser does not know."""
    return _ANY_TEXT if _STRANGE.search(folded) else _Parser(folded).one_of()


# Calls and references to groups, comments, flags, branch reset, conditionals, fuzzy matching.
_STRANGE = re.compile(r"(?<!\\)\(\?(?!P?<|[:=!>])|\\[1-9gGKRXLN]|(?<!\\[pP])\{(?!\d*,?\d*\})")


def _letter(members: str) -> _Node:
    if members == ".":
        return _Letter(None)
    inside = members[1:-1] if members[0] == "[" else members
    negated = inside.startswith("^") and members[0] == "["
    found = _MEMBER.findall(inside[1:] if negated else inside)
    if negated:
        # a mark, if the class leaves out all letters and figures
        lower = {member.lower() for member in found}
        return _Letter(
            None, mark=bool(lower & {r"\w", *_LETTERS}) and bool(lower & {r"\w", *_FIGURES}) and r"\W" not in found
        )
    if found == [r"\W"]:
        return _Letter(None, mark=True)
    choice: list[str] = []
    for member in found:
        spelled = _spelled(member)
        if spelled is None:
            return _Letter(None, mark=all(_is_mark_class(m) for m in found))
        choice += spelled
    mark = _FIGURE not in choice and all(map(is_mark, choice))
    return _Letter(tuple(dict.fromkeys(choice)) if len(choice) <= _WIDEST else None, mark)


_LETTERS = frozenset({r"\p{l}", r"\p{letter}", r"\p{alphabetic}"})
_FIGURES = frozenset({r"\d", r"\p{n}", r"\p{nd}"})


def _is_mark_class(member: str) -> bool:
    spelled = _spelled(member)
    return member in (r"\s", r"\W") or (spelled not in (None, [_FIGURE]) and all(map(is_mark, spelled or ())))


def _spelled(member: str) -> list[str] | None:
    """The letters that a member of a class stands for; None for too many to name."""
    if member == r"\d":
        return [_FIGURE]
    if member == r"\s":
        return [" "]  # all other blanks are plain in the view, or end a line
    if len(member) > 2 and "-" in member[1:]:
        return _in_range(member)
    if member.startswith("\\u"):
        return [member.encode("ascii").decode("unicode-escape")]
    if member[0] == "\\" and len(member) == 2:
        return None if member[1].isalnum() else [member[1]]
    return [member] if len(member) == 1 else None


def _in_range(member: str) -> list[str] | None:
    """The letters of a range such as a-f; None for too many, and where the ends are escaped."""
    if len(member) > 3:
        return None
    letters = range(ord(member[0]), ord(member[2]) + 1)
    return [chr(letter) for letter in letters] if len(letters) <= _WIDEST else None


def _repeated(part: _Node, repeat: str) -> _Node:
    bounds = repeat.rstrip("?+") or repeat[0]
    if bounds[0] != "{":
        return _Repeated(part, int(bounds == "+"), 1 if bounds == "?" else None)
    least, comma, most = bounds.strip("{}").partition(",")
    return _Repeated(part, int(least or 0), (int(most) if most else None) if comma else int(least or 0))


def _reversed(node: _Node) -> _Node:
    if isinstance(node, _All):
        return _All(tuple(map(_reversed, reversed(node.parts))))
    if isinstance(node, _OneOf):
        return _OneOf(tuple(map(_reversed, node.ways)))
    return _Repeated(_reversed(node.part), node.least, node.most) if isinstance(node, _Repeated) else node


_Stems = frozenset[str]


def _beginnings(node: _Node, *, skip: bool) -> _Stems:
    """What the text of a node begins with; with `skip` without the marks before its first letter or figure."""
    growing, ended = _grown(node, frozenset({""}), skip)
    return growing | ended


def _grown(node: _Node, stems: _Stems, skip: bool) -> tuple[_Stems, _Stems]:
    """The stems with the text of the node behind them: those that may grow on, and those where too little is known."""
    if isinstance(node, _Letter):
        growing, ended = _with_letter(node, stems, skip)
    elif isinstance(node, _All):
        growing, ended = _grown_by_all(node, stems, skip)
    elif isinstance(node, _OneOf):
        ways = [_grown(way, stems, skip) for way in node.ways]
        growing, ended = _Stems().union(*(way[0] for way in ways)), _Stems().union(*(way[1] for way in ways))
    else:
        growing, ended = _grown_by_repeats(node, stems, skip)
    return (growing, ended) if len(growing) + len(ended) <= _MOST else _fewer(growing, ended, stems)


def _with_letter(letter: _Letter, stems: _Stems, skip: bool) -> tuple[_Stems, _Stems]:
    growing: set[str] = set()
    ended: set[str] = set()
    for text in stems:
        if skip and not text and letter.mark:
            growing.add(text)
        elif letter.choice is None or len(text) >= LONGEST:
            ended.add(text)
        else:
            for new in letter.choice:
                _add_letter(new, text, skip, growing, ended)
    return frozenset(growing), frozenset(ended)


def _add_letter(new: str, text: str, skip: bool, growing: set[str], ended: set[str]) -> None:
    figure = new == _FIGURE or new.isdecimal()
    if figure and skip and text[:1] in ("", "0"):
        growing.add(text + "0")  # where a figure is the first letter, zeros stand for all figures
    elif new == _FIGURE or (figure and skip):
        ended.add(text)
    else:
        growing.add(text if skip and not text and is_mark(new) else text + new)


def _grown_by_all(node: _All, stems: _Stems, skip: bool) -> tuple[_Stems, _Stems]:
    ended = _Stems()
    for part in node.parts:
        if not stems:
            break
        stems, more = _grown(part, stems, skip)
        ended |= more
    return stems, ended


def _grown_by_repeats(node: _Repeated, stems: _Stems, skip: bool) -> tuple[_Stems, _Stems]:
    ended = _Stems()
    for _ in range(min(node.least, _REPEATS)):
        stems, more = _grown(node.part, stems, skip)
        ended |= more
    found, last = stems, stems
    most = _REPEATS if node.most is None else node.most - min(node.least, _REPEATS)
    for _ in range(min(most, _REPEATS)):
        last, more = _grown(node.part, last, skip)
        ended |= more
        if last <= found:
            return found, ended
        found |= last
    return (found, ended) if node.most is not None and most <= _REPEATS else (found - last, ended | last)


_REPEATS = 3  # repeats of a part that are spelled out


def _fewer(growing: _Stems, ended: _Stems, stems: _Stems) -> tuple[_Stems, _Stems]:
    """The grown stems, cut as short as it takes for them to be few; those they grew from, if that is not enough."""
    for size in (6, 4, 3):
        open_ones = frozenset(text for text in growing if len(text) < size)
        cut = frozenset(text[:size] for text in growing if len(text) >= size) | {text[:size] for text in ended}
        if len(open_ones) + len(cut) <= _MOST:
            return open_ones, cut
    return _Stems(), stems


def _parts(node: _Node) -> frozenset[str]:
    """Literals of which the text of a node holds one: the longest ones that can be found; none where none can."""
    if isinstance(node, _Letter):
        return frozenset() if _FIGURE in (node.choice or ()) else frozenset(node.choice or ())
    if isinstance(node, _Repeated):
        return _parts(node.part) if node.least else frozenset()
    if isinstance(node, _OneOf):
        ways = [_parts(way) for way in node.ways]
        return frozenset[str]().union(*ways) if all(ways) else frozenset()
    found = [_parts(part) for part in node.parts]
    found += [_beginnings(_All(node.parts[at:]), skip=False) for at in range(len(node.parts))]
    return max(found, key=worth, default=frozenset())


def worth(literals: Iterable[str]) -> tuple[float, int]:
    """How rare literals are in texts, by the most frequent of them; more of them are worth less."""
    weights = [min(_weight(literal), 10.0) for literal in literals]
    return (min(weights, default=0.0), -len(weights))


def _weight(literal: str) -> float:
    """Code points, one of a script with many of them counting for more, blanks and marks at the ends for less."""
    letters = literal.strip(" \n")
    if letters in _FREQUENT:
        return 1.0
    rare = _RARE_AT_EDGES if "\n" in literal else 0.0
    return rare + sum(2.5 if "\u2e80" <= c <= "\ud7ff" else 1.0 for c in letters) + 0.3 * literal.count(" ")


_RARE_AT_EDGES = 1.5  # what it is worth that a literal stands at the beginning or end of a line
_FREQUENT = frozenset(
    """a all an and are as at by can du for from get have he her his how i if in is it more new no not of on one or our
    out see she so that the their these they this to was we what when with you your am auf das de der die ein eine es im
    mit und von wir zu au de des en et il la le les nous on par pour sur un une vous al como con de del el en la las los
    no para por que se su un una è che di gli i il in la le non per un una em o os um uma het een van op dat""".split()  # noqa: SIM905 - a list of so many would fill a page
)
