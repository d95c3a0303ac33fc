"""`stripper rules stats`: what every rule does on labelled records."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stripper.rule import Rule
    from stripper.workbench.stats import Tally

_ORDERS = ("precision", "hits", "removed", "alone", "time")


def add_parser(actions: argparse._SubParsersAction[Any]) -> None:
    """Add the action."""
    parser = actions.add_parser(
        "stats",
        help="what every rule does on labelled records",
        description="Counts what every rule matches and removes on labelled records (JSONL, gzipped or not), how much "
        "of it is right, what it alone finds and how long it takes. Characters are summed over records, blanks left "
        "out; the outputs of several extractors for one page count as one page.",
    )
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORDS")
    parser.add_argument("--by", choices=_ORDERS, default="precision", help="how the table is sorted")
    parser.add_argument("--label", help="only rules of this label")
    parser.add_argument("--id", metavar="PREFIX", default="", help="only rules whose id begins so (en, en/share)")
    parser.add_argument("--lang", metavar="CODE", help="only records in this language")
    parser.add_argument(
        "--quick", action="store_true", help="leave out what only one rule finds, which takes most of the time"
    )
    parser.add_argument("--rules", nargs="+", action="extend", metavar="PATH", help="rule files, folders or packs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures, by language too")
    parser.add_argument(
        "--summary", type=Path, metavar="FILE", help="write right and wrong characters and pages of each rule"
    )
    parser.add_argument(
        "--write-status", type=Path, metavar="FOLDER",
        help="set the rules' status in the files of FOLDER: stable where they were at work and 99 %% right, else test",
    )  # fmt: skip
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from stripper.config import load_config
    from stripper.pipeline import Stripper
    from stripper.workbench import stats
    from stripper.workbench.evaluate import digest, read_records

    if arguments.lang and (arguments.summary or arguments.write_status):
        print("stripper: --summary and --write-status judge rules by all records; leave out --lang", file=sys.stderr)
        return 2
    stripper = Stripper(arguments.rules or load_config().rules)
    records = [record for record in read_records(arguments.records) if arguments.lang in (None, record.get("lang"))]
    tallies = stats.measure(records, stripper, alone=not arguments.quick)
    rules = stripper.rules.rules
    shown = [r for r in rules if arguments.label in (None, r.label) and r.id.startswith(arguments.id)]
    print(stats.table(shown, tallies, arguments.by))
    print(stats.conclusions(shown, tallies), end="")
    sha256 = digest(arguments.records)
    if arguments.json:
        _write(arguments.json, json.dumps(stats.to_dict(shown, tallies, len(records), sha256), indent=1) + "\n")
    if arguments.summary:
        _write(arguments.summary, stats.dump_summary(stats.summary(rules, tallies, sha256)))
    if arguments.write_status:
        _write_status(arguments.write_status, rules, tallies)
    return 0


def _write(path: Path, text: str) -> None:
    from stripper.io.textfile import write_whole

    write_whole(path, text.encode())


def _write_status(folder: Path, rules: Sequence[Rule], tallies: Mapping[str, Tally]) -> None:
    from stripper.workbench.stats import earned
    from stripper.workbench.status import write_statuses

    changed = write_statuses(folder, {rule.id: earned(rule, tallies[rule.id]) for rule in rules})
    print(f"{len(changed)} rules have another status now", file=sys.stderr)
