"""The interface is Vietnamese unless somebody asks for English; click's own words follow."""

from __future__ import annotations

import ast
import gettext
import os
import string
import subprocess
import sys
import unicodedata
from pathlib import Path

import click
import compile_messages
import pytest

from broadcaster.cli import i18n

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "broadcaster/locale/vi/LC_MESSAGES/messages.po"


CATALOGUE: dict[str, str] = compile_messages.read_po(PO.read_text(encoding="utf-8"))


@pytest.mark.parametrize("value", ["", "C", "C.UTF-8", "POSIX", "vi_VN.UTF-8", "fr_FR.UTF-8"])
def test_anything_but_an_english_locale_means_vietnamese(value: str) -> None:
    assert i18n.language([], {"LANG": value, "LC_ALL": value}) == "vi"


@pytest.mark.parametrize("name", ["LC_ALL", "LC_MESSAGES", "LANG"])
def test_an_english_locale_means_english(name: str) -> None:
    assert i18n.language([], {name: "en_GB.UTF-8"}) == "en"


def test_the_stronger_locale_variable_decides() -> None:
    assert i18n.language([], {"LC_ALL": "vi_VN", "LANG": "en_US"}) == "vi"
    assert i18n.language([], {"LC_ALL": "", "LC_MESSAGES": "en_US", "LANG": "vi_VN"}) == "en"


def test_our_own_variable_beats_the_locale() -> None:
    assert i18n.language([], {"BROADCASTER_LANG": "vi", "LANG": "en_US"}) == "vi"
    assert i18n.language([], {"BROADCASTER_LANG": "EN", "LANG": "C"}) == "en"
    assert i18n.language([], {"BROADCASTER_LANG": "klingon", "LANG": "en_US"}) == "en"


@pytest.mark.parametrize(
    "argv",
    [
        ["--lang", "en", "announcement", "list"],
        ["--lang=en", "--help"],
        ["--json", "--lang", "en", "log"],
        ["--data", "thư mục", "--lang", "en", "log"],
        ["--data=d", "--lang=en", "log"],
        ["--lang", "vi", "--lang", "en", "log"],
    ],
)
def test_the_option_beats_everything(argv: list[str]) -> None:
    assert i18n.language(argv, {"BROADCASTER_LANG": "vi", "LC_ALL": "vi_VN.UTF-8"}) == "en"


@pytest.mark.parametrize(
    "argv",
    [
        ["announcement", "new", "--lang", "en"],
        ["--data=d", "voice", "--lang", "en"],
        ["--", "--lang", "en"],
        ["--lang"],
        ["--lang", "xx", "log"],
    ],
)
def test_an_option_after_the_sub_command_or_without_sense_does_not_count(argv: list[str]) -> None:
    assert i18n.language(argv, {}) == "vi"


def test_t_picks_the_wording_of_the_chosen_language() -> None:
    try:
        i18n.set_language("en")
        assert i18n.t("Lịch phát", "Timetable") == "Timetable"
    finally:
        i18n.set_language("vi")
    assert i18n.t("Lịch phát", "Timetable") == "Lịch phát"


def _click_messages() -> dict[str, str]:
    """Every text that the installed click hands to gettext: its key in the catalogue -> itself."""
    found: dict[str, str] = {}
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                wanted = {"_": 1, "gettext": 1, "ngettext": 2}.get(node.func.id, 0)
                texts = [a.value for a in node.args[:wanted] if isinstance(a, ast.Constant)]
                if texts:
                    found["\0".join(map(str, texts))] = str(texts[-1])
    return found


def test_every_message_of_the_installed_click_is_translated() -> None:
    needed = _click_messages()
    assert len(needed) > 50
    assert set(needed) == set(CATALOGUE) - {""}


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_translation_invents_a_field_or_loses_its_tones() -> None:
    for key, translation in CATALOGUE.items():
        if key:
            assert _fields(translation) <= _fields(key), key
        assert unicodedata.is_normalized("NFC", translation), key


def test_the_compiled_catalogue_matches_its_source() -> None:
    compiled = PO.with_suffix(".mo").read_bytes()
    assert compiled == compile_messages.to_mo(CATALOGUE)
    with PO.with_suffix(".mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert catalogue.gettext("Usage:") == "Cách dùng:"
    for n in (1, 2):
        text = catalogue.ngettext(
            "Option {name!r} requires an argument.",
            "Option {name!r} requires {nargs} arguments.",
            n,
        )
        assert text == "Tùy chọn {name!r} cần {nargs} giá trị đi kèm."


@pytest.mark.parametrize("po", ['msgid "a"\nmsgstr ""', 'msgid "a"\nmsgstr "b"\n\n' * 2])
def test_a_catalogue_with_a_gap_or_a_double_is_not_compiled(po: str) -> None:
    with pytest.raises(ValueError, match="twice, or without translation"):
        compile_messages.read_po(po)


PROGRAM = """
import os, sys
from broadcaster.cli import i18n
i18n.install_click_messages(i18n.language(sys.argv[1:], os.environ))
assert "click" not in sys.modules
import click

@click.command(no_args_is_help=False)
@click.option("--lang", type=click.Choice(["vi", "en"]))
@click.option("--from", "source", required=True)
def main(lang, source): ...

main()
"""


def _run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT")}
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM, *arguments],
        env={**kept, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("environ", [{}, {"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LANGUAGE": "fr"}])
def test_click_speaks_vietnamese_whatever_the_locale(environ: dict[str, str]) -> None:
    shown = _run("--help", **environ).stdout
    assert "Cách dùng:" in shown
    assert "Hiện phần trợ giúp này rồi thoát." in shown
    refused = _run(**environ)
    assert refused.returncode == 2
    assert "Lỗi: Thiếu tùy chọn '--from'." in refused.stderr


def test_click_speaks_english_when_asked() -> None:
    assert "Error: Missing option '--from'." in _run("--lang", "en", LANGUAGE="vi").stderr
    assert "Usage:" in _run("--help", LANG="en_US.UTF-8").stdout
