"""The console script `strip` gives object files to the real `strip`, and starts at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stripper.cli.alias import is_object_file

SCRIPTS = Path(sys.executable).parent
PATH = os.pathsep.join([str(SCRIPTS), os.environ["PATH"]])
BINUTILS = shutil.which("strip", path="/usr/bin:/usr/local/bin:/bin")

needs_binutils = pytest.mark.skipif(
    BINUTILS is None or shutil.which("gcc") is None, reason="needs gcc and binutils (.ci/run installs them)"
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program with debug symbols."""
    (tmp_path / "a.c").write_text('#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n')
    subprocess.run(["gcc", "-g", "-o", "program", "a.c"], cwd=tmp_path, check=True)
    return tmp_path / "program"


def call(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PATH": PATH}
    return subprocess.run(arguments, cwd=cwd, env=environment, capture_output=True, input=b"", timeout=60, check=False)


@needs_binutils
def test_our_strip_comes_first_on_path() -> None:
    found = shutil.which("strip", path=PATH)
    assert found is not None
    assert Path(found).parent == SCRIPTS, "else the other tests of this file say nothing"


@needs_binutils
@pytest.mark.parametrize("options", [[], ["-s"], ["--strip-unneeded"], ["-R", ".comment"], ["-g", "-o", "out"]])
def test_an_object_file_goes_to_binutils(program: Path, options: list[str]) -> None:
    before = program.stat().st_size
    done = call("strip", *options, "program", cwd=program.parent)
    assert (done.returncode, done.stderr) == (0, b"")
    result = program.parent / ("out" if "out" in options else "program")
    assert result.stat().st_size < before
    assert subprocess.run([result], capture_output=True, check=True).stdout == b"hello\n"


@needs_binutils
def test_an_archive_goes_to_binutils(program: Path) -> None:
    folder = program.parent
    subprocess.run(["gcc", "-g", "-c", "a.c"], cwd=folder, check=True)
    subprocess.run(["ar", "rcs", "liba.a", "a.o"], cwd=folder, check=True)
    before = (folder / "liba.a").stat().st_size
    assert call("strip", "-g", "liba.a", cwd=folder).returncode == 0
    assert (folder / "liba.a").stat().st_size < before


@needs_binutils
def test_install_s(program: Path) -> None:
    done = call("install", "-s", "program", "installed", cwd=program.parent)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (program.parent / "installed").stat().st_size < program.stat().st_size


@needs_binutils
def test_the_exit_code_is_that_of_binutils(program: Path) -> None:
    assert call("strip", "--no-such-option", "program", cwd=program.parent).returncode == 1


def test_a_text_is_stripped(tmp_path: Path) -> None:
    text = "The bridge will stay closed until the autumn, the highways agency said.\n"
    (tmp_path / "a.txt").write_text(f"{text}\nShare this article\n")
    assert call("strip", "a.txt", cwd=tmp_path).stdout.decode() == text


def test_without_another_strip_an_object_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.o").write_bytes(b"\x7fELF" + bytes(60))
    environment = {**os.environ, "PATH": str(SCRIPTS)}
    done = subprocess.run([SCRIPTS / "strip", "a.o"], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, b"no other strip on PATH" in done.stderr) == (2, True)
    assert (tmp_path / "a.o").read_bytes() == b"\x7fELF" + bytes(60)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x7fELF\x02\x01", True),
        (b"!<arch>\n", True),
        (b"!<thin>\n", True),
        (b"\xcf\xfa\xed\xfe", True),
        (b"\xca\xfe\xba\xbe", True),
        (b"\x00asm\x01", True),
        (b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0", True),
        (b"MZ is the code of Mozambique on number plates, and it has been so since the country is independent.", False),
        (b"Elf", False),
        (b"", False),
    ],
)
def test_object_files_are_known_by_their_magic(tmp_path: Path, content: bytes, expected: bool) -> None:
    (tmp_path / "file").write_bytes(content)
    assert is_object_file(str(tmp_path / "file")) is expected


def test_the_alias_imports_nothing_heavy() -> None:
    code = "import sys; before = set(sys.modules); import stripper.cli.alias; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"regex", "tomli", "langdetect", "argparse", "pathlib", "typing", "re", "subprocess"} & set(loaded)
