"""`stripper restore`: the originals back, from the clean texts and their ledger."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from stripper.errors import ConfigError, InputError

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
        "ledger", type=Path, metavar="LEDGER", help="ledger.jsonl of the run, NAME.ledger.json, or a folder with these"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="a file for a file, a folder for a folder")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    for path in (arguments.clean, arguments.ledger):
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
    return _folder(arguments) if arguments.clean.is_dir() else _file(arguments)


def _file(arguments: argparse.Namespace) -> int:
    from stripper.io.textfile import write_whole
    from stripper.run.restore import restore_file

    if arguments.ledger.is_dir():
        raise ConfigError(f"{arguments.ledger} is a folder, and {arguments.clean} a file; name its ledger")
    content = restore_file(arguments.clean, arguments.ledger)
    if arguments.output is None or str(arguments.output) == "-":
        sys.stdout.buffer.write(content)
        return 0
    if arguments.output.is_dir():
        raise ConfigError(f"-o {arguments.output} is a folder, and {arguments.clean} a file; name a file")
    write_whole(arguments.output, content)
    return 0


def _folder(arguments: argparse.Namespace) -> int:
    from stripper.run.restore import restore_folder

    if arguments.output is None:
        raise ConfigError(f"{arguments.clean} is a folder: say -o OUT, the folder for the originals")
    if arguments.output.is_file():
        raise ConfigError(f"-o {arguments.output} is a file, and {arguments.clean} a folder; name a folder")
    done = restore_folder(arguments.clean, arguments.ledger, arguments.output)
    for failure in done.failures:
        _say(failure)
    if done.unknown:
        _say(f"{len(done.unknown)} files of {arguments.clean} are in no ledger, {done.unknown[0]} the first")
    _say(f"{done.files} files restored" + (f", {len(done.failures)} failed" if done.failures else ""))
    return 3 if done.failures else 0


def _say(message: str) -> None:
    print(f"stripper: {message}", file=sys.stderr)
