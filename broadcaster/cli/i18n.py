"""Which language the interface speaks; settled before click is imported, so that both agree."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

Language = Literal["vi", "en"]

_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_chosen: Language = "vi"


def language(argv: Sequence[str], environ: Mapping[str, str]) -> Language:
    """The language asked for by `--lang`, then BROADCASTER_LANG, then the locale; else Vietnamese.

    `argv` is without the program's name. A wrong `--lang` is left for click to refuse.
    """
    asked = _lang_option(argv) or environ.get("BROADCASTER_LANG", "").strip().lower()
    if asked == "vi":
        return "vi"
    if asked == "en":
        return "en"
    # POSIX: the first of these that is not empty decides.
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environ[name] for name in names if environ.get(name)), "")
    return "en" if locale.lower().startswith("en") else "vi"


def _lang_option(argv: Sequence[str]) -> str:
    """The last usable `--lang` before the sub-command, or nothing.

    A word right after another option may be its value, so it is not taken for the sub-command.
    """
    found, before = "", ""
    for word in argv:
        if word == "--" or not (word.startswith("-") or before.startswith("-")):
            break
        name, _, value = word.partition("=")
        if before == "--lang":
            name, value = before, word
        if name == "--lang" and value in ("vi", "en"):
            found = value
        # "--x=y" has its value already: the next word can only be an option or the sub-command.
        before = word if "=" not in word else ""
    return found


def set_language(lang: Language) -> None:
    """Let `t` pick this language from now on in this process."""
    global _chosen  # noqa: PLW0603 - one process talks to one person
    _chosen = lang


def t(vi: str, en: str) -> str:
    """The one of two wordings which the person reads."""
    return en if _chosen == "en" else vi


def install_click_messages(lang: Language) -> None:
    """Give click its own words in `lang`; call it before click is imported.

    click asks the standard gettext domain "messages". gettext looks at LANGUAGE before LANG and
    LC_ALL, so that this works on a machine whose locale is C or not set at all.
    """
    import gettext  # noqa: PLC0415 - only the command line pays for it

    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("messages", str(_LOCALE))
