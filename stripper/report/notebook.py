"""A result as a fragment of HTML for notebooks: no script, no address, every style beside its element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from stripper.report.marked import Fate, Mark, Segment, cut, marks_of_result
from stripper.report.totals import group_of
from stripper.result import StripResult

_LONG = 2000  # characters of a stretch of text from which its middle is left out
_ENDS = 600  # characters left before and after
_ROWS = 200  # marks listed below the text
# strong enough on white and on black, told apart with any kind of colour vision; the label stands beside it anyway
_TONES = {
    "promotion": "213,94,0", "other articles": "0,114,178", "legal": "130,100,200", "readers": "0,158,115",
    "article furniture": "190,140,0", "page furniture": "204,90,150", "otherwise": "128,128,128",
    "reported, kept by default": "90,150,40",
}  # fmt: skip
_LINES = {
    Fate.REMOVED: "line-through",
    Fate.FLAGGED: "underline dotted",
    Fate.NEAR: "underline dashed",
}
_SURROGATE = re.compile("[\ud800-\udfff]")


def fragment(result: StripResult) -> str:
    """The text with what went and what was flagged, each with its label; rule and evidence in a table below it."""
    marks = [mark for mark in marks_of_result(result) if mark.fate is not Fate.NEAR]
    words = "".join(_stretch(segment, marks) for segment in _named(list(cut(result.source, marks))))
    problem = f"<div><b>Nothing was removed:</b> {_safe(result.problem)}</div>" if result.problem else ""
    return (
        '<div style="font-family:system-ui,sans-serif;line-height:1.5;max-width:60em">'
        f"<div>{_headline(result)}</div>{problem}"
        '<div dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;border:1px solid '
        f'rgba(128,128,128,.4);border-radius:6px;padding:.6em .8em;margin:.4em 0;text-align:start">{words}</div>'
        f"{_table(marks)}</div>"
    )


def _headline(result: StripResult) -> str:
    gone = sum(removal.end - removal.start for removal in result.removals)
    share = 100 * gone / len(result.source) if result.source else 0
    return f"{len(result.removals)} removals, {gone} of {len(result.source)} characters ({share:.1f} %)"


def _named(segments: Sequence[Segment]) -> Iterator[tuple[Segment, bool]]:
    """Each segment, and whether its mark begins there."""
    seen: set[int] = set()
    for segment in segments:
        yield segment, bool(set(segment.marks) - seen) and bool(segment.text.strip())
        if segment.text.strip():
            seen.update(segment.marks)


def _stretch(named: tuple[Segment, bool], marks: Sequence[Mark]) -> str:
    segment, begins = named
    blank = segment.text[: len(segment.text) - len(segment.text.lstrip())]
    words = _safe(_shortened(segment.text[len(blank) :]))
    mark = next((marks[index] for index in segment.marks if marks[index].fate is segment.fate), None)
    if mark is None:
        return _safe(blank) + words
    tone = _TONES[group_of(mark.label)]
    tag = ""
    if begins:
        tag = (
            f'<span style="font-size:.75em;border:1px solid rgb({tone});border-radius:4px;padding:0 .35em;'
            f'margin-right:.4em;user-select:none">{_safe(mark.label)}</span>'
        )
    style = f"background:rgba({tone},.2);text-decoration:{_LINES[mark.fate]} rgb({tone})"
    name = "del" if mark.fate is Fate.REMOVED else "span"
    return f'{_safe(blank)}{tag}<{name} style="{style}" title="{_safe(_said(mark))}">{words}</{name}>'


def _table(marks: Sequence[Mark]) -> str:
    if not marks:
        return ""
    rows = "".join(_row(mark) for mark in marks[:_ROWS])
    more = f"<div>and {len(marks) - _ROWS} more</div>" if len(marks) > _ROWS else ""
    return f"<details><summary>Rules and evidence</summary><table><tbody>{rows}</tbody></table>{more}</details>"


def _row(mark: Mark) -> str:
    cells = (f"{mark.start}-{mark.end}", mark.fate.value, mark.label, mark.rule, f"{mark.confidence:.2f}", _why(mark))
    columns = "".join(f'<td style="text-align:left">{_safe(cell)}</td>' for cell in cells)
    return f"<tr>{columns}</tr>"


def _said(mark: Mark) -> str:
    return f"{mark.fate.value}: {mark.label} {mark.confidence:.2f}\n{mark.rule}\n{_why(mark)}"


def _why(mark: Mark) -> str:
    return "; ".join(f"{amount:+.2f} {source}: {why}" for source, amount, why in mark.evidence)


def _shortened(text: str) -> str:
    if len(text) <= _LONG:
        return text
    return f"{text[:_ENDS]} […{len(text) - 2 * _ENDS} characters…] {text[-_ENDS:]}"


def _safe(text: str) -> str:
    """Escaped for an element or an attribute; lone surrogates, which no notebook file can hold, are replaced."""
    return _SURROGATE.sub("\ufffd", escape(text)).replace("\x00", "\ufffd")
