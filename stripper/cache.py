"""
Compiled rules on disk, so that a process does not read and analyse two thousand rules before its first text.

An entry is JSON below its own digest: it is data, never code, so that reading one can run nothing. It is still taken
only from a file and folder that nobody but the user can write to, because rules decide what is removed. Its name is the
digest of all that it depends on: the rule files, the code that analyses them, and the versions of Python and stripper.
An entry that can't be read or written is no error: the rules are then compiled as if there were no cache.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from stripper import __version__
from stripper.candidates import Needs
from stripper.pattern import Pattern
from stripper.rule import (
    Boost,
    Conditions,
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
from stripper.ruleset import RuleSet, Source, load_rules, rule_paths

FOLDER = "STRIPPER_CACHE"  # environment: the folder of the cache; empty for none
_FORMAT = 1
_MOST = 8  # entries that are kept, the newest
_CODE = ("cache", "candidates", "literals", "pattern", "rule", "rulefile", "ruleset", "text")
_log = logging.getLogger("stripper")


def compiled_rules(sources: Sequence[Source] = ()) -> tuple[RuleSet, Needs]:
    """
    The rules of `sources` without their examples, and what lines need for them to match, from the cache if it has them.

    Raises what `load_rules` raises.
    """
    folder = cache_folder()
    if folder is None:
        return _compile(sources)
    entry = folder / f"rules-{_key(sources)}.json"
    stored = _read(entry)
    if stored is not None:
        try:
            return _from_plain(stored)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            _log.debug("cache entry %s is not what it should be: %s", entry, error)
    compiled = _compile(sources)
    _write(entry, _to_plain(*compiled))
    return compiled


def cache_folder() -> Path | None:
    """Where compiled rules are kept: `STRIPPER_CACHE`, or a folder among the user's caches; None for nowhere."""
    if (named := os.environ.get(FOLDER)) is not None:
        return Path(named) if named else None
    home = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}
    variable, default = home.get(sys.platform, ("XDG_CACHE_HOME", ".cache"))
    try:
        return Path(os.environ.get(variable) or Path.home() / default) / "stripper"
    except RuntimeError:  # the user has no home
        return None


def _compile(sources: Sequence[Source]) -> tuple[RuleSet, Needs]:
    rule_set = load_rules(sources)
    return rule_set, Needs.of(rule_set.rules)


def _key(sources: Sequence[Source]) -> str:
    """Digest of the rule files as they are now, of the code that compiles them and of all versions."""
    digest = hashlib.sha256(f"{_FORMAT} {__version__} {sys.version_info}".encode())
    here = Path(__file__).parent
    for path, shown in [(here / f"{name}.py", name) for name in _CODE] + rule_paths(sources):
        try:
            content = path.read_bytes()
        except OSError:
            content = b""  # compiled modules have no source; load_rules complains of a rule file
        digest.update(f"\0{shown}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return digest.hexdigest()[:32]


def _read(entry: Path) -> Any | None:
    """What the entry holds; None if there is none, if it is damaged, or if others can write to it."""
    try:
        with entry.open("rb") as stream:
            if not _is_ours(os.fstat(stream.fileno())) or not _is_ours(entry.parent.stat()):
                _log.debug("cache entry %s could have been written by others", entry)
                return None
            head, _, body = stream.read().partition(b"\n")
    except OSError:
        return None
    if head != hashlib.sha256(body).hexdigest().encode():
        _log.debug("cache entry %s is damaged", entry)
        return None
    return json.loads(body)


def _is_ours(status: os.stat_result) -> bool:
    """Whether nobody but the user can write to a file or folder; Windows keeps the user's folders by itself."""
    if sys.platform == "win32":
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(entry: Path, plain: Any) -> None:
    """Write the entry whole or not at all; of processes that do so at once, the last one wins with the same content."""
    body = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    try:
        entry.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=entry.parent, prefix=".rules-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            Path(name).replace(entry)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        old = sorted(entry.parent.glob("rules-*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in old[_MOST:]:
            path.unlink(missing_ok=True)
    except OSError as error:
        _log.debug("compiled rules are not kept: %s", error)


def _to_plain(rule_set: RuleSet, needs: Needs) -> dict[str, Any]:
    return {
        "packs": [[p.id, p.version, p.description, p.sha256, p.path] for p in rule_set.packs],
        "rules": [_rule_to_plain(rule) for rule in rule_set.rules],
        "disabled": rule_set.disabled,
        "changed": rule_set.changed,
        "needs": [needs.phrases, needs.heads, needs.tails, needs.inside],
    }


def _from_plain(plain: dict[str, Any]) -> tuple[RuleSet, Needs]:
    rules = tuple(map(_rule_from_plain, plain["rules"]))
    by_pack: dict[str, list[Rule]] = {}
    for rule in rules:
        by_pack.setdefault(rule.pack, []).append(rule)
    packs = tuple(
        RulePack(pack, version, description, tuple(by_pack.get(pack, ())), sha256, path)
        for pack, version, description, sha256, path in plain["packs"]
    )
    disabled, changed = (tuple((rule, path) for rule, path in plain[name]) for name in ("disabled", "changed"))
    return RuleSet(packs, rules, disabled, changed), Needs(*plain["needs"])


def _rule_to_plain(rule: Rule) -> list[Any]:
    return [
        *(rule.id, rule.version, rule.label, rule.status.value, rule.confidence, _match_to_plain(rule.match)),
        *(rule.keywords, rule.extent.value, [shape.value for shape in rule.shapes], _asked(rule.when)),
        *([[_asked(b.conditions), b.add, b.why] for b in rule.boosts], [p.source for p in rule.unless]),
        *(rule.references, rule.path, rule.line),
    ]


def _rule_from_plain(plain: list[Any]) -> Rule:
    id_, version, label, status, confidence, match, keywords, extent, shapes, when, boosts, unless, *rest = plain
    references, path, line = rest
    return Rule(
        id=id_,
        version=version,
        label=label,
        status=Status(status),
        confidence=confidence,
        match=_match_from_plain(*match),
        keywords=tuple(keywords),
        extent=Extent(extent),
        shapes=tuple(map(Shape, shapes)),
        when=_conditions(when),
        boosts=tuple(Boost(_conditions(asked), add, why) for asked, add, why in boosts),
        unless=tuple(map(Pattern, unless)),
        references=tuple(references),
        path=path,
        line=line,
    )


def _match_to_plain(match: MatchKind) -> tuple[str, list[Any]]:
    if isinstance(match, PhrasesMatch):
        return "phrases", sorted(match.phrases)
    if isinstance(match, SequenceMatch):
        return "sequence", [[step.pattern.source, step.optional] for step in match.steps]
    return "line" if isinstance(match, LineMatch) else "inline", [pattern.source for pattern in match.patterns]


def _match_from_plain(kind: str, values: list[Any]) -> MatchKind:
    if kind == "phrases":
        return PhrasesMatch(frozenset(values))
    if kind == "sequence":
        return SequenceMatch(tuple(Step(Pattern(source), optional) for source, optional in values))
    patterns = tuple(map(Pattern, values))
    return LineMatch(patterns) if kind == "line" else InlineMatch(patterns)


def _asked(conditions: Conditions) -> dict[str, Any]:
    """The conditions that ask for something."""
    values = {field.name: getattr(conditions, field.name) for field in fields(conditions)}
    return {name: _plain(value) for name, value in values.items() if value not in (None, (), frozenset())}


def _plain(value: Any) -> Any:
    if isinstance(value, Pattern):
        return value.source
    return value.value if isinstance(value, Position) else sorted(value) if isinstance(value, frozenset) else value


_MAKERS: dict[str, Any] = {
    "position": Position,
    "languages": frozenset,
    "document_languages": frozenset,
    "sites": tuple,
    "previous_line": Pattern,
    "next_line": Pattern,
}


def _conditions(asked: dict[str, Any]) -> Conditions:
    if not asked:
        return _NO_CONDITIONS
    return Conditions(**{name: _MAKERS[name](value) if name in _MAKERS else value for name, value in asked.items()})


_NO_CONDITIONS = Conditions()
