"""`stripper learn`: fit the tail's scorecard to labelled records."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "learn",
        help="fit the scorecard of the tail to labelled records",
        description="Fits the weights that tell where an article ends; prints how they do on sites not fitted on.",
    )
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORDS")
    parser.add_argument(
        "--clean", type=Path, metavar="FOLDER", help="texts (.txt) from which nothing may go, to be learnt from as well"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the scorecard as TOML")
    parser.add_argument(
        "--enough",
        type=float,
        default=0.5,
        metavar="X",
        help="log-odds from which on a tail is believed (default: 0.5)",
    )
    parser.add_argument(
        "--enough-weak",
        type=float,
        default=2.5,
        metavar="X",
        help="the same where the tail would begin with a weak finding (default: 2.5)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from stripper.io.textfile import write_whole
    from stripper.pipeline import Stripper
    from stripper.workbench import learn
    from stripper.workbench.evaluate import digest, read_records

    try:
        clean = learn.clean_records(arguments.clean) if arguments.clean else []
        rows = list(learn.read_rows([*read_records(arguments.records), *clean], Stripper()))
        print(learn.table(learn.judged(rows)), end="")
    except ModuleNotFoundError as missing:
        print(f"stripper: learning needs {missing.name}: pip install 'article-stripper[learn]'", file=sys.stderr)
        return 2
    if arguments.output:
        card = learn.fit([row for row in rows if row.group], arguments.enough, arguments.enough_weak)
        source = f"records of sha256 {digest(arguments.records)[:16]}, a fifth of the sites kept aside"
        write_whole(arguments.output, learn.to_toml(card, source).encode("utf-8"))
    return 0
