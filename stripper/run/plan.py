"""Which files a run reads and where it writes, settled before anything is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stripper.errors import ConfigError

SUFFIXES = (".txt", ".md")  # what is taken from a folder; a file named by itself may end as it likes
LEDGER_NAME = "ledger.jsonl"


@dataclass(frozen=True)
class Job:
    """One file to read, the file to write (None: nowhere), and the name that the ledger gives it."""

    source: Path
    target: Path | None
    name: str


@dataclass(frozen=True)
class Plan:
    """
    All jobs of a run.

    `folder` is where the run's ledger lies (None: nowhere). `skipped` are files of the folders that are not text by
    their names. `missing` are complaints about inputs that are not there or can't be listed.
    """

    jobs: tuple[Job, ...]
    folder: Path | None
    skipped: tuple[Path, ...]
    missing: tuple[str, ...]


def make_plan(
    inputs: Sequence[Path], output: Path | None, *, in_place: bool = False, into_folder: bool = False
) -> Plan:
    """
    The plan for `inputs`, files and folders.

    `output` is a file for a single input file, else a folder; `into_folder` says that it was named as one. Raises
    `ConfigError` where two inputs would write one output, where an output would overwrite an input or lie inside an
    input folder, and where no input has anything to read.
    """
    found: list[tuple[Path, Path]] = []  # source, and its name below the output folder
    skipped: list[Path] = []
    missing: list[str] = []
    for path in inputs:
        if path.is_dir():
            _refuse_inside(path, output)
            texts, others = _walk(path, missing)
            found += [(text, text.relative_to(path)) for text in texts]
            skipped += others
        elif path.exists():
            found.append((path, Path(path.name)))
        else:
            missing.append(f"{path}: no such file or folder")
    if not found and not missing:
        raise ConfigError(
            f"{', '.join(map(str, inputs))}: no {' or '.join(SUFFIXES)} file in it; name other files by themselves"
        )
    single = len(inputs) == 1 and not inputs[0].is_dir() and not into_folder
    if single and output is not None and not output.is_dir():
        jobs = tuple(Job(source, output, output.name) for source, _ in found)
        _refuse_collisions(jobs, None)
        return Plan(jobs, None, (), tuple(missing))
    if output is not None and output.exists() and not output.is_dir():
        raise ConfigError(f"-o {output} is a file, and there are {len(found)} inputs; name a folder")
    jobs = tuple(Job(source, _target(source, name, output, in_place), name.as_posix()) for source, name in found)
    if output is not None and not in_place:
        _refuse_collisions(jobs, output / LEDGER_NAME)
    return Plan(jobs, None if in_place else output, tuple(skipped), tuple(missing))


def _target(source: Path, name: Path, output: Path | None, in_place: bool) -> Path | None:
    if in_place:
        return source
    return output / name if output else None


def _walk(folder: Path, complaints: list[str]) -> tuple[list[Path], list[Path]]:
    """The text files below a folder and the other files, both in the order of their names; links are not followed."""
    texts: list[Path] = []
    others: list[Path] = []

    def complain(error: OSError) -> None:
        complaints.append(f"{error.filename}: can't be listed: {error.strerror}")

    for place, folders, files in os.walk(folder, onerror=complain):
        folders.sort()
        for name in sorted(files):
            path = Path(place, name)
            wanted = path.suffix.lower() in SUFFIXES and not name.startswith(".")
            (texts if wanted and not path.is_symlink() else others).append(path)
    return texts, others


def _refuse_inside(folder: Path, output: Path | None) -> None:
    if output is None:
        return
    inside, outer = output.resolve(), folder.resolve()
    if inside == outer:
        raise ConfigError(f"-o {output} is the input itself; choose another folder, or --in-place to overwrite")
    if inside.is_relative_to(outer):
        raise ConfigError(f"-o {output} is inside the input {folder}: choose a folder elsewhere")


def _refuse_collisions(jobs: Sequence[Job], ledger: Path | None) -> None:
    """Raise `ConfigError` where one output file would be written twice or is an input."""
    sources = {job.source.resolve() for job in jobs}
    writers: dict[Path, str] = {ledger.resolve(): "the ledger of the run"} if ledger else {}
    for job, target in _targets(jobs):
        if target in sources:
            raise ConfigError(
                f"{job.source} would be written to {job.target}, which is an input; choose another -o, or --in-place"
            )
        if target in writers:
            raise ConfigError(
                f"{writers[target]} and {job.source} would both be {job.target}; name their folders instead"
            )
        writers[target] = str(job.source)


def _targets(jobs: Sequence[Job]) -> Iterator[tuple[Job, Path]]:
    for job in jobs:
        if job.target is not None:
            yield job, job.target.resolve()
