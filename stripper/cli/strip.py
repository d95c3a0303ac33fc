"""`stripper strip`, also called `strip`: files and folders, or a filter."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stripper.cli.options import add_engine_options, make_stripper
from stripper.errors import ConfigError

if TYPE_CHECKING:
    from types import FrameType

    from stripper.io.textfile import DecodedText
    from stripper.result import StripResult
    from stripper.run.plan import Plan
    from stripper.run.strip_files import Outcome, Summary

_EXAMPLES = """\
examples:
  strip articles/ -o clean/              a folder, its tree kept, with a ledger in clean/ledger.jsonl
  strip a.txt b.txt -o clean/            some files
  strip a.txt -o b.txt                   one file
  strip < in.txt > out.txt               a filter
  strip --diff articles/                 what would go
  strip --check articles/                exit code 1 if anything would go"""


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
        help="files or folders (.txt and .md files of them); none or -: standard input",
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
    parser.add_argument(
        "--encoding", metavar="NAME", help="encoding of the inputs (default: UTF-8, or what the byte order mark says)"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, no summary; only complaints")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Strip what the arguments name; the exit code."""
    from stripper.io.textfile import check_encoding

    arguments.output = None if arguments.output == "-" else arguments.output
    arguments.encoding = check_encoding(arguments.encoding) if arguments.encoding else None
    _refuse_contradictions(arguments)
    if arguments.paths in ([], ["-"]):
        if not arguments.paths and sys.stdin.isatty():
            raise ConfigError(
                "nothing to strip: name files or folders, or give a text on standard input (strip --help)"
            )
        return _filter(arguments)
    return _files(arguments)


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


def _filter(arguments: argparse.Namespace) -> int:
    """Standard input to standard output, or to the file named by -o."""
    from stripper.io.textfile import decode, write_whole

    if arguments.in_place:
        raise ConfigError("--in-place needs files")
    stripper = make_stripper(arguments)
    with _reporting(arguments.report) as add:
        decoded = decode(sys.stdin.buffer.read(), "standard input", arguments.encoding)
        result = stripper.strip(decoded.text, arguments.url)
        add("standard input", result)
    if result.problem:
        _say(f"standard input: nothing was removed: {result.problem}")
    if result.failed:
        return 3
    if arguments.check:
        return int(bool(result.removals))
    if arguments.diff or arguments.dry_run:
        from stripper.report.diff import diff

        _print(diff(result, "standard input", colour=_coloured(arguments.color)))
        return 0
    if arguments.ledger_file:
        write_whole(Path(arguments.ledger_file), (json.dumps(result.to_dict(), indent=1) + "\n").encode("utf-8"))
    clean = result.text.encode(decoded.encoding, "surrogatepass")
    if arguments.output:
        write_whole(Path(arguments.output), clean)
    else:
        sys.stdout.buffer.write(clean)
    return 0


def _files(arguments: argparse.Namespace) -> int:
    from stripper.run.plan import make_plan
    from stripper.run.strip_files import strip_files

    output = Path(arguments.output) if arguments.output else None
    into_folder = bool(arguments.output) and arguments.output.endswith(("/", "\\"))
    plan = make_plan(
        [Path(path) for path in arguments.paths], output, in_place=arguments.in_place, into_folder=into_folder
    )
    reading = arguments.dry_run or arguments.diff or arguments.check
    to_stdout = not reading and output is None and not arguments.in_place
    if to_stdout and (len(plan.jobs) > 1 or Path(arguments.paths[0]).is_dir()):
        raise ConfigError(
            f"{len(plan.jobs)} files and nowhere to write them: say -o OUT, or --in-place (or --diff to look)"
        )
    for complaint in plan.missing:
        _say(complaint)
    stripper = make_stripper(arguments)
    outcomes = strip_files(plan, stripper, url=arguments.url, encoding=arguments.encoding)
    with _reporting(arguments.report) as add:
        outcomes = _reported(outcomes, add)
        if reading:
            summary, code = _look(arguments, outcomes)
        elif to_stdout:
            summary, code = _to_stdout(arguments, outcomes)
        else:
            summary, code = _write(arguments, plan, outcomes)
    return _conclude(arguments, plan, summary, code)


@contextmanager
def _reporting(path: str | None) -> Iterator[Callable[[str, StripResult | str], None]]:
    """What takes the results, and the reasons of failures, for the report at `path`; without a path nothing is kept."""
    if path is None:
        yield lambda _name, _result: None
        return
    from stripper.report.writer import ReportWriter

    with ReportWriter(path) as report:

        def add(name: str, result: StripResult | str) -> None:
            if isinstance(result, str):
                report.fail(name, result)
            else:
                report.add(name, result.to_dict(), result.source)

        yield add


def _reported(
    outcomes: Iterator[tuple[Outcome, DecodedText | None]], add: Callable[[str, StripResult | str], None]
) -> Iterator[tuple[Outcome, DecodedText | None]]:
    for outcome, decoded in outcomes:
        add(outcome.job.name, outcome.result or outcome.failure or "")
        yield outcome, decoded


def _look(arguments: argparse.Namespace, outcomes: Iterator[tuple[Outcome, DecodedText | None]]) -> tuple[Summary, int]:
    """--diff, --dry-run and --check: print what would go, write nothing."""
    from stripper.report.diff import diff
    from stripper.run.strip_files import Summary

    summary = Summary()
    for outcome, _ in outcomes:
        summary.add(outcome)
        if outcome.result is None:
            continue
        if arguments.diff:
            _print(diff(outcome.result, outcome.job.name, colour=_coloured(arguments.color)))
        elif outcome.result.removals or arguments.dry_run:
            target = f" -> {outcome.job.target}" if outcome.job.target else ""
            _print(f"{outcome.job.source}{target}: {_in_short(outcome.result)}\n")
    return summary, int(arguments.check and summary.changed > 0)


def _in_short(result: StripResult) -> str:
    gone = sum(removal.end - removal.start for removal in result.removals)
    labels = ", ".join(dict.fromkeys(removal.label for removal in result.removals))
    return f"{gone} of {len(result.source)} characters to strip: {labels}" if gone else "nothing to strip"


def _to_stdout(
    arguments: argparse.Namespace, outcomes: Iterator[tuple[Outcome, DecodedText | None]]
) -> tuple[Summary, int]:
    from stripper.io.textfile import write_whole
    from stripper.run.strip_files import Summary

    summary = Summary()
    for outcome, decoded in outcomes:
        summary.add(outcome)
        if outcome.result is not None and decoded is not None:
            if arguments.ledger_file:
                entry = {"file": outcome.job.name, **outcome.result.to_dict()}
                write_whole(Path(arguments.ledger_file), (json.dumps(entry, indent=1) + "\n").encode("utf-8"))
            sys.stdout.buffer.write(outcome.result.text.encode(decoded.encoding, "surrogatepass"))
    arguments.quiet = True  # a filter says nothing but complaints
    return summary, 0


def _write(
    arguments: argparse.Namespace, plan: Plan, outcomes: Iterator[tuple[Outcome, DecodedText | None]]
) -> tuple[Summary, int]:
    from stripper.run.ledger import LedgerKind
    from stripper.run.strip_files import write_files

    default = LedgerKind.JSONL if plan.folder is not None else LedgerKind.SIDECAR
    ledger = LedgerKind(arguments.ledger) if arguments.ledger else default
    if ledger is LedgerKind.JSONL and plan.folder is None:
        raise ConfigError(
            "--ledger jsonl needs a folder to write it to (-o OUT/); for one file or --in-place take sidecar or none"
        )
    with _Interrupt() as interrupt, _Progress(len(plan.jobs), quiet=arguments.quiet) as progress:
        in_place, seen = arguments.in_place, progress.step
        summary = write_files(plan, outcomes, ledger=ledger, in_place=in_place, seen=seen, stop=interrupt.came)
    return summary, 0


def _conclude(arguments: argparse.Namespace, plan: Plan, summary: Summary, code: int) -> int:
    for failure in summary.failures:
        _say(failure)
    for problem in summary.problems:
        _say(problem)
    if plan.skipped:
        _say(
            f"left out {len(plan.skipped)} files that are not .txt or .md, hidden or links, {plan.skipped[0]} the first"
        )
    if not arguments.quiet:
        print(summary, file=sys.stderr)
    return 3 if summary.failures or plan.missing else code


class _Interrupt:
    """Holds an interrupt back until the document under way is written; a second one is not held back."""

    def __init__(self) -> None:
        self._came = False

    def __enter__(self) -> _Interrupt:
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._came:
            signal.default_int_handler(number, frame)
        self._came = True

    def came(self) -> bool:
        """Whether the run is to stop."""
        return self._came

    def __exit__(self, *_error: object) -> None:
        signal.signal(signal.SIGINT, self._before)


class _Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self.total = total
        self.shown = not quiet and sys.stderr.isatty() and total > 1

    def __enter__(self) -> _Progress:
        if self.shown:
            from tqdm import tqdm

            self._bar = tqdm(total=self.total, unit="doc", file=sys.stderr)
        return self

    def step(self, _outcome: Outcome) -> None:
        """One more file is done."""
        if self.shown:
            self._bar.update()

    def __exit__(self, *_error: object) -> None:
        if self.shown:
            self._bar.close()


def _coloured(choice: str) -> bool:
    """Whether standard output gets colours: as asked, else on a terminal, unless NO_COLOR is set."""
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return choice == "always"


def _say(message: str) -> None:
    print(f"stripper: {message}", file=sys.stderr)


def _print(text: str) -> None:
    """Write to standard output as UTF-8 whatever the terminal's encoding."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
