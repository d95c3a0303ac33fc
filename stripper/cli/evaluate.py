"""`stripper eval`: score the rules on labelled records."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from stripper.cli.options import add_engine_options, make_stripper


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "eval",
        help="score the rules on labelled records",
        description="Scores the rules on labelled records (JSONL, gzipped or not).",
    )
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORDS")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the worst documents as an HTML page")
    parser.add_argument(
        "--floors", type=Path, metavar="FILE", help="JSON with figures that must be reached; exit code 1 if not"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    add_engine_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from stripper.workbench import evaluate

    scored = evaluate.evaluate(evaluate.read_records(arguments.records), make_stripper(arguments))
    if arguments.json:
        figures = {name: evaluate.summarise(members) for name, members in evaluate.groups(scored).items()}
        print(json.dumps({"sha256": evaluate.digest(arguments.records), "groups": figures}, indent=1))
    else:
        print(evaluate.table(scored), end="")
    if arguments.page:
        arguments.page.write_text(evaluate.page(scored), encoding="utf-8")
    return _compare(arguments, evaluate.digest(arguments.records), scored) if arguments.floors else 0


def _compare(arguments: argparse.Namespace, digest: str, scored: list[Any]) -> int:
    from stripper.workbench.evaluate import below_floors

    floors = json.loads(arguments.floors.read_text(encoding="utf-8"))
    if floors["sha256"] != digest:
        print(
            f"stripper: {arguments.floors} was measured on other records (sha256 {floors['sha256'][:12]}…)",
            file=sys.stderr,
        )
        return 2
    complaints = below_floors(scored, floors["floors"])
    for complaint in complaints:
        print(f"stripper: {complaint}", file=sys.stderr)
    return int(bool(complaints))
