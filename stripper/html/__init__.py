"""
Web pages: the text that trafilatura takes from them, and where in the HTML each part of it stands.

Importing this package loads neither trafilatura nor lxml; the first page does.

    strip_html      a page in, the clean body out, with the places in the HTML
    extract_page    only the page's text and places, in this process and without a time limit
    read_page       the same for a file
    strip_page      the rules on a page that was read
    PageWorker      the process that reads pages, for those who want several
"""

from stripper.html.page import SIZE_LIMIT, Page, extract_page
from stripper.html.pagefile import is_page, read_page
from stripper.html.places import Place
from stripper.html.result import HtmlResult, strip_page
from stripper.html.strip import strip_html
from stripper.html.worker import MEMORY_LIMIT, TIME_LIMIT, PageWorker

__all__ = [
    "MEMORY_LIMIT",
    "SIZE_LIMIT",
    "TIME_LIMIT",
    "HtmlResult",
    "Page",
    "PageWorker",
    "Place",
    "extract_page",
    "is_page",
    "read_page",
    "strip_html",
    "strip_page",
]
