"""One rule, whole, for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from stripper.rule import Conditions, InlineMatch, LineMatch, PhrasesMatch, Rule


def show(rule: Rule) -> str:
    """All that a rule is, and its examples as diffs."""
    lines = [
        f"{rule.id}  version {rule.version}  ({rule.origin})",
        f"  label {rule.label}, status {rule.status.value}, confidence {rule.confidence:.2f}",
        *_matching(rule),
        *(f"  when {words}" for words in said(rule.when)),
        *(f"  unless '''{pattern.source}'''" for pattern in rule.unless),
    ]
    lines += [f"  {boost.add:+.2f} when {', '.join(said(boost.conditions))}: {boost.why}" for boost in rule.boosts]
    for example in rule.examples:
        lines += ["", f"  example: {example.name}", *_diff(example.text, example.cleaned)]
    return "\n".join(lines) + "\n"


def _matching(rule: Rule) -> Iterator[str]:
    kind = rule.match
    if isinstance(kind, PhrasesMatch):
        yield f"  whole lines: {', '.join(sorted(kind.phrases))}"
    elif isinstance(kind, LineMatch):
        yield from (f"  whole line '''{pattern.source}'''" for pattern in kind.patterns)
    elif isinstance(kind, InlineMatch):
        yield from (f"  inside a line '''{pattern.source}'''" for pattern in kind.patterns)
    else:
        for step in kind.steps:
            yield f"  then line '''{step.pattern.source}'''{' (optional)' if step.optional else ''}"
    if rule.shapes:
        yield f"  and the section below it: {', '.join(shape.value for shape in rule.shapes)}"


def said(conditions: Conditions) -> list[str]:
    """The conditions that are asked for, as TOML would write them."""
    return [
        f"{key.name} = {_value(getattr(conditions, key.name))}"
        for key in fields(conditions)
        if getattr(conditions, key.name) not in (None, (), frozenset())
    ]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (frozenset, tuple)):
        return ", ".join(sorted(map(str, value)))
    return str(getattr(value, "value", getattr(value, "source", value)))


def _diff(text: str, cleaned: str) -> Iterator[str]:
    kept = cleaned.split("\n")
    for line in text.split("\n"):
        if kept and kept[0] == line:
            yield f"      {kept.pop(0)}"
        else:
            yield f"    - {line}"
