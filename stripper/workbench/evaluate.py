"""
`stripper eval`: how well the rules do on labelled records, and which documents come out worst.

A record is a JSON object with `id`, `extractor`, `lang`, `url`, `text`, `gold` (the annotated body) and `lines`:
`[start, end, label]` with label body, boilerplate, front or ambiguous. Records marked `gold_suspect` are left out.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stripper.errors import InputError
from stripper.pipeline import Stripper
from stripper.result import StripResult

EXTRACTOR_OUTPUTS = frozenset({"trafilatura", "trafilatura_recall", "newspaper4k", "readability"})
FOLDS = 5  # groups of sites; nothing is fitted to the sites of group 0
COLUMNS = ("docs", "tail_doc", "tail*", "loss", "intact", "in_rec", "head_rec", "precision", "wF1_in", "wF1_out")
_CJK = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
_WORD = re.compile(rf"[{_CJK}]|(?:(?![{_CJK}])\w)+")


@dataclass(frozen=True)
class Scored:
    """One record, what became of it, and its counts (characters without blanks, lines, documents)."""

    record: dict[str, Any]
    result: StripResult
    counts: Counter[str]


def read_records(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The records of JSONL files, gzipped or not; raises `InputError` for a line that is none."""
    for path in paths:
        try:
            yield from _read_file(path)
        except (OSError, ValueError) as error:  # noqa: PERF203 - a few files
            raise InputError(f"{path}: can't be read as JSONL: {error}") from error


def _read_file(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            record = json.loads(line)
            if not isinstance(record, dict) or not {"id", "text", "lines", "gold"} <= record.keys():
                raise InputError(f"{path}:{number}: not a labelled record (id, text, lines, gold)")
            if not record.get("gold_suspect"):
                yield record


def site_group(url: str | None) -> int:
    """The group of sites, from 0 to 4, that a page belongs to; group 0 is kept aside."""
    return zlib.crc32((urlsplit(url or "").hostname or "").encode()) % FOLDS


def evaluate(records: Iterable[dict[str, Any]], stripper: Stripper) -> list[Scored]:
    """Strip every record and count what went and what should have gone."""
    scored = []
    for record in records:
        result = stripper.strip(record["text"], record.get("url"))
        scored.append(Scored(record, result, _counts(record, result)))
    return scored


def _counts(record: dict[str, Any], result: StripResult) -> Counter[str]:
    text = record["text"]
    gone = bytearray(len(text))
    for removal in result.removals:
        gone[removal.start : removal.end] = b"\x01" * (removal.end - removal.start)
    body = [start for start, _, label in record["lines"] if label == "body"]
    first, last = (body[0], body[-1]) if body else (0, len(text))
    counts: Counter[str] = Counter(docs=1)
    left_in_tail = 0
    for start, end, label in record["lines"]:
        if label not in ("body", "boilerplate"):
            continue
        size = sum(not char.isspace() for char in text[start:end])
        taken = sum(gone[i] and not text[i].isspace() for i in range(start, end)) if any(gone[start:end]) else 0
        zone = "body" if label == "body" else "tail" if start > last else "head" if start < first else "in"
        counts[zone] += size
        counts[f"{zone} gone"] += taken
        counts[f"{zone} lines gone"] += taken > size / 2
        left_in_tail += zone == "tail" and taken <= size / 2
    counts["intact"] = not counts["body lines gone"]
    counts["had tail"] = bool(counts["tail"])
    counts["tail clean"] = bool(counts["tail"]) and not left_in_tail
    gold = _words(record["gold"])
    # Counter holds floats as well as it holds integers
    counts["tail share"] = counts["tail gone"] / counts["tail"] if counts["tail"] else 0  # type: ignore[assignment]
    counts["wF1 in"] = word_f1(_words(text), gold)  # type: ignore[assignment]
    counts["wF1 out"] = word_f1(_words(result.text), gold)  # type: ignore[assignment]
    return counts


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def word_f1(found: Counter[str], wanted: Counter[str]) -> float:
    """
    F1 of two bags of words, 0 to 1; single characters count as words in CJK and Thai text.

    >>> word_f1(Counter("ab"), Counter("bc"))
    0.5
    """
    if not found or not wanted:
        return float(not found and not wanted)
    shared = (found & wanted).total()
    precision, recall = shared / found.total(), shared / wanted.total()
    return 2 * precision * recall / (precision + recall) if shared else 0.0


def summarise(scored: Iterable[Scored]) -> dict[str, float]:
    """The figures of a group of documents, in percent: see `COLUMNS`; docs is their number."""
    total: Counter[str] = Counter()
    for one in scored:
        total.update(one.counts)
    gone = total["in gone"] + total["head gone"] + total["tail gone"]

    def percent(part: str, whole: str) -> float:
        return 100 * total[part] / total[whole] if total[whole] else 0.0

    return {
        "docs": total["docs"],
        "tail_doc": percent("tail share", "had tail"),
        "tail*": percent("tail clean", "had tail"),
        "loss": percent("body gone", "body"),
        "intact": percent("intact", "docs"),
        "in_rec": percent("in gone", "in"),
        "head_rec": percent("head gone", "head"),
        "precision": 100 * gone / (gone + total["body gone"]) if gone else 0.0,
        "wF1_in": percent("wF1 in", "docs"),
        "wF1_out": percent("wF1 out", "docs"),
    }


def groups(scored: list[Scored]) -> dict[str, list[Scored]]:
    """The documents of extractor outputs and raw dumps, all and of sites kept aside; by extractor and language."""
    found: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        extractor = str(one.record.get("extractor"))
        kind = "extractor outputs" if extractor in EXTRACTOR_OUTPUTS else "raw dumps"
        for name in (kind, f"extractor {extractor}", f"language {one.record.get('lang')}"):
            found[name].append(one)
        if not site_group(one.record.get("url")):
            found[f"{kind}, kept aside"].append(one)
    order = sorted(
        found, key=lambda name: (name.startswith(("extractor ", "language ")) and "outputs" not in name, name)
    )
    return {name: found[name] for name in order}


def table(scored: list[Scored]) -> str:
    """The figures of all groups, and the characters removed by label, for a terminal."""
    lines = [f"{'':<30}" + "".join(f"{column:>10}" for column in COLUMNS)]
    for name, members in groups(scored).items():
        figures = summarise(members)
        lines.append(f"{name:<30}" + "".join(_cell(column, figures[column]) for column in COLUMNS))
    lines += ["", f"{'removed, by label':<30}{'characters':>12}{'documents':>12}{'of the body %':>15}"]
    for label, (characters, documents, wrong) in sorted(_by_label(scored).items(), key=lambda item: -item[1][0]):
        lines.append(f"{label:<30}{characters:>12}{documents:>12}{100 * wrong / characters:>15.2f}")
    return "\n".join(lines) + "\n"


def _cell(column: str, value: float) -> str:
    return f"{value:>10.0f}" if column == "docs" else f"{value:>10.2f}" if column == "loss" else f"{value:>10.1f}"


def _by_label(scored: list[Scored]) -> dict[str, tuple[int, int, int]]:
    """Characters removed, documents, and characters of the body among them, by label."""
    found: dict[str, tuple[int, int, int]] = {}
    for one in scored:
        body = [(start, end) for start, end, label in one.record["lines"] if label == "body"]
        seen = set()
        for removal in one.result.removals:
            characters, documents, wrong = found.get(removal.label, (0, 0, 0))
            wrong += sum(max(0, min(end, removal.end) - max(start, removal.start)) for start, end in body)
            found[removal.label] = (
                characters + removal.end - removal.start,
                documents + (removal.label not in seen),
                wrong,
            )
            seen.add(removal.label)
    return found


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of the files' bytes, in the order of their names."""
    sha = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        sha.update(path.read_bytes())
    return sha.hexdigest()


def below_floors(scored: list[Scored], floors: dict[str, dict[str, float]]) -> list[str]:
    """
    Complaints about figures that are worse than the pinned ones; loss may not be higher, the others not lower.

    `floors` is `{group: {column: value}}`.
    """
    complaints = []
    found = groups(scored)
    for group, columns in floors.items():
        figures = summarise(found.get(group, []))
        for column, floor in columns.items():
            worse = figures[column] > floor if column == "loss" else figures[column] < floor
            if worse:
                complaints.append(f"{group}: {column} is {figures[column]:.2f}, the floor is {floor}")
    return complaints


_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{white-space:pre-wrap;border-left:3px solid #ccc;padding-left:1rem}
.gone{background:#fdd}.lost{background:#f66;color:#000}.left{background:#ffb}"""


def page(scored: list[Scored], most: int = 30) -> str:
    """The documents that lost most of their body, and those with most junk left, as an HTML page."""
    lossy = sorted(scored, key=lambda one: (-one.counts["body gone"], str(one.record["id"])))
    dirty = sorted(scored, key=lambda one: (one.counts["tail gone"] - one.counts["tail"], str(one.record["id"])))
    sections = [("Most body lost", [s for s in lossy if s.counts["body gone"]]), ("Most junk left in the tail", dirty)]
    parts = [f"<!doctype html><meta charset=utf-8><title>Worst documents</title><style>{_STYLE}</style>"]
    parts.append(
        "<p><span class=lost>body that went</span> <span class=gone>junk that went</span> "
        "<span class=left>junk left</span>"
    )
    for title, members in sections:
        parts.append(f"<h1>{title}</h1>")
        parts += [_document(one) for one in members[:most]]
    return "\n".join(parts) + "\n"


def _document(one: Scored) -> str:
    head = f"{one.record['id']} · {one.record.get('extractor')} · {one.record.get('lang')}"
    lines = []
    for start, end, label in one.record["lines"]:
        gone = any(removal.start <= start < removal.end for removal in one.result.removals)
        look = {("body", True): "lost", ("boilerplate", True): "gone", ("boilerplate", False): "left"}.get(
            (label, gone), ""
        )
        lines.append(f"<span class='{look}'>{escape(one.record['text'][start:end])}</span>")
    return f"<h2>{escape(head)}</h2>\n<pre>{chr(10).join(lines)}</pre>"
