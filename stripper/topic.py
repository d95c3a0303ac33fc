"""Do the words of one part of a text belong to the rest of it? Cosine of TF-IDF vectors, within the text itself."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

# A CJK or Thai text has no spaces: pairs of characters stand for words there.
_WORD = re.compile("[^\\W\\d_]{4,40}")
_CJK_RUN = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
UNRELATED = 0.087  # cosine below which three or more pooled paragraphs are about something else
ALIKE = 0.2  # cosine from which on titles, teasers and paragraphs may be the article's own
MIN_WORDS = 25  # in either part; with fewer, nothing can be said


def words(text: str) -> Counter[str]:
    """The words of four letters and more, in the folded form that `stripper.text.fold` gives, cut to a stem of six."""
    counts = Counter(word[:6] for word in _WORD.findall(text) if not _CJK_RUN.match(word))
    for run in _CJK_RUN.findall(text):
        counts.update(run[i : i + 2] for i in range(len(run) - 1))
    return counts


def similarity(part: Sequence[str], body: Sequence[str]) -> float | None:
    """
    Cosine between the pooled paragraphs `part` and `body`, 0 to 1; None where either has too few words.

    Inverse document frequency counts the paragraphs of both, so that words which every paragraph has weigh nothing.
    """
    bags = [words(paragraph) for paragraph in (*part, *body)]
    spread = Counter(word for bag in bags for word in bag)
    left, right = _pooled(bags[: len(part)]), _pooled(bags[len(part) :])
    if min(left.total(), right.total()) < MIN_WORDS:
        return None
    idf = {word: math.log((1 + len(bags)) / (1 + count)) for word, count in spread.items()}
    return _cosine({w: n * idf[w] for w, n in left.items()}, {w: n * idf[w] for w, n in right.items()})


def _pooled(bags: Sequence[Counter[str]]) -> Counter[str]:
    """All words of the bags; adding up counters with + would copy the sum each time."""
    pooled: Counter[str] = Counter()
    for bag in bags:
        pooled.update(bag)
    return pooled


def _cosine(left: dict[str, float], right: dict[str, float]) -> float:
    shared = sum(weight * right[word] for word, weight in left.items() if word in right)
    norm = math.sqrt(sum(w * w for w in left.values()) * sum(w * w for w in right.values()))
    return shared / norm if norm else 0.0
