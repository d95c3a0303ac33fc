"""How a run is followed: a bar on a terminal, lines of text or of JSON on standard error, and the interrupt key."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

    from stripper.run.tally import Summary

_LISTED = 1000  # failures, and problems, that are printed one by one
_EVERY = 5.0  # seconds between two lines of progress


class Follower:
    """Tells how a run goes; as a context it also holds an interrupt back until what is under way is written."""

    def __init__(self, total: int, *, quiet: bool, as_json: bool) -> None:
        self._total = total
        self._quiet = quiet
        self._json = as_json
        self._bar: Any = None
        self._done = 0
        self._said = time.monotonic()
        self._listed = 0
        self._came = False

    def __enter__(self) -> Follower:
        self._before = signal.signal(signal.SIGINT, self._interrupt)
        if not self._quiet and not self._json and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=self._total, unit="B", unit_scale=True, file=sys.stderr)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.signal(signal.SIGINT, self._before)
        if self._bar is not None:
            self._bar.close()
        self._bar = None

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._came:  # a second one is not held back
            signal.default_int_handler(number, frame)
        self._came = True

    def stop(self) -> bool:
        """Whether an interrupt has come."""
        return self._came

    def say(self, message: str) -> None:
        """Something about the run as a whole."""
        self._print({"event": "message", "text": message}, message)

    def failed(self, where: str, reason: str) -> None:
        """An input or a record has failed."""
        self._list({"event": "failure", "document": where, "reason": reason}, f"{where}: {reason}")

    def problem(self, where: str, reason: str) -> None:
        """A document was done, but not as one would like."""
        self._list({"event": "problem", "document": where, "reason": reason}, f"{where}: {reason}")

    def _list(self, event: dict[str, Any], text: str) -> None:
        self._listed += 1
        if self._json or self._listed <= _LISTED:
            self._print(event, text)

    def advance(self, weight: int, summary: Summary) -> None:
        """So many bytes more are done."""
        self._done += weight
        total = summary.total
        if self._bar is not None:
            share = total.removed / total.characters if total.characters else 0
            self._bar.set_postfix(
                documents=total.documents, removed=f"{share:.1%}", failed=summary.failed, refresh=False
            )
            self._bar.update(weight)
        elif self._json and not self._quiet and time.monotonic() - self._said > _EVERY:
            self._said = time.monotonic()
            known = {"bytes": self._done, "of": self._total, "documents": total.documents}
            counts = {"characters": total.characters, "removed": total.removed, "failed": summary.failed}
            self._print({"event": "progress", **known, **counts}, "")

    def conclude(self, summary: Summary) -> None:
        """The sum of all, at the end."""
        if self._listed > _LISTED and not self._json:
            self.say(f"{self._listed - _LISTED} more such lines are not shown (--log-format json shows all)")
        if self._json:
            self._print({"event": "summary", **summary.to_dict()}, "")
            return
        for line in summary.warnings():
            self.say(line)
        if not self._quiet:
            print("\n".join([str(summary), *summary.details()]), file=sys.stderr)

    def _print(self, event: dict[str, Any], text: str) -> None:
        line = json.dumps(event) if self._json else f"stripper: {text}"
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        else:
            print(line, file=sys.stderr, flush=True)
