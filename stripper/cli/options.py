"""Options that several subcommands share, and the `Stripper` that they ask for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stripper.pipeline import Stripper


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """What decides what goes: rules, labels, confidence, language, URL."""
    group = parser.add_argument_group("what goes")
    group.add_argument(
        "--rules", nargs="+", action="extend", metavar="PATH",
        help="files or folders, added to the shipped rules; or names of shipped packs (fr, en/share) to use only those",
    )  # fmt: skip
    group.add_argument(
        "--keep", action="append", metavar="LABEL", help="report this label, but leave it in (repeatable)"
    )
    group.add_argument(
        "--drop", action="append", metavar="LABEL", help="remove this label though it is kept by default"
    )
    group.add_argument(
        "--min-confidence", type=float, metavar="X", help="how sure a removal must be, 0 to 1 (default 0.5)"
    )
    group.add_argument("--lang", metavar="CODE", help="language of the documents (ISO 639-1), where known")
    group.add_argument("--url", metavar="URL", help="where the document is from, for rules made for one site")


def make_stripper(arguments: argparse.Namespace) -> Stripper:
    """The `Stripper` of the options, and of the configuration where an option is not given."""
    from stripper.config import load_config
    from stripper.pipeline import Stripper

    config = load_config()
    return Stripper(
        arguments.rules or config.rules,
        keep=_split(arguments.keep) or config.keep,
        drop=_split(arguments.drop) or config.drop,
        min_confidence=config.min_confidence if arguments.min_confidence is None else arguments.min_confidence,
        language=arguments.lang or config.language,
    )


def _split(labels: list[str] | None) -> list[str]:
    """Labels given one by one or joined by commas."""
    return [label.strip() for given in labels or () for label in given.split(",") if label.strip()]
