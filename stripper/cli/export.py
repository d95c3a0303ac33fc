"""`stripper export`: a ledger in the formats of others."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stripper.errors import ConfigError, InputError, StripperError

if TYPE_CHECKING:
    from stripper.export.documents import Marked

_EXAMPLES = """\
examples:
  stripper export clean/ledger.jsonl --to web-annotation -o removed.jsonld
  stripper export clean/ledger.jsonl --to dolma -o attributes.jsonl.gz
  stripper export clean/ledger.jsonl --to brat -o brat/        originals and annotations, a pair of files a document"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "export",
        help="what was removed, as W3C Web Annotation, dolma attributes or brat standoff",
        description="Writes what a ledger says in the format of other programs, with offsets into the original texts.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("ledger", type=Path, metavar="LEDGER", help="ledger.jsonl of a run, or NAME.ledger.json")
    parser.add_argument("--to", required=True, choices=("web-annotation", "dolma", "brat"))
    parser.add_argument(
        "--clean", type=Path, metavar="PATH", help="the clean texts (default: where the run has left them)"
    )
    parser.add_argument("--text-field", metavar="NAME", default="text", help="field of records with the clean text")
    parser.add_argument("-o", "--output", metavar="OUT", help="a file (default: standard output); for brat a folder")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from stripper.export.documents import marked, marked_texts
    from stripper.io.format import FormatOptions

    if not arguments.ledger.is_file():
        raise InputError(f"{arguments.ledger}: no such file")
    failed: list[str] = []
    if arguments.to == "dolma":
        documents = _sound(marked(arguments.ledger), failed)
    else:
        options = FormatOptions(text_field=arguments.text_field)
        documents = _sound(marked_texts(arguments.ledger, arguments.clean, options), failed)
    if arguments.to == "brat":
        _write_brat(documents, arguments.output)
    else:
        _write_one(_pieces(arguments.to, documents), arguments.output)
    for complaint in failed:
        _say(complaint)
    return 3 if failed else 0


def _sound(documents: Iterable[Marked | StripperError], failed: list[str]) -> Iterator[Marked]:
    """The documents; errors among them are kept for the end."""
    for document in documents:
        if isinstance(document, StripperError):
            failed.append(str(document))
        else:
            yield document


def _pieces(to: str, documents: Iterator[Marked]) -> Iterator[str]:
    from stripper.export.dolma import attributes
    from stripper.export.web_annotation import collection

    return collection(documents) if to == "web-annotation" else attributes(documents)


def _write_one(pieces: Iterator[str], output: str | None) -> None:
    """Write text to a file, gzipped where it is called so, or to standard output."""
    from stripper.io.compressed import packing
    from stripper.io.textfile import replacing

    if output is None or output == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece.encode("utf-8"))
        return
    kind = next((kind for kind in ("gz", "zst") if output.endswith(f".{kind}")), "")
    with replacing(Path(output)) as temporary, packing(temporary.open("wb"), kind) as stream:
        for piece in pieces:
            stream.write(piece.encode("utf-8"))


def _write_brat(documents: Iterator[Marked], output: str | None) -> None:
    from stripper.export.brat import settings, standoff
    from stripper.io.textfile import write_whole

    if output is None or Path(output).is_file():
        raise ConfigError("--to brat writes a pair of files for each document: say -o FOLDER")
    labels: set[str] = set()
    left_out = 0
    for document in documents:
        lines, blank = standoff(document)
        stem = Path(output, document.name.removesuffix(".txt"))
        write_whole(stem.with_name(f"{stem.name}.txt"), document.source.encode("utf-8", "surrogatepass"))
        write_whole(stem.with_name(f"{stem.name}.ann"), lines.encode("utf-8", "surrogatepass"))
        labels.update(removal["label"] for removal in document.removals)
        left_out += blank
    write_whole(Path(output, "annotation.conf"), settings(labels).encode("utf-8"))
    if left_out:
        _say(f"left out {left_out} removals of blanks alone, which brat can't show")


def _say(message: str) -> None:
    print(f"stripper: {message}", file=sys.stderr)
