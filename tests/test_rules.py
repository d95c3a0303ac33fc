"""The shipped rules: sound, each with examples of both kinds that do what they say; their documents are current."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import tomli

from stripper.ruleset import builtin_folder
from stripper.workbench import docs
from stripper.workbench.check import check

ROOT = Path(__file__).parents[1]
FIRST_LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "nl", "pl", "ru", "uk")
FAMILIES = {
    "upsell": {"upsell", "paywall"},
    "newsletter": {"newsletter"},
    "share and follow": {"share", "social-follow"},
    "read-also": {"read-also"},
    "related-articles": {"related-articles"},
    "latest-news": {"latest-news"},
    "copyright": {"copyright"},
    "legal": {"legal", "cookie-consent"},
    "comments": {"comments"},
    "ad-slot": {"ad-slot"},
    "credit": {"credit"},
    "tags": {"tags"},
}


def test_the_shipped_rules_have_no_problems() -> None:
    assert [str(problem) for problem in check([builtin_folder()])[1]] == []


@pytest.mark.parametrize("language", FIRST_LANGUAGES)
def test_every_language_has_every_family(language: str) -> None:
    packs = [tomli.loads(path.read_text(encoding="utf-8")) for path in (builtin_folder() / language).glob("*.toml")]
    labels = {rule["label"] for pack in packs for rule in pack["rule"]}
    labels |= {"copyright"}  # the sign, the word and the year are in any/copyright for all languages
    assert [family for family, any_of in FAMILIES.items() if not labels & any_of] == []


@pytest.mark.parametrize("path", sorted(builtin_folder().rglob("*.toml")), ids=lambda path: "/".join(path.parts[-2:]))
def test_rule_files_follow_the_published_schema(path: Path) -> None:
    schema = json.loads((ROOT / "schema" / "rule-file.json").read_text(encoding="utf-8"))
    errors = jsonschema.Draft202012Validator(schema).iter_errors(tomli.loads(path.read_text(encoding="utf-8")))
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("path", sorted(docs.GENERATED), ids=str)
def test_generated_documents_are_current(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == docs.GENERATED[path](ROOT), "run `make docs`"
