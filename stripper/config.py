"""
Settings from files: `STRIPPER_CONFIG`, else `stripper.toml` or `[tool.stripper]`, else the user's own.

The nearest file wins as a whole; options of the command line are stronger than any.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from stripper.errors import ConfigError


@dataclass(frozen=True)
class Config:
    """Settings that the command line may leave out; relative rule paths are those of the file's folder."""

    rules: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    min_confidence: float = 0.5
    language: str | None = None


def load_config(folder: Path | None = None) -> Config:
    """
    The settings that hold in `folder` (default: the current one).

    Raises `ConfigError` for a file that does not parse or has an unknown or wrong key, and for a `STRIPPER_CONFIG`
    that is not there.
    """
    if named := os.environ.get("STRIPPER_CONFIG"):
        path = Path(named)
        if not path.is_file():
            raise ConfigError(f"STRIPPER_CONFIG names {path}, which is not a file")
        return _read(path, _parse(path))
    start = (folder or Path.cwd()).resolve()
    for place in (start, *start.parents):
        if (place / "stripper.toml").is_file():
            return _read(place / "stripper.toml", _parse(place / "stripper.toml"))
        if (place / "pyproject.toml").is_file():
            table = _parse(place / "pyproject.toml").get("tool", {}).get("stripper")
            if table is not None:
                return _read(place / "pyproject.toml", table)
    own = _user_folder() / "stripper" / "stripper.toml"
    return _read(own, _parse(own)) if own.is_file() else Config()


def _user_folder() -> Path:
    """Where the user's configuration lives (XDG base directories; %APPDATA% on Windows)."""
    named = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return Path(named) if named else Path.home() / ".config"


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_KEYS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "rules": ("a list of paths or pack names", _is_strings),
    "keep": ("a list of labels", _is_strings),
    "drop": ("a list of labels", _is_strings),
    "min_confidence": ("a number from 0 to 1", lambda value: isinstance(value, (int, float)) and 0 <= value <= 1),
    "language": ("an ISO 639-1 code", lambda value: isinstance(value, str)),
}


def _read(path: Path, table: dict[str, Any]) -> Config:
    for key, value in table.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            guess = f'did you mean "{near[0]}"? ' if near else ""
            raise ConfigError(f'{path}: unknown key "{key}"; {guess}allowed: {", ".join(_KEYS)}')
        takes, sound = _KEYS[key]
        if not sound(value):
            raise ConfigError(f"{path}: {key} is {value!r}; it takes {takes}")
    rules = (str(path.parent / rule) if (path.parent / rule).exists() else rule for rule in table.get("rules", ()))
    return Config(
        rules=tuple(rules),
        keep=tuple(table.get("keep", ())),
        drop=tuple(table.get("drop", ())),
        min_confidence=float(table.get("min_confidence", Config.min_confidence)),
        language=table.get("language"),
    )
