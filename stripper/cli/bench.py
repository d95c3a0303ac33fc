"""`stripper bench RECORDS`: what stripping costs beside JSON and other cleaners, as ratios."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "bench",
        help="time against JSON and other cleaners",
        description="Ratios of CPU times, measured side by side in one process, and where the time goes.",
    )
    parser.add_argument("records", nargs="+", metavar="RECORDS", help="labelled records, .jsonl or .jsonl.gz")
    parser.add_argument("--most", type=int, default=400, metavar="N", help="documents of each kind (default 400)")
    parser.add_argument("--pages", metavar="FOLDER", help="pages of the records as ID.html.gz, for trafilatura")
    parser.add_argument("--megabytes", type=float, default=4.0, metavar="X", help="largest hard input (default 4)")
    parser.add_argument("--documents", type=int, default=5000, metavar="N", help="documents of the memory row")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--page", metavar="FILE", help="write the figures as a page of Markdown")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from stripper.workbench import bench
    from stripper.workbench.evaluate import EXTRACTOR_OUTPUTS, read_records

    records = list(read_records(map(Path, arguments.records)))
    by_extractor = [record for record in records if record["extractor"] in EXTRACTOR_OUTPUTS]
    picked = by_extractor[:: max(1, len(by_extractor) // arguments.most)]
    texts = [record["text"] for record in picked]
    dumps = [record["text"] for record in records if record["extractor"] == "body_text"]
    stripper = bench.default_stripper()
    rows = bench.against_json(texts, stripper)
    rows += bench.by_kind(texts, dumps[:: max(1, len(dumps) // (arguments.most // 4 or 1))], stripper)
    rows += bench.peers(picked, Path(arguments.pages) if arguments.pages else None, stripper)
    rows += bench.with_more_rules(texts, stripper)
    rows += bench.memory(texts, stripper, arguments.documents)
    rows += bench.starts()
    size = int(arguments.megabytes * bench.MEGABYTE)
    rows += bench.growth(stripper, [size // 4, size // 2, size])
    stages = bench.stages(texts, stripper)
    page = _page(
        rows,
        stages,
        f"{len(texts)} documents of {sum(map(len, texts)) // len(texts):,} characters, "
        f"{len(stripper.rules.rules):,} rules; {bench.machine()}",
    )
    print(page)
    if arguments.page:
        Path(arguments.page).write_text(page, encoding="utf-8")
    if arguments.json:
        figures = {"rows": [vars(row) for row in rows], "stages": stages, "machine": bench.machine()}
        Path(arguments.json).write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _page(rows: list[Any], stages: dict[str, float], what: str) -> str:
    lines = ["# Performance", "", f"Written by `stripper bench`. {what}.", ""]
    lines += ["CPU time; ratios of medians of alternating rounds in one process.", ""]
    lines += ["| what | measured | | goal |", "|---|---|---|---|"]
    lines += [f"| {row.name} | {row.value:,.2f} | {row.unit} | {row.goal} |" for row in rows]
    lines += ["", "Where the time goes, first round only:", "", "| stage | µs a document |", "|---|---|"]
    lines += [f"| {stage} | {each:,.0f} |" for stage, each in stages.items()]
    return "\n".join([*lines, ""])
