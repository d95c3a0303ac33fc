"""
Web pages: the text that trafilatura takes from them, and where in the HTML each part of it stands.

Importing this package loads neither trafilatura nor lxml; the first page does.
"""

from stripper.html.page import SIZE_LIMIT, Page, extract_page

__all__ = ["SIZE_LIMIT", "Page", "extract_page"]
