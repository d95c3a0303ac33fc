"""Which rules are in force: the packs that come with stripper, the user's files, and what those change."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

from stripper.errors import ConfigError, Problem, RuleFileError
from stripper.rule import Rule, RulePack, Status
from stripper.rulefile import RuleFile, read_rule_file, unreadable

Source = str | PathLike[str]


@dataclass(frozen=True)
class RuleSet:
    """
    All rules in force, in the order of their ids, whatever the order of the files they came from.

    `disabled` and `changed` say which rules a user's file switched off or gave another confidence, and which file.
    """

    packs: tuple[RulePack, ...]
    rules: tuple[Rule, ...]
    disabled: tuple[tuple[str, str], ...] = ()
    changed: tuple[tuple[str, str], ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Digest of all packs and of what was changed about them."""
        parts = [f"{pack.id} {pack.sha256}" for pack in self.packs]
        parts += [f"{rule.id} {rule.version} {rule.confidence}" for rule in self.rules]
        return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()

    def pack(self, rule_id: str) -> RulePack | None:
        """The pack of a rule; None for what the engine itself decided."""
        return self._packs.get(rule_id.rpartition("/")[0])

    def origin(self, rule_id: str) -> str:
        """File and line of a rule, `rules/fr/upsell.toml:14`; empty for what the engine itself decided."""
        return self._origins.get(rule_id, "")

    @cached_property
    def _origins(self) -> dict[str, str]:
        return {rule.id: rule.origin for rule in self.rules}

    @cached_property
    def _packs(self) -> dict[str, RulePack]:
        return {pack.id: pack for pack in self.packs}


def builtin_folder() -> Path:
    """The shipped rules: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).resolve().parent
    for folder in (package / "rules", package.parent / "rules"):
        if (folder / "any").is_dir():
            return folder
    raise ConfigError(f"the rules that come with stripper are not at {package / 'rules'}; install the package again")


def load_rules(sources: Sequence[Source] = ()) -> RuleSet:
    """
    The rules of `sources`: rule files, folders of them, or names of shipped packs (`"fr"`, `"fr/upsell"`).

    Files and folders add to the shipped rules; where packs are named, only those of the shipped ones are taken.
    Raises `RuleFileError` with every problem of every file.
    """
    own, names = _sort_out(sources)
    files = read_rule_files(own)
    if all(rule_file.extension.builtin for rule_file in files):
        shipped = [_shipped(name) for name in names] or [builtin_folder()]
        files = read_rule_files(shipped, patterns_known=True) + files
    rule_set, problems = combine(files)
    if problems:
        raise RuleFileError(problems)
    return rule_set


def rule_paths(sources: Sequence[Source] = ()) -> list[tuple[Path, str]]:
    """All files that `load_rules` may read for `sources`, in its order, and how messages name them."""
    own, names = _sort_out(sources)
    shipped = [_shipped(name) for name in names] or [builtin_folder()]
    return [(file, _shown(file)) for path in (*shipped, *own) for file, _ in _files(path)]


def read_rule_files(paths: Iterable[Path], *, patterns_known: bool = False) -> list[RuleFile]:
    """Every rule file that `paths` are or hold, problems included, in the order of their paths."""
    return [_read(file, expected, patterns_known) for path in paths for file, expected in _files(path)]


def _sort_out(sources: Sequence[Source]) -> tuple[list[Path], list[str]]:
    own, names = [], []
    for source in sources:
        if Path(source).exists():
            own.append(Path(source))
        elif _is_pack(str(source)):
            names.append(str(source))
        else:
            raise ConfigError(
                f"rules {source}: no such file or folder, and no pack of that name (see stripper rules list)"
            )
    return own, names


def _is_pack(name: str) -> bool:
    return ".." not in name and _shipped(name).exists()


def _shipped(name: str) -> Path:
    """The folder or file of a shipped pack."""
    folder = builtin_folder() / name
    return folder if folder.is_dir() else folder.with_suffix(".toml")


def _files(path: Path) -> list[tuple[Path, str | None]]:
    """The rule files of a path, each with the pack id that its place calls for; a lone file may be any pack."""
    ours = path.resolve().is_relative_to(builtin_folder())
    if path.is_file() and not ours:
        return [(path, None)]
    root = builtin_folder() if ours else path.resolve()
    files = [path] if path.is_file() else sorted(path.rglob("*.toml"))
    return [(file, file.resolve().relative_to(root).with_suffix("").as_posix()) for file in files]


def _read(file: Path, expected: str | None, patterns_known: bool) -> RuleFile:
    shown = _shown(file)
    try:
        source = (raw := file.read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return unreadable(shown, f"not UTF-8: {error.reason} at byte {error.start}", line)
    except OSError as error:
        return unreadable(shown, f"can't be read: {error.strerror}")
    return read_rule_file(source.replace("\r\n", "\n"), shown, expected_pack=expected, patterns_known=patterns_known)


def _shown(file: Path) -> str:
    """How messages name a shipped file: `rules/fr/upsell.toml`, wherever it is installed."""
    resolved = file.resolve()
    folder = builtin_folder()
    return f"rules/{resolved.relative_to(folder).as_posix()}" if resolved.is_relative_to(folder) else str(file)


def combine(files: Sequence[RuleFile]) -> tuple[RuleSet, list[Problem]]:
    """The sound rules of all files, changed as the files ask, and every problem in and between the files."""
    problems = [problem for rule_file in files for problem in rule_file.problems]
    rules: dict[str, Rule] = {}
    for rule_file in files:
        for rule in rule_file.pack.rules:
            if rule.id in rules:
                advice = f"{rules[rule.id].origin} has it already"
                problems.append(Problem(rule.path, rule.line, f'duplicate id "{rule.id}"', rule.id, advice))
            rules[rule.id] = rule
    disabled: list[tuple[str, str]] = []
    changed: list[tuple[str, str]] = []
    for rule_file in files:
        path = rule_file.pack.path
        for name, line in rule_file.extension.disable:
            hit = [rule_id for rule_id in rules if rule_id == name or rule_id.startswith(f"{name}/")]
            if not hit and name not in dict(disabled):
                problems.append(Problem(path, line, f'[extend] disable: no rule or pack "{name}"', None, _LISTED))
            for rule_id in hit:
                disabled.append((rule_id, path))
                del rules[rule_id]
        for name, confidence, line in rule_file.extension.confidence:
            if name not in rules:
                problems.append(Problem(path, line, f'[extend] confidence: no rule "{name}"', None, _LISTED))
            else:
                rules[name] = dataclasses.replace(rules[name], confidence=confidence)
                changed.append((name, path))
    in_force = sorted((r for r in rules.values() if r.status is not Status.DEPRECATED), key=lambda r: r.id)
    packs = sorted((rule_file.pack for rule_file in files), key=lambda pack: pack.id)
    return RuleSet(tuple(packs), tuple(in_force), tuple(disabled), tuple(changed)), problems


_LISTED = "stripper rules list shows what there is"
