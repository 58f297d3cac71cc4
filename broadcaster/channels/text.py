"""What every outlet does with words: plain text, paragraphs, shortening, the visible reference."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from broadcaster.channels.port import Draft

_MARKS = [  # Markdown that a pasted text may carry; none of the outlets shows it
    (re.compile(r"^ {0,3}#{1,6}[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^ {0,3}>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"^ {0,3}(?:-{3,}|\*{3,}|_{3,})[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"^([ \t]*)[*+•–][ \t]+", re.MULTILINE), r"\1- "),
    (re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*"), r"\1"),
    (re.compile(r"(?<!\w)__(?=\S)([^_\n]+?)(?<=\S)__(?!\w)"), r"\1"),
    (re.compile(r"(?<![\w*])\*(\w(?:[^*\n]*[\w.!?…])?)\*(?![\w*])"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"!?\[([^\]\n]+)\]\((https?://[^\s)]+)\)"), r"\1 (\2)"),
]


_ADDRESS = re.compile(
    r"https?://[^\s<>\"“”]*[^\s<>\"“”.,;:!?)\]]"
)  # what closes a sentence is not it
_TRACKER = re.compile(
    r"utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|fb_\w+|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid"
    r"|yclid|twclid|ttclid|igshid?|mc_cid|mc_eid|_ga|_gl|_openstat|vero_\w+|zarsrc|mibextid|s_cid",
    re.IGNORECASE,
)
"""Names of parameters by which known platforms follow a link from reader to reader."""


def plain(text: str) -> str:
    """NFC, without Markdown marks and trailing blanks; never more than one empty line in a row."""
    found = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    for mark, instead in _MARKS:
        found = mark.sub(instead, found)
    found = "\n".join(line.rstrip() for line in clean_links(found).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", found).strip("\n")


def clean_links(text: str) -> str:
    """Every web address without the parameters that only follow people around."""
    return _ADDRESS.sub(lambda found: _without_trackers(found[0]), text)


def _without_trackers(address: str) -> str:
    head, _, rest = address.partition("?")
    query, mark, fragment = rest.partition("#")
    kept = [part for part in query.split("&") if not _TRACKER.fullmatch(part.partition("=")[0])]
    if "&".join(kept) == query:
        return address
    return head + ("?" + "&".join(kept) if kept else "") + mark + fragment


def title_of(draft: Draft) -> str:
    """The title on one line."""
    return " ".join(plain(draft.title).split())


def body_of(draft: Draft) -> str:
    """The body without a first line that only repeats the title."""
    body = plain(draft.body)
    first, _, rest = body.partition("\n")
    if rest.strip() and " ".join(first.split()) == title_of(draft):
        return rest.strip("\n")
    return body


def paragraphs(text: str) -> list[str]:
    """The parts between empty lines."""
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def runs(text: str) -> list[tuple[bool, list[str]]]:
    """Paragraphs as lines, and lists ("- " before each line) as items: (is it a list, lines)."""
    found: list[tuple[bool, list[str]]] = []
    for part in paragraphs(text):
        for n, line in enumerate(part.split("\n")):
            is_item = line.lstrip().startswith("- ")
            words = line.strip()[2:].strip() if is_item else line.strip()
            if n and found[-1][0] == is_item:
                found[-1][1].append(words)
            else:
                found.append((is_item, [words]))
    return found


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters on one line, cut between words and closed with "…"."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    if line[limit - 1] != " ":
        head = head.rpartition(" ")[0] or head  # one word longer than the limit: cut it
    return head.rstrip(" ,;:.–-") + "…"


def reference_line(reference: str) -> str:
    """The line that the public sees and a look-up searches for."""
    return f"Số hiệu: {reference}"


def mentions(text: str, reference: str) -> bool:
    """Whether the reference stands in the text, whole: 7F3A is not found in 7F3AB."""
    return bool(re.search(rf"(?<![\w-]){re.escape(reference)}(?![\w-])", text))


def printable(value: Any, limit: int = 300) -> str:
    """A far side's words, fit to be stored and shown: one line, no controls, no lone surrogates."""
    if not isinstance(value, str):
        return ""
    sound = value.encode("utf-8", "ignore").decode()
    kept = "".join(c if c.isprintable() else " " for c in sound)
    return shorten(unicodedata.normalize("NFC", kept), limit)


def name_of(value: Any) -> str:
    """An id as a far side gives it, as text or number; "" when it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    return value if isinstance(value, str) and re.fullmatch(r"[\w.:=-]{1,200}", value) else ""


def web_link(value: Any) -> str:
    """A web address; "" when it is none."""
    fits = isinstance(value, str) and re.fullmatch(r"https?://[\x21-\x7e]{1,2000}", value)
    return str(value) if fits else ""


def moment(value: Any) -> datetime | None:
    """A far side's time: ISO 8601 (UTC without a zone), or seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str) and not re.fullmatch(r"\d{9,14}", value):
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        number = int(value)
        return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
