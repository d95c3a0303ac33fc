"""Bytes that wait on disk until they are wanted."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import IO, Generic, TypeVar

_COMPACT = 64_000_000  # bytes from which the file is written anew once half of it is of no use
Name = TypeVar("Name")


class Spool(Generic[Name]):
    """
    Holds bytes by name in an unnamed temporary file, which is gone when the program ends, however it ends.

    Raises `OSError` where the folder can't be written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = self._new()
        self._places: dict[Name, tuple[int, int]] = {}
        self._end = self._live = 0

    def put(self, name: Name, content: bytes) -> None:
        """Add, or replace, the bytes of `name`."""
        self.drop(name)
        self._file.seek(self._end)
        self._file.write(content)
        self._file.flush()  # a full disk is to be noticed here
        self._places[name] = (self._end, len(content))
        self._end += len(content)
        self._live += len(content)

    def get(self, name: Name) -> bytes:
        """The bytes of `name`; raises `KeyError` where there are none."""
        start, length = self._places[name]
        self._file.seek(start)
        return self._file.read(length)

    def drop(self, name: Name) -> None:
        """Forget the bytes of `name`, if there are any."""
        _, length = self._places.pop(name, (0, 0))
        self._live -= length
        if self._end > max(_COMPACT, 2 * self._live):
            self._compact()

    def close(self) -> None:
        """Give the disk space back."""
        with contextlib.suppress(OSError):  # what could not be written before can't be now, and nobody wants it
            self._file.close()

    def _new(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=self._folder)

    def _compact(self) -> None:
        fresh, end, places = self._new(), 0, {}
        for name, (_, length) in self._places.items():
            fresh.write(self.get(name))
            places[name] = (end, length)
            end += length
        self._file.close()
        self._file, self._places, self._end = fresh, places, end
