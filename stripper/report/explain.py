"""Why a text came out as it did, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stripper.result import NearMiss, Removal, StripResult

_RED, _YELLOW, _DIM, _PLAIN = "\033[31m", "\033[33m", "\033[2m", "\033[0m"
_NEAREST = 12  # near misses shown, the surest first


def explain(result: StripResult, *, colour: bool = False) -> str:
    """
    The text with what goes and what stays, the reason of each removal, and the nearest misses.

    A line that goes is marked `-`, one of which a part goes `~` with the part in `[-…-]`, one that is reported `!`.
    """
    parts = [_headline(result), "", *_text(result), ""]
    parts += _listed("Removed", [line for removal in result.removals for line in _reasons(removal, result)])
    parts += _listed("Reported, and left in", [line for flag in result.flags for line in _reasons(flag, result)])
    parts += _listed("Nearly", [line for miss in _nearest(result.near_misses) for line in _missed(miss, result)])
    if result.problem:
        parts += [f"Nothing was removed: {result.problem}", ""]
    return "\n".join(_coloured(part) if colour else part for part in parts)


def _headline(result: StripResult) -> str:
    gone = sum(removal.end - removal.start for removal in result.removals)
    share = 100 * gone / len(result.source) if result.source else 0
    language = result.language or "unknown"
    return (
        f"language {language}, {len(result.source)} characters, {gone} of them ({share:.1f} %) "
        f"in {len(result.removals)} removals"
    )


def _text(result: StripResult) -> Iterator[str]:
    """The source line by line, numbered, with a mark for what happens to the line."""
    start = 0
    for number, line in enumerate(result.source.split("\n"), 1):
        yield f"{_mark(result, start, line)} {number:>4} | {_shown(result, start, line)}".rstrip()
        start += len(line) + 1


def _touching(spans: Sequence[Removal], start: int, end: int) -> list[Removal]:
    return [span for span in spans if span.start < end and span.end > start]


def _mark(result: StripResult, start: int, line: str) -> str:
    gone = _gone(result, start, line)
    if gone:
        return "-" if len(gone) >= len("".join(line.split())) else "~"
    return "!" if line.strip() and _touching(result.flags, start, start + len(line)) else " "


def _gone(result: StripResult, start: int, line: str) -> str:
    """The non-blank characters of the line that go."""
    spans = _touching(result.removals, start, start + len(line))
    pieces = (line[max(0, span.start - start) : max(0, span.end - start)] for span in spans)
    return "".join("".join(pieces).split())


def _shown(result: StripResult, start: int, line: str) -> str:
    if _mark(result, start, line) != "~":
        return line.rstrip("\r")
    shown, at = [], 0
    for span in _touching(result.removals, start, start + len(line)):
        left, right = max(0, span.start - start), min(len(line), span.end - start)
        shown += [line[at:left], f"[-{line[left:right]}-]" if line[left:right].strip() else line[left:right]]
        at = right
    return "".join([*shown, line[at:]]).rstrip("\r")


def _listed(title: str, lines: list[str]) -> list[str]:
    return [title, *lines, ""] if lines else []


def _place(result: StripResult, start: int, end: int) -> str:
    """The lines of a span, blank ones at its ends left out."""
    text = result.source[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    first = result.source.count("\n", 0, start) + 1
    last = first + result.source.count("\n", start, max(start, end))
    return f"line {first}" if first == last else f"lines {first}-{last}"


def _reasons(removal: Removal, result: StripResult) -> Iterator[str]:
    origin = result.rule_origins.get(removal.rule)
    where = f"  ({origin})" if origin else ""
    place = _place(result, removal.start, removal.end)
    yield f"  {place}: {removal.label} {removal.confidence:.2f}  {removal.rule}{where}"
    for evidence in removal.evidence:
        yield f"      {evidence.amount:+.2f}  {evidence.source}: {evidence.why}"
    for name, words in removal.captured.items():
        yield f"      {name} = {words!r}"


def _nearest(misses: Sequence[NearMiss]) -> list[NearMiss]:
    surest = sorted(misses, key=lambda miss: (-miss.confidence, miss.start, miss.rule))[:_NEAREST]
    return sorted(surest, key=lambda miss: (miss.start, miss.rule))


def _missed(miss: NearMiss, result: StripResult) -> Iterator[str]:
    origin = result.rule_origins.get(miss.rule)
    where = f"  ({origin})" if origin else ""
    words = " ".join(result.source[miss.start : miss.end].split())
    yield f"  {_place(result, miss.start, miss.end)}: {miss.label} {miss.confidence:.2f}  {miss.rule}{where}"
    yield f"      stays: {miss.reason}"
    yield f"      {words if len(words) <= 100 else words[:99] + '…'}"


def _coloured(line: str) -> str:
    paint = {"-": _RED, "~": _RED, "!": _YELLOW}.get(line[:1], _DIM if line.startswith("      ") else "")
    return f"{paint}{line}{_PLAIN}" if paint else line
