"""Build the wheel, install it into a fresh environment away from the source tree, strip the sample articles with it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        away = Path(folder)
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--outdir", away, ROOT], check=True, stdout=subprocess.DEVNULL
        )
        venv.create(away / "env", with_pip=True)
        scripts = away / "env" / ("Scripts" if sys.platform == "win32" else "bin")
        wheel = next(away.glob("*.whl"))
        subprocess.run([scripts / "pip", "install", "-q", "--disable-pip-version-check", wheel], check=True)
        where = [str(scripts / "python"), "-c", "import stripper.ruleset as r; print(r.builtin_folder())"]
        rules = subprocess.run(where, cwd=away, check=True, capture_output=True, text=True).stdout.strip()
        assert Path(rules).is_relative_to(away.resolve()), f"rules of the source tree were used: {rules}"
        articles = sorted((ROOT / "tests" / "fixtures" / "articles").glob("*/source.txt"))
        for article in articles:
            out = away / "out" / f"{article.parent.name}.txt"
            report = away / "report.html"
            subprocess.run([scripts / "strip", article, "-o", out, "-q", "--report", report], cwd=away, check=True)
            assert b"<script>" in report.read_bytes(), "the wheel has no script for the report"
            assert out.stat().st_size < article.stat().st_size, f"nothing was removed from {article}"
        print(f"{wheel.name}: {len(articles)} articles stripped with the rules at {rules}")  # noqa: T201


if __name__ == "__main__":
    main()
