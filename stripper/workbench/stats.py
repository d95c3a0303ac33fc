"""
`stripper rules stats`: what every rule does on labelled records, how much of it is right, and what that makes of it.

Characters are those that are not blank, summed over records; documents are pages: the outputs of several extractors
for one page (one `id`) count once.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from time import perf_counter_ns
from typing import Any

from stripper.judge import Facts, judge
from stripper.match import Match, find_matches
from stripper.pipeline import Stripper
from stripper.result import TAIL, StripResult
from stripper.rule import KEPT_LABELS, SURE, Rule, Status
from stripper.ruleset import RuleSet
from stripper.text import Document, Span

ENOUGH = 0.99  # share of characters that a stable rule gets right
SUMMARY_SCHEMA = 1


@dataclass
class Tally:
    """
    What one rule did: counts, the pages it was at work on, and the rules that matched the same text.

    It answers for what it removed or flagged, and for what it is too weak to remove by itself and the tail took along.
    Characters of these spans by the label of their line: `right` on boilerplate, `wrong` on the body, `neither` on
    front and ambiguous lines (a rule that flags bylines is right on front lines). `alone` are those that would have
    stayed without the rule. `nanoseconds` went into its pattern, the pass over all keywords not counted.
    """

    hits: int = 0
    findings: int = 0
    removals: int = 0
    right: int = 0
    wrong: int = 0
    neither: int = 0
    alone: int = 0
    nanoseconds: int = 0
    pages: set[str] = field(default_factory=set)
    wrong_pages: set[str] = field(default_factory=set)
    languages: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    beside: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float | None:
        """Share of the judged characters that are right, 0 to 1; None where there are none."""
        judged = self.right + self.wrong
        return self.right / judged if judged else None

    @property
    def page_precision(self) -> float | None:
        """Share of the pages on which it took nothing of the body, 0 to 1; None where there are none."""
        return 1 - len(self.wrong_pages) / len(self.pages) if self.pages else None

    def add(self, page: str, language: str, zones: Counter[str]) -> None:
        """Count a span by the labels of its characters."""
        for name in ("right", "wrong", "neither"):
            setattr(self, name, getattr(self, name) + zones[name])
        self.languages[language].update(zones)
        self.pages.add(page)
        if zones["wrong"]:
            self.wrong_pages.add(page)


def measure(records: Iterable[Mapping[str, Any]], stripper: Stripper, *, alone: bool = True) -> dict[str, Tally]:
    """
    What every rule in force did on the records, by its id, and what the tail decision did (`engine/tail`).

    `alone` asks for what only one rule finds: texts are stripped again without each rule that took something.
    """
    tallies = {rule.id: Tally() for rule in stripper.rules.rules}
    tallies[TAIL] = Tally()
    cleaned: dict[str, list[StripResult]] = defaultdict(list)
    for record in records:
        one = _Record(record, stripper, tallies)
        one.count()
        for taker in {removal.rule for removal in one.result.removals} - {TAIL}:
            cleaned[taker].append(one.result)
    for taker, results in cleaned.items() if alone else ():
        tallies[taker].alone = _alone(taker, results, stripper)
    return tallies


def _alone(rule_id: str, results: Iterable[StripResult], stripper: Stripper) -> int:
    """The characters, blanks left out, that stay when the texts are stripped again without the rule."""
    others = tuple(rule for rule in stripper.rules.rules if rule.id != rule_id)
    fewer = Stripper(RuleSet(stripper.rules.packs, others), detector=stripper.detector)
    return sum(_gone(result) - _gone(fewer.strip(result.source, result.url)) for result in results)


class _Record:
    """One record, what the rules match and remove in it, and where that is counted."""

    def __init__(self, record: Mapping[str, Any], stripper: Stripper, tallies: dict[str, Tally]) -> None:
        self.text: str = record["text"]
        self.page, self.language = str(record["id"]), str(record.get("lang"))
        self.lines = [(start, end, label) for start, end, label in record["lines"]]
        self.stripper, self.tallies = stripper, tallies
        self.document = Document(self.text, url=record.get("url"))
        self.result = stripper.strip(self.text, record.get("url"))

    def count(self) -> None:
        matches = self._timed_matches()
        for one, other in combinations(matches, 2):
            if one.rule is not other.rule and one.span.start < other.span.end and other.span.start < one.span.end:
                self.tallies[one.rule.id].beside[other.rule.id] += 1
                self.tallies[other.rule.id].beside[one.rule.id] += 1
        for removal in self.result.removals:
            self.tallies[removal.rule].removals += 1
        for rule_id, span, front in self._answers(matches):
            self.tallies[rule_id].add(self.page, self.language, self._zones(span, front))

    def _timed_matches(self) -> list[Match]:
        """The matches in the text as given, each rule's time counted, in the order of the text."""
        matches = []
        for rule, line in self.stripper.candidates.find(self.document):
            began = perf_counter_ns()
            found = list(find_matches(rule, line, self.document))
            tally = self.tallies[rule.id]
            tally.nanoseconds += perf_counter_ns() - began
            tally.hits += len(found)
            matches += found
        return sorted(matches, key=lambda match: (match.span, match.rule.id))

    def _answers(self, matches: list[Match]) -> Iterator[tuple[str, Span, bool]]:
        """Rules, the spans they answer for, and whether front matter is what they are meant to find."""
        for removal in self.result.removals:
            yield removal.rule, Span(removal.start, removal.end), False
        for flag in self.result.flags:
            if flag.rule in self.tallies:
                yield flag.rule, Span(flag.start, flag.end), flag.label in KEPT_LABELS
        taken = [removal for removal in self.result.removals if removal.rule == TAIL]
        findings, _ = judge(Facts(self.document, matches, self.stripper.detector)) if matches else ([], [])
        for finding in findings:
            self.tallies[finding.rule.id].findings += 1
            if finding.confidence < SURE and any(r.start <= finding.span.start < r.end for r in taken):
                yield finding.rule.id, finding.span, False

    def _zones(self, span: Span, front: bool) -> Counter[str]:
        """The characters of a span, blanks left out, by what their line is."""
        zones = {"boilerplate": "right", "body": "wrong", "front": "right" if front else "neither"}
        counts: Counter[str] = Counter()
        for start, end, label in self.lines:
            if start < span.end and span.start < end:
                inside = self.text[max(start, span.start) : min(end, span.end)]
                counts[zones.get(label, "neither")] += _solid(inside)
        return counts


def _gone(result: StripResult) -> int:
    return sum(_solid(removal.text) for removal in result.removals)


def _solid(text: str) -> int:
    return len("".join(text.split()))


def earned(rule: Rule, tally: Tally) -> Status:
    """
    The status that the records call for: stable where the rule was at work and nearly always right, else test.

    Experimental and deprecated are people's decisions, and stay.
    """
    if rule.status not in (Status.STABLE, Status.TEST):
        return rule.status
    return Status.STABLE if (tally.precision or 0) >= ENOUGH else Status.TEST


def summary(rules: Iterable[Rule], tallies: Mapping[str, Tally], digest: str) -> dict[str, Any]:
    """
    What is kept of a run to hold the rules' status against: nothing in it depends on the machine.

    `rules` has version, right and wrong characters, pages and wrongly hit pages of each rule that was at work.
    """
    counts = {
        rule.id: {
            "version": rule.version,
            "right": tally.right,
            "wrong": tally.wrong,
            "pages": len(tally.pages),
            "wrong_pages": len(tally.wrong_pages),
        }
        for rule in rules
        if (tally := tallies[rule.id]).precision is not None
    }
    return {"schema": SUMMARY_SCHEMA, "records_sha256": digest, "rules": counts}


def to_dict(rules: Iterable[Rule], tallies: Mapping[str, Tally], records: int, digest: str) -> dict[str, Any]:
    """Everything that was counted, JSON-ready; `us` is microseconds of matching over all records."""
    rows = {rule.id: _row(rule, tallies[rule.id]) for rule in rules}
    return {"records": records, "records_sha256": digest, "rules": rows, TAIL: _counts(tallies[TAIL])}


def _row(rule: Rule, tally: Tally) -> dict[str, Any]:
    head = {"label": rule.label, "status": rule.status.value, "earned": earned(rule, tally).value}
    return {"version": rule.version, **head, **_counts(tally)}


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "hits": tally.hits,
        "findings": tally.findings,
        "removals": tally.removals,
        "characters": {"right": tally.right, "wrong": tally.wrong, "neither": tally.neither, "alone": tally.alone},
        "pages": len(tally.pages),
        "wrong_pages": len(tally.wrong_pages),
        "precision": tally.precision,
        "page_precision": tally.page_precision,
        "us": tally.nanoseconds // 1000,
        "languages": {language: dict(zones) for language, zones in sorted(tally.languages.items())},
        "beside": dict(tally.beside.most_common(10)),
    }


ORDERS: dict[str, Callable[[Tally], float]] = {
    "precision": lambda tally: 2 if tally.precision is None else tally.precision,
    "hits": lambda tally: -tally.hits,
    "removed": lambda tally: -(tally.right + tally.wrong + tally.neither),
    "alone": lambda tally: -tally.alone,
    "time": lambda tally: -tally.nanoseconds,
}
_COLUMNS = ("hits", "found", "gone", "chars", "right %", "pages", "right %", "neither", "alone", "us")


def table(rules: Iterable[Rule], tallies: Mapping[str, Tally], by: str) -> str:
    """
    A row for every rule that matched anything, sorted by one of `ORDERS`, for a terminal.

    The columns are hits, findings and removals; characters judged and share right; pages and share right; characters on
    lines that are neither article nor junk; characters it alone finds; microseconds; languages of the records; and
    the rule that most often matches the same text.
    """
    rows = sorted((rule for rule in rules if tallies[rule.id].hits), key=lambda r: (ORDERS[by](tallies[r.id]), r.id))
    head = f"{'':<46}{'status':<8}" + "".join(f"{column:>9}" for column in _COLUMNS) + "  languages · beside"
    return "\n".join([head, *(_line(rule, tallies[rule.id]) for rule in rows)]) + "\n"


def _line(rule: Rule, tally: Tally) -> str:
    judged = tally.right + tally.wrong
    cells = [tally.hits, tally.findings, tally.removals, judged, _percent(tally.precision), len(tally.pages)]
    cells += [_percent(tally.page_precision), tally.neither, tally.alone, tally.nanoseconds // 1000]
    languages = sorted(tally.languages, key=lambda name: (-tally.languages[name].total(), name))
    most = "".join(f" · {other} ({times})" for other, times in tally.beside.most_common(1))
    numbers = "".join(f"{cell:>9}" for cell in cells)
    return f"{rule.id:<45} {rule.status.value:<8}{numbers}  {' '.join(languages[:6])}{most}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def conclusions(rules: Iterable[Rule], tallies: Mapping[str, Tally]) -> str:
    """Which rules never fired, which are wrong too often, and whose status is not what the records call for."""
    rules = list(rules)
    silent = [rule for rule in rules if tallies[rule.id].precision is None]
    poor = [rule for rule in rules if (share := tallies[rule.id].precision) is not None and share < ENOUGH]
    good = len(rules) - len(silent) - len(poor)
    counts = f"{good} right on {ENOUGH:.0%} of their characters and more, {len(poor)} on fewer"
    lines = [
        f"{len(rules)} rules: {counts}, {len(silent)} not at work on these records",
        *(f"  {_percent(tallies[rule.id].precision):>6} %  {rule.id}" for rule in _worst_first(poor, tallies)),
    ]
    statuses = Counter(earned(rule, tallies[rule.id]).value for rule in rules)
    lines.append("status called for: " + ", ".join(f"{count} {status}" for status, count in sorted(statuses.items())))
    changed = [rule for rule in rules if earned(rule, tallies[rule.id]) is not rule.status]
    lines += [f"  {rule.id}: {rule.status.value}, should be {earned(rule, tallies[rule.id]).value}" for rule in changed]
    return "\n".join(lines) + "\n"


def _worst_first(rules: Iterable[Rule], tallies: Mapping[str, Tally]) -> list[Rule]:
    return sorted(rules, key=lambda rule: (tallies[rule.id].precision or 0, rule.id))


def dump_summary(found: Mapping[str, Any]) -> str:
    """The summary as JSON with a line for each rule, so that changes to it can be read."""
    rows = ",\n".join(f"  {json.dumps(rule_id)}: {json.dumps(counts)}" for rule_id, counts in found["rules"].items())
    head = f' "schema": {found["schema"]},\n "records_sha256": {json.dumps(found["records_sha256"])},\n'
    return f'{{\n{head} "rules": {{\n{rows}\n }}\n}}\n'
