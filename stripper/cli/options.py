"""Options that several subcommands share, and the `Stripper` that they ask for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stripper.io.format import FormatOptions
    from stripper.pipeline import Stripper
    from stripper.run.task import EngineSettings


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
    from stripper.run.worker import make_stripper

    return make_stripper(engine_settings(arguments))


def engine_settings(arguments: argparse.Namespace) -> EngineSettings:
    """What the options ask for, and the configuration where an option is not given."""
    from stripper.config import load_config
    from stripper.run.task import EngineSettings

    config = load_config()
    return EngineSettings(
        tuple(arguments.rules or config.rules),
        keep=tuple(_split(arguments.keep) or config.keep),
        drop=tuple(_split(arguments.drop) or config.drop),
        min_confidence=config.min_confidence if arguments.min_confidence is None else arguments.min_confidence,
        language=arguments.lang or config.language,
    )


def add_format_options(parser: argparse.ArgumentParser) -> None:
    """How inputs are read and outputs are written."""
    group = parser.add_argument_group("formats")
    group.add_argument(
        "--format", metavar="NAME",
        help="read the inputs as: text, jsonl, jsonl.gz, jsonl.zst, … (default: as their names end)",
    )  # fmt: skip
    group.add_argument("--to", metavar="NAME", help="write records as (default: as OUT ends, else as they were read)")
    group.add_argument("--text-field", metavar="NAME", default="text", help="field or column with the text (text)")
    group.add_argument("--url-field", metavar="NAME", default="url", help="field with the document's URL (url)")
    group.add_argument(
        "--language-field", metavar="NAME", default="language", help="field with its ISO 639-1 code (language)"
    )
    group.add_argument("--out-field", metavar="NAME", help="field for the clean body (default: the text field)")
    group.add_argument(
        "--removals-field", metavar="NAME", default="removals", help="field for what was removed (removals)"
    )
    group.add_argument(
        "--encoding",
        metavar="NAME",
        help="encoding of texts (default: UTF-8, or what the byte order mark says; auto: told by its bytes)",
    )


def format_options(arguments: argparse.Namespace, *, chunk_bytes: int = 1 << 20) -> FormatOptions:
    """The options of `add_format_options`, parsed. Raises `ConfigError` for an encoding that does not exist."""
    from stripper.io.format import FormatOptions
    from stripper.io.textfile import check_encoding

    return FormatOptions(
        text_field=arguments.text_field,
        url_field=arguments.url_field,
        language_field=arguments.language_field,
        out_field=arguments.out_field,
        removals_field=arguments.removals_field,
        encoding=check_encoding(arguments.encoding) if arguments.encoding else None,
        url=arguments.url,
        chunk_bytes=chunk_bytes,
    )


def _split(labels: list[str] | None) -> list[str]:
    """Labels given one by one or joined by commas."""
    return [label.strip() for given in labels or () for label in given.split(",") if label.strip()]
