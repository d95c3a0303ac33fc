"""What a run did, added up document by document: by label, rule, language and site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from stripper.report.usual import Shares
from stripper.rule import LABELS

_GROUPS = {label: group for group, labels in LABELS.items() for label in labels}
NO_SITE = ""  # stands for the site of a document without an address


@dataclass
class _Sum:
    """How many documents, removals and characters."""

    documents: int = 0
    removals: int = 0
    removed: int = 0
    characters: int = 0


@dataclass
class Totals:
    """The sums of a run. They do not depend on the order of the documents."""

    run: _Sum = field(default_factory=_Sum)
    changed: int = 0
    flags: int = 0
    near_misses: int = 0
    problems: int = 0
    shares: Shares = field(default_factory=Shares)
    labels: dict[str, _Sum] = field(default_factory=dict)
    rules: dict[tuple[str, str], _Sum] = field(default_factory=dict)
    languages: dict[str, _Sum] = field(default_factory=dict)
    sites: dict[str, _Sum] = field(default_factory=dict)

    def add(self, ledger: Mapping[str, Any], length: int) -> None:
        """Count one document of `length` characters."""
        removals = ledger["removals"]
        removed = size_removed(ledger)
        self.changed += bool(removals)
        self.flags += len(ledger["flags"])
        self.near_misses += len(ledger["near_misses"])
        self.problems += bool(ledger["problem"])
        self.shares.add(removed, length)
        language, site = ledger["language"] or "", site_of(ledger["url"])
        for total in (self.run, _of(self.languages, language), _of(self.sites, site)):
            _count(total, removals, length)
        for label in {removal["label"] for removal in removals}:
            _count(_of(self.labels, label), [r for r in removals if r["label"] == label], length)
        for rule in {(removal["rule"], removal["label"]) for removal in removals}:
            _count(_of(self.rules, rule), [r for r in removals if (r["rule"], r["label"]) == rule], length)

    def to_dict(self, most: int) -> dict[str, Any]:
        """JSON-ready; of rules and sites the `most` that removed most, with the number of the others."""
        limit = self.shares.limit()
        return {
            **vars(self.run),
            "changed": self.changed,
            "flags": self.flags,
            "near": self.near_misses,
            "problems": self.problems,
            "unusual": self.shares.count_unusual(),
            "limit": round(limit, 4),
            "median": self.shares.median(),
            "shares": self.shares.histogram(),
            "labels": [{"name": name, "group": group_of(name), **vars(s)} for name, s in _ranked(self.labels)],
            "rules": [{"name": name, "label": label, **vars(s)} for (name, label), s in _ranked(self.rules)[:most]],
            "languages": [{"name": name, **vars(s)} for name, s in _ranked(self.languages)],
            "sites": [{"name": name, **vars(s)} for name, s in _ranked(self.sites)[:most]],
            "more_rules": max(0, len(self.rules) - most),
            "more_sites": max(0, len(self.sites) - most),
        }


def group_of(label: str) -> str:
    """The group of a label; that of `other` for one that does not exist."""
    return _GROUPS.get(label, "otherwise")


def site_of(url: str | None) -> str:
    """
    The host of an address, without `www.`; empty where there is none.

    >>> site_of("https://www.Example.org:8080/a"), site_of("http://[bad"), site_of(None)
    ('example.org', '', '')
    """
    try:
        host = urlsplit(url or "").hostname or NO_SITE
    except ValueError:
        return NO_SITE
    return host.removeprefix("www.")


def size_removed(ledger: Mapping[str, Any]) -> int:
    """The characters that went."""
    return sum(removal["end"] - removal["start"] for removal in ledger["removals"])


def _of(sums: dict[Any, _Sum], name: Any) -> _Sum:
    return sums.setdefault(name, _Sum())


def _count(total: _Sum, removals: Iterable[Mapping[str, Any]], length: int) -> None:
    total.documents += 1
    total.characters += length
    for removal in removals:
        total.removals += 1
        total.removed += removal["end"] - removal["start"]


def _ranked(sums: dict[Any, _Sum]) -> list[tuple[Any, _Sum]]:
    return sorted(sums.items(), key=lambda item: (-item[1].removed, -item[1].documents, item[0]))
