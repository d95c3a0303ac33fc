"""The reference: every rule on every line, plainly written. No automaton, no tables, no cache, no short cuts."""

from __future__ import annotations

from collections.abc import Iterator

from stripper import Stripper, StripResult
from stripper.rule import PhrasesMatch, Rule
from stripper.text import Document

SHORTEST_INSIDE = 3


class EveryRule:
    """What `stripper.candidates.Candidates` does, slowly: all rules whose keywords stand in a line."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self.chains = NoGate()

    def find(self, document: Document) -> list[tuple[Rule, int]]:
        shortest = SHORTEST_INSIDE if document.unfolded else 1
        lines = range(len(document.lines))
        return [(rule, line) for line in lines for rule in self.rules if says(rule, document.words(line), shortest)]

    def of_line(self, words: str) -> list[Rule]:
        return [rule for rule in self.rules if says(rule, words, SHORTEST_INSIDE)]

    def anywhere(self, words: str) -> Iterator[tuple[Rule, int]]:
        for rule in self.rules:
            for keyword in rule.keywords:
                bare = keyword.strip("\n")
                at = words.find(bare) if len(bare) >= SHORTEST_INSIDE else -1
                while at >= 0:
                    yield rule, at
                    at = words.find(bare, at + 1)


class NoGate:
    """Every line may be a chain."""

    def may_begin(self, words: str) -> bool:
        return True

    def may_end(self, words: str) -> bool:
        return True

    def may_have_section(self, words: str) -> bool:
        return True


def says(rule: Rule, words: str, shortest: int) -> bool:
    """Whether a keyword stands in the line: one that begins with a newline, and a phrase's, at its beginning."""
    if isinstance(rule.match, PhrasesMatch):
        words = " ".join(words.split())
        return any(len(word) >= shortest and word in words for word in rule.keywords)
    at_beginning = (word.strip("\n") for word in rule.keywords if word.startswith("\n"))
    inside = (word for word in rule.keywords if not word.startswith("\n"))
    return any(len(word) >= shortest and words.startswith(word) for word in at_beginning) or any(
        len(word) >= shortest and word in words for word in inside
    )


def reference_of(stripper: Stripper) -> Stripper:
    """The same rules and settings on the reference path."""
    slow = Stripper(stripper.rules)
    slow.__dict__["candidates"] = EveryRule(stripper.rules.rules)
    return slow


def told(result: StripResult) -> dict[str, object]:
    """All of a result that a user can see."""
    return result.to_dict() | {"text": result.text, "origins": dict(result.rule_origins)}
