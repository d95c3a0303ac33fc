"""Strip the files of a plan one after the other in this process, and write nothing: to look, or to pass on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stripper.errors import InputError
from stripper.io.format import BadRecord, Chunk, FormatOptions, Record
from stripper.io.formats import format_named
from stripper.io.pages import strip_record
from stripper.pipeline import Stripper
from stripper.result import StripResult
from stripper.run.plan import Job, Plan
from stripper.run.tally import place


@dataclass(frozen=True)
class Looked:
    """What became of one document: its record and result, or why it failed."""

    job: Job
    number: int
    record: Record | None = None
    result: StripResult | None = None
    failure: str | None = None

    @property
    def name(self) -> str:
        """The document's name below the output folder, with its number in a file of many."""
        return place(self.job.name, self.number)


def look(plan: Plan, stripper: Stripper, options: FormatOptions) -> Iterator[Looked]:
    """Each document, in the order of the plan."""
    for job in plan.jobs:
        yield from _look_at(job, stripper, options)


def _look_at(job: Job, stripper: Stripper, options: FormatOptions) -> Iterator[Looked]:
    try:
        for item in records_of(job, options):
            yield _looked(job, item, stripper)
    except InputError as error:
        yield Looked(job, 0, failure=str(error))


def records_of(job: Job, options: FormatOptions) -> Iterator[Record | BadRecord]:
    """The records of a file, chunk after chunk. Raises `InputError`."""
    form = format_named(job.format)
    for chunk in form.chunks(job.source, options):
        if isinstance(chunk, Chunk):
            yield from form.records(job.source, chunk, options)
        else:
            yield chunk


def _looked(job: Job, item: Record | BadRecord, stripper: Stripper) -> Looked:
    where = place(str(job.source), item.number)
    if isinstance(item, BadRecord):
        return Looked(job, item.number, failure=f"{where}: {item.reason}")
    result, _ = strip_record(stripper, item)
    if result.failed:
        return Looked(job, item.number, failure=f"{where}: {result.problem}")
    return Looked(job, item.number, item, result)
