"""
`stripper bench`: what stripping costs beside the JSON around it and beside other cleaners.

Every row is a ratio of two things measured side by side: rounds of both alternate in one process and the medians of
their CPU times are compared, so that the ratio holds on a busy machine too.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from stripper.cache import compiled_rules
from stripper.flat import unfold
from stripper.judge import Facts, judge
from stripper.pipeline import Stripper
from stripper.tail import find_tail
from stripper.text import Document

ROUNDS = 5
MEGABYTE = 1_000_000
_HEADLINE = "Officials say the bridge will open again in March after repairs"


@dataclass(frozen=True)
class Row:
    """One measured ratio (or time, or size): what it is, what it came to, in which unit, and what it should come to."""

    name: str
    value: float
    unit: str
    goal: str = ""


def compare(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median CPU seconds of both, their rounds alternating; each runs once before to be warm."""
    times: tuple[list[float], list[float]] = ([], [])
    for at in range(rounds + 1):
        for work, spent in zip((ours, theirs), times, strict=True):
            start = time.process_time()
            work()
            if at:
                spent.append(time.process_time() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def hard_inputs(stripper: Stripper) -> dict[str, Callable[[int], str]]:
    """Texts of a given size in characters that could make a careless program slow, by name."""
    keywords = [word.strip("\n") for rule in stripper.rules.rules for word in rule.keywords]
    card = f"{_HEADLINE}\n{_HEADLINE}\nThe Daily Example\n9 minutes ago\n\n"
    return {
        "one line of prose": lambda size: "The bridge was closed for a year, the mayor said. " * (size // 50),
        "blank lines": lambda size: "\n" * size,
        "short lines": lambda size: "as\n" * (size // 3),
        "one headline again and again": lambda size: f"{_HEADLINE}\n" * (size // 64),
        "feed items": lambda size: card * (size // len(card)),
        "headings of sections": lambda size: "Related Articles\n" * (size // 17),
        "punctuation": lambda size: "?!.,;:-–…" * (size // 9),
        "Chinese": lambda size: "大桥将在三月重新开放。" * (size // 11),
        "emoji and combining marks": lambda size: "👩‍👩‍👧e\u0301\u0323 " * (size // 9),
        "keywords of all rules": lambda size: _cycled(keywords, " ", size),
        "keywords, one a line": lambda size: _cycled(keywords, "\n", size),
    }


def _cycled(words: Sequence[str], joint: str, size: int) -> str:
    text = joint.join(words) + joint
    return (text * (size // len(text) + 1))[:size]


def growth(stripper: Stripper, sizes: Sequence[int]) -> list[Row]:
    """For each hard input, how much more CPU time the largest of the doubled sizes takes than half of it."""
    rows = []
    for name, make in hard_inputs(stripper).items():
        times = []
        for size in sizes:
            text = make(size)
            start = time.process_time()
            stripper.strip(text)
            times.append(max(time.process_time() - start, 1e-4))
        ratio = max(later / earlier for earlier, later in pairwise(times))
        rows.append(Row(f"growth: {name} ({times[-1]:.2f} s for {sizes[-1] / MEGABYTE:g} MB)", ratio, "×", "≤ 2.2"))
    return rows


def stages(texts: Sequence[str], stripper: Stripper) -> dict[str, float]:
    """CPU microseconds a document in each stage, first round only."""
    spent = dict.fromkeys(("view and lines", "candidates", "matches", "unfolding", "findings", "tail"), 0.0)
    for text in texts:
        document = Document(text)
        clock = _Clock(spent)
        _ = document.rows
        clock.stop("view and lines")
        stripper.candidates.find(document)
        clock.stop("candidates")
        matches = stripper.matches(document)
        clock.stop("matches")
        unfold(document, stripper.candidates)
        clock.stop("unfolding")
        if matches:
            facts = Facts(document, matches, stripper.detector)
            findings, _declined = judge(facts)
            clock.stop("findings")
            find_tail(findings, facts.layout)
            clock.stop("tail")
    spent["matches"] -= spent["candidates"]  # matches ask for candidates
    return {stage: 1e6 * seconds / len(texts) for stage, seconds in spent.items()}


class _Clock:
    """CPU time since the last stop, added to a stage."""

    def __init__(self, spent: dict[str, float]) -> None:
        self._spent = spent
        self._last = time.process_time()

    def stop(self, stage: str) -> None:
        self._spent[stage] += time.process_time() - self._last
        self._last = time.process_time()


def against_json(texts: Sequence[str], stripper: Stripper) -> list[Row]:
    """`strip_batch` against loads and dumps of records with the same texts."""
    import orjson  # noqa: PLC0415 - an extra: pip install 'article-stripper[bench]'

    lines = [orjson.dumps({"id": at, "url": "https://example.org/", "text": text}) for at, text in enumerate(texts)]
    ours, theirs = compare(
        lambda: stripper.strip_batch(texts), lambda: [orjson.dumps(orjson.loads(line)) for line in lines]
    )
    return [
        Row("strip_batch", 1e6 * ours / len(texts), "µs a document"),
        Row("strip_batch against orjson loads + dumps", ours / theirs, "×", "≤ 8"),
    ]


def by_kind(extracted: Sequence[str], dumps: Sequence[str], stripper: Stripper) -> list[Row]:
    """Raw dumps against extractor outputs, a character; documents with nothing to remove against all, a document."""
    rows = []
    clean = [text for text in extracted if not stripper.strip(text).removals]
    if clean:
        ours, mean = compare(lambda: stripper.strip_batch(clean), lambda: stripper.strip_batch(extracted))
        rows.append(
            Row("nothing to remove against the mean", ours / len(clean) / (mean / len(extracted)), "×", "≤ 0.7")
        )
    if dumps:
        raw, ours = compare(lambda: stripper.strip_batch(dumps), lambda: stripper.strip_batch(extracted), 1)
        ratio = (raw / sum(map(len, dumps))) / (ours / sum(map(len, extracted)))
        rows.append(Row("body_text against extractor outputs, a character", ratio, "×", "≤ 1.5"))
    return rows


def starts(rounds: int = 3) -> list[Row]:
    """CPU milliseconds, user and system, of fresh processes over a bare interpreter."""
    bare = _cpu([sys.executable, "-c", "pass"], rounds)
    shown = _cpu([sys.executable, "-c", "from stripper.cli.main import main; main(['strip', '--help'])"], rounds)
    first = _cpu(
        [sys.executable, "-c", "import stripper; stripper.strip('The bridge is open again, officials said.')"], rounds
    )
    return [
        Row("start: strip --help over bare python", shown - bare, "ms", "≤ 60"),
        Row("start: first strip over bare python", first - bare, "ms", "≤ 250"),
    ]


def _cpu(command: Sequence[str], rounds: int) -> float:
    times = []
    for _ in range(rounds + 1):
        before = _children()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - this interpreter itself
        times.append(_children() - before)
    return 1000 * statistics.median(times[1:])


def _children() -> float:
    import os  # noqa: PLC0415 - times of child processes

    times = os.times()
    return times.children_user + times.children_system


def memory(texts: Sequence[str], stripper: Stripper, documents: int) -> list[Row]:
    """By how many megabytes the peak of the process rises over so many documents, after a first pass."""
    import resource  # noqa: PLC0415 - not on Windows

    stripper.strip_batch(texts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for at in range(documents):
        stripper.strip(texts[at % len(texts)])
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [Row(f"memory: growth of the peak over {documents:,} documents", grown, "MB", "≤ 5 over 200,000")]


def with_more_rules(texts: Sequence[str], stripper: Stripper, times: int = 4) -> list[Row]:
    """Four times as many rules, the added ones with other words of the same shape."""
    from dataclasses import replace  # noqa: PLC0415 - with the rest of this

    from stripper.rule import PhrasesMatch  # noqa: PLC0415
    from stripper.ruleset import RuleSet  # noqa: PLC0415

    rules = list(stripper.rules.rules)
    for copy in range(1, times):
        for rule in stripper.rules.rules:
            match = rule.match
            if isinstance(match, PhrasesMatch):
                match = PhrasesMatch(frozenset(f"{phrase[::-1]} {copy}" for phrase in match.phrases))
                rules.append(replace(rule, id=f"{rule.id}-{copy}", match=match, keywords=tuple(sorted(match.phrases))))
            else:
                keywords = tuple(f"{word}{copy}{copy}" for word in rule.keywords)
                rules.append(replace(rule, id=f"{rule.id}-{copy}", keywords=keywords))
    many = Stripper(RuleSet(stripper.rules.packs, tuple(sorted(rules, key=lambda rule: rule.id))))
    more, ours = compare(lambda: many.strip_batch(texts), lambda: stripper.strip_batch(texts), 3)
    return [Row(f"{times} × as many rules", more / ours, "×", "≤ 2")]


def peers(records: Sequence[Mapping[str, Any]], pages: Path | None, stripper: Stripper) -> list[Row]:
    """Against datatrove's C4 filter on the same texts and trafilatura on the pages, where they are installed."""
    rows = []
    texts = [record["text"] for record in records]
    try:
        from datatrove.data import Document as Page  # noqa: PLC0415 - an extra
        from datatrove.pipeline.filters import C4QualityFilter  # noqa: PLC0415
    except ImportError:
        rows.append(Row("datatrove is not installed: not measured", 0.0, ""))
    else:
        quality = C4QualityFilter(min_num_sentences=-1)  # sentences are counted with spaCy, which is no peer of ours
        ours, theirs = compare(
            lambda: stripper.strip_batch(texts),
            lambda: [quality.filter(Page(text=text, id="")) for text in texts],
            3,
        )
        rows.append(Row("faster than datatrove's C4QualityFilter", theirs / ours, "×", "≥ 15"))
    return rows + (_against_trafilatura(records, pages, stripper) if pages else [])


def _against_trafilatura(records: Sequence[Mapping[str, Any]], pages: Path, stripper: Stripper) -> list[Row]:
    import gzip  # noqa: PLC0415

    try:
        import trafilatura  # noqa: PLC0415 - an extra
    except ImportError:
        return [Row("trafilatura is not installed: not measured", 0.0, "")]
    known = {path.name.removesuffix(".html.gz"): path for path in pages.glob("*.html.gz")}
    both = [(known[record["id"]], record["text"]) for record in records if record["id"] in known][:40]
    if not both:
        return []
    html = [gzip.decompress(path.read_bytes()).decode("utf-8", "replace") for path, _ in both]
    ours, theirs = compare(
        lambda: stripper.strip_batch([text for _, text in both]),
        lambda: [trafilatura.extract(page) for page in html],
        3,
    )
    return [Row("faster than trafilatura.extract of the pages", theirs / ours, "×", "≥ 30")]


def machine() -> str:
    """Processor, cores and Python of this run."""
    import os  # noqa: PLC0415

    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}"


def default_stripper() -> Stripper:
    """All shipped rules, compiled and in the cache."""
    compiled_rules()
    return Stripper()
