"""`strip` as a filter, and one file to standard output: document after document, as they come."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from stripper.cli.options import format_options, make_stripper
from stripper.cli.reporting import coloured, reporting
from stripper.errors import ConfigError
from stripper.io.format import BadRecord, Chunk, Format, FormatOptions, PartWriter, Record
from stripper.io.formats import format_named
from stripper.io.jsonl import JsonLines
from stripper.io.pages import strip_record
from stripper.io.textfile import decode, replacing, write_whole
from stripper.pipeline import Stripper
from stripper.report.diff import diff
from stripper.result import StripResult
from stripper.run.ledger import to_entry, to_line, to_page
from stripper.run.look import records_of
from stripper.run.plan import Job
from stripper.run.tally import place

_STDIN = "standard input"


def strip_stream(arguments: argparse.Namespace) -> int:
    """Standard input to standard output, or to the file named by -o."""

    if arguments.in_place:
        raise ConfigError("--in-place needs files")
    _say_if_many(arguments)
    form = format_named(arguments.format or "text")
    options = format_options(arguments, chunk_bytes=0)  # each record goes on as soon as it is there
    if not form.single:
        return _Records(arguments, options, form, None).run()
    stripper = make_stripper(arguments)
    if form.name != "text":
        raise ConfigError(f"{form.name} can't be read from standard input; name a file")
    decoded = decode(sys.stdin.buffer.read(), _STDIN, options.encoding)
    record = Record(0, decoded.text, options.url, origin=decoded.encoding)
    return _one_text(arguments, stripper, record, None)


def strip_to_stdout(arguments: argparse.Namespace, job: Job) -> int:
    """One file to standard output."""

    _say_if_many(arguments)
    form = format_named(job.format)
    options = format_options(arguments)
    if not form.single:
        return _Records(arguments, options, form, job).run()
    stripper = make_stripper(arguments)
    (record,) = records_of(job, options)
    if isinstance(record, BadRecord):
        return _complain(f"{job.source}: {record.reason}")
    return _one_text(arguments, stripper, record, job)


def _one_text(arguments: argparse.Namespace, stripper: Stripper, record: Record, job: Job | None) -> int:

    name = str(job.source) if job else _STDIN
    encoding = str(record.origin)
    with reporting(arguments.report) as add:
        result, tell_ledger = strip_record(stripper, record)
        add(name, result)
    if result.problem:
        _complain(f"{name}: nothing was removed: {result.problem}")
    if result.failed:
        return 3
    if arguments.check:
        return int(bool(result.removals))
    if arguments.diff or arguments.dry_run:
        sys.stdout.buffer.write(diff(result, name, colour=coloured(arguments.color)).encode("utf-8", "surrogateescape"))
        return 0
    if arguments.ledger_file:
        ledger = tell_ledger()
        entry = to_entry(job.name, encoding, ledger) if job else {"encoding": encoding, **ledger}
        write_whole(Path(arguments.ledger_file), to_page(entry))
    clean = result.text.encode(encoding, "surrogatepass")
    if arguments.output:
        write_whole(Path(arguments.output), clean)
    else:
        sys.stdout.buffer.write(clean)
    return 0


class _Records:
    """A stream of records: one after the other is read, stripped and written."""

    def __init__(self, arguments: argparse.Namespace, options: FormatOptions, form: Format, job: Job | None) -> None:
        self._arguments = arguments
        self._options = options
        self._form = form
        self._job = job
        self._name = str(job.source) if job else _STDIN
        self._changed = self._failed = 0

    def run(self) -> int:
        """The exit code."""
        arguments = self._arguments
        looking = arguments.check or arguments.diff or arguments.dry_run
        stripper = make_stripper(arguments)
        with ExitStack() as stack:
            ledger = self._file(stack, arguments.ledger_file) if arguments.ledger_file else None
            bad = self._bad(stack) if arguments.failed else None
            writer = None if looking else self._writer(stack)
            self._report = stack.enter_context(reporting(arguments.report))
            for item in self._items():
                if isinstance(item, Record):
                    result, tell_ledger = strip_record(stripper, item)
                    if not result.failed:
                        self._pass_on(item, result, writer)
                        if ledger:
                            ledger.write(self._line(item, tell_ledger()))
                        continue
                    reason = result.problem or ""
                else:
                    reason = item.reason
                self._failed += 1
                _complain(f"{place(self._name, item.number)}: {reason}")
                self._report(place(self._name, item.number), reason)
                if bad and item.raw is not None:
                    bad.write(item.raw)
            if writer:
                writer.close()
        return 3 if self._failed else int(arguments.check and self._changed > 0)

    def _items(self) -> Iterator[Record | BadRecord]:
        path = self._job.source if self._job else None
        for chunk in self._form.chunks(path, self._options):
            if isinstance(chunk, Chunk):
                yield from self._form.records(path, chunk, self._options)
            else:
                yield chunk

    def _pass_on(self, record: Record, result: StripResult, writer: PartWriter | None) -> None:
        self._changed += bool(result.removals)
        self._report(place(self._name, record.number), result)
        if writer:
            writer.add(record, result)
        elif self._arguments.diff or self._arguments.dry_run:
            shown = diff(result, place(self._name, record.number), colour=coloured(self._arguments.color))
            sys.stdout.buffer.write(shown.encode("utf-8", "surrogateescape"))

    def _line(self, record: Record, ledger: dict[str, Any]) -> bytes:
        name = self._job.name if self._job else _STDIN
        return to_line(to_entry(name, "utf-8", {"record": record.number, **ledger})).encode("ascii") + b"\n"

    def _writer(self, stack: ExitStack) -> PartWriter:
        """What writes to standard output, or to the file named by -o, as each record is done."""
        written_as = self._arguments.to or self._form.written_as
        form = format_named(written_as)
        if not isinstance(form, JsonLines):
            raise ConfigError(f"{written_as} can't be written to a stream; say --to jsonl, or read a file and name -o")
        if self._arguments.output:
            return form.writer(self._file(stack, self._arguments.output), self._options)
        sys.stdout.flush()
        return form.writer(os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0), self._options)

    def _file(self, stack: ExitStack, name: str) -> IO[bytes]:
        temporary = stack.enter_context(replacing(Path(name)))
        return stack.enter_context(temporary.open("wb"))

    def _bad(self, stack: ExitStack) -> IO[bytes]:
        return self._file(
            stack, str(Path(self._arguments.failed, self._job.source.name if self._job else "standard-input"))
        )


def _say_if_many(arguments: argparse.Namespace) -> None:
    if arguments.jobs != 1:
        _complain("-j is for runs into -o OUT; a stream is worked on by one process")


def _complain(message: str) -> int:
    print(f"stripper: {message}", file=sys.stderr)
    return 3
