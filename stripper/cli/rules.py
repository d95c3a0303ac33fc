"""`stripper rules`: check, list, show and count rules."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from stripper.cli import rule_stats


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand and its own subcommands."""
    parser = commands.add_parser("rules", help="check, list, show and count rules", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    checking = actions.add_parser(
        "check", help="every problem of every rule file", description="Validates rule files and runs their examples."
    )
    checking.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: the shipped rules)"
    )
    checking.set_defaults(run=_check)
    listing = actions.add_parser(
        "list", help="the rules in force", description="Lists the rules in force and where they are from."
    )
    listing.add_argument(
        "--rules", nargs="+", action="extend", metavar="PATH", help="rule files, folders or names of packs"
    )
    listing.add_argument("--label", help="only rules of this label")
    listing.set_defaults(run=_list)
    showing = actions.add_parser("show", help="one rule, whole", description="Shows a rule with its examples.")
    showing.add_argument("id", help="the rule's full id, for example fr/upsell/upgrade-to-pro")
    showing.add_argument(
        "--rules", nargs="+", action="extend", metavar="PATH", help="rule files, folders or names of packs"
    )
    showing.set_defaults(run=_show)
    rule_stats.add_parser(actions)
    judging = actions.add_parser(
        "examples",
        help="examples for rules, from judgements saved in a report",
        description="Prints [[rule.example]] tables: what was accepted in a report goes, what was rejected stays.",
    )
    judging.add_argument("path", type=Path, metavar="FEEDBACK", help="the file that a report page saved")
    judging.add_argument(
        "--rules", nargs="+", action="extend", metavar="PATH", help="rule files, folders or names of packs"
    )
    judging.set_defaults(run=_examples)
    writing = actions.add_parser(
        "docs", help="write what is generated from the rules", description="Writes docs/rules.md and the JSON Schema."
    )
    writing.add_argument("root", nargs="?", type=Path, default=Path(), help="the source tree (default: this folder)")
    writing.set_defaults(run=_docs)


def _check(arguments: argparse.Namespace) -> int:
    from stripper.ruleset import builtin_folder
    from stripper.workbench.check import check

    paths = arguments.paths or [builtin_folder()]
    for path in paths:
        if not path.exists():
            print(f"stripper: {path}: no such file or folder", file=sys.stderr)
            return 2
    count, problems = check(paths)
    for problem in problems:
        print(problem)
    print(f"{count} sound rules, {len(problems)} problems", file=sys.stderr)
    return 2 if problems or not count else 0


def _docs(arguments: argparse.Namespace) -> int:
    from stripper.workbench.docs import write_all

    for name in write_all(arguments.root):
        print(f"wrote {name}", file=sys.stderr)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from stripper.config import load_config
    from stripper.ruleset import load_rules

    rule_set = load_rules(arguments.rules or load_config().rules)
    rows = [rule for rule in rule_set.rules if arguments.label in (None, rule.label)]
    changed = dict(rule_set.changed)
    for rule in rows:
        by = f"  (confidence set by {changed[rule.id]})" if rule.id in changed else ""
        print(f"{rule.id:<45} {rule.label:<17} {rule.status.value:<12} {rule.confidence:.2f}  {rule.origin}{by}")
    for rule_id, path in rule_set.disabled:
        print(f"{rule_id:<45} disabled by {path}")
    print(f"{len(rows)} rules, {len(rule_set.packs)} packs, sha256 {rule_set.sha256[:16]}", file=sys.stderr)
    return 0


def _examples(arguments: argparse.Namespace) -> int:
    from stripper.config import load_config
    from stripper.ruleset import load_rules
    from stripper.workbench.examples import make_examples, paste, read_feedback

    examples = make_examples(read_feedback(arguments.path))
    rules = {rule.id: rule for rule in load_rules(arguments.rules or load_config().rules).rules}
    for block in paste(examples, rules):
        sys.stdout.buffer.write(block.encode("utf-8", "backslashreplace"))
    for reason in examples.left_out:
        print(f"stripper: left out: {ascii(reason)[1:-1]}", file=sys.stderr)
    count = sum(map(len, examples.blocks.values()))
    print(f"{count} examples for {len(examples.blocks)} rules, {len(examples.left_out)} left out", file=sys.stderr)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from stripper.config import load_config
    from stripper.ruleset import load_rules
    from stripper.workbench.show import show

    rules = {rule.id: rule for rule in load_rules(arguments.rules or load_config().rules).rules}
    if arguments.id not in rules:
        import difflib

        near = difflib.get_close_matches(arguments.id, rules, n=3, cutoff=0.4)
        print(
            f"stripper: no rule {arguments.id}; did you mean {', '.join(near) or 'one of stripper rules list'}?",
            file=sys.stderr,
        )
        return 2
    print(show(rules[arguments.id]), end="")
    return 0
