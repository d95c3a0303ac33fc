"""`stripper rules check`: every problem of every rule file, examples run on the real engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from stripper.errors import Problem
from stripper.pattern import Pattern, danger
from stripper.pipeline import Stripper
from stripper.rule import (
    KEPT_LABELS,
    SURE,
    Example,
    InlineMatch,
    LineMatch,
    PhrasesMatch,
    Rule,
    SequenceMatch,
    Status,
)
from stripper.rulefile import RuleFile
from stripper.ruleset import RuleSet, builtin_folder, combine, read_rule_files
from stripper.text import view

_FREQUENT = frozenset(
    {"the", "and", "for", "with", "from", "this", "that", "has", "are", "was", "der", "die", "und", "das", "les", "des"}
    | {"une", "est", "que", "los", "las", "del", "por", "una", "het", "een", "van", "dat", "och", "att", "det", "som"}
)


def check(paths: Sequence[Path]) -> tuple[int, list[Problem]]:
    """
    How many rules the files hold, and all problems of all of them.

    The examples of a rule are run with this rule alone, and with all shipped rules and the files' own together.
    """
    files = read_rule_files(paths)
    own, problems = combine(files)
    together = Stripper(_with_shipped(files), max_share=1.0)
    for rule in own.rules:
        problems += _lint(rule)
        problems += _run_examples(rule, together)
    return len(own.rules), sorted(problems, key=lambda p: (p.path, p.line, p.message))


def _with_shipped(files: Sequence[RuleFile]) -> RuleSet:
    """The rules of `files` and the shipped ones; a shipped pack that is among `files` counts once."""
    shipped: list[RuleFile] = []
    if all(file.extension.builtin for file in files):
        own = {file.pack.id for file in files}
        shipped = [file for file in read_rule_files([builtin_folder()], patterns_known=True) if file.pack.id not in own]
    return combine([*files, *shipped])[0]


def _lint(rule: Rule) -> Iterator[Problem]:
    for pattern in _patterns(rule):
        if why := danger(pattern.source):
            advice = "bound the repeats ({0,40}) or make them possessive (++, *+, {0,40}+)"
            yield _problem(rule, f"pattern '''{pattern.source}''' can blow up: {why}", advice)
    shown = "\n".join(["", *(view(example.text) for example in rule.examples)])
    if isinstance(rule.match, PhrasesMatch):
        return
    for keyword in rule.keywords:
        if _too_frequent(keyword):
            yield _problem(rule, f'keyword "{keyword}" is too frequent', "take a longer or rarer part of the text")
        elif keyword not in shown:
            yield _problem(
                rule, f'keyword "{keyword}" is in none of the rule\'s examples', "add one, or drop the keyword"
            )


def _too_frequent(keyword: str) -> bool:
    if keyword.startswith("\n"):
        return False
    bare = keyword.strip()
    return bare in _FREQUENT or (len(bare) < 3 and bare.isascii() and bare.isalnum())


def _patterns(rule: Rule) -> Iterator[Pattern]:
    kind = rule.match
    if isinstance(kind, (LineMatch, InlineMatch)):
        yield from kind.patterns
    elif isinstance(kind, SequenceMatch):
        yield from (step.pattern for step in kind.steps)
    for conditions in (rule.when, *(boost.conditions for boost in rule.boosts)):
        yield from (pattern for pattern in (conditions.previous_line, conditions.next_line) if pattern)
    yield from rule.unless


def _run_examples(rule: Rule, together: Stripper) -> Iterator[Problem]:
    fearless = replace(rule, status=Status.STABLE, confidence=max(rule.confidence, 0.6))
    kept = {rule.label} & KEPT_LABELS
    # what goes must be matched, however unsure its neighbours make the rule; what stays may stay because of them
    goes, stays = (
        Stripper(RuleSet((), (fearless,)), drop=kept, min_confidence=least, max_share=1.0) for least in (0.0, SURE)
    )
    weak = rule.confidence < SURE or rule.status is Status.EXPERIMENTAL or kept
    for example in rule.examples:
        if rule.when.near_removal is None:
            yield from _run(rule, example, goes if example.fires else stays, "")
            if weak:
                continue
        yield from _run(rule, example, together, " with all rules")


def _run(rule: Rule, example: Example, stripper: Stripper, among: str) -> Iterator[Problem]:
    result = stripper.strip(example.text, example.url, example.language)
    wanted, got = _lines(example.cleaned), _lines(result.text)
    if wanted == got:
        if not among and (unnamed := [removal.text for removal in result.removals if removal.rule != rule.id]):
            message = (
                f'example "{example.name}": no match of the rule in {_quoted(" ".join(t.split()) for t in unnamed)}'
            )
            yield replace(
                _problem(rule, message, "the tail took it along; mend the pattern or the example"), line=example.line
            )
        return
    lost = [line for line in wanted if line not in got]
    left = [line for line in got if line not in wanted]
    parts = [f"takes {_quoted(lost)}"] * bool(lost) + [f"leaves {_quoted(left)}"] * bool(left)
    takers = sorted({removal.rule for removal in result.removals} - {rule.id})
    by = f" (rules: {', '.join(takers)})" if lost and takers else ""
    why = "; ".join(sorted({f"{miss.rule}: {miss.reason}" for miss in result.near_misses}))
    unseen = [line for line in left if not any(keyword.strip("\n") in view(line) for keyword in rule.keywords)]
    keywords = f"none of the rule's keywords is in {_quoted(unseen)}" if unseen else ""
    why = "; ".join(filter(None, [why, result.problem or "", keywords]))
    message = f'example "{example.name}" fails{among}: {" and ".join(parts) or "the lines differ"}{by}'
    yield replace(_problem(rule, message, why), line=example.line)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _quoted(lines: Iterable[str]) -> str:
    return ", ".join(f'"{line if len(line) <= 70 else line[:69] + "…"}"' for line in lines)


def _problem(rule: Rule, message: str, advice: str = "") -> Problem:
    return Problem(rule.path, rule.line, message, re.sub(r".*/", "", rule.id), advice)
