"""
The console script `strip`: `stripper strip`, except where it is asked for what binutils' `strip` does.

An executable of this name hides binutils' in an activated environment, and would break `install -s`, `meson install
--strip` and `auditwheel repair --strip`. So when any operand is an object file, the next `strip` on PATH takes over.
Nothing heavy is imported before that is settled.
"""

from __future__ import annotations

import os
import sys

_MAGIC = (
    b"\x7fELF",
    b"!<arch>\n",
    b"!<thin>\n",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
    b"\x00asm",
    b"BC\xc0\xde",
)


def main() -> int:
    """Hand object files to the real `strip`; strip texts otherwise. The exit code."""
    arguments = sys.argv[1:]
    if any(is_object_file(argument) for argument in arguments):
        return _hand_over(arguments)
    from stripper.cli.main import main as stripper

    return stripper(["strip", *arguments])


def is_object_file(path: str) -> bool:
    """Whether `path` is a regular file that begins as ELF, ar, Mach-O, wasm, LLVM bitcode or PE files do."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as stream:
            head = stream.read(64)
            if head.startswith(_MAGIC):
                return True
            if not head.startswith(b"MZ") or len(head) < 64:
                return False
            stream.seek(int.from_bytes(head[60:64], "little"))
            return stream.read(4) == b"PE\0\0"
    except OSError:
        return False


def _hand_over(arguments: list[str]) -> int:
    """Become the next `strip` on PATH that is not a script; complain where there is none."""
    own = os.path.realpath(sys.argv[0])
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        candidate = os.path.join(folder or os.curdir, "strip.exe" if os.name == "nt" else "strip")
        if (
            os.path.isfile(candidate)
            and os.access(candidate, os.X_OK)
            and os.path.realpath(candidate) != own
            and not _is_script(candidate)
        ):
            if os.name == "nt":
                import subprocess

                return subprocess.call([candidate, *arguments])
            os.execv(candidate, [candidate, *arguments])
    print(
        "strip: an operand is an object file, and there is no other strip on PATH (install binutils)", file=sys.stderr
    )
    return 2


def _is_script(path: str) -> bool:
    """Whether a file is a script, such as this alias in another environment."""
    try:
        with open(path, "rb") as stream:
            return stream.read(2) == b"#!"
    except OSError:
        return True
