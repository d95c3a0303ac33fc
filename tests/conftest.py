"""What the tests share: the default stripper, the fixture folders, cases written as diffs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import tomli

from stripper import Stripper

FIXTURES = Path(__file__).parent / "fixtures"
SHARED = Path(__file__).parents[2] / "shared"


@dataclass(frozen=True)
class Case:
    """A text, what is to be left of it, and the labels of what goes (None: any)."""

    name: str
    text: str
    cleaned: str
    labels: list[str] | None


def read_cases(path: Path) -> list[Case]:
    """The cases of a file: `- ` marks lines that go, `+ ` what is left of the line above, two spaces what stays."""
    cases = []
    for table in tomli.loads(path.read_text(encoding="utf-8"))["case"]:
        lines = table["text"].strip("\n").split("\n")
        text = "\n".join(line[2:] for line in lines if line[:2] != "+ ")
        cleaned = "\n".join(line[2:] for line in lines if line[:1] != "-")
        cases.append(Case(f"{path.stem}: {table['name']}", text, cleaned, table.get("labels")))
    return cases


def solid(text: str) -> str:
    """The characters of a text that are not blank."""
    return "".join(text.split())


@pytest.fixture(scope="session")
def stripper() -> Stripper:
    return Stripper()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with seeds and benchmark; tests that need it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared folder beside the checkout")
    return SHARED
