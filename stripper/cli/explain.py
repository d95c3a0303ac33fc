"""`stripper explain FILE`: what went, why; what nearly went, and why it stayed."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from stripper.cli.options import add_engine_options, make_stripper


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "explain",
        help="what goes from a text and why, what nearly goes and why it stays",
        description="Shows a text with what goes and what stays, the reasons of each removal, and the nearest misses.",
    )
    parser.add_argument("path", metavar="FILE", help="a text or a web page (.html); - for a text on standard input")
    add_engine_options(parser)
    parser.add_argument(
        "--encoding",
        metavar="NAME",
        help="encoding of the file (default: UTF-8, or what the byte order mark says; auto: told by its bytes)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from stripper.html.pagefile import is_page

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    explain = _explain_page if is_page(Path(arguments.path)) else _explain_text
    sys.stdout.buffer.write(explain(arguments, colour).encode("utf-8", "backslashreplace") + b"\n")
    return 0


def _explain_text(arguments: argparse.Namespace, colour: bool) -> str:
    from stripper.io.textfile import check_encoding, decode, read_text

    encoding = check_encoding(arguments.encoding) if arguments.encoding else None
    stripper = make_stripper(arguments)
    if arguments.path == "-":
        decoded = decode(sys.stdin.buffer.read(), "standard input", encoding)
    else:
        decoded = read_text(Path(arguments.path), encoding)
    return stripper.strip(decoded.text, arguments.url).explain(colour=colour)


def _explain_page(arguments: argparse.Namespace, colour: bool) -> str:
    from stripper.html import PageWorker, read_page, strip_page
    from stripper.io.textfile import check_encoding

    encoding = check_encoding(arguments.encoding) if arguments.encoding else None
    stripper = make_stripper(arguments)
    page = read_page(Path(arguments.path), url=arguments.url, encoding=encoding, worker=PageWorker())
    return strip_page(page, stripper).explain(colour=colour)
