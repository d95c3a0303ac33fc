"""`stripper`: one program, one file a subcommand. Each imports what it needs when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from stripper import __version__
from stripper.cli import bench, evaluate, explain, export, learn, restore, rules, strip
from stripper.errors import ConfigError, RuleFileError, StripperError

OK, FOUND, USAGE, FAILED, INTERRUPTED = 0, 1, 2, 3, 130
_EPILOG = """\
exit codes: 0 done; 1 --check found something to strip; 2 usage, configuration or rules; 3 some inputs failed (the
others are done); 130 interrupted"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except (RuleFileError, ConfigError) as error:
        return _complain(str(error), USAGE, arguments)
    except StripperError as error:
        return _complain(str(error), FAILED, arguments)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nobody is left to tell
        return FAILED
    except OSError as error:
        sys.stdout = None  # so that the interpreter does not try to write again
        return _complain(f"can't write to standard output: {error.strerror}", FAILED, arguments)
    except KeyboardInterrupt as error:
        said = str(error) or "interrupted; outputs written so far are whole, the others are not there"
        return _complain(said, INTERRUPTED, arguments)
    return code


def _complain(message: str, code: int, arguments: argparse.Namespace) -> int:
    if getattr(arguments, "log_format", "text") == "json":
        import json

        print(json.dumps({"event": "error", "text": message, "exit_code": code}), file=sys.stderr)
    else:
        print(f"stripper: {message}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stripper",
        description="Removes what is not the article from scraped text, and says what it removed and why.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"stripper {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (strip, explain, restore, export, rules, evaluate, learn, bench):
        command.add_parser(commands)
    return parser
