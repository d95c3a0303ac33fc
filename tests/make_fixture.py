"""`make fixture SRC=… SLUG=…`: a text, and what is removed from it today, as a fixture to be corrected by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from stripper import Stripper
from stripper.io.textfile import read_text

FIELDS = ("start", "end", "label")


def main(source: str, slug: str) -> None:
    folder = Path(__file__).parent / "fixtures" / "articles" / slug
    folder.mkdir(parents=True)
    decoded = read_text(Path(source))
    result = Stripper().strip(decoded.text)
    expected = {
        "removed": [{key: removal.to_dict()[key] for key in FIELDS} for removal in result.removals],
        "flags": [{key: flag.to_dict()[key] for key in FIELDS} for flag in result.flags],
    }
    (folder / "source.txt").write_bytes(decoded.text.encode("utf-8"))
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
    (folder / "origin.toml").write_text('note = "where the text is from, and under what licence"\n', encoding="utf-8")
    sys.stdout.write(result.explain() + f"\nwrote {folder}: correct expected.json and origin.toml by hand\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
