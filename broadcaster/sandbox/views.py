"""The pages as HTML: templates, Vietnamese dates, and text made safe to show."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from broadcaster.sandbox.wire import Reply, as_html

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_LINKS = re.compile(r"(https?://[^\s<]+[^\s<.,;:!?)])|(?<!\w)(#\w+)")


@cache
def environment() -> Environment:
    made = Environment(loader=PackageLoader("broadcaster.sandbox"), autoescape=True)
    made.filters["moment"] = vietnamese_moment
    made.filters["plain"] = plain_text
    return made


def vietnamese_moment(moment: datetime | str) -> str:
    """19:05, thứ Hai 23/11/2026."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    local = found.astimezone(VIETNAM)
    return f"{local:%H:%M}, {_DAYS[local.weekday()]} {local:%d/%m/%Y}"


def plain_text(text: str) -> Markup:
    """As Facebook shows it: no markup, line breaks kept, addresses and #tags as links."""

    def linked(found: re.Match[str]) -> str:
        word = found[0]
        return f'<a href="{word}">{word}</a>' if found[1] else f'<span class="tag">{word}</span>'

    safe = _LINKS.sub(linked, str(escape(text)))
    return Markup(safe.replace("\n", "<br>\n"))  # noqa: S704 - escaped on the line above


class _Keeper(HTMLParser):
    """Keeps some tags without their attributes, and the text of all."""

    def __init__(self, kept: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._kept = kept
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - given by the base
        if tag in self._kept:
            self.parts.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._kept and tag != "br":
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(str(escape(data)))


def simple_html(text: str, kept: Collection[str]) -> Markup:
    """Only the tags in `kept` survive."""
    keeper = _Keeper(kept)
    keeper.feed(text)
    keeper.close()
    return Markup("".join(keeper.parts))  # noqa: S704 - the keeper has escaped everything else


def page(template: str, status: int = 200, **values: object) -> Reply:
    """One page. What editors write into posts may hold scripts: the policy keeps them dead."""
    nonce = secrets.token_urlsafe(12)
    text = environment().get_template(template).render(nonce=nonce, **values)
    policy = (
        "default-src 'none'; img-src * data:; media-src *; style-src 'unsafe-inline'; "
        f"script-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )
    return as_html(text, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})
