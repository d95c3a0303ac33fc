"""
`stripper learn`: fit the scorecard of the tail (`stripper/tail.toml`) to labelled records.

A row is a finding with which the tail could begin; the question is whether the article has ended there. Every signal
is cut into the steps below and a logistic regression weighs them. A fifth of the sites is kept aside: their records
are scored, never fitted. Among the others, weights are judged by cross-validation over groups of sites.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stripper.judge import Facts, judge
from stripper.layout import LineKind
from stripper.pipeline import Stripper
from stripper.rule import ALL_LABELS, KEPT_LABELS, LABELS, SURE
from stripper.scorecard import Scorecard, Weight
from stripper.signals import ends
from stripper.tail import covering_lines
from stripper.text import Document
from stripper.workbench.evaluate import FOLDS, site_group

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

CLEAN = 8.0  # how many records a text counts from which nothing may go: there are few, and they are the hard ones
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1)
STEPS: Mapping[str, tuple[float, ...]] = {
    "explained lines": (2, 3, 5, 8, 15, 30),
    "share of lines explained": _SHARES,
    "share of characters explained": _SHARES,
    "unexplained lines": (1, 2, 3, 5, 8, 15, 30, 60),
    "unexplained characters": (1, 60, 150, 300, 600, 1200, 2500, 5000),
    "unexplained paragraphs": (1, 2, 3, 5, 8, 12),
    "unexplained sentences": (1, 2, 4, 8),
    "unexplained titles": (1, 2, 4, 8, 15, 30),
    "unexplained pieces of sentences": (1, 2, 4, 8),
    "dates and repeated lines": (1, 2, 4, 8),
    "longest unexplained paragraph": (1, 90, 150, 250, 400, 600),
    "share of the text": (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8),
    "characters before": (100, 300, 800, 1500, 3000, 6000, 12000),
    "paragraphs before": (1, 2, 4, 8, 16),
    "share of prose before": (0.05, 0.2, 0.4, 0.6, 0.75, 0.9),
    "share of lines explained before": (0.03, 0.08, 0.15, 0.3, 0.5),
    "kinds of things found": (2, 3, 4, 5, 6),
    "confidence of the first finding": (0.3, 0.4, 0.5, 0.7, 0.8, 0.87, 0.92),
    "lines of the first finding": (2, 3, 5, 9),
    "lines after the last paragraph": (1, 2, 3, 5, 8),
    "explained among the next lines": (0.2, 0.4, 0.6, 0.8, 1),
    "line before is explained": (1,),
    **{f"{group} found": (0.5, 1, 1.8, 3, 5) for group in LABELS},
    **{f"begins with {label}": (1,) for label in sorted(ALL_LABELS - KEPT_LABELS)},
    "times that its rule was found before": (1, 2, 4, 8),
    **{
        f"{line} is a {kind.name.lower()}": (1,)
        for line in ("line before", "line after", "last line")
        for kind in LineKind
    },
}
# What is too uncertain whatever the rest says: on pages that are no articles the same things stand all over the page.
AT_LEAST: Mapping[str, float] = {"paragraphs before": 4, "share of prose before": 0.6}
AT_MOST: Mapping[str, float] = {
    "times that its rule was found before": 1,
    **{f"begins with {label}": 0 for label in ("date", "machine-noise", "media-widget", "navigation")},
}


@dataclass(frozen=True)
class Row:
    """A finding with which the tail of a record could begin: its signals, and whether the article has ended there."""

    record: int
    group: int
    signals: Mapping[str, float]
    ended: bool
    weight: float = 1.0


def clean_records(folder: Path) -> list[dict[str, Any]]:
    """Texts of a folder from which nothing may go, as records."""
    texts = [path.read_bytes().decode("utf-8") for path in sorted(folder.glob("*.txt"))]
    return [{"text": text, "lines": [[0, len(text), "body"]], "clean": True} for text in texts]


def read_rows(records: Iterable[Mapping[str, Any]], stripper: Stripper) -> Iterator[Row]:
    """The rows of labelled records, in their order; a record without findings has none."""
    for number, record in enumerate(records):
        document = Document(record["text"], url=record.get("url"))
        facts = Facts(document, stripper.matches(document), stripper.detector)
        covering = covering_lines(judge(facts)[0], facts.layout)
        last = max((end for _, end, label in record["lines"] if label == "body"), default=-1)
        group = 1 + number % (FOLDS - 1) if record.get("clean") else site_group(record.get("url"))
        weight = CLEAN if record.get("clean") else 1.0
        for line, signals in ends(covering, facts.layout):
            if line:
                yield Row(number, group, signals, document.lines[line].start >= last, weight)


def fit(rows: Sequence[Row], enough: float, enough_weak: float) -> Scorecard:
    """The scorecard that tells best where articles have ended; each record counts alike."""
    model = _regression(rows)
    weights = []
    amounts = iter(model.coef_[0])
    for signal, steps in STEPS.items():
        total = 0.0
        sums = []
        for at in steps:
            total += next(amounts)
            sums.append((at, round(total, 2)))
        kept = [step for i, step in enumerate(sums) if step[1] != (sums[i - 1][1] if i else 0.0)]
        if kept:
            weights.append(Weight(signal, *zip(*kept, strict=True)))
    return Scorecard(round(float(model.intercept_[0]), 2), enough, enough_weak, AT_LEAST, AT_MOST, tuple(weights))


def _regression(rows: Sequence[Row]) -> LogisticRegression:
    import numpy as np  # noqa: PLC0415 - only learning needs these two
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    counts = np.bincount([row.record for row in rows])
    sizes = np.array([counts[row.record] for row in rows])
    steps = np.array([_steps(row.signals) for row in rows], dtype=np.float32)
    model = LogisticRegression(C=0.3, max_iter=300, solver="liblinear")
    weights = sizes**-0.5 * np.array([row.weight for row in rows])
    return model.fit(steps, [row.ended for row in rows], sample_weight=weights)


def _steps(signals: Mapping[str, float]) -> list[bool]:
    """For each step of each signal whether it is reached."""
    return [
        at < bisect_right(steps, signals.get(signal, 0.0) + 1e-9)
        for signal, steps in STEPS.items()
        for at in range(len(steps))
    ]


def judged(rows: Sequence[Row]) -> dict[str, list[tuple[float, Row]]]:
    """
    Scores of rows by scorecards that have not seen their sites.

    "other sites" are judged by cross-validation, "sites kept aside" by the weights fitted to all other sites.
    """
    learnt_from = [row for row in rows if row.group]
    card = fit(learnt_from, 0.0, 0.0)
    scores = {"sites kept aside": [(card.score(row.signals), row) for row in rows if not row.group], "other sites": []}
    for group in range(1, FOLDS):
        card = fit([row for row in learnt_from if row.group != group], 0.0, 0.0)
        scores["other sites"] += [(card.score(row.signals), row) for row in learnt_from if row.group == group]
    return scores


def table(scores: Mapping[str, Sequence[tuple[float, Row]]]) -> str:
    """
    For thresholds of the score: records in which a tail is begun, and the share of them in which it is too early.

    A record counts once, for the first finding, sure of itself, that reaches the threshold within the bounds.
    """
    lines = [f"{'':<18}{'enough':>8}{'begun':>8}{'too early %':>13}"]
    for name, judgements in scores.items():
        sure = ((score, row) for score, row in judgements if row.signals["confidence of the first finding"] >= SURE)
        allowed = [(score, row) for score, row in sure if _BOUNDS.allows(row.signals)]
        for enough in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5):
            begun = {row.record: row.ended for score, row in allowed if score >= enough}  # the last is the first line
            early = 100 * sum(not ended for ended in begun.values()) / max(1, len(begun))
            lines.append(f"{name:<18}{enough:>8}{len(begun):>8}{early:>13.2f}")
    return "\n".join(lines) + "\n"


_BOUNDS = Scorecard(0.0, 0.0, 0.0, AT_LEAST, AT_MOST, ())


def to_toml(card: Scorecard, source: str) -> str:
    """The scorecard as the TOML that `stripper.scorecard` reads."""
    lines = [
        "# Where the article ends: what each signal of the text from a finding on adds to the log-odds of the tail.",
        "# A signal adds the amount of the highest step that it reaches: [from this value on, it adds].",
        f"# Fitted by `stripper learn`; {source}.",
        f"base = {card.base}",
        f"enough = {card.enough}  # the log-odds from which on a tail is believed",
        f"enough_weak = {card.enough_weak}  # the same where the first finding is not sure of itself",
        *_bounds("at_least", card.at_least),
        *_bounds("at_most", card.at_most),
    ]
    for weight in card.weights:
        steps = ", ".join(f"[{at:g}, {add}]" for at, add in zip(weight.steps, weight.amounts, strict=True))
        lines += ["", "[[weight]]", f'signal = "{weight.signal}"', f"steps = [{steps}]"]
    return "\n".join(lines) + "\n"


def _bounds(name: str, bounds: Mapping[str, float]) -> list[str]:
    return ["", f"[{name}]", *(f'"{signal}" = {bound}' for signal, bound in bounds.items())]
