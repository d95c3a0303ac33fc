"""
Which rule might match on which line: what no rule can match is never looked at again.

A line is looked up by its words, by how they begin and by how they end, in tables made from the rules' patterns
(`stripper.literals`). What has no such beginning or end is searched for by the keywords of its rule, or by literals
that its pattern needs, in one native pass over the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from stripper.literals import LONGEST, core, is_mark, worth
from stripper.pattern import MAX_LINE, Pattern
from stripper.rule import PHRASE_TAIL, Extent, LineMatch, PhrasesMatch, Rule, SequenceMatch
from stripper.text import Document, parted

_SHORTEST_INSIDE = 3  # code points; the phrase "X" is a button on a line of its own, inside a line it is a letter
_KEYS = (LONGEST, 4, 3, 2)  # code points by which beginnings and ends of at least so many are looked up
_AT_EDGES = 2.5  # what it adds to the worth of beginnings and ends that they are looked for nowhere else
_ENOUGH = 5.5  # from which worth on nothing better is looked for
_FIGURE = re.compile(r"\d")
_COUNT = re.compile(r"[\s:.…!]*\(\d{1,6}\)$")
_PHRASE_ENDS = " :.…!"
_WORD_ENDS = _PHRASE_ENDS + "?\"'),;|-/»]"


class Candidates:
    """All rules, indexed by what a line must have for one of them to match."""

    def __init__(self, rules: Sequence[Rule], needs: Needs | None = None) -> None:
        self.rules = tuple(rules)
        self._needs = needs or Needs.of(self.rules)

    def find(self, document: Document) -> list[tuple[Rule, int]]:
        """Rules and lines that may match, each pair once, in the order of the lines and of the rules' ids."""
        rows = document.rows
        shortest = _SHORTEST_INSIDE if document.unfolded else 1
        found = self._tables.find(rows, shortest=shortest)
        found.update(self._inside(document))
        if not found:
            return []
        rules = self.rules
        return [(rules[at], line) for line, at in sorted(found) if _has_keyword(rules[at], rows[line], shortest)]

    def _inside(self, document: Document) -> Iterator[tuple[int, int]]:
        """Lines on which a literal begins, and the places of its rules."""
        rows = document.rows
        text = "\n".join(rows) if document.unfolded else document.view
        hits = self._literals.hits(f"\n{text}\n")
        if not hits:
            return
        line_at = _joined_line_at(rows) if document.unfolded else document.line_at
        for owners, at in hits:
            line = line_at(at - 1)
            size = len(rows[line])
            for rule, longest in owners:
                if size <= longest:
                    yield line, rule

    def of_line(self, words: str) -> list[Rule]:
        """Rules that may match a line with these words, keywords too short to be looked for inside lines left out."""
        found = {place for _, place in self._tables.find([words], shortest=_SHORTEST_INSIDE)}
        found.update(place for owners, _ in self._literals.hits(f"\n{words}\n") for place, _ in owners)
        return [self.rules[at] for at in sorted(found) if _has_keyword(self.rules[at], words, _SHORTEST_INSIDE)]

    def anywhere(self, words: str) -> Iterator[tuple[Rule, int]]:
        """Rules and where in `words` one of their literals begins, phrases in the middle of a line included."""
        return ((self.rules[rule], at) for owners, at in self._anywhere.hits(words) for rule, _ in owners)

    @cached_property
    def chains(self) -> ChainGate:
        """Tells at once of most lines that they are no chain of what rules match."""
        return ChainGate(self.rules, self._needs)

    @cached_property
    def _tables(self) -> _Tables:
        return _Tables(self._needs)

    @cached_property
    def _literals(self) -> _Automaton:
        return _Automaton(self._needs.inside)

    @cached_property
    def _anywhere(self) -> _Automaton:
        owners: _Owners = {}
        for place, rule in enumerate(self.rules):
            for keyword in rule.keywords:
                if len(literal := keyword.strip("\n")) >= _SHORTEST_INSIDE:
                    owners.setdefault(literal, []).append((place, 0))
        return _Automaton(owners, Implementation.ContiguousNFA)  # rarely asked for, and a DFA takes 270 MB


_Owners = dict[str, list[tuple[int, int]]]  # for a literal, places of rules and the longest line that each can match


@dataclass(frozen=True)
class Needs:
    """
    What lines need for rules to match, and which rules: words of the whole line, its beginning, its end, its parts.

    Rules are given by their places in the sequence that the needs are made of.
    """

    phrases: _Owners
    heads: _Owners
    tails: _Owners
    inside: _Owners

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Needs:
        """What the rules need."""
        needs = cls({}, {}, {}, {})
        for place, rule in enumerate(rules):
            if isinstance(rule.match, PhrasesMatch):
                _add(needs.phrases, rule.match.phrases, place, rule.longest_line)
            elif isinstance(rule.match, LineMatch):
                for pattern in rule.match.patterns:
                    needs._add_pattern(pattern, rule, place)
            else:
                _add(needs.inside, rule.keywords, place, rule.longest_line)
        return needs

    def _add_pattern(self, pattern: Pattern, rule: Rule, place: int) -> None:
        looked_up: list[tuple[_Owners, tuple[str, ...], float]] = []
        for table, literals in ((self.heads, pattern.heads), (self.tails, pattern.tails)):
            if len(min(literals, key=len, default="")) >= _KEYS[-1]:
                looked_up.append((table, literals, worth(literals)[0] + _AT_EDGES))
            if looked_up and looked_up[-1][2] >= _ENOUGH:
                break
        else:
            inside = max(pattern.inside, rule.keywords, key=worth)
            looked_up.append((self.inside, inside, worth(inside)[0]))
        table, literals, _ = max(looked_up, key=lambda way: way[2])
        _add(table, literals, place, pattern.longest)


def _add(owners: _Owners, literals: Iterable[str], place: int, longest: int) -> None:
    for literal in literals:
        owners.setdefault(literal, []).append((place, longest))


class _Tables:
    """Lines looked up by their words, beginnings and ends."""

    def __init__(self, needs: Needs) -> None:
        self._phrases = needs.phrases
        self._heads, self._tails = needs.heads, needs.tails
        self._head_keys = _keys(needs.heads, from_end=False)
        self._tail_keys = _keys(needs.tails, from_end=True)
        self._longest_phrase = max(map(len, needs.phrases), default=0) + PHRASE_TAIL

    def find(self, rows: Sequence[str], *, shortest: int) -> set[tuple[int, int]]:
        """Lines and places of rules; phrases shorter than `shortest` code points are passed over."""
        found: set[tuple[int, int]] = set()
        heads, heads_4, heads_3, heads_2 = self._head_keys
        tails, tails_4, tails_3, tails_2 = self._tail_keys
        for line, row in enumerate(rows):
            size = len(row)
            if size >= MAX_LINE:
                continue
            if (
                row[:LONGEST] in heads
                or row[:4] in heads_4
                or row[:3] in heads_3
                or row[:2] in heads_2
                or not row[0].isalpha()
            ):
                self._begins(line, row, found)
            end = row.rstrip(_WORD_ENDS)
            if (
                end[-4:] in tails_4
                or end[-LONGEST:] in tails
                or end[-3:] in tails_3
                or end[-2:] in tails_2
                or not end[-1:].isalpha()
            ):
                self._ends(line, row, found)
            if size <= self._longest_phrase:
                self._is_phrase(line, row, shortest, found)
        return found

    def _begins(self, line: int, row: str, found: set[tuple[int, int]]) -> None:
        head = _head(row)
        for size in range(1, len(head) + 1):
            if owners := self._heads.get(head[:size]):
                found.update((line, rule) for rule, longest in owners if len(row) <= longest)

    def _ends(self, line: int, row: str, found: set[tuple[int, int]]) -> None:
        tail = _tail(row)
        for size in range(1, len(tail) + 1):
            if owners := self._tails.get(tail[-size:]):
                found.update((line, rule) for rule, longest in owners if len(row) <= longest)

    def _is_phrase(self, line: int, row: str, shortest: int, found: set[tuple[int, int]]) -> None:
        words = row.rstrip(_PHRASE_ENDS)
        if words[-1:] == ")":
            words = _COUNT.sub("", words)
        if "  " in words:
            words = " ".join(words.split())
        if len(words) >= shortest and (owners := self._phrases.get(words)):
            found.update((line, rule) for rule, longest in owners if len(row) <= longest)


def _head(row: str) -> str:
    """How the words of a line begin, figures at the very beginning as zeros."""
    start, _ = core(row) if is_mark(row[0]) else (0, 0)
    head = row[start : start + LONGEST]
    return _FIGURE.sub("0", head) if head[:1].isdecimal() else head


def _tail(row: str) -> str:
    """How the words of a line end, figures at the very end as zeros."""
    _, end = core(row)
    tail = row[max(0, end - LONGEST) : end]
    return _FIGURE.sub("0", tail) if tail[-1:].isdecimal() else tail


def _keys(owners: _Owners, *, from_end: bool) -> tuple[set[str], ...]:
    """The keys of the literals, by their sizes: each has one, the longest that it is as long as."""
    keys: tuple[set[str], ...] = tuple(set() for _ in _KEYS)
    for literal in owners:
        at = next((at for at, size in enumerate(_KEYS) if len(literal) >= size))
        keys[at].add(literal[-_KEYS[at] :] if from_end else literal[: _KEYS[at]])
    return keys


class ChainGate:
    """
    What a line needs to be a chain of things that rules match, one after the other up to its end.

    It lets through lines that are none, never the other way round.
    """

    def __init__(self, rules: Sequence[Rule], needs: Needs) -> None:
        linking = {place: rule for place, rule in enumerate(rules) if rule.may_link}
        self._phrases = set(_of(linking, needs.phrases))
        self._longest = max(map(len, self._phrases), default=0)
        self._heads = _of(linking, needs.heads)
        inside = _of(linking, {literal.strip("\n"): owners for literal, owners in needs.inside.items()})
        self._headless = _Search(_of(linking, needs.tails) | inside)
        patterned = [rule for rule in linking.values() if not isinstance(rule.match, PhrasesMatch)]
        self._keywords = _Search(_by_keyword(patterned))
        self._sections = _Search(_by_keyword(rule for rule in linking.values() if rule.extent is Extent.SECTION))

    def may_begin(self, words: str) -> bool:
        """Whether a rule might cover the beginning of `words`."""
        sizes = range(1, min(self._longest, len(words)) + 1)
        if any(words[:size] in self._phrases and parted(words[size - 1], words[size : size + 1]) for size in sizes):
            return True
        head = _head(words)
        rules = {rule.id: rule for size in range(len(head)) for rule in self._heads.get(head[: size + 1], ())}
        rules.update(self._headless.rules(words))
        return any(pattern.begins(words, rule.id) for rule in rules.values() for pattern in _patterns(rule))

    def may_end(self, words: str) -> bool:
        """Whether a rule might cover the end of `words`."""
        end = words.rstrip(_PHRASE_ENDS + "|>")
        end = _BLANKS.sub(" ", _COUNT.sub("", end))
        sizes = range(1, min(self._longest, len(end)) + 1)
        if any(end[-size:] in self._phrases and parted(end[-size - 1 : -size], end[-size]) for size in sizes):
            return True
        tail = _tail(words)
        patterns = ((pattern, rule) for rule in self._keywords.rules(words).values() for pattern in _patterns(rule))
        return any(_may_cover_end(pattern, words, tail) and pattern.ends(words, rule.id) for pattern, rule in patterns)

    def may_have_section(self, words: str) -> bool:
        """Whether the heading of a section might be in `words`."""
        return bool(self._sections.rules(words))


def _of(linking: Mapping[int, Rule], owners: _Owners) -> dict[str, list[Rule]]:
    """The literals that belong to some of the rules, and these."""
    found = {literal: [linking[place] for place, _ in places if place in linking] for literal, places in owners.items()}
    return {literal: rules for literal, rules in found.items() if rules}


def _by_keyword(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """The rules by those of their keywords that may stand inside a line."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for keyword in rule.keywords:
            if len(literal := keyword.strip("\n")) >= _SHORTEST_INSIDE:
                found.setdefault(literal, []).append(rule)
    return found


def _patterns(rule: Rule) -> list[Pattern]:
    """The patterns each of which stands for a line."""
    if isinstance(rule.match, SequenceMatch):
        return [step.pattern for step in rule.match.steps]
    return list(rule.match.patterns) if isinstance(rule.match, LineMatch) else []


def _may_cover_end(pattern: Pattern, words: str, tail: str) -> bool:
    """Whether the pattern might cover the end of the words, as far as its literals can tell."""
    if pattern.tails and not tail.endswith(pattern.tails):
        return False
    begins = pattern.heads
    return not begins or any(head[0] == "0" or head in words for head in begins)


_BLANKS = re.compile(" +")


class _Search:
    """The native search for literals and the rules they belong to, quick to make."""

    def __init__(self, owners: Mapping[str, list[Rule]]) -> None:
        self._rules = list(owners.values())
        self._native = AhoCorasick(
            list(owners), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def rules(self, words: str) -> dict[str, Rule]:
        """The rules of the literals that occur, by their ids."""
        found = {literal for literal, _, _ in self._native.find_matches_as_indexes(words, overlapping=True)}
        return {rule.id: rule for literal in found for rule in self._rules[literal]}


class _Automaton:
    """Literals, the rules they belong to, and the native search for all of them at once."""

    def __init__(self, owners: _Owners, implementation: Implementation = Implementation.DFA) -> None:
        self._owners = [(int(literal.startswith("\n")), rules) for literal, rules in owners.items()]
        self._search = AhoCorasick(list(owners), matchkind=MatchKind.Standard, implementation=implementation)

    def hits(self, text: str) -> list[tuple[list[tuple[int, int]], int]]:
        """The owners of each literal that occurs, and the offset at which it begins, a leading newline left out."""
        return [
            (owners, start + shift)
            for literal, start, _end in self._search.find_matches_as_indexes(text, overlapping=True)
            for shift, owners in (self._owners[literal],)
        ]


def _has_keyword(rule: Rule, row: str, shortest: int) -> bool:
    """Whether a keyword of the rule, of `shortest` code points at least, occurs in the line."""
    if isinstance(rule.match, PhrasesMatch):
        return True
    for word in rule.keywords:
        bare = word.strip("\n")
        if len(bare) >= shortest and (row.startswith(bare) if word[0] == "\n" else bare in row):
            return True
    return False


def _joined_line_at(rows: Sequence[str]) -> Callable[[int], int]:
    """Finds the row of an offset in the rows joined by newlines."""
    starts = [0, *accumulate(len(row) + 1 for row in rows)]
    return lambda offset: bisect_right(starts, offset) - 1
