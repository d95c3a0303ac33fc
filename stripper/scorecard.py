"""
A scorecard: signals in, log-odds out, each step of it readable. The one of the tail lies beside, in `tail.toml`.

Additive and in steps, as credit and clinical scorecards are, so that a decision can be explained by its parts:
every signal contributes the amount of the highest step that it reaches.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import tomli

from stripper.result import Evidence


@dataclass(frozen=True)
class Weight:
    """What one signal is worth: from `steps[i]` on it adds `amounts[i]`; nothing below the first step."""

    signal: str
    steps: tuple[float, ...]
    amounts: tuple[float, ...]

    def of(self, value: float) -> float:
        """
        What `value` adds.

        >>> Weight("paragraphs", (1, 3), (-0.5, -1.5)).of(2)
        -0.5
        """
        step = bisect_right(self.steps, value + 1e-9)
        return self.amounts[step - 1] if step else 0.0


@dataclass(frozen=True)
class Scorecard:
    """
    The weights, what is added in any case, and the log-odds from which on the answer is yes.

    `enough_weak` is what is asked for where the first finding is not sure of itself. Whatever the score, signals that
    `at_least` and `at_most` name must be within these bounds.
    """

    base: float
    enough: float
    enough_weak: float
    at_least: Mapping[str, float]
    at_most: Mapping[str, float]
    weights: tuple[Weight, ...]

    def allows(self, signals: Mapping[str, float]) -> bool:
        """Whether the signals are within the bounds; one that is not given is 0."""
        return all(signals.get(signal, 0.0) >= bound for signal, bound in self.at_least.items()) and all(
            signals.get(signal, 0.0) <= bound for signal, bound in self.at_most.items()
        )

    def score(self, signals: Mapping[str, float]) -> float:
        """Log-odds for the signals."""
        return self.base + sum(weight.of(signals.get(weight.signal, 0.0)) for weight in self.weights)

    def evidence(self, signals: Mapping[str, float]) -> tuple[Evidence, ...]:
        """The parts of the score, the largest first."""
        values = ((weight, signals.get(weight.signal, 0.0)) for weight in self.weights)
        parts = [
            Evidence(weight.signal, weight.of(value), f"{value:g}") for weight, value in values if weight.of(value)
        ]
        return (*sorted(parts, key=lambda part: -abs(part.amount)), Evidence("base", self.base, "for any line"))


def parse(text: str) -> Scorecard:
    """The scorecard in a TOML text; `stripper/tail.toml` shows the keys."""
    table = tomli.loads(text)
    weights = tuple(
        Weight(weight["signal"], tuple(at for at, _ in weight["steps"]), tuple(add for _, add in weight["steps"]))
        for weight in table["weight"]
    )
    bounds = table.get("at_least", {}), table.get("at_most", {})
    return Scorecard(table["base"], table["enough"], table["enough_weak"], *bounds, weights)


@cache
def tail_scorecard() -> Scorecard:
    """The weights with which it is decided where the article ends, from `stripper/tail.toml`."""
    return parse(files("stripper").joinpath("tail.toml").read_text(encoding="utf-8"))
