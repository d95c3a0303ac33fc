"""HTML files: read whole, with complaints that name them."""

from __future__ import annotations

from pathlib import Path

from stripper.errors import ExtractionError, InputError
from stripper.html.page import SIZE_LIMIT, Page, extract_page
from stripper.html.worker import MEMORY_LIMIT, TIME_LIMIT, PageWorker

SUFFIXES = (".html", ".htm", ".xhtml")


def is_page(path: Path) -> bool:
    """
    Whether a file is HTML by its name.

    >>> is_page(Path("INDEX.HTM")), is_page(Path("page.html.txt"))
    (True, False)
    """
    return path.suffix.lower() in SUFFIXES


def read_page(  # noqa: PLR0913 - settings of their own, all but the first by name
    path: Path,
    *,
    url: str | None = None,
    encoding: str | None = None,
    time_limit: float = TIME_LIMIT,
    size_limit: int = SIZE_LIMIT,
    memory_limit: int | None = MEMORY_LIMIT,
    worker: PageWorker | None = None,
) -> Page:
    """
    The page in a file: its text, URL, language, and where in the HTML the text stands.

    With a `worker` the text is taken in its process, within `time_limit` (seconds) and `memory_limit` (bytes); without
    one it is taken right here, for callers that can be killed themselves. `size_limit` is in bytes. Raises
    `InputError`, which names the file, for one that can't be read or gives no text.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(size_limit + 1)  # the byte more shows that there is more
        if worker is None:
            return extract_page(raw, url=url, encoding=encoding, size_limit=size_limit)
        return worker.extract(
            raw,
            url=url,
            encoding=encoding,
            time_limit=time_limit,
            size_limit=size_limit,
            memory_limit=memory_limit,
        )
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    except ExtractionError as error:
        raise InputError(f"{path}: {error}") from error
