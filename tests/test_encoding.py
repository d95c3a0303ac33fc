"""--encoding auto: texts in their old encodings are read as they were written, or refused by name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import FIXTURES

from stripper import InputError
from stripper.cli.main import main
from stripper.io.encoding import guess
from stripper.io.textfile import decode

ENCODINGS = {
    "windows-1252": ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "fi"),
    "windows-1251": ("ru", "uk", "bg"),
    "koi8-r": ("ru",),
    "koi8-u": ("uk",),
    "windows-1250": ("pl", "cs", "sk", "hu"),
    "iso-8859-2": ("pl", "cs"),
    "windows-1253": ("el",),
    "windows-1254": ("tr",),
    "windows-1255": ("he",),
    "windows-1256": ("ar",),
    "tis-620": ("th",),
    "shift_jis": ("ja",),
    "euc-jp": ("ja",),
    "iso-2022-jp": ("ja",),
    "gb18030": ("zh",),
    "big5": ("zh",),
    "euc-kr": ("ko",),
    "utf-16-le": ("de", "ru", "ja", "zh", "ko", "th", "ar"),
    "utf-16-be": ("de", "ru", "ja", "zh", "ko", "th", "ar"),
    "utf-8": ("en", "ru", "ja", "hi"),
}
# For big5, which the simplified characters of the articles are not in.
TRADITIONAL = (
    "河上的舊橋將關閉到秋天,公路局星期二表示。工程師檢查橋墩時發現了新的裂縫,因此重型貨車必須繞道山谷,直到維修完成。"
    "附近的居民說,這條路是他們每天上班的唯一途徑。\n\n市政府計劃在九月之前增加渡輪班次,並且為學生提供免費的接駁巴士。"
    "當地的商店擔心客人會減少,希望工程能夠提早結束。\n"
)


def texts(encoding: str, languages: tuple[str, ...]) -> list[str]:
    """The clean articles of some languages, as far as an encoding has their characters."""
    if encoding == "big5":
        return [TRADITIONAL]
    found = [path.read_bytes().decode() for code in languages for path in (FIXTURES / "clean").glob(f"{code}-*.txt")]
    plain = str.maketrans({"–": "-", "—": "-", "’": "'", "“": '"', "”": '"', "„": '"', "…": "...", "«": '"', "»": '"'})
    narrow = found if encoding.startswith(("windows", "utf", "gb")) else [text.translate(plain) for text in found]
    known = [text.encode(encoding, "ignore").decode(encoding) for text in narrow]
    return [text for text in known if not text.isascii()]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("length", [300, None])
def test_articles_are_read_as_they_were_written(encoding: str, length: int | None) -> None:
    given = [text[:length] for text in texts(encoding, ENCODINGS[encoding])]
    assert given, "there is something to test"
    raw = [(text, text.encode(encoding)) for text in given if not text.isascii()]
    assert [text for text, coded in raw if decode(coded, "it", "auto").text != text] == []


def test_a_byte_order_mark_decides(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        assert decode("Ein Satz über Brücken.".encode(encoding), "it", "auto").text == "\ufeffEin Satz über Brücken."


@pytest.mark.parametrize(
    "raw",
    [os.urandom(3000), b"\x00\x01\x02\x03" * 100, "Le café était fermé.\n".encode() + b"\xff"],
    ids=["random", "controls", "damaged utf-8"],
)
def test_what_can_t_be_told_is_refused(raw: bytes) -> None:
    with pytest.raises(
        InputError, match=r"it: its encoding can't be told; left alone, say --encoding NAME. Considered: \S"
    ):
        guess(raw, "it")


def test_a_message_names_what_was_considered() -> None:
    with pytest.raises(InputError, match=r"Considered: cp720 0\.\d\d, iso8859-8 0\.\d\d"):
        guess(b"\xe9\xe8", "it")


def test_a_folder_of_many_encodings_is_stripped_reported_and_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    Path("in").mkdir()
    expected = {}
    for code, encoding in (("ru", "koi8-r"), ("fr", "windows-1252"), ("ja", "shift_jis"), ("de", "utf-8")):
        text = texts("windows-1251" if code == "ru" else encoding, (code,))[0] + "\nShare this article\n"
        Path("in", f"{code}.txt").write_bytes(text.encode(encoding, "ignore"))
        expected[f"{code}.txt"] = {"koi8-r": "koi8-r", "windows-1252": "cp1252", "shift_jis": "cp932"}.get(
            encoding, "utf-8"
        )
    Path("in/noise.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    assert main(["strip", "in", "-o", "out", "--encoding", "auto"]) == 3
    said = capsys.readouterr().err
    assert "in/noise.txt: its encoding can't be told; left alone" in said
    assert "files by encoding: " in said
    assert "cp932 1" in said
    entries = [json.loads(line) for line in Path("out/ledger.jsonl").read_text().splitlines()]
    assert {entry["file"]: entry["encoding"] for entry in entries} == expected
    assert [len(entry["removals"]) for entry in entries] == [1, 1, 1, 1]
    assert main(["restore", "out", "out/ledger.jsonl", "-o", "back"]) == 0
    names = sorted(expected)
    assert [Path("back", name).read_bytes() for name in names] == [Path("in", name).read_bytes() for name in names]
