"""Which files a run reads and where it writes, settled before anything is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from stripper.errors import ConfigError
from stripper.io.format import Format
from stripper.io.formats import format_named, format_of, formats, writable

FOLDER = ".stripper"  # what a run keeps in its output folder until it is complete

LEDGER_NAME = "ledger.jsonl"
_DEFAULT = "text"  # the format of a file that is named by itself and has an unknown ending


@dataclass(frozen=True)
class Job:
    """
    One file to read, the file to write (None: nowhere), and the name that the ledger gives it.

    `format` and `written_as` are names of formats.
    """

    source: Path
    target: Path | None
    name: str
    format: str = _DEFAULT
    written_as: str = _DEFAULT

    @property
    def key(self) -> str:
        """What no other job of the run has: its name, in place its path, since folders may have files of one name."""
        return str(self.source) if self.target == self.source else self.name


@dataclass(frozen=True)
class Plan:
    """
    All jobs of a run, in the order of their names.

    `folder` is where the run's ledger lies (None: nowhere). `skipped` are files of the folders that are of no known
    format by their names, hidden, or links. `missing` are complaints about inputs that are not there or can't be
    listed.
    """

    jobs: tuple[Job, ...]
    folder: Path | None
    skipped: tuple[Path, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """
    What the user says about inputs and outputs as a whole.

    `into_folder` says that the output was named as a folder. `format` is what inputs are read as, whatever their names
    (in a folder: which files are taken), `to` what records are written as; None leaves both to the names.
    """

    in_place: bool = False
    into_folder: bool = False
    format: str | None = None
    to: str | None = None
    follow_links: bool = False


class _Found(NamedTuple):
    """An input file and its name below the output folder."""

    source: Path
    name: Path
    format: Format


def make_plan(inputs: Sequence[Path], output: Path | None, wanted: Wanted) -> Plan:
    """
    The plan for `inputs`, files and folders.

    `output` is a file for a single input file, else a folder. Raises `ConfigError` where two inputs would write one
    output, where an output would overwrite an input or lie inside an input folder, where no input has anything to
    read, and for formats that can't be used so.
    """
    walk = _Walk(wanted)
    for path in inputs:
        if path.is_dir():
            _refuse_inside(path, output)
        walk.add(path)
    found = walk.found
    if not found and not walk.missing:
        raise ConfigError(f"{', '.join(map(str, inputs))}: {_nothing(wanted)}")
    if wanted.in_place and (other := next((one for one in found if one.format.name != _DEFAULT), None)):
        raise ConfigError(f"{other.source}: --in-place is for texts; name an output with -o for {other.format.name}")
    skipped, missing = tuple(walk.skipped), tuple(walk.missing)
    single = len(inputs) == 1 and not inputs[0].is_dir() and not wanted.into_folder
    if single and output is not None and not output.is_dir():
        jobs = tuple(_job(one, output, output.name, _named(output, one.format, wanted)) for one in found)
        _refuse_collisions(jobs, None)
        return Plan(jobs, None, (), missing)
    if output is not None and output.exists() and not output.is_dir():
        raise ConfigError(f"-o {output} is a file, and there are {len(found)} inputs; name a folder")
    if wanted.in_place:
        found = list({one.source.resolve(): one for one in found}.values())  # a file that is named twice is done once
    jobs = tuple(_job_in(output, one, wanted) for one in found)
    if output is not None and not wanted.in_place:
        _refuse_collisions(jobs, output / LEDGER_NAME)
    ordered = tuple(sorted(jobs, key=lambda job: job.name))
    return Plan(ordered, None if wanted.in_place else output, skipped, missing)


def _nothing(wanted: Wanted) -> str:
    """Why a folder has nothing to read."""
    if wanted.format:
        return f"no file in it that ends as {wanted.format} does ({', '.join(format_named(wanted.format).suffixes)})"
    texts, others = format_named(_DEFAULT).suffixes, (one.suffixes for one in formats().values() if not one.single)
    rest = ", ".join(suffix for suffixes in others for suffix in suffixes)
    return f"no {' or '.join(texts)} file in it, and none of {rest}; name other files by themselves"


def _job(one: _Found, target: Path | None, name: str, written_as: str) -> Job:
    if not one.format.single:
        writable(written_as)
    elif written_as != one.format.written_as:
        raise ConfigError(f"{one.source}: {one.format.name} files are one document each and can't become {written_as}")
    return Job(one.source, target, name, one.format.name, written_as)


def _job_in(output: Path | None, one: _Found, wanted: Wanted) -> Job:
    """The job of an input whose output lies in a folder, if anywhere: another format gets another ending."""
    written_as = (wanted.to if not one.format.single else None) or one.format.written_as
    name = one.name
    if written_as != one.format.name and not wanted.in_place:
        stem = one.name.name
        ending = next((end for end in one.format.suffixes if stem.lower().endswith(end)), "")
        if wanted.to and ending:
            stem = stem[: -len(ending)]
        name = one.name.with_name(stem + format_named(written_as).suffixes[0])
    target = one.source if wanted.in_place else output / name if output else None
    return _job(one, target, name.as_posix(), written_as)


def _named(output: Path, read: Format, wanted: Wanted) -> str:
    """What a single output is written as: what the user says, else what its name says, else as the input."""
    if wanted.to or read.single:
        return wanted.to or read.written_as
    named = format_of(output)
    return named.name if named else read.written_as


class _Walk:
    """Collects the files of inputs and folders, in the order of their names."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._forced = format_named(wanted.format) if wanted.format else None
        self.found: list[_Found] = []
        self.skipped: list[Path] = []
        self.missing: list[str] = []

    def add(self, path: Path) -> None:
        """Take a file as it is, or all files of known formats below a folder."""
        if path.is_dir():
            self._walk(path, Path(), ())
        elif path.exists():
            self.found.append(_Found(path, Path(path.name), self._forced or format_of(path) or format_named(_DEFAULT)))
        else:
            self.missing.append(f"{path}: no such file or folder")

    def _walk(self, folder: Path, below: Path, above: tuple[tuple[int, int], ...]) -> None:
        try:
            state = folder.stat()
            if (state.st_dev, state.st_ino) in above:
                self.missing.append(f"{folder}: a link to a folder that it is in, a loop; not followed")
                return
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.missing.append(f"{error.filename}: can't be listed: {error.strerror}")
            return
        within = (*above, (state.st_dev, state.st_ino))
        for entry in entries:
            if not entry.is_dir() and not entry.name.endswith(LEDGER_NAME):
                self._take(entry, below)
        for entry in entries:
            if not entry.is_dir() or entry.name.endswith(FOLDER):
                continue
            if entry.is_symlink() and not self._wanted.follow_links:
                self.skipped.append(Path(entry.path))
            else:
                self._walk(Path(entry.path), below / entry.name, within)

    def _take(self, entry: os.DirEntry[str], below: Path) -> None:
        path = Path(entry.path)
        known = format_of(path)
        wanted = known is not None and (self._forced is None or known == self._forced)
        linked = entry.is_symlink() and not (self._wanted.follow_links and path.is_file())
        if known is None or not wanted or linked or entry.name.startswith("."):
            self.skipped.append(path)
        else:
            self.found.append(_Found(path, below / entry.name, known))


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
