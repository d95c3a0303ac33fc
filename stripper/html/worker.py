"""
A process of its own that takes the text from pages, and can be killed.

The extractor's time may grow with the square of a page's size, and a parser written in C may crash, so pages from
anywhere are read in a child process. It stays for the next page, since starting it takes longer than most pages. It is
started as a fresh interpreter, not with `multiprocessing`: that would import the caller's script once more.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from functools import cache
from typing import IO, Any, NamedTuple, cast

from stripper.errors import ExtractionError, StripperError
from stripper.html.page import SIZE_LIMIT, Page, extract_page

TIME_LIMIT = 30.0  # seconds a page may take
MEMORY_LIMIT = 4_000_000_000  # bytes of address space, the third of a gigabyte that the extractor maps included
_PAGES = 2_000  # pages after which the process is replaced: the extractor's caches only grow
_START_LIMIT = 120.0  # seconds until the extractor is imported, on a machine that has other things to do
_SIZE = struct.Struct(">Q")
_START = "import sys; sys.path[:] = {path!r}; from stripper.html.worker import serve; serve()"
_READY = "ready"


class _Request(NamedTuple):
    html: bytes | str
    url: str | None
    encoding: str | None
    size_limit: int
    memory_limit: int | None


class PageWorker:
    """
    Takes the text from pages in a process of its own, one page at a time.

    The process is started when the first page comes; after a page that ran out of time or memory, or crashed it, the
    next page gets a new one. May be used from several threads, and after a fork. `close` ends the process; so does the
    end of the program.
    """

    def __init__(self) -> None:
        self._disown()

    def extract(  # noqa: PLR0913 - limits of their own, by name
        self,
        html: bytes | str,
        *,
        url: str | None = None,
        encoding: str | None = None,
        time_limit: float = TIME_LIMIT,
        size_limit: int = SIZE_LIMIT,
        memory_limit: int | None = MEMORY_LIMIT,
    ) -> Page:
        """
        What `extract_page` gives, within limits.

        `time_limit` is in seconds, `size_limit` in bytes (characters for a `str`), `memory_limit` in bytes of address
        space (None: no limit; macOS and Windows have none). Raises `ExtractionError`, and `LookupError` for an
        `encoding` that Python does not have.
        """
        if len(html) > size_limit:
            return extract_page(html, size_limit=size_limit)  # raises, and need not be sent anywhere for that
        if self._owner != os.getpid():
            self._disown()
        with self._lock:
            answer = self._ask(_Request(html, url, encoding, size_limit, memory_limit), time_limit)
        if not isinstance(answer, Page):
            raise answer
        return answer

    def close(self) -> None:
        """End the process; the next page starts a new one."""
        with self._lock:
            self._end()

    def _disown(self) -> None:
        """Begin without a process: one that was started before a fork is the parent's."""
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._pages = 0

    def _ask(self, request: _Request, time_limit: float) -> Page | Exception:
        process = self._usable() or self._start()
        self._pages += 1
        try:
            answer, late = _exchange(process, request, time_limit)
        except BaseException:  # interrupted: the answer to this page must not be taken for the next one's
            self._end()
            raise
        if late or answer is None or (isinstance(answer, ExtractionError) and answer.kind == "memory"):
            self._end()
        if answer is None:
            return _out_of_time(time_limit) if late else _crashed(process.returncode)
        return cast("Page | Exception", answer)

    def _usable(self) -> subprocess.Popen[bytes] | None:
        if self._process is None or self._process.poll() is not None or self._pages >= _PAGES:
            return None
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        self._end()
        process = subprocess.Popen(  # noqa: S603 - this interpreter, and a line of code from above
            [sys.executable, "-c", _START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._finish = weakref.finalize(self, _finish, process, os.getpid())
        self._process, self._pages = process, 0
        answer, _ = _exchange(process, None, _START_LIMIT)
        if answer != _READY:
            self._end()
            raise ExtractionError("crash", f"{sys.executable}, the process that was to read it, did not start")
        return process

    def _end(self) -> None:
        if self._process is not None:
            self._finish()
            self._process = None


def _finish(process: subprocess.Popen[bytes], owner: int) -> None:
    """Kill a process that this one started, and close its pipes."""
    if os.getpid() != owner:
        return
    process.kill()
    for stream in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not sent yet can't be
            if stream:
                stream.close()
    process.wait()


def _exchange(process: subprocess.Popen[bytes], request: _Request | None, time_limit: float) -> tuple[Any, bool]:
    """The answer to a request (None where the process is gone), and whether the process was killed for being late."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(time_limit, kill)
    timer.daemon = True
    timer.start()
    try:
        if request is not None:
            _write(process.stdin, request)
        return _read(process.stdout), late.is_set()
    except (OSError, EOFError, pickle.UnpicklingError):
        return None, late.is_set()
    finally:
        timer.cancel()
        timer.join()


def _out_of_time(time_limit: float) -> ExtractionError:
    return ExtractionError("time", f"it was not done after {time_limit:g} seconds")


def _crashed(code: int) -> ExtractionError:
    ended = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return ExtractionError("crash", f"the process that read it ended {ended}")


def _write(stream: IO[bytes] | None, message: object) -> None:
    if stream is None:
        raise EOFError
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_SIZE.pack(len(content)))
    stream.write(content)
    stream.flush()


def _read(stream: IO[bytes] | None) -> Any:
    header = stream.read(_SIZE.size) if stream else b""
    if stream is None or len(header) < _SIZE.size:
        raise EOFError
    (size,) = _SIZE.unpack(header)
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return pickle.loads(content)  # noqa: S301 - from a process of our own


def serve() -> None:
    """Answer requests on standard input until it ends: what the child process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    sys.stdout = sys.stderr  # nothing that a library prints may get between the answers
    import trafilatura  # noqa: F401, PLC0415 - before the first page's time begins to count

    _write(answers, _READY)
    with suppress(EOFError):
        while True:
            _write(answers, _answer(_read(requests)))


def _answer(request: _Request) -> Page | Exception:
    _limit_memory(request.memory_limit)
    try:
        return extract_page(request.html, url=request.url, encoding=request.encoding, size_limit=request.size_limit)
    except (StripperError, LookupError) as error:
        return error
    except MemoryError:
        return ExtractionError("memory", f"it needs more than {request.memory_limit or 0:,} bytes of memory")


def _limit_memory(limit: int | None) -> None:
    """Bound the address space of this process, where the platform can."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    soft = resource.RLIM_INFINITY if limit is None else limit
    with suppress(ValueError, OSError):  # above the hard limit, or a platform that refuses
        resource.setrlimit(resource.RLIMIT_AS, (soft, resource.getrlimit(resource.RLIMIT_AS)[1]))


@cache
def default_worker() -> PageWorker:
    """The worker that `strip_html` uses where none is given."""
    return PageWorker()
