"""`stripper restore`: the originals back, from the clean texts and their ledger."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stripper.errors import ConfigError, InputError

if TYPE_CHECKING:
    from stripper.io.format import FormatOptions

_EXAMPLES = """\
examples:
  stripper restore clean/ clean/ledger.jsonl -o originals/    a folder
  stripper restore clean.txt clean.txt.ledger.json > text     one file
  stripper restore articles/ articles/ -o articles/           undo --in-place: a ledger lies beside each file"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "restore",
        help="the originals back, byte for byte, from the clean texts and their ledger",
        description="Puts back what was removed. Each original is checked against length and digest in the ledger "
        "before it is written.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("clean", type=Path, metavar="CLEAN", help="a clean file, or the output folder of a run")
    parser.add_argument(
        "ledger",
        type=Path,
        nargs="?",
        metavar="LEDGER",
        help="ledger.jsonl of the run, NAME.ledger.json, or a folder with these; without it, records are restored from "
        "the removals that they carry",
    )
    for name, default, what in (
        ("--text-field", "text", "the field or column of records that was stripped (text)"),
        ("--out-field", None, "the one that the clean body went to, where the run was told one"),
        ("--removals-field", "removals", "the one with the removals (removals)"),
    ):
        parser.add_argument(name, metavar="NAME", default=default, help=what)
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="a file for a file, a folder for a folder")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    for path in (arguments.clean, arguments.ledger):
        if path and not path.exists():
            raise InputError(f"{path}: no such file or folder")
    return _folder(arguments) if arguments.clean.is_dir() else _file(arguments)


def _options(arguments: argparse.Namespace) -> FormatOptions:
    from stripper.io.format import FormatOptions

    return FormatOptions(
        text_field=arguments.text_field, out_field=arguments.out_field, removals_field=arguments.removals_field
    )


def _file(arguments: argparse.Namespace) -> int:
    from stripper.io.originals import is_records
    from stripper.run.restore import Original, original_of, write_from_own_removals

    clean, ledger, output = arguments.clean, arguments.ledger, arguments.output
    if ledger is not None and ledger.is_dir():
        raise ConfigError(f"{ledger} is a folder, and {clean} a file; name its ledger")
    if output is not None and output.is_dir():
        raise ConfigError(f"-o {output} is a folder, and {clean} a file; name a file")
    if is_records(clean) and output is None:
        raise ConfigError(f"{clean} is a file of records: say -o OUT")
    if ledger is None and not is_records(clean):
        raise ConfigError(f"{clean} needs a LEDGER: NAME.ledger.json beside it, or ledger.jsonl of the run")
    if ledger is None:
        write_from_own_removals(clean, output, _options(arguments))
        return 0
    original = original_of(clean, ledger)
    if isinstance(original, Original) and (output is None or str(output) == "-"):
        sys.stdout.buffer.write(original.content())
    else:
        original.write(output, _options(arguments))
    return 0


def _folder(arguments: argparse.Namespace) -> int:
    from stripper.run.restore import restore_folder

    if arguments.output is None:
        raise ConfigError(f"{arguments.clean} is a folder: say -o OUT, the folder for the originals")
    if arguments.output.is_file():
        raise ConfigError(f"-o {arguments.output} is a file, and {arguments.clean} a folder; name a folder")
    if arguments.ledger is None:
        raise ConfigError(
            f"{arguments.clean} is a folder: name its LEDGER, or the folder itself for ledgers beside files"
        )
    done = restore_folder(arguments.clean, arguments.ledger, arguments.output, _options(arguments))
    for failure in done.failures:
        _say(failure)
    if done.unknown:
        _say(f"{len(done.unknown)} files of {arguments.clean} are in no ledger, {done.unknown[0]} the first")
    _say(f"{done.files} files restored" + (f", {len(done.failures)} failed" if done.failures else ""))
    return 3 if done.failures else 0


def _say(message: str) -> None:
    print(f"stripper: {message}", file=sys.stderr)
