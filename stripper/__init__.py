"""
Clean article bodies from scraped text, every removal explained.

    >>> from stripper import strip
    >>> result = strip("Kyiv halted the advance, officials said on Sunday.\\n\\nMise à niveau vers Pro\\n")
    >>> result.text
    'Kyiv halted the advance, officials said on Sunday.\\n'
    >>> [(removal.rule, removal.label) for removal in result.removals]
    [('fr/upsell/upgrade-to-pro', 'upsell')]

Importing this package loads nothing heavy; rules are loaded at the first `strip`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would take longer than all the rest; type checkers know the name

if TYPE_CHECKING:
    from stripper.default import strip
    from stripper.errors import (
        ConfigError,
        ExtractionError,
        InputError,
        LedgerError,
        PatternTimeoutError,
        RuleFileError,
        StripperError,
    )
    from stripper.html import HtmlResult, strip_html
    from stripper.io.arrow import strip_table
    from stripper.pipeline import Stripper
    from stripper.result import Evidence, NearMiss, Removal, StripResult, restore
    from stripper.text import Span

__version__ = "0.1.0"

_HOMES = {
    "ConfigError": "errors",
    "Evidence": "result",
    "ExtractionError": "errors",
    "HtmlResult": "html",
    "InputError": "errors",
    "LedgerError": "errors",
    "NearMiss": "result",
    "PatternTimeoutError": "errors",
    "Removal": "result",
    "RuleFileError": "errors",
    "Span": "text",
    "StripResult": "result",
    "Stripper": "pipeline",
    "StripperError": "errors",
    "restore": "result",
    "strip": "default",
    "strip_html": "html",
    "strip_table": "io.arrow",
}
__all__ = [
    "ConfigError",
    "Evidence",
    "ExtractionError",
    "HtmlResult",
    "InputError",
    "LedgerError",
    "NearMiss",
    "PatternTimeoutError",
    "Removal",
    "RuleFileError",
    "Span",
    "StripResult",
    "Stripper",
    "StripperError",
    "restore",
    "strip",
    "strip_html",
    "strip_table",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: the `strip` alias must start at once."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"stripper.{_HOMES[name]}"), name)
