"""The default `Stripper`, made when first needed, and the function that uses it."""

from __future__ import annotations

from functools import cache

from stripper.pipeline import Stripper
from stripper.result import StripResult


@cache
def default_stripper() -> Stripper:
    """All shipped rules with the default policy."""
    return Stripper()


def strip(text: str, url: str | None = None, language: str | None = None) -> StripResult:
    """
    Remove what is not the article from `text`; report what was found and left in.

    `url` lets rules for single sites take part; `language` is an ISO 639-1 code, detected where it is not given.
    """
    return default_stripper().strip(text, url, language)
