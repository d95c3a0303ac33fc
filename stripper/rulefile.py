"""
TOML → `RulePack`. Every complaint has file, line, rule, key, what was found and what is allowed.

A file is read to its end whatever is wrong with it: rules that are sound are kept, so that one run reports all
problems of all files.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import regex

from stripper import toml
from stripper.errors import Problem
from stripper.pattern import Pattern
from stripper.rule import (
    Boost,
    Conditions,
    Example,
    Extent,
    InlineMatch,
    LineMatch,
    MatchKind,
    PhrasesMatch,
    Position,
    Rule,
    RulePack,
    SequenceMatch,
    Shape,
    Status,
    Step,
)
from stripper.rulespec import TABLES, Key, Kind
from stripper.text import fold

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PACK = re.compile(rf"{_ID.pattern}(?:/{_ID.pattern})*")


@dataclass(frozen=True)
class Extension:
    """What a file changes about the rules of other files."""

    builtin: bool = True
    disable: tuple[tuple[str, int], ...] = ()
    confidence: tuple[tuple[str, float, int], ...] = ()


@dataclass(frozen=True)
class RuleFile:
    """What one file holds: a pack of sound rules, changes to others, and the problems of the rest."""

    pack: RulePack
    extension: Extension
    problems: tuple[Problem, ...]


def read_rule_file(
    source: str, path: str, *, expected_pack: str | None = None, patterns_known: bool = False
) -> RuleFile:
    """
    Parse and validate one rule file.

    `path` is how messages name the file; `expected_pack` is the pack id that its place in the rules folder calls for.
    `patterns_known` says that the patterns have been compiled before, as those of the shipped rules have: they are
    then compiled when first needed.
    """
    tables = toml.parse(source, path)
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    if isinstance(tables, Problem):
        return unreadable(path, tables.message, tables.line)
    reader = _Reader(path, toml.Lines(source), patterns_known)
    top = reader.table(tables, "file", ())
    if expected_pack and top.get("pack", expected_pack) != expected_pack:
        reader.complain(("pack",), f'pack is "{top["pack"]}"', f'the file\'s place calls for "{expected_pack}"')
    pack_id = str(top.get("pack") or expected_pack or path)
    rules = reader.rules(tables.get("rule"), pack_id)
    if not rules and not reader.problems and "extend" not in top:
        reader.complain((), "no rules", "a file has at least one [[rule]] or an [extend] table")
    pack = RulePack(pack_id, top.get("version", 1), str(top.get("description", "")), rules, digest, path)
    return RuleFile(pack, reader.extension(top.get("extend", {})), tuple(reader.problems))


def unreadable(path: str, why: str, line: int = 0) -> RuleFile:
    """A file without rules and with one problem."""
    return RuleFile(RulePack(path, 1, "", (), "", path), Extension(), (Problem(path, line, why),))


@dataclass
class _Reader:
    """Validates the tables of one file; collects what is wrong with them."""

    path: str
    lines: toml.Lines
    patterns_known: bool = False
    problems: list[Problem] = field(default_factory=list)
    rule_id: str | None = None

    def complain(self, at: toml.Path, message: str, advice: str = "") -> None:
        self.problems.append(Problem(self.path, self.lines.of(*at), message, self.rule_id, advice))

    def table(self, values: Any, name: str, at: toml.Path) -> dict[str, Any]:
        """The sound values of a table, after complaining of unknown, missing and wrong ones."""
        if not isinstance(values, Mapping):
            self.complain(at, f"{_header(name)} is {_shown(values)}", "it takes a table")
            return {}
        keys = {key.name: key for key in TABLES[name]}
        for unknown in values.keys() - keys.keys():
            self.complain((*at, unknown), f'unknown key "{unknown}" in {_header(name)}', _nearest(unknown, keys))
        for key in keys.values():
            if key.required and key.name not in values:
                self.complain(
                    at, f'missing key "{key.name}" in {_header(name)}', f"it takes {key.kind.value}: {key.doc}"
                )
        known = {name: value for name, value in values.items() if name in keys}
        return {key: value for key, value in known.items() if self._sound(value, keys[key], (*at, key))}

    def _sound(self, value: Any, key: Key, at: toml.Path) -> bool:
        if not _CHECKS[key.kind](value):
            self.complain(at, f"{key.name} is {_shown(value)}", f"it takes {key.kind.value}")
            return False
        if key.allowed:
            for word in value if isinstance(value, list) else [value]:
                if str(word) not in key.allowed:
                    self.complain(at, f"{key.name} is {_shown(word)}", _nearest(str(word), key.allowed))
                    return False
        sources = (
            _patterns_in(value)
            if not self.patterns_known and key.kind in (Kind.PATTERN, Kind.PATTERNS, Kind.STEPS)
            else []
        )
        return [self._compiles(source, at) for source in sources].count(False) == 0

    def _compiles(self, source: str, at: toml.Path) -> bool:
        try:
            pattern = Pattern(source)
            pattern.compile()
        except regex.error as error:
            self.complain(at, f"bad pattern '''{source}''': {error}", "patterns are in the syntax of the regex module")
            return False
        if pattern.whole("", "") is not None:
            self.complain(at, f"pattern '''{source}''' matches empty text", "it must need at least one character")
            return False
        return True

    def rules(self, tables: Any, pack: str) -> tuple[Rule, ...]:
        rules: dict[str, Rule] = {}
        for index, values in enumerate(tables if isinstance(tables, list) else []):
            at: toml.Path = ("rule", index)
            self.rule_id = str(values.get("id", f"number {index + 1}")) if isinstance(values, Mapping) else None
            rule = self._rule(values, pack, at)
            if isinstance(values, Mapping) and values.get("id") in rules:
                first = rules[values["id"]].line
                self.complain((*at, "id"), f'duplicate id "{values["id"]}"', f"line {first} has it already")
            elif rule:
                rules[rule.id.rpartition("/")[2]] = rule
        self.rule_id = None
        return tuple(rules.values())

    def _rule(self, values: Any, pack: str, at: toml.Path) -> Rule | None:
        before = len(self.problems)
        sound = self.table(values, "rule", at)
        match = self._match(sound.get("match"), (*at, "match"))
        keywords = self._keywords(sound, match, at)
        shapes = tuple(Shape(word) for word in sound.get("shapes", ()))
        extent = Extent(sound.get("extent", Extent.LINES))
        if (extent is Extent.SECTION) != bool(shapes):
            self.complain((*at, "extent"), 'extent = "section" and shapes go together', "give both or neither")
        when = self._conditions(sound.get("when", {}), "when", (*at, "when"))
        boosts = self._boosts(sound.get("boost", []), (*at, "boost"))
        examples = self._examples(sound.get("example", []), (*at, "example"))
        if len(self.problems) > before or match is None:
            return None
        return Rule(
            id=f"{pack}/{sound['id']}",
            version=sound["version"],
            label=sound["label"],
            status=Status(sound["status"]),
            confidence=float(sound["confidence"]),
            match=match,
            keywords=keywords,
            extent=extent,
            shapes=shapes,
            when=when,
            boosts=boosts,
            unless=_patterns(sound.get("unless", [])),
            examples=examples,
            references=tuple(sound.get("references", ())),
            path=self.path,
            line=self.lines.of(*at, "id"),
        )

    def _match(self, values: Any, at: toml.Path) -> MatchKind | None:
        if values is None:
            return None
        sound = self.table(values, "match", at)
        if isinstance(values, Mapping) and len(values.keys() & {"line", "phrases", "sequence", "inline"}) != 1:
            given = ", ".join(sorted(values)) or "nothing"
            self.complain(at, f"[rule.match] has {given}", "it takes exactly one of line, phrases, sequence, inline")
            return None
        for kind, value in sound.items():
            return self._match_kind(kind, value, at)
        return None

    def _match_kind(self, kind: str, value: Any, at: toml.Path) -> MatchKind | None:
        if kind == "phrases":
            return PhrasesMatch(frozenset(map(_phrase, value)))
        if kind == "sequence":
            steps = self._steps(value, (*at, "sequence"))
            return SequenceMatch(steps) if steps else None
        return (LineMatch if kind == "line" else InlineMatch)(_patterns(value))

    def _steps(self, values: list[Any], at: toml.Path) -> tuple[Step, ...]:
        steps = []
        for value in values:
            table = {"line": value} if isinstance(value, str) else self.table(value, "step", at)
            if "line" in table:
                steps.append(Step(Pattern(table["line"]), bool(table.get("optional", False))))
        if steps and all(step.optional for step in steps):
            self.complain(at, "every line of the sequence is optional", "at least one must be there")
        return tuple(steps)

    def _keywords(self, sound: dict[str, Any], match: MatchKind | None, at: toml.Path) -> tuple[str, ...]:
        if isinstance(match, PhrasesMatch):
            if "keywords" in sound:
                self.complain((*at, "keywords"), "keywords beside phrases", "the phrases themselves are searched for")
            return tuple(sorted(match.phrases))
        if match is not None and "keywords" not in sound:
            self.complain(at, "no keywords", "name words of which at least one occurs in anything the rule matches")
        return tuple(dict.fromkeys(map(fold, sound.get("keywords", ()))))

    def _conditions(self, values: Any, name: str, at: toml.Path) -> Conditions:
        sound = self.table(values, name, at)
        given: dict[str, Any] = {key: value for key, value in sound.items() if key not in ("add", "why")}
        makers: dict[str, Callable[[Any], Any]] = {
            "position": Position,
            "languages": frozenset,
            "document_languages": frozenset,
            "sites": tuple,
            "previous_line": Pattern,
            "next_line": Pattern,
        }
        return Conditions(**{key: makers[key](value) if key in makers else value for key, value in given.items()})

    def _boosts(self, tables: list[Any], at: toml.Path) -> tuple[Boost, ...]:
        boosts = []
        for index, values in enumerate(tables):
            conditions = self._conditions(values, "boost", (*at, index))
            if conditions == Conditions():
                self.complain((*at, index), "[[rule.boost]] without a condition", "name what must hold for it")
            boosts.append(Boost(conditions, float(values.get("add", 0)), str(values.get("why", ""))))
        return tuple(boosts)

    def _examples(self, tables: list[Any], at: toml.Path) -> tuple[Example, ...]:
        examples = []
        for index, values in enumerate(tables):
            sound = self.table(values, "example", (*at, index))
            if "text" in sound:
                examples.append(self._example(sound, (*at, index, "text")))
        if tables and not any(example.fires for example in examples):
            self.complain(at[:-1], "no example in which something goes", 'mark lines that go with "- "')
        if tables and all(example.fires for example in examples):
            self.complain(at[:-1], "no example in which all stays", "show a similar text that is part of an article")
        return tuple(examples)

    def _example(self, sound: dict[str, Any], at: toml.Path) -> Example:
        before, after = [], []
        for line in sound["text"].strip("\n").split("\n"):
            mark, words = line[:2], line[2:]
            if mark not in ("- ", "+ ", "  ") and line.strip():
                self.complain(at, f"example line {_shown(line)}", 'each line begins with "- ", "+ " or two spaces')
            if mark != "+ ":
                before.append(words)
            if mark != "- ":
                after.append(words)
        texts = "\n".join(before), "\n".join(after)
        line = self.lines.of(*at[:-1])
        return Example(str(sound.get("name", "")), *texts, sound.get("url"), sound.get("language"), line)

    def extension(self, values: Any) -> Extension:
        sound = self.table(values, "extend", ("extend",))
        line = self.lines.of("extend", "disable")
        confidence = sound.get("confidence", {})
        return Extension(
            builtin=bool(sound.get("builtin", True)),
            disable=tuple((rule, line) for rule in sound.get("disable", ())),
            confidence=tuple(
                (rule, float(c), self.lines.of("extend", "confidence", rule)) for rule, c in confidence.items()
            ),
        )


_PHRASE_END = re.compile(r"[\s:.…!>›»→]+$")


def _phrase(phrase: str) -> str:
    return _PHRASE_END.sub("", " ".join(fold(phrase).split()))


def _patterns(value: str | list[str]) -> tuple[Pattern, ...]:
    return tuple(map(Pattern, [value] if isinstance(value, str) else value))


def _patterns_in(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    sources = [step.get("line") if isinstance(step, Mapping) else step for step in values]
    return [source for source in sources if isinstance(source, str)]


def _header(table: str) -> str:
    return {"file": "the file", "rule": "[[rule]]", "extend": "[extend]", "step": "a line of the sequence"}.get(
        table, f"[[rule.{table}]]" if table in ("boost", "example") else f"[rule.{table}]"
    )


def _shown(value: Any) -> str:
    """The value as TOML would write it, cut to 60 characters."""
    shown = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    shown = shown or (f'"{value}"' if isinstance(value, str) else str(value))
    return shown if len(shown) <= 60 else shown[:59] + "…"


def _nearest(word: str, allowed: Any) -> str:
    near = difflib.get_close_matches(word, list(allowed), n=1)
    guess = f'did you mean "{near[0]}"?  ' if near else ""
    return f"{guess}allowed: {', '.join(allowed)}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and item.strip() for item in value)


def _is_steps(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, (str, Mapping)) for item in value)


def _is_shares(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_number(share) and 0 <= share <= 1 for share in value.values())


_CHECKS: dict[Kind, Callable[[Any], bool]] = {
    Kind.STRING: lambda value: isinstance(value, str) and bool(value.strip()),
    Kind.ID: lambda value: isinstance(value, str) and bool(_ID.fullmatch(value)),
    Kind.PACK: lambda value: isinstance(value, str) and bool(_PACK.fullmatch(value)),
    Kind.INTEGER: lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 1,
    Kind.SHARE: lambda value: _is_number(value) and 0 <= value <= 1,
    Kind.AMOUNT: lambda value: _is_number(value) and -1 <= value <= 1,
    Kind.BOOLEAN: lambda value: isinstance(value, bool),
    Kind.STRINGS: _is_strings,
    Kind.WORDS: _is_strings,
    Kind.PATTERN: lambda value: isinstance(value, str) and bool(value),
    Kind.PATTERNS: lambda value: (isinstance(value, str) and bool(value)) or _is_strings(value),
    Kind.STEPS: _is_steps,
    Kind.SHARES: _is_shares,
    Kind.TABLE: lambda value: isinstance(value, Mapping),
    Kind.TABLES: lambda value: isinstance(value, list) and all(isinstance(item, Mapping) for item in value),
}
