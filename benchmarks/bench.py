"""
`make bench`: what stripping costs beside the JSON around it, and where the time goes.

    python benchmarks/bench.py [RECORDS.jsonl[.gz] …]

Without records the sample articles are taken. Rounds of both are alternated in one process and medians compared, so
that the ratio holds on a busy machine too.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from stripper import Stripper
from stripper.flat import unfold
from stripper.judge import Facts, judge
from stripper.tail import find_tail
from stripper.text import Document
from stripper.workbench.evaluate import EXTRACTOR_OUTPUTS, read_records

ROUNDS = 5
MOST = 2000  # documents


def main(paths: list[str]) -> None:
    texts = _texts(paths)
    stripper = Stripper()
    lines = [json.dumps({"text": text}) for text in texts]
    stripper.strip_batch(texts[:50])  # rules compiled, patterns warm
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(_time(lambda: [json.dumps(json.loads(line)) for line in lines]))
        ours.append(_time(lambda: stripper.strip_batch(texts)))
    size = sum(map(len, texts)) / len(texts)
    each, base = (1e6 * statistics.median(times) / len(texts) for times in (ours, theirs))
    print(
        f"{len(texts)} documents of {size:.0f} characters, {len(stripper.rules.rules)} rules, "
        f"Python {sys.version.split()[0]}"
    )
    print(f"{'json loads + dumps':<24}{base:>10.1f} µs a document")
    print(f"{'strip_batch':<24}{each:>10.1f} µs a document{each / base:>8.1f} × json")
    for stage, seconds in _stages(texts, stripper).items():
        print(f"  {stage:<22}{1e6 * seconds / len(texts):>10.1f} µs a document")


def _texts(paths: list[str]) -> list[str]:
    if paths:
        records = (r for r in read_records(map(Path, paths)) if r.get("extractor") in EXTRACTOR_OUTPUTS)
        return [record["text"] for record, _ in zip(records, range(MOST), strict=False)]
    folder = Path(__file__).parents[1] / "tests" / "fixtures"
    files = [*folder.glob("articles/*/source.txt"), *folder.glob("clean/*.txt")]
    return [path.read_text(encoding="utf-8") for path in sorted(files)]


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _stages(texts: list[str], stripper: Stripper) -> dict[str, float]:
    """Seconds spent in each stage over all texts, first round only."""
    spent = dict.fromkeys(("view and lines", "candidates and matches", "unfolding", "findings", "tail"), 0.0)
    for text in texts:
        document = Document(text)
        spent["view and lines"] += _time(lambda d=document: (d.view, d.lines))
        start = time.perf_counter()
        matches = stripper.matches(document)
        spent["candidates and matches"] += time.perf_counter() - start
        spent["unfolding"] += _time(lambda d=document: unfold(d, stripper.candidates))
        facts = Facts(document, matches, stripper.detector)
        start = time.perf_counter()
        findings, _ = judge(facts)
        spent["findings"] += time.perf_counter() - start
        spent["tail"] += _time(lambda f=findings, s=facts: find_tail(f, s.layout))
    return spent


if __name__ == "__main__":
    main(sys.argv[1:])
