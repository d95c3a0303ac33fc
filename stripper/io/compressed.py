"""Streams that are unpacked or packed on the way: gzip and zstd, broken and malicious ones included."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from typing import IO, Any, cast

from stripper.errors import ConfigError

_ALWAYS_ALLOWED = 64 << 20  # bytes that anything may unpack to, whatever its size
_ZSTD_PIECE = 2048  # bytes; a hostile block of 4 bytes unpacks to 128 KiB, so this to 64 MiB at most
_BLOCK = 1 << 16


class Unpacked(io.RawIOBase):
    """
    What a packed file holds, member after member, up to where it breaks.

    A broken file ends early: `broken` then says where and why, so that what came before can still be used.
    """

    def __init__(self, packed: IO[bytes], kind: str, most_unpacked: int) -> None:
        super().__init__()
        self.broken: str | None = None
        self._packed = packed
        self._start, self._unpack = _UNPACKERS[kind]
        self._most = most_unpacked
        self._unpacker: Any = None
        self._input = b""
        self._output = memoryview(b"")
        self._read = self._written = 0

    def readable(self) -> bool:
        """It is."""
        return True

    @property
    def position(self) -> int:
        """How many bytes of the packed file have been used."""
        return self._read - len(self._input)

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; 0 at the end, or where the file breaks."""
        while not self._output and not self.broken and self._feed():
            pass
        size = min(len(buffer), len(self._output))
        buffer[:size] = self._output[:size]
        self._output = self._output[size:]
        return size

    def _feed(self) -> bool:
        """Unpack a little more; False at the end."""
        if not self._input:
            try:
                self._input = self._packed.read(_BLOCK)
            except OSError as error:
                return self._break(f"can't be read: {error.strerror}")
            self._read += len(self._input)
        if not self._input:
            if self._unpacker is not None:
                self._break("ends in the middle")
            return False
        if self._unpacker is None:
            if not self._input.strip(b"\0"):  # tapes and some tools pad with zeros
                self._input = b""
                return True
            self._unpacker = self._start()
        return self._unpack_some()

    def _unpack_some(self) -> bool:
        try:
            output, self._input = self._unpack(self._unpacker, self._input)
        except Exception as error:  # noqa: BLE001 - zlib.error or ZstdError, which can't be named without the module
            return self._break(f"broken: {error}")
        if self._unpacker.eof:
            self._unpacker = None
        self._written += len(output)
        if self._written > max(_ALWAYS_ALLOWED, self._most * self.position):
            return self._break(
                f"unpacks to more than {self._most} times its size, which looks like a bomb; unpack it yourself "
                "if it is none; stopped"
            )
        self._output = memoryview(output)
        return True

    def _break(self, why: str) -> bool:
        self.broken = f"{why} at byte {self.position}"
        return False


def _start_gzip() -> Any:
    return zlib.decompressobj(wbits=31)


def _unpack_gzip(unpacker: Any, data: bytes) -> tuple[bytes, bytes]:
    output = unpacker.decompress(data, _BLOCK)
    return output, unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail


def _start_zstd() -> Any:
    return zstandard().ZstdDecompressor().decompressobj()


def _unpack_zstd(unpacker: Any, data: bytes) -> tuple[bytes, bytes]:
    output = unpacker.decompress(data[:_ZSTD_PIECE])
    return output, unpacker.unused_data + data[_ZSTD_PIECE:]


_UNPACKERS: dict[str, tuple[Callable[[], Any], Callable[[Any, bytes], tuple[bytes, bytes]]]] = {
    "gz": (_start_gzip, _unpack_gzip),
    "zst": (_start_zstd, _unpack_zstd),
}


def zstandard() -> Any:
    """The module that reads and writes zstd; raises `ConfigError` where it is not installed."""
    try:
        import zstandard as module  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError("zstd needs an extra: pip install 'article-stripper[zstd]'") from error
    return module


def packing(stream: IO[bytes], kind: str) -> IO[bytes]:
    """
    A stream that packs what it is given into `stream`, as `kind` says ("" not at all), and closes that too.

    The same bytes give the same file, and files of one kind can be joined one behind the other.
    """
    if kind == "gz":
        return cast("IO[bytes]", _OneMember(stream))
    if kind == "zst":
        packer: IO[bytes] = zstandard().ZstdCompressor(level=3, write_checksum=True).stream_writer(stream)
        return packer
    return stream


class _OneMember(gzip.GzipFile):
    """A gzip file that says neither name nor time, so that it depends on its content alone."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        super().__init__(filename="", mode="wb", compresslevel=6, fileobj=stream, mtime=0)

    def close(self) -> None:
        """Finish the member and close the file."""
        try:
            super().close()
        finally:
            self._stream.close()
