"""What a rule is: frozen, complete, without I/O. `stripper.rulefile` makes rules from TOML."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from stripper.pattern import MAX_LINE, Pattern

LABELS: Mapping[str, tuple[str, ...]] = {
    "promotion": (
        "upsell", "paywall", "newsletter", "app-promo", "social-follow", "share", "donation", "shop", "sponsored",
        "ad-slot", "event-promo",
    ),
    "other articles": ("read-also", "related-articles", "latest-news", "foreign-teaser"),
    "legal": ("copyright", "legal", "cookie-consent"),
    "readers": ("comments", "feedback"),
    "article furniture": ("author-bio", "credit", "date", "tags", "media-widget"),
    "page furniture": ("navigation", "site-signature", "contact", "machine-noise"),
    "otherwise": ("other",),
    "reported, kept by default": ("headline", "byline", "dateline"),
}  # fmt: skip
ALL_LABELS = frozenset(label for group in LABELS.values() for label in group)
LABEL_GROUPS = {label: group for group, labels in LABELS.items() for label in labels}
PHRASE_TAIL = 20  # code points of dots, blanks and counts that a phrase may have behind it
SURE = 0.5  # a rule at least this sure can remove something by itself
KEPT_LABELS = frozenset(LABELS["reported, kept by default"])


class Status(str, Enum):
    """How far a rule is trusted. An experimental rule is reported only, a deprecated one is not run."""

    EXPERIMENTAL = "experimental"
    TEST = "test"
    STABLE = "stable"
    DEPRECATED = "deprecated"


class Position(str, Enum):
    """Where in the text a finding lies: before the first paragraph of the article, in the article, or after its end."""

    FRONT = "front"
    BODY = "body"
    TAIL = "tail"


class Extent(str, Enum):
    """How far a match reaches: its own lines, on to the next blank line, or the section that it is the heading of."""

    LINES = "lines"
    BLOCK = "block"
    SECTION = "section"


class Shape(str, Enum):
    """What the lines of a section look like; see `stripper.sections`."""

    HEADLINES = "headlines"
    CARDS = "cards"
    SHORT_LINES = "short-lines"


@dataclass(frozen=True)
class LineMatch:
    """A whole line that one of `patterns` covers."""

    patterns: tuple[Pattern, ...]


@dataclass(frozen=True)
class PhrasesMatch:
    """A whole line that is one of `phrases`, folded, but for a colon, dots, arrow or count behind it."""

    phrases: frozenset[str]


@dataclass(frozen=True)
class Step:
    """One line of a sequence; an optional one may be missing."""

    pattern: Pattern
    optional: bool = False


@dataclass(frozen=True)
class SequenceMatch:
    """Whole lines, one after the other, blank lines between them ignored."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class InlineMatch:
    """A span inside a line."""

    patterns: tuple[Pattern, ...]


MatchKind = LineMatch | PhrasesMatch | SequenceMatch | InlineMatch


@dataclass(frozen=True)
class Conditions:
    """
    What must hold for a finding; None or empty means not asked.

    A fact that is not known (no URL, a language that can't be told) holds for nothing.
    """

    position: Position | None = None
    languages: frozenset[str] = frozenset()
    document_languages: frozenset[str] = frozenset()
    language_differs: bool | None = None
    sites: tuple[str, ...] = ()
    previous_line: Pattern | None = None
    next_line: Pattern | None = None
    lines_after: int | None = None
    repeated_lines_after: int | None = None
    near_removal: int | None = None
    max_chars: int | None = None
    capitals: bool | None = None
    names: bool | None = None
    unrelated: bool | None = None


@dataclass(frozen=True)
class Boost:
    """Raises (or lowers) the confidence of a finding where its conditions hold."""

    conditions: Conditions
    add: float
    why: str


@dataclass(frozen=True)
class Example:
    """
    A text and what a rule takes from it.

    `text` is what the rule is given, `cleaned` what is left; both are equal in an example of what must stay.
    """

    name: str
    text: str
    cleaned: str
    url: str | None = None
    language: str | None = None
    line: int = 0

    @property
    def fires(self) -> bool:
        """Whether the rule takes anything from this example."""
        return self.text != self.cleaned


@dataclass(frozen=True)
class Rule:
    """One thing that scraped articles carry, how it is recognised, and how sure that is."""

    id: str
    version: int
    label: str
    status: Status
    confidence: float
    match: MatchKind
    keywords: tuple[str, ...]
    extent: Extent = Extent.LINES
    shapes: tuple[Shape, ...] = ()
    when: Conditions = Conditions()
    boosts: tuple[Boost, ...] = ()
    unless: tuple[Pattern, ...] = ()
    examples: tuple[Example, ...] = field(default=(), repr=False)
    references: tuple[str, ...] = ()
    path: str = ""
    line: int = 0

    @property
    def pack(self) -> str:
        """The pack's id: `fr/upsell` of `fr/upsell/upgrade-to-pro`."""
        return self.id.rpartition("/")[0]

    @cached_property
    def longest_line(self) -> int:
        """No line longer than this, in code points, can be matched; a rule that looks inside lines takes any."""
        kind = self.match
        if isinstance(kind, InlineMatch):
            return sys.maxsize
        if isinstance(kind, PhrasesMatch):
            return max(map(len, kind.phrases)) + PHRASE_TAIL
        return max(p.longest for p in kind.patterns) if isinstance(kind, LineMatch) else MAX_LINE

    @cached_property
    def may_link(self) -> bool:
        """Whether the rule can take a line by itself, without asking what language it is in."""
        asks_language = self.when.languages or self.when.language_differs is not None
        return self.confidence >= SURE and not asks_language

    @property
    def origin(self) -> str:
        """Where the rule is written: `rules/fr/upsell.toml:14`."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class RulePack:
    """The rules of one file."""

    id: str
    version: int
    description: str
    rules: tuple[Rule, ...]
    sha256: str
    path: str
