"""`Stripper`: the lines that call the parts in order."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from stripper.cache import compiled_rules
from stripper.candidates import Candidates
from stripper.decide import Decision, Policy, decide
from stripper.errors import ConfigError, PatternTimeoutError
from stripper.flat import unfold
from stripper.judge import Facts, judge
from stripper.language import Detector, ProfileDetector
from stripper.match import Match, find_matches
from stripper.result import PackRef, Removal, StripResult
from stripper.rule import ALL_LABELS
from stripper.ruleset import RuleSet, Source
from stripper.tail import find_tail
from stripper.text import Document

_ROUNDS = 8  # what is left is stripped again until nothing more goes; no text known needs more than three
_LANGUAGE = re.compile("[a-z]{2,3}")


class Stripper:
    """
    Rules, loaded and compiled once, and what the user wants of them.

    `rules` are files or folders that add to the shipped rules, or names of shipped packs to take only those (or a
    `RuleSet`). `keep` and `drop` are labels to report only, or to remove though they are kept by default.
    `min_confidence` is from 0 to 1. Where more than `max_share` of a text would go, nothing does. `language` is the
    ISO 639-1 code of all documents, where known.

    Raises `RuleFileError` for rules and `ConfigError` for settings that can't be used.
    """

    def __init__(  # noqa: PLR0913 - settings of their own, all but the first by name
        self,
        rules: Sequence[Source] | RuleSet = (),
        *,
        keep: Iterable[str] = (),
        drop: Iterable[str] = (),
        min_confidence: float = 0.5,
        max_share: float = 0.98,
        language: str | None = None,
        detector: Detector | None = None,
    ) -> None:
        compiled = (rules, None) if isinstance(rules, RuleSet) else compiled_rules(rules)
        self.rules: RuleSet = compiled[0]
        self._needs = compiled[1]
        self.policy = Policy(_labels(keep), _labels(drop), min_confidence, max_share)
        for name, share in (("min_confidence", min_confidence), ("max_share", max_share)):
            if not 0 <= share <= 1:
                raise ConfigError(f"{name} is {share}; it takes a number from 0 to 1")
        if language is not None and not _LANGUAGE.fullmatch(language):
            raise ConfigError(f'language is "{language}"; it takes an ISO 639-1 code such as en, fr, zh')
        if both := self.policy.keep & self.policy.drop:
            raise ConfigError(f"label {', '.join(sorted(both))} can't be both kept and dropped")
        self.language = language
        self.detector = detector or ProfileDetector()

    def strip(self, text: str, url: str | None = None, language: str | None = None) -> StripResult:
        """Remove what the rules are sure of; report the rest."""
        document = Document(text, url=url, language=language or self.language)
        try:
            decision = self._settle(document)
        except PatternTimeoutError as timeout:
            decision = Decision(problem=str(timeout), failed=True)
        return self._result(document, decision)

    def strip_batch(
        self,
        texts: Iterable[str],
        urls: Iterable[str | None] | None = None,
        languages: Iterable[str | None] | None = None,
    ) -> list[StripResult]:
        """The results that `strip` gives for each of the texts, in their order."""
        texts = list(texts)
        urls = [None] * len(texts) if urls is None else list(urls)
        languages = [None] * len(texts) if languages is None else list(languages)
        if not len(texts) == len(urls) == len(languages):
            raise ValueError(f"{len(texts)} texts, {len(urls)} urls and {len(languages)} languages")
        return [self.strip(*document) for document in zip(texts, urls, languages, strict=True)]

    def _settle(self, document: Document) -> Decision:
        """
        Strip what is left until nothing more goes, so that stripping a clean body changes nothing.

        A text that does not settle is left as it was.
        """
        first = self._decide(document)
        removals = first.removals
        for _ in range(_ROUNDS):
            if not removals:
                return first
            rest = StripResult(document.text, removals)
            again = self._decide(Document(rest.text, url=document.url, language=document.language))
            if not again.removals:
                return Decision(removals, first.flags, first.near_misses, first.problem)
            removals = _merged(removals, again.removals, rest)
        return Decision(
            flags=first.flags, near_misses=first.near_misses, problem="does not settle: nothing was removed"
        )

    def _decide(self, document: Document) -> Decision:
        matches = self.matches(document)
        unfolded = unfold(document, self.candidates)
        if unfolded is not document:
            inside = (match.within(unfolded) for match in matches if match.inline)
            matches = [*inside, *(match for match in self.matches(unfolded) if not match.inline)]
            document = unfolded
        if not matches:
            return Decision()
        facts = Facts(document, matches, self.detector)
        findings, declined = judge(facts)
        tail = find_tail(findings, facts.layout)
        return decide(findings, declined, tail, document, self.policy)

    def matches(self, document: Document) -> list[Match]:
        """Everything that the rules match in the document, whatever becomes of it."""
        return [m for rule, line in self.candidates.find(document) for m in find_matches(rule, line, document)]

    @cached_property
    def candidates(self) -> Candidates:
        """The rules, compiled into one pass."""
        return Candidates(self.rules.rules, self._needs)

    def _result(self, document: Document, decision: Decision) -> StripResult:
        found = {removal.rule for removal in (*decision.removals, *decision.flags)}
        packs = {pack.id: pack for rule in found if (pack := self.rules.pack(rule))}
        return StripResult(
            document.text,
            decision.removals,
            decision.flags,
            decision.near_misses,
            decision.problem,
            decision.failed,
            document.url,
            tuple(PackRef(pack.id, pack.version, pack.sha256) for _, pack in sorted(packs.items())),
            self.rules.sha256,
            {rule: self.rules.origin(rule) for rule in found | {miss.rule for miss in decision.near_misses}},
            lambda: document.language or Facts(document, (), self.detector).language,
        )


def _merged(done: Sequence[Removal], more: Sequence[Removal], rest: StripResult) -> tuple[Removal, ...]:
    """The removals of two rounds in offsets of the source; one that spans an earlier hole is cut there."""
    pieces = [
        replace(removal, start=start, end=end, text=rest.source[start:end])
        for removal in more
        for start, end in rest.original_spans(removal.start, removal.end)
    ]
    return tuple(sorted((*done, *pieces), key=lambda removal: removal.start))


def _labels(labels: Iterable[str]) -> frozenset[str]:
    """The labels as a set; raises `ConfigError` for one that does not exist."""
    given = frozenset([labels] if isinstance(labels, str) else labels)
    for unknown in sorted(given - ALL_LABELS):
        near = difflib.get_close_matches(unknown, ALL_LABELS, n=1)
        guess = f'did you mean "{near[0]}"?  ' if near else ""
        raise ConfigError(f'no label "{unknown}"; {guess}labels: {", ".join(sorted(ALL_LABELS))}')
    return given
