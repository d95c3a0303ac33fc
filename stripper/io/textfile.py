"""Text files: read without losing a byte, written so that a killed run leaves no half file."""

from __future__ import annotations

import codecs
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stripper.errors import ConfigError, InputError
from stripper.io.encoding import AUTO, guess

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class DecodedText:
    """
    The characters of a file and how they were coded.

    A byte order mark is the first character of `text`, so that encoding `text` again gives the file's bytes.
    """

    text: str
    encoding: str


def check_encoding(name: str) -> str:
    """The name of a codec that Python has, or `auto`; raises `ConfigError` for any other."""
    if name.lower() == AUTO:
        return AUTO
    try:
        "".encode(name)  # refuses codecs that are not of text too, such as base64
    except LookupError as error:
        raise ConfigError(
            f"--encoding {name}: no such encoding; try auto, utf-8, windows-1252, iso-8859-1, shift_jis, gb18030"
        ) from error
    return codecs.lookup(name).name


def decode(raw: bytes, name: str, encoding: str | None = None) -> DecodedText:
    """
    The text of a file: as `encoding` says, else by its byte order mark, else UTF-8 (with `auto`: what is likeliest).

    `name` is how the message of the `InputError` calls the file where the bytes are not of that encoding.
    """
    marked = next((known for mark, known in _MARKS if raw.startswith(mark)), None)
    chosen = (marked or guess(raw, name)) if encoding == AUTO else (encoding or marked or "utf-8")
    try:
        text = raw.decode(chosen)
    except UnicodeDecodeError as error:
        way_out = "" if encoding else "; say --encoding NAME, or auto, if it is in another one (windows-1252, …)"
        raise InputError(f"{name}: not {chosen}: {error.reason} at byte {error.start}; left alone{way_out}") from error
    if text.encode(chosen, "surrogatepass") != raw:
        raise InputError(
            f"{name}: bytes that {chosen} can't write back as they were; left alone, say another --encoding"
        )
    return DecodedText(text, chosen)


def read_text(path: Path, encoding: str | None = None) -> DecodedText:
    """The text of the file at `path`; raises `InputError` for one that can't be read or is not in the encoding."""
    return decode(read_whole(path), str(path), encoding)


def read_whole(path: Path) -> bytes:
    """The bytes of a file; raises `InputError` for one that can't be read or changes meanwhile."""
    try:
        with path.open("rb") as stream:
            before = os.fstat(stream.fileno())
            raw = stream.read()
            after = os.fstat(stream.fileno())
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    if not same_file(before, after):
        raise InputError(f"{path}: has changed while it was read; run again")
    return raw


def same_file(before: os.stat_result, after: os.stat_result) -> bool:
    """Whether a file looks as it did: its size and the time of its last change."""
    return (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def write_whole(path: Path, content: bytes, *, like: Path | None = None) -> None:
    """
    Write a file under a temporary name, sync it, then rename: it is there whole or not at all.

    It gets the permissions of `like`, if given, else those of any new file. Raises `InputError`.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        try:
            path.write_bytes(content)  # a pipe or a device can't be replaced
        except OSError as error:
            raise InputError(f"{path}: can't be written: {error.strerror}") from error
        return
    with replacing(path, like=like) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing(path: Path, *, like: Path | None = None) -> Iterator[Path]:
    """
    The name of a temporary file to write, which becomes `path` once it is synced; a failure leaves `path` as it was.

    It gets the permissions of `like`, if given, else those of any new file. Raises `InputError`.
    """
    try:
        path = path.resolve()  # a link stays one: what it points to is written
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = like.stat().st_mode & 0o7777 if like else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            sync(temporary)
            temporary.chmod(mode)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from error


def sha256_of(path: Path) -> str:
    """The digest of a file's content (hex)."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def sync(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
