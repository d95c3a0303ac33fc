"""
Which language is a piece of text in, and is it another one than the document's?

A detector gives log-likelihoods, not probabilities: stock probabilities saturate at 1.0 for wrong answers too, while a
margin between two languages, summed over a whole block, can be trusted by its size. The default one is a naive Bayes
classifier over the n-gram profiles of `langdetect` (N. Shuyo 2010): deterministic, and fast enough to be asked per
block. It is asked only where a decision hangs on it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Protocol

_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "bn": re.compile("[\u0980-\u09ff]"),
    "ta": re.compile("[\u0b80-\u0bff]"),
    "te": re.compile("[\u0c00-\u0c7f]"),
    "kn": re.compile("[\u0c80-\u0cff]"),
    "ml": re.compile("[\u0d00-\u0d7f]"),
    "gu": re.compile("[\u0a80-\u0aff]"),
    "pa": re.compile("[\u0a00-\u0a7f]"),
}
_GROUPS = {
    "cyrillic": (re.compile("[\u0400-\u04ff]"), ("bg", "mk", "ru", "uk")),
    "arabic": (re.compile("[\u0600-\u06ff]"), ("ar", "fa", "ur")),
    "devanagari": (re.compile("[\u0900-\u097f]"), ("hi", "mr", "ne")),
    "latin": (
        re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]"),
        (
            *("af", "ca", "cs", "cy", "da", "de", "en", "es", "et", "fi", "fr", "hr", "hu", "id", "it", "lt", "lv"),
            *("nl", "no", "pl", "pt", "ro", "sk", "sl", "so", "sq", "sv", "sw", "tl", "tr", "vi"),
        ),
    ),
}
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS_READ = 600  # more letters than this of one text say nothing new
KNOWN_LETTERS = 40  # with fewer letters the language of a document is not told
CLEAR_MARGIN = 12.0  # nats between the best language and another that make the best one sure
_NEIGHBOURS = "da-no cs-sk id-ms hr-sl ru-uk ru-bg bg-mk es-pt es-ca af-nl"
CLOSE = {frozenset(pair.split("-")) for pair in _NEIGHBOURS.split()}  # short texts in these can't be told apart


class Detector(Protocol):
    """Anything that says how likely a text is in each language."""

    def scores(self, text: str) -> Mapping[str, float]:
        """Log-likelihood by ISO 639-1 code, in nats; empty where nothing can be said."""
        ...


@dataclass(frozen=True)
class Guess:
    """The most likely language, how many nats it is ahead of the next, and of how many letters."""

    language: str | None
    margin: float
    letters: int


class ProfileDetector:
    """Naive Bayes over the n-gram profiles of langdetect; the script is looked at first."""

    def scores(self, text: str) -> Mapping[str, float]:
        """
        Log-likelihood by language of the first letters of `text`.

        >>> max(ProfileDetector().scores("Choisissez le forfait qui vous convient").items(), key=lambda x: x[1])[0]
        'fr'
        """
        words = _words(text)
        letters = "".join(words)
        counts = {name: len(script.findall(letters)) for name, script in _SCRIPTS.items()}
        counts.update({name: len(script.findall(letters)) for name, (script, _) in _GROUPS.items()})
        counts["ja"] *= 4  # Japanese mixes its own letters with Chinese ones
        name = max(counts, key=lambda script: counts[script])
        if not counts[name]:
            return {}
        if name in _SCRIPTS:
            return {name: 0.0, "": -3.0 * counts[name]}
        return _profiles(_GROUPS[name][1]).scores(words)


def guess(detector: Detector, text: str) -> Guess:
    """The language of `text`, None where it is too short or two languages are too close."""
    letters = len("".join(_words(text)))
    ranked = sorted(detector.scores(text).items(), key=lambda item: (-item[1], item[0]))
    if letters < KNOWN_LETTERS or len(ranked) < 2:
        return Guess(None, 0.0, letters)
    best = ranked[0][0]
    margin = ranked[0][1] - next((s for lang, s in ranked[1:] if frozenset((best, lang)) not in CLOSE), 0.0)
    return Guess(best if margin >= CLEAR_MARGIN / 2 else None, margin, letters)


def foreign(detector: Detector, text: str, language: str) -> tuple[str, float] | None:
    """
    The language of `text` and its margin over `language` where it is clearly another one, else None.

    The margin needed is the same for any length, so that a short text can only be told by letters of its own.
    """
    scores = detector.scores(text)
    if not scores:
        return None
    best = max(sorted(scores), key=lambda lang: scores[lang])
    own = scores.get(language)
    margin = scores[best] - own if own is not None else 3.0 * len("".join(_words(text)))
    if best in (language, "") or frozenset((best, language)) in CLOSE or margin < CLEAR_MARGIN:
        return None
    return best, margin


def _words(text: str) -> list[str]:
    """The first words of the text in lower case, up to `_LETTERS_READ` letters."""
    words, letters = [], 0
    for match in _WORD.finditer(text[: 4 * _LETTERS_READ].lower()):
        words.append(match[0])
        letters += len(match[0])
        if letters >= _LETTERS_READ:
            break
    return words


class _Profiles:
    """The profiles of some languages, turned round: for each n-gram, what it adds for which language."""

    def __init__(self, languages: Iterable[str]) -> None:
        self._languages = tuple(languages)
        self._gains: dict[str, dict[str, float]] = {}
        folder = resources.files("langdetect") / "profiles"
        for language in self._languages:
            profile = json.loads((folder / language).read_text(encoding="utf-8"))
            self._add(language, profile["freq"], profile["n_words"])

    def _add(self, language: str, counts: Mapping[str, int], totals: list[int]) -> None:
        folded: dict[str, int] = {}
        for gram, count in counts.items():
            folded[gram.lower()] = folded.get(gram.lower(), 0) + count
        for gram, count in folded.items():
            # how much likelier the n-gram is than one that the profile does not list
            share = count / totals[min(len(gram), 3) - 1]
            self._gains.setdefault(gram, {})[language] = math.log(1 + share * 1e5)

    def scores(self, words: Iterable[str]) -> dict[str, float]:
        total = dict.fromkeys(self._languages, 0.0)
        for word in words:
            padded = f" {word} "
            for size in (1, 2, 3):
                for at in range(len(padded) - size + 1):
                    for language, gain in self._gains.get(padded[at : at + size], {}).items():
                        total[language] += gain / 3  # n-grams overlap: each letter is counted three times
        return total


@cache
def _profiles(languages: tuple[str, ...]) -> _Profiles:
    return _Profiles(languages)
