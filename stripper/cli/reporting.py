"""What `strip` does for `--report` and `--color`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stripper.report.writer import ReportWriter
    from stripper.result import StripResult


@contextmanager
def open_report(path: str | None) -> Iterator[ReportWriter | None]:
    """The report that is written to `path` when the block ends; None where none is asked for."""
    if path is None:
        yield None
        return
    from stripper.report.writer import ReportWriter

    with ReportWriter(path) as report:
        yield report


@contextmanager
def reporting(path: str | None) -> Iterator[Callable[[str, StripResult | str], None]]:
    """What takes the results, or the reasons of failures, by the names of their documents."""
    with open_report(path) as report:

        def add(name: str, result: StripResult | str) -> None:
            if report is None:
                return
            if isinstance(result, str):
                report.fail(name, result)
            else:
                report.add(name, result.to_dict(), result.source)

        yield add


def coloured(choice: str) -> bool:
    """Whether standard output gets colours: as asked, else on a terminal, unless NO_COLOR is set."""
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return choice == "always"
