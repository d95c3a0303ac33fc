"""Writes the status of rules into their files, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from stripper import toml
from stripper.errors import ConfigError, Problem
from stripper.io.textfile import write_whole
from stripper.rule import Status

_LINE = re.compile(rb'(\s*status\s*=\s*")[a-z]+(".*)', re.DOTALL)


def write_statuses(folder: Path, statuses: Mapping[str, Status]) -> list[str]:
    """
    Set the status of rules in the rule files below `folder`; the ids of those that changed, in order.

    `statuses` is by full id; rules that are not in it stay as they are, and so does every other byte. Raises
    `ConfigError` for a folder without rule files, a file that is not TOML, and a status that is not on a line of its
    own.
    """
    files = sorted(folder.rglob("*.toml"))
    if not files:
        raise ConfigError(f"{folder}: no rule files there; name the folder that the rules were loaded from")
    return [rule_id for file in files for rule_id in _write(file, statuses)]


def _write(path: Path, statuses: Mapping[str, Status]) -> list[str]:
    raw = path.read_bytes()
    source = raw.decode("utf-8-sig").replace("\r\n", "\n")
    tables = toml.parse(source, str(path))
    if isinstance(tables, Problem):
        raise ConfigError(str(tables))
    lines, numbers = raw.split(b"\n"), toml.Lines(source)
    changed = []
    for index, rule in enumerate(tables.get("rule", ())):
        wanted = statuses.get(f"{tables['pack']}/{rule['id']}")
        if wanted is None or wanted.value == rule["status"]:
            continue
        number = numbers.of("rule", index, "status")
        if not (found := _LINE.fullmatch(lines[number - 1])):
            raise ConfigError(f'{path}:{number}: rule "{rule["id"]}": put status = "…" on a line of its own')
        lines[number - 1] = found[1] + wanted.value.encode() + found[2]
        changed.append(f"{tables['pack']}/{rule['id']}")
    if changed:
        write_whole(path, b"\n".join(lines), like=path)
    return changed
