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
        seen = set()
        for rule, at in self.anywhere(document.view) if document.unfolded else self._in_lines(document.view):
            line = document.line_at(at)
            if (rule.id, line) not in seen:
                seen.add((rule.id, line))
                yield rule, line

    def _in_lines(self, view: str) -> Iterator[tuple[Rule, int]]:
        return ((rule, at - 1) for rule, at in self._lines.find(f"\n{view}\n"))

    def anywhere(self, words: str) -> Iterator[tuple[Rule, int]]:
        """Rules and where in `words` one of their literals begins, phrases in the middle of a line included."""
        return self._anywhere.find(words)

    @cached_property
    def _lines(self) -> _Automaton:
        return _Automaton((_anchored(rule, keyword), rule) for rule in self.rules for keyword in rule.keywords)

    @cached_property
    def _anywhere(self) -> _Automaton:
        literals = ((keyword.strip("\n"), rule) for rule in self.rules for keyword in rule.keywords)
        return _Automaton((literal, rule) for literal, rule in literals if len(literal) >= _SHORTEST_INSIDE)


class _Automaton:
    """Literals, the rules they belong to, and the native search for all of them at once."""

    def __init__(self, literals: Iterable[tuple[str, Rule]]) -> None:
        owners: dict[str, list[Rule]] = {}
        for literal, rule in literals:
            owners.setdefault(literal, []).append(rule)
        self._owners = [(literal.startswith("\n"), rules) for literal, rules in owners.items()]
        self._search = AhoCorasick(list(owners), matchkind=MatchKind.Standard, implementation=Implementation.DFA)

    def find(self, text: str) -> Iterator[tuple[Rule, int]]:
        """Each rule with the offset at which one of its literals begins, a leading newline left out."""
        for literal, start, _end in self._search.find_matches_as_indexes(text, overlapping=True):
            shift, rules = self._owners[literal]
            for rule in rules:
                yield rule, start + shift


def _anchored(rule: Rule, keyword: str) -> str:
    return f"\n{keyword}" if isinstance(rule.match, PhrasesMatch) else keyword
