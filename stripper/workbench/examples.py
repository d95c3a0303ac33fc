"""`stripper rules examples`: examples for rules, made of the judgements that were saved from a report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripper.errors import InputError
from stripper.result import TAIL
from stripper.rule import Rule
from stripper.rulefile import read_rule_file

_TEXTS = ("verdict", "document", "url", "language", "rule", "label", "before", "text", "after")
_PLACES = ("start", "end")
_WORDS = 50  # characters of the text in the name of its example
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# the reader is asked about one example at a time, in a rule that is otherwise sound
_RULE = """\
schema = 1
pack = "judged"
description = "For the reader"

[[rule]]
id = "judged"
version = 1
label = "other"
status = "test"
confidence = 0.9

[rule.match]
phrases = ["judged"]

[[rule.example]]
name = "goes"
text = "- judged"

[[rule.example]]
name = "stays"
text = "  judged"

"""


@dataclass(frozen=True)
class Judgement:
    """
    What a person said of one mark of a report.

    `before` and `after` are what stays of the text around it; `start` and `end` are code points in the whole text.
    """

    accepted: bool
    document: str
    url: str
    language: str
    rule: str
    start: int
    end: int
    before: str
    text: str
    after: str


@dataclass(frozen=True)
class Examples:
    """TOML by rule id, in the order of the rules, and why some judgements gave none."""

    blocks: Mapping[str, tuple[str, ...]]
    left_out: tuple[str, ...]


def read_feedback(path: Path) -> list[Judgement]:
    """The judgements of a file saved from a report; raises `InputError` for any other file."""
    try:
        saved = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: can't be read as judgements saved from a report: {error}") from error
    if not isinstance(saved, dict) or saved.get("kind") != "stripper-feedback" or saved.get("schema") != 1:
        raise InputError(f"{path}: not judgements saved from a report (kind is not stripper-feedback, schema 1)")
    entries = saved.get("judgements")
    if not isinstance(entries, list):
        raise InputError(f"{path}: judgements is missing; it takes a list")
    return [_judgement(entry, f"{path}: judgement {number}") for number, entry in enumerate(entries, 1)]


def _judgement(entry: Any, where: str) -> Judgement:
    if not isinstance(entry, dict):
        raise InputError(f"{where}: not a table")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str):
            raise InputError(f"{where}: {key} is {json.dumps(entry.get(key))[:60]}; it takes a string")
    for key in _PLACES:
        if not isinstance(entry.get(key), int):
            raise InputError(f"{where}: {key} is {json.dumps(entry.get(key))[:60]}; it takes a whole number")
    if entry["verdict"] not in ("accepted", "rejected"):
        raise InputError(f'{where}: verdict is "{entry["verdict"][:60]}"; it takes accepted or rejected')
    known = {key: entry[key] for key in (*_TEXTS, *_PLACES) if key not in ("verdict", "label")}
    return Judgement(accepted=entry["verdict"] == "accepted", **known)


def make_examples(judgements: Iterable[Judgement]) -> Examples:
    """
    One `[[rule.example]]` for each judgement: what was accepted goes, what was rejected stays.

    Each is read back by the reader of rule files; what it refuses is left out, with its reason. The same text twice
    gives one example.
    """
    blocks: dict[str, dict[str, None]] = {}
    left_out = []
    for judgement in sorted(judgements, key=lambda one: (one.rule, one.document, one.start, one.end)):
        block = _block(judgement)
        if reason := _refusal(judgement, block):
            left_out.append(f"{judgement.document}, characters {judgement.start} to {judgement.end}: {reason}")
        else:
            blocks.setdefault(judgement.rule, {})[block] = None
    return Examples({rule: tuple(own) for rule, own in blocks.items()}, tuple(left_out))


def _refusal(judgement: Judgement, block: str) -> str | None:
    """Why a judgement gives no example; None where it does."""
    if judgement.rule == TAIL:
        return f"{TAIL} took it, which is not a rule that has examples"
    if not judgement.text.strip():
        return "no text"
    if _SURROGATE.search(block):
        return "half a character (a lone surrogate), which no TOML file can hold"
    problems = read_rule_file(_RULE + block, "judgement").problems
    return problems[0].message if problems else None


def _block(judgement: Judgement) -> str:
    words = " ".join(judgement.text.split())
    words = words if len(words) <= _WORDS else f"{words[: _WORDS - 1]}…"
    verdict = "goes" if judgement.accepted else "stays"
    lines = ["[[rule.example]]", f"name = {_quoted(f'{verdict} in {judgement.document}: {words}')}"]
    if judgement.url.startswith(("http://", "https://")):
        lines.append(f"url = {_quoted(judgement.url)}")
    if judgement.language:
        lines.append(f"language = {_quoted(judgement.language)}")
    return "\n".join([*lines, f"text = {_multiline(list(_diff(judgement)))}"]) + "\n"


def _diff(judgement: Judgement) -> Iterator[str]:
    """The lines around and of the judged words, each with its mark; blank ones at the ends left out."""
    whole = judgement.before + judgement.text + judgement.after
    first, last = len(judgement.before), len(judgement.before) + len(judgement.text)
    start = len(whole) - len(whole.lstrip("\r\n"))
    for line in whole.strip("\r\n").split("\n"):
        end = start + len(line)
        left, right = max(start, first), min(end, last)
        yield from _marked(line, left - start, right - start, goes=judgement.accepted)
        start = end + 1


def _marked(line: str, left: int, right: int, *, goes: bool) -> Iterator[str]:
    line = line.rstrip("\r")
    if not line.strip():
        yield ""
    elif not goes or not line[max(left, 0) : max(right, 0)].strip():
        yield f"  {line}"
    else:
        yield f"- {line}"
        rest = line[:left] + line[right:]
        if rest.strip():
            yield f"+ {rest}"


def _multiline(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    if "'''" not in text and not _CONTROL.search(text) and not text.endswith("'"):
        return f"'''\n{text}\n'''"
    escaped = _CONTROL.sub(_escape, text.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"""\n{escaped}\n"""'


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub("[\x00-\x1f\x7f]", _escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def paste(examples: Examples, rules: Mapping[str, Rule]) -> Iterator[str]:
    """The examples, ready to paste: under each rule's name and place, its blocks."""
    for rule, blocks in examples.blocks.items():
        place = rules[rule].origin if rule in rules else "no such rule is in force"
        yield f"# {_CONTROL.sub(_escape, f'{rule}  ({place})').replace(chr(10), ' ')}\n"
        yield from (f"{block}\n" for block in blocks)
