"""All rules in one native pass over the view: which rule might match at which line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from stripper.rule import PhrasesMatch, Rule
from stripper.text import Document

_SHORTEST_INSIDE = 3  # code points; the phrase "X" is a button on a line of its own, inside a line it is a letter


class Candidates:
    """
    An Aho–Corasick automaton over the literals of all rules.

    A phrase is searched for at the beginning of a line, as is a keyword that begins with a newline; any other keyword
    everywhere.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)

    def find(self, document: Document) -> Iterator[tuple[Rule, int]]:
        """Rules and the line on which one of their literals begins, each pair once, in the order of the text."""
        seen: set[tuple[str, int]] = set()
        lines = document.lines
        hits = self._anywhere.hits(document.view) if document.unfolded else self._in_lines(document.view)
        for owners, at in hits:
            line = document.line_at(at)
            size = lines[line].end - lines[line].start
            for rule, longest in owners:
                if size <= longest and (rule.id, line) not in seen:
                    seen.add((rule.id, line))
                    yield rule, line

    def _in_lines(self, view: str) -> Iterator[tuple[_Owners, int]]:
        return ((owners, at - 1) for owners, at in self._lines.hits(f"\n{view}\n"))

    def anywhere(self, words: str) -> Iterator[tuple[Rule, int]]:
        """Rules and where in `words` one of their literals begins, phrases in the middle of a line included."""
        return ((rule, at) for owners, at in self._anywhere.hits(words) for rule, _ in owners)

    @cached_property
    def _lines(self) -> _Automaton:
        return _Automaton((_anchored(rule, keyword), rule) for rule in self.rules for keyword in rule.keywords)

    @cached_property
    def _anywhere(self) -> _Automaton:
        literals = ((keyword.strip("\n"), rule) for rule in self.rules for keyword in rule.keywords)
        return _Automaton((literal, rule) for literal, rule in literals if len(literal) >= _SHORTEST_INSIDE)


_Owners = list[tuple[Rule, int]]  # the rules that a literal belongs to, and the longest line that each can match


class _Automaton:
    """Literals, the rules they belong to, and the native search for all of them at once."""

    def __init__(self, literals: Iterable[tuple[str, Rule]]) -> None:
        owners: dict[str, _Owners] = {}
        for literal, rule in literals:
            owners.setdefault(literal, []).append((rule, rule.longest_line))
        self._owners = [(int(literal.startswith("\n")), rules) for literal, rules in owners.items()]
        self._search = AhoCorasick(list(owners), matchkind=MatchKind.Standard, implementation=Implementation.DFA)

    def hits(self, text: str) -> Iterator[tuple[_Owners, int]]:
        """The owners of each literal that occurs, and the offset at which it begins, a leading newline left out."""
        for literal, start, _end in self._search.find_matches_as_indexes(text, overlapping=True):
            shift, owners = self._owners[literal]
            yield owners, start + shift


def _anchored(rule: Rule, keyword: str) -> str:
    return f"\n{keyword}" if isinstance(rule.match, PhrasesMatch) else keyword
