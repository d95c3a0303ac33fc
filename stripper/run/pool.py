"""
Worker processes that may die: the parent notices, sets aside what they died of, and goes on.

A worker says in shared memory which document it is at, and since when; where that is too long, it is killed. A worker
that dies by itself (killed, out of memory, crashed) costs its task one more try; the document on which a second one
dies is set aside.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from stripper.errors import InputError, Problem, RuleFileError, StripperError
from stripper.run.tally import Tally
from stripper.run.task import NUMBER, STARTED, UNIT, Beat, Done, RunSettings, Task

_TRIES = 2  # deaths on one document, or outside of any, before it is set aside
_LOOK = 0.2  # seconds between two looks at the clock
_READY = 120  # seconds that a worker may take to load its rules


def _start(connection: Connection, beat: Beat, settings: RunSettings, output: Path | None) -> None:
    """What a worker process runs; the engine is imported there alone."""
    from stripper.run.worker import main  # noqa: PLC0415 - the parent starts at once without it

    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent has gone
        main(connection, beat, settings, output)


class _Member:
    """One process and what it is at."""

    def __init__(self, settings: RunSettings, output: Path | None) -> None:
        context = multiprocessing.get_context("spawn")  # the same everywhere, and no inherited state
        self.connection, theirs = context.Pipe()
        self.beat: Beat = context.RawArray("d", [-1, -1, 0])
        arguments = (theirs, self.beat, settings, output)
        self.process = context.Process(target=_start, args=arguments, daemon=True, name="stripper worker")
        with _interrupts_held_back():
            self.process.start()
        theirs.close()
        self.task: Task | None = None
        self.ready = False
        self.late: tuple[int, int] | None = None  # what it was at when it was killed for being late
        self.born = time.monotonic()

    def give(self, task: Task) -> None:
        """Send it a task; where it has died meanwhile, that shows later."""
        self.task = task
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(task)

    def kill_if_late(self, timeout: float | None) -> None:
        """Kill the process where the document under way, or its start, takes too long."""
        started, place = self.beat[STARTED], self.place()
        if self.late or started != self.beat[STARTED]:
            return
        if timeout and started and time.monotonic() - started > timeout:
            self.late = place
            self.process.kill()
        elif not self.ready and time.monotonic() - self.born > _READY:
            self.process.kill()

    def place(self) -> tuple[int, int]:
        """Index of the unit and number of the record under way; -1 for none."""
        return int(self.beat[UNIT]), int(self.beat[NUMBER])

    def end(self) -> None:
        """Kill the process and wait for it."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class Pool:
    """
    As many workers as asked for.

    Raises what keeps them from starting: `RuleFileError`, `ConfigError`, or `InputError` where they die at once.
    """

    def __init__(self, size: int, settings: RunSettings, output: Path | None) -> None:
        self._size = size
        self._settings = settings
        self._output = output
        self._members: list[_Member] = []
        self._deaths: Counter[tuple[str, int, int]] = Counter()  # by input, chunk and record
        self._starts_failed = 0
        self._waiting: deque[Task] = deque()  # to be tried again
        self._held: Task | None = None  # cut while the workers work
        self.rules_sha256 = ""

    def __enter__(self) -> Pool:
        self._members = [_Member(self._settings, self._output)]
        try:
            while not self.rules_sha256:
                for _ in self._look():
                    pass
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()

    def _end(self) -> None:
        for member in self._members:
            member.end()
        self._members = []

    def work(self, tasks: Iterator[Task], stop: Callable[[], bool]) -> Iterator[Done]:
        """
        What became of every unit of all tasks, as they get done.

        `tasks` is asked for one when a worker is free, and for one ahead. Once `stop` says so, what is under way is
        finished and nothing else begun.
        """
        while True:
            if stop():
                self._held, tasks = None, iter(())
                self._waiting.clear()
            for member in self._members:
                if member.ready and member.task is None and (task := self._next(tasks)):
                    member.give(task)
            self._held = self._held or next(tasks, None)
            if self._held and len(self._members) < self._size:
                self._members.append(_Member(self._settings, self._output))
            if not self._held and not self._waiting and not any(member.task for member in self._members):
                return
            yield from self._look()

    def _next(self, tasks: Iterator[Task]) -> Task | None:
        if self._waiting:
            return self._waiting.popleft()
        held, self._held = self._held, None
        return held or next(tasks, None)

    def _look(self) -> Iterator[Done]:
        """Wait for something to happen, or a moment."""
        waited: dict[Any, _Member] = {member.connection: member for member in self._members}
        for connection in wait(list(waited), _LOOK):
            yield from self._heard(waited[connection])
        for member in self._members:
            member.kill_if_late(self._settings.timeout)

    def _heard(self, member: _Member) -> Iterator[Done]:
        try:
            message = member.connection.recv()
        except (EOFError, ConnectionResetError):
            yield from self._died(member)
            return
        if isinstance(message, list) and message and isinstance(message[0], Problem):
            raise RuleFileError(message)
        if isinstance(message, StripperError):
            raise message
        if isinstance(message, str):
            self.rules_sha256, member.ready = message, True
            return
        member.task = None
        yield from message

    def _died(self, member: _Member) -> Iterator[Done]:
        """Take the worker's place, and see to the task that it was at."""
        place = member.place()
        member.end()
        self._members.remove(member)
        how = _how(member.process.exitcode)
        if not member.ready:
            self._starts_failed += 1
            if self._starts_failed > _TRIES:
                raise InputError(f"worker processes can't be started: they were {how} while they loaded the rules")
        self._members.append(_Member(self._settings, self._output))
        if member.task is None:
            return
        if member.late:
            late = {place: self._too_long()} if place == member.late else {}  # it may just have got done
            self._waiting.append(member.task.without(late))
            return
        unit = member.task.units[max(place[0], 0)]
        key = (unit.job.key, unit.chunk.number, place[1])
        self._deaths[key] += 1
        if self._deaths[key] < _TRIES:
            self._waiting.append(member.task)
        elif place[1] >= 0:
            why = f"its worker process was {how} over it, {_TRIES} times"
            self._waiting.append(member.task.without({place: why}))
        else:
            yield from self._given_up(member.task, f"the worker processes that read it were {how}, {_TRIES} times")

    def _too_long(self) -> str:
        return f"took longer than {self._settings.timeout:g} seconds (--timeout)"

    def _given_up(self, task: Task, why: str) -> Iterator[Done]:
        """Try the units of a task one by one; one that was alone fails."""
        if len(task.units) > 1:
            for index, unit in enumerate(task.units):
                aside = {(0, number): reason for (at, number), reason in task.set_aside.items() if at == index}
                stem = task.stem and task.stem.with_name(f"{task.stem.name}-{index}")
                self._waiting.append(replace(task, units=(unit,), stem=stem, set_aside=aside))
            return
        (unit,) = task.units
        tally = Tally()
        tally.fail(0, why)
        yield Done(unit.job.key, unit.chunk.number, unit.chunk.digest, unit.chunk.weight, tally)


def _how(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None or code >= 0:
        return f"ended (exit code {code})"
    try:
        return f"killed ({signal.Signals(-code).name})"
    except ValueError:
        return f"killed (signal {-code})"


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Start a process that no interrupt of the terminal reaches; it comes to this one afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
