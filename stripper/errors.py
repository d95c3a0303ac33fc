"""
The errors of this package.

    StripperError
    ├── RuleFileError         rules that can't be used: every problem of every file at once
    ├── ConfigError           a setting, option or label that does not exist
    ├── InputError            a file that can't be read or written as asked
    ├── LedgerError           a ledger that is none, or that is not about the text it is used on
    ├── ExtractionError       a web page that gave no text
    └── PatternTimeoutError   a rule's pattern ran longer than it may
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class StripperError(Exception):
    """Anything this package raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """
    One complaint about a rule file.

    `line` is 1-based; 0 where no line can be named. `rule` is the rule's id, or None outside a rule.
    """

    path: str
    line: int
    message: str
    rule: str | None = None
    advice: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        rule = f' rule "{self.rule}":' if self.rule else ""
        advice = f"\n    {self.advice}" if self.advice else ""
        return f"{where}:{rule} {self.message}{advice}"


class RuleFileError(StripperError):
    """Rule files with problems; `problems` lists all of them, by file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.path, p.line, p.message))
        super().__init__("\n".join(map(str, self.problems)))


class ConfigError(StripperError):
    """A setting that can't be: an unknown label, a number out of range, a config file that does not parse."""


class InputError(StripperError):
    """An input or output that can't be read or written as asked; the message names it and the way out."""


class LedgerError(StripperError):
    """A ledger that is none, or that is not about the text that it is used on; the message says what does not fit."""


class ExtractionError(StripperError):
    """
    A web page that gave no text, and why.

    `kind` is one of `empty`, `too-large`, `too-deep`, `time`, `memory`, `crash`. The message does not name the page:
    whoever knows its name puts it in front.
    """

    _ADVICE: ClassVar[dict[str, str]] = {
        "empty": "it may be an empty shell that scripts fill in; save it as a browser shows it, or give its text",
        "too-large": "raise size_limit if it is an article all the same",
        "too-deep": "elements may be nested 255 deep; the page is broken, or not an article",
        "time": "raise time_limit if it is an article all the same",
        "memory": "raise memory_limit if it is an article all the same",
        "crash": "it is left as it was; the others are not affected",
    }

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        self.reason = reason
        super().__init__(f"no text could be taken from the page: {reason}; {self._ADVICE[kind]}")

    def __reduce__(self) -> tuple[type[ExtractionError], tuple[str, str]]:
        """Comes back whole from another process."""
        return type(self), (self.kind, self.reason)


class PatternTimeoutError(StripperError):
    """A pattern of `rule` took longer than its time limit; the text is left as it was."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(
            f"rule {rule} ran longer than its time limit; nothing was removed. Disable the rule or mend its pattern."
        )
