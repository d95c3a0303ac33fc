"""`stripper strip`, also called `strip`: files and folders, or a filter."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stripper.cli.options import add_engine_options, add_format_options, engine_settings, format_options, make_stripper
from stripper.cli.progress import Follower
from stripper.cli.reporting import coloured, open_report, reporting
from stripper.errors import ConfigError

if TYPE_CHECKING:
    from stripper.io.format import FormatOptions
    from stripper.result import StripResult
    from stripper.run.ledger import LedgerKind
    from stripper.run.look import Looked
    from stripper.run.plan import Plan
    from stripper.run.tally import Summary

_EXAMPLES = """\
examples:
  strip articles/ -o clean/              a folder, its tree kept, with a ledger in clean/ledger.jsonl
  strip a.txt b.txt -o clean/            some files
  strip a.txt -o b.txt                   one file
  strip < in.txt > out.txt               a filter
  strip crawl.jsonl.gz -o clean.jsonl.gz -j 4      records; --text-field and others say where the text is
  strip crawl/ -o clean/ --resume        go on where a run was killed
  strip --diff articles/                 what would go
  strip --check articles/                exit code 1 if anything would go"""

_TIMEOUT = 300.0  # seconds; a page of 1 MB takes about one


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "strip",
        help="strip files, folders or standard input",
        description="Removes what is not the article; writes the clean texts and a ledger of what was removed.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `strip`, for the subcommand and for the alias."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files or folders (what has a known ending of them); none or -: standard input",
    )
    output = parser.add_argument_group("where to")
    output.add_argument(
        "-o", "--output", metavar="OUT", help="a file for one input file, else a folder (or a name ending in /)"
    )
    output.add_argument("--in-place", action="store_true", help="overwrite the inputs")
    output.add_argument(
        "--ledger",
        choices=("sidecar", "jsonl", "none"),
        help="a file beside each output, one for the run (default), none",
    )
    output.add_argument(
        "--ledger-file", metavar="FILE", help="write the ledger of a text that goes to standard output to FILE"
    )
    output.add_argument(
        "--report",
        metavar="FILE",
        help="write a page about the run: totals, and every text with what went, to judge it",
    )
    modes = parser.add_argument_group("instead of writing").add_mutually_exclusive_group()
    modes.add_argument("--dry-run", action="store_true", help="only say what would be done")
    modes.add_argument("--diff", action="store_true", help="print what would go, as a diff")
    modes.add_argument("--check", action="store_true", help="exit code 1 if anything would go")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colours of --diff (default: on a terminal)",
    )
    add_engine_options(parser)
    add_format_options(parser)
    _add_run_options(parser)
    parser.set_defaults(run=run)


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("long runs")
    group.add_argument(
        "-j", "--jobs", type=int, default=1, metavar="N", help="worker processes; 0: one a processor (1)"
    )
    group.add_argument("--resume", action="store_true", help="go on with a run that was interrupted or killed")
    group.add_argument("--failed", metavar="DIR", help="copy inputs and records that fail to DIR")
    group.add_argument(
        "--timeout", type=float, default=_TIMEOUT, metavar="SECONDS",
        help=f"what a document may take before it fails ({_TIMEOUT:g}; 0: as long as it likes)",
    )  # fmt: skip
    group.add_argument(
        "--max-memory", type=_size, metavar="SIZE", help="address space of each worker, such as 2G (default: no limit)"
    )
    group.add_argument("--follow-links", action="store_true", help="follow links in folders")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress, no summary; only complaints")
    group.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="json: an object a line on standard error"
    )


def _size(given: str) -> int:
    """Bytes: `2G`, `512M`, `1000000`."""
    unit = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(given[-1:].upper())
    return int(float(given[:-1]) * unit) if unit else int(given)


def run(arguments: argparse.Namespace) -> int:
    """Strip what the arguments name; the exit code."""
    arguments.output = None if arguments.output == "-" else arguments.output
    _refuse_contradictions(arguments)
    options = format_options(arguments)
    if arguments.paths in ([], ["-"]):
        if not arguments.paths and sys.stdin.isatty():
            raise ConfigError(
                "nothing to strip: name files or folders, or give a text on standard input (strip --help)"
            )
        from stripper.cli.pipe import strip_stream

        return strip_stream(arguments)
    return _files(arguments, options)


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    if arguments.in_place and arguments.output:
        raise ConfigError("--in-place and -o exclude each other")
    if "-" in arguments.paths and len(arguments.paths) > 1:
        raise ConfigError("- (standard input) can't be mixed with files")
    if arguments.ledger_file and (len(arguments.paths) > 1 or any(Path(path).is_dir() for path in arguments.paths)):
        raise ConfigError("--ledger-file is for one text; a run over many writes ledger.jsonl into -o")
    if arguments.ledger_file and arguments.paths not in ([], ["-"]) and arguments.output:
        raise ConfigError(
            "--ledger-file is for a text that goes to standard output; beside -o FILE the ledger is FILE.ledger.json"
        )
    if arguments.resume and not arguments.output:
        raise ConfigError("--resume goes on with a run into -o OUT; where there is none, run it again")
    if arguments.in_place and arguments.report:
        raise ConfigError("--report needs -o OUT; a run in place keeps no texts to show (try --dry-run --report FILE)")
    if arguments.jobs < 0:
        raise ConfigError(f"-j {arguments.jobs}: it takes the number of worker processes, 0 for one a processor")
    if arguments.timeout < 0:
        raise ConfigError(f"--timeout {arguments.timeout:g}: it takes seconds, 0 for no limit")


def _files(arguments: argparse.Namespace, options: FormatOptions) -> int:
    from stripper.run.plan import Wanted, make_plan

    output = Path(arguments.output) if arguments.output else None
    wanted = Wanted(
        in_place=arguments.in_place,
        into_folder=bool(arguments.output) and arguments.output.endswith(("/", "\\")),
        format=arguments.format,
        to=arguments.to,
        follow_links=arguments.follow_links,
    )
    plan = make_plan([Path(path) for path in arguments.paths], output, wanted)
    reading = arguments.dry_run or arguments.diff or arguments.check
    if not reading and output is None and not arguments.in_place:
        return _to_stdout(arguments, plan)
    follower = Follower(_bytes(plan), quiet=arguments.quiet, as_json=arguments.log_format == "json")
    for complaint in plan.missing:
        follower.say(complaint)
    code = _look(arguments, plan, options, follower) if reading else _write(arguments, plan, options, follower)
    if plan.skipped:
        first = plan.skipped[0]
        follower.say(f"left out {len(plan.skipped)} files of no known format, hidden or links, {first} the first")
    return 3 if plan.missing else code


def _bytes(plan: Plan) -> int:
    from stripper.io.textdocument import size_of

    return sum(size_of(job.source) for job in plan.jobs)


def _look(arguments: argparse.Namespace, plan: Plan, options: FormatOptions, follower: Follower) -> int:
    """--diff, --dry-run and --check: print what would go, write nothing."""
    from stripper.run.look import look
    from stripper.run.tally import Summary

    summary = Summary()
    with reporting(arguments.report) as add:
        for looked in look(plan, make_stripper(arguments), options):
            _show(arguments, looked, summary, follower)
            add(looked.name, looked.result or looked.failure or "")
    if not arguments.quiet:
        follower.say(str(summary))
    return 3 if summary.failed else int(arguments.check and summary.total.changed > 0)


def _show(arguments: argparse.Namespace, looked: Looked, summary: Summary, follower: Follower) -> None:
    """One document of --diff, --dry-run or --check."""
    from stripper.report.diff import diff
    from stripper.run.tally import Tally

    tally = Tally()
    if looked.result is None:
        tally.fail(looked.number, looked.failure or "")
        follower.say(looked.failure or "")
    else:
        tally.add(looked.number, looked.result, 0.0, tell_language=False)
        if arguments.diff:
            _print(diff(looked.result, looked.name, colour=coloured(arguments.color)))
        elif looked.result.removals or arguments.dry_run:
            _print(_in_short(looked, looked.result))
    for _, problem in tally.problems:
        follower.problem(looked.name, problem)
    summary.add(str(looked.job.source), tally)


def _in_short(looked: Looked, result: StripResult) -> str:
    from stripper.run.tally import place

    gone = sum(removal.end - removal.start for removal in result.removals)
    labels = ", ".join(dict.fromkeys(removal.label for removal in result.removals))
    what = f"{gone} of {len(result.source)} characters to strip: {labels}" if gone else "nothing to strip"
    target = f" -> {looked.job.target}" if looked.job.target else ""
    return f"{place(str(looked.job.source), looked.number)}{target}: {what}\n"


def _to_stdout(arguments: argparse.Namespace, plan: Plan) -> int:
    """One file to standard output, which then says nothing but complaints."""
    from stripper.cli.pipe import strip_to_stdout

    if len(plan.jobs) > 1 or Path(arguments.paths[0]).is_dir():
        raise ConfigError(
            f"{len(plan.jobs)} files and nowhere to write them: say -o OUT, or --in-place (or --diff to look)"
        )
    for complaint in plan.missing:
        _say(complaint)
    return 3 if plan.missing else strip_to_stdout(arguments, plan.jobs[0])


def _write(arguments: argparse.Namespace, plan: Plan, options: FormatOptions, follower: Follower) -> int:
    import os

    from stripper.run.strip_files import strip_files
    from stripper.run.task import RunSettings

    settings = RunSettings(
        engine_settings(arguments),
        options,
        _ledger_kind(arguments, plan),
        arguments.in_place,
        Path(arguments.failed) if arguments.failed else None,
        arguments.timeout or None,
        arguments.max_memory,
        arguments.report is not None,
    )
    if not plan.jobs:
        return 3
    workers = arguments.jobs or os.cpu_count() or 1
    with open_report(arguments.report) as report, follower:
        summary = strip_files(plan, settings, workers=workers, resume=arguments.resume, watch=follower, report=report)
    follower.conclude(summary)
    return 3 if summary.failed else 0


def _ledger_kind(arguments: argparse.Namespace, plan: Plan) -> LedgerKind:
    from stripper.run.ledger import LedgerKind

    kind = arguments.ledger or ("jsonl" if plan.folder is not None else "sidecar")
    if kind == "jsonl" and plan.folder is None:
        raise ConfigError(
            "--ledger jsonl needs a folder to write it to (-o OUT/); for one file or --in-place take sidecar or none"
        )
    return LedgerKind(kind)


def _say(message: str) -> None:
    print(f"stripper: {message}", file=sys.stderr)


def _print(text: str) -> None:
    """Write to standard output as UTF-8 whatever the terminal's encoding."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
