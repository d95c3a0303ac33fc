"""The function that strips a web page."""

from __future__ import annotations

from stripper.default import default_stripper
from stripper.html.page import SIZE_LIMIT
from stripper.html.result import HtmlResult, strip_page
from stripper.html.worker import MEMORY_LIMIT, TIME_LIMIT, PageWorker, default_worker
from stripper.pipeline import Stripper


def strip_html(  # noqa: PLR0913 - settings of their own, all but the first two by name
    html: bytes | str,
    url: str | None = None,
    *,
    stripper: Stripper | None = None,
    language: str | None = None,
    encoding: str | None = None,
    time_limit: float = TIME_LIMIT,
    size_limit: int = SIZE_LIMIT,
    memory_limit: int | None = MEMORY_LIMIT,
    worker: PageWorker | None = None,
) -> HtmlResult:
    """
    Take the text from a web page, remove from it what is not the article, and tell where in the HTML all of it stands.

    `html` is the file's bytes (read as `encoding` says, else as the page says) or its characters. `url` and `language`
    (ISO 639-1) are the page's own where they are not given. The text is taken in a child process that is kept for the
    next call and killed after `time_limit` seconds; `size_limit` is in bytes, or characters for a `str`, `memory_limit`
    in bytes of address space, where the platform has such a limit.

    Raises `ExtractionError` for a page that gives no text, with the reason; there is never an empty result.
    """
    page = (worker or default_worker()).extract(
        html,
        url=url,
        encoding=encoding,
        time_limit=time_limit,
        size_limit=size_limit,
        memory_limit=memory_limit,
    )
    return strip_page(page, stripper or default_stripper(), language=language)
