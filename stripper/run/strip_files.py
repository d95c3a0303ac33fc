"""Strip the files of a plan, one after the other; one that fails stops none of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stripper.errors import InputError
from stripper.io.textfile import DecodedText, read_text, write_whole
from stripper.pipeline import Stripper
from stripper.result import StripResult
from stripper.run.ledger import LedgerKind, sidecar, to_entry, to_line, to_page, write_jsonl
from stripper.run.plan import LEDGER_NAME, Job, Plan


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its result, or why it failed."""

    job: Job
    result: StripResult | None
    failure: str | None = None


@dataclass
class Summary:
    """What a run did: documents, characters in and removed, and what failed, in the order of the run."""

    documents: int = 0
    changed: int = 0
    characters: int = 0
    removed: int = 0
    failures: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count one file."""
        if outcome.result is None:
            self.failures.append(outcome.failure or "")
            return
        self.documents += 1
        self.changed += bool(outcome.result.removals)
        self.characters += len(outcome.result.source)
        self.removed += sum(removal.end - removal.start for removal in outcome.result.removals)
        if outcome.result.problem:
            self.problems.append(f"{outcome.job.source}: nothing was removed: {outcome.result.problem}")

    def __str__(self) -> str:
        share = 100 * self.removed / self.characters if self.characters else 0
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return (
            f"{self.documents} documents, {self.changed} with removals, "
            f"{self.removed} of {self.characters} characters removed ({share:.1f} %){failed}"
        )


def strip_files(
    plan: Plan, stripper: Stripper, *, url: str | None = None, encoding: str | None = None
) -> Iterator[tuple[Outcome, DecodedText | None]]:
    """Each file's outcome and text, in the order of the plan; nothing is written."""
    for job in plan.jobs:
        try:
            decoded = read_text(job.source, encoding)
        except InputError as error:
            yield Outcome(job, None, str(error)), None
            continue
        result = stripper.strip(decoded.text, url)
        if result.failed:
            yield Outcome(job, None, f"{job.source}: {result.problem}"), None
        else:
            yield Outcome(job, result), decoded


def write_files(  # noqa: PLR0913 - all but the first two by name
    plan: Plan,
    outcomes: Iterator[tuple[Outcome, DecodedText | None]],
    *,
    ledger: LedgerKind,
    in_place: bool = False,
    seen: Callable[[Outcome], None] = lambda _outcome: None,
    stop: Callable[[], bool] = lambda: False,
) -> Summary:
    """
    Write the outputs and the ledger; `seen` is told of each outcome, `stop` asked after each whether to go on.

    The ledger of all that was written is written even where the run is interrupted.
    """
    summary = Summary()
    entries: dict[str, str] = {}
    try:
        for outcome, decoded in outcomes:
            done = outcome
            if outcome.result is not None and decoded is not None:
                done = _written(outcome, outcome.result, decoded, ledger, in_place)
            if done.result is not None and decoded is not None and ledger is LedgerKind.JSONL:
                entries[outcome.job.name] = to_line(to_entry(outcome.job.name, decoded.encoding, done.result.to_dict()))
            summary.add(done)
            seen(done)
            if stop():
                raise KeyboardInterrupt
    finally:
        if plan.folder is not None and entries:
            write_jsonl(plan.folder / LEDGER_NAME, entries)
    return summary


def _written(
    outcome: Outcome, result: StripResult, decoded: DecodedText, ledger: LedgerKind, in_place: bool
) -> Outcome:
    """The outcome once output and ledger are on disk; a failure where one of them could not be written."""
    job = outcome.job
    if job.target is None or (in_place and not result.removals):
        return outcome
    try:
        if ledger is LedgerKind.SIDECAR:
            path = sidecar(job.target, in_place=in_place)
            write_whole(path, to_page(to_entry(job.target.name, decoded.encoding, result.to_dict())))
        write_whole(
            job.target, result.text.encode(decoded.encoding, "surrogatepass"), like=job.source if in_place else None
        )
    except InputError as error:
        return Outcome(job, None, str(error))
    return outcome
