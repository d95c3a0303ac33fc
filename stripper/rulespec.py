"""
The shape of a rule file: every table, every key, what it takes.

One description serves the validator (`stripper.rulefile`), the JSON Schema and the reference in `docs/rule-format.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from stripper.rule import ALL_LABELS, Extent, Position, Shape, Status


class Kind(Enum):
    """The type of a value, named as an error message names it."""

    STRING = "a string"
    ID = "lower-case words joined by hyphens"
    PACK = "lower-case words joined by hyphens and slashes"
    INTEGER = "a whole number of 1 or more"
    SHARE = "a number from 0 to 1"
    AMOUNT = "a number from -1 to 1"
    BOOLEAN = "true or false"
    STRINGS = "a list of strings, not empty"
    PATTERN = "a pattern"
    PATTERNS = "a pattern or a list of patterns, not empty"
    STEPS = "a list of patterns or of tables {line, optional}, not empty"
    WORDS = "a list of the allowed words, not empty"
    SHARES = "a table of rule ids and numbers from 0 to 1"
    TABLE = "a table"
    TABLES = "an array of tables"


@dataclass(frozen=True)
class Key:
    """A key of a table: what it takes and what it means."""

    name: str
    kind: Kind
    doc: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    table: str = ""


def _words(words: type[Enum]) -> tuple[str, ...]:
    return tuple(word.value for word in words)


_CONDITIONS = (
    Key("position", Kind.STRING, "where the match must lie", allowed=_words(Position)),
    Key("languages", Kind.STRINGS, "ISO 639-1 codes, one of which the matched text must be in"),
    Key("document_languages", Kind.STRINGS, "ISO 639-1 codes, one of which the document must be in"),
    Key("language_differs", Kind.BOOLEAN, "the matched text is in another language than the document"),
    Key("sites", Kind.STRINGS, "host names, subdomains included, one of which the document's URL must have"),
    Key("previous_line", Kind.PATTERN, "covers the line before the match"),
    Key("next_line", Kind.PATTERN, "covers the line after the match"),
    Key("lines_after", Kind.INTEGER, "at most so many lines follow the match"),
    Key("repeated_lines_after", Kind.INTEGER, "at least so many lines after the match say the same as the line before"),
    Key("near_removal", Kind.INTEGER, "something else that goes lies at most so many lines away"),
    Key("max_chars", Kind.INTEGER, "the match has at most so many characters"),
    Key("capitals", Kind.BOOLEAN, "the first word of the match is in capital letters"),
    Key("names", Kind.BOOLEAN, "what the named groups captured is written as names are: with capitals"),
    Key("unrelated", Kind.BOOLEAN, "the words of the section are not those of the article"),
)

TABLES: dict[str, tuple[Key, ...]] = {
    "file": (
        Key("schema", Kind.INTEGER, "version of this format: 1", required=True, allowed=("1",)),
        Key("pack", Kind.PACK, "the pack's id: the file's path under the rules folder, without .toml", required=True),
        Key("version", Kind.INTEGER, "version of the pack; rises when any of its rules changes (default 1)"),
        Key("description", Kind.STRING, "what the pack removes, in one sentence", required=True),
        Key("extend", Kind.TABLE, "changes to rules that other files define", table="extend"),
        Key("rule", Kind.TABLES, "the rules", table="rule"),
    ),
    "extend": (
        Key("builtin", Kind.BOOLEAN, "false: leave out the rules that come with stripper (default true)"),
        Key("disable", Kind.STRINGS, "ids of rules or packs that are not to run"),
        Key("confidence", Kind.SHARES, "another confidence for rules, by id"),
    ),
    "rule": (
        Key("id", Kind.ID, "name of the rule in its pack, for ever", required=True),
        Key("version", Kind.INTEGER, "rises when what the rule matches changes", required=True),
        Key("label", Kind.STRING, "what the match is", required=True, allowed=tuple(sorted(ALL_LABELS))),
        Key("status", Kind.STRING, "how far the rule is trusted", required=True, allowed=_words(Status)),
        Key("confidence", Kind.SHARE, "how often a match that meets all conditions is junk", required=True),
        Key("keywords", Kind.STRINGS, "at least one occurs in anything the rule matches; not needed for phrases"),
        Key("references", Kind.STRINGS, "fixtures or addresses where the text was seen"),
        Key("extent", Kind.STRING, "how far the match reaches (default lines)", allowed=_words(Extent)),
        Key("shapes", Kind.WORDS, "what the lines of the section look like", allowed=_words(Shape)),
        Key("unless", Kind.PATTERNS, "protects a match in which one of them is found"),
        Key("match", Kind.TABLE, "what the rule looks for: exactly one key", required=True, table="match"),
        Key("when", Kind.TABLE, "what must hold", table="when"),
        Key("boost", Kind.TABLES, "what makes the rule surer", table="boost"),
        Key("example", Kind.TABLES, "what goes and what stays, at least one of each", required=True, table="example"),
    ),
    "match": (
        Key("line", Kind.PATTERNS, "covers a whole line"),
        Key("phrases", Kind.STRINGS, "whole lines, word for word"),
        Key("sequence", Kind.STEPS, "whole lines, one after the other"),
        Key("inline", Kind.PATTERNS, "a span inside a line"),
    ),
    "when": _CONDITIONS,
    "boost": (
        *_CONDITIONS,
        Key("add", Kind.AMOUNT, "what is added to the confidence", required=True),
        Key("why", Kind.STRING, "the reason, as the ledger will give it", required=True),
    ),
    "example": (
        Key("name", Kind.STRING, "what the example shows", required=True),
        Key(
            "text",
            Kind.STRING,
            'a diff: "- " goes, two spaces stay, "+ " is what is left of the line above',
            required=True,
        ),
        Key("url", Kind.STRING, "the document's URL, for rules that ask for a site"),
        Key("language", Kind.STRING, "the document's ISO 639-1 code, where the text is too short to tell"),
    ),
    "step": (
        Key("line", Kind.PATTERN, "covers the whole line", required=True),
        Key("optional", Kind.BOOLEAN, "the line may be missing (default false)"),
    ),
}
