"""A Zalo Official Account: articles, created -> token -> id -> shown.

Zalo has no idempotency key, and its list of articles shows titles only. The reference therefore
stands in the last paragraph of the body, and a look-up reads every article of the time in question:
that does not depend on Zalo leaving the title as it was, and keeps the title clean for readers.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from broadcaster.channels.connecting import Held
from broadcaster.channels.outcomes import absent, carries, only_asking
from broadcaster.channels.port import (
    Content,
    Draft,
    Gone,
    Health,
    Receipt,
    TargetSettings,
    Withdrawn,
)
from broadcaster.channels.text import (
    body_of,
    moment,
    name_of,
    paragraphs,
    reference_line,
    shorten,
    title_of,
    web_link,
)
from broadcaster.channels.zalo.account import ZaloAccount
from broadcaster.channels.zalo.api import ZaloApi, code_of
from broadcaster.channels.zalo.connecting import CONNECTOR
from broadcaster.channels.zalo.errors import MEANINGS, NO_SUCH, PROCESSING
from broadcaster.errors import BroadcasterError, InputError, NotThere, TryAgain

TITLE, AUTHOR, DESCRIPTION = 150, 50, 300
"""Characters, counted after NFC."""

TOKEN = "token:"  # noqa: S105 - a mark before the article's ticket, no secret
"""A receipt's remote_id is "token:<reference>:<ticket>" until Zalo has made an article of it."""

_TICKET = re.compile(r"[\x21-\x7e]{1,4000}")

BEFORE = timedelta(minutes=10)
"""Look-ups begin so long before the attempt: the two clocks may differ."""

POLL, RAREST_POLL = timedelta(seconds=2), timedelta(minutes=30)
LIST_LAG = timedelta(minutes=5)
LOST_TICKET = timedelta(days=1)
"""So long after the attempt an article may still come out of Zalo's processing."""


class ZaloOA:
    """One OA. Options: those of the account; author, cover_url, audio_link (address of the
    website's player, "{slug}" in it), comment ("show"/"hide"), max_body_characters, settle_seconds.
    """

    kind = "zalo_oa"
    connector = CONNECTOR

    def __init__(self, settings: TargetSettings) -> None:
        self._who = f"Zalo OA “{settings.name}”"
        self._account = ZaloAccount(settings, self._who)
        self._options = options = self._account.options
        self._max = int(options.number("max_body_characters", 30_000))
        self._settle = timedelta(seconds=options.number("settle_seconds", 60))

    def compose(self, draft: Draft) -> Content:
        title, body = title_of(draft), body_of(draft)
        short = shorten(title, TITLE)
        # A shortened title is said in full at the head of the body: nothing is lost.
        parts = [*([title] if short != title else []), *paragraphs(body)]
        last = f"{draft.commune}\n{reference_line(draft.reference)}".strip()
        parts += self._player(draft)
        blocks = [{"type": "text", "content": _as_html(part)} for part in (*parts, last)]
        self._check_length(blocks)
        return {
            "type": "normal",
            "title": short,
            "author": shorten(self._options.text("author") or draft.commune, AUTHOR),
            "description": shorten(body, DESCRIPTION),
            "cover": {"cover_type": "photo", "photo_url": self._cover(), "status": "show"},
            "body": blocks,
            "status": "show",
            "comment": "hide" if self._options.text("comment") == "hide" else "show",
        }

    def show(self, content: Content) -> str:
        body = "\n\n".join(_as_text(str(block.get("content", ""))) for block in content["body"])
        head = f"{content['title']}\n{content['author']}\n\n{content['description']}"
        return f"{head}\n\n[Ảnh bìa: {content['cover']['photo_url']}]\n\n{body}"

    def publish(self, content: Content, reference: str, now: datetime) -> Receipt:
        carries(self._who, content, reference)
        with self._account.open(now) as zalo:
            reply = zalo.post("/v2.0/article/create", content, told=True)
            ticket = zalo.data(reply).get("token")
            if not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
                raise reply.unclear(now)
            known = f"{TOKEN}{reference}:{ticket}"
            try:
                article = self._made_of(zalo, Receipt(known, at=now), now)
            except BroadcasterError:
                article = None  # taken, and still in the making; verifying asks again
        return Receipt(article or known, at=now, usage=zalo.usage)

    def verify(self, receipt: Receipt, now: datetime) -> Receipt | None:
        with only_asking(), self._account.open(now) as zalo:
            article = self._made_of(zalo, receipt, now)
            if article is None:
                return None
            reply = zalo.get("/v2.0/article/getdetail", {"id": article})
            if code_of(reply) in NO_SUCH:
                if self._is_gone(zalo, article, receipt, now):
                    return None
                return Receipt(article, receipt.link, at=receipt.at)
            if code_of(reply) == PROCESSING:
                return Receipt(article, at=receipt.at)
            status = zalo.data(reply).get("status")
            link = self._link(zalo, article, receipt, now)
        proof = {"id": article, "status": str(status)}
        return Receipt(article, link, status == "show", proof, receipt.at)

    def look_up(
        self,
        content: Content,
        reference: str,
        since: datetime,
        now: datetime,
    ) -> Receipt | None:
        with only_asking(), self._account.open(now) as zalo:
            listed = zalo.article_with(reference, since - BEFORE, str(content.get("title")))
        if listed is not None:
            made = moment(listed.get("create_date"))
            return Receipt(name_of(listed["id"]), web_link(listed.get("link_view")), at=made)
        absent(self._who, since, now, self._settle)
        return None

    def update(self, content: Content, receipt: Receipt, reference: str, now: datetime) -> Receipt:
        """The whole article again under its id; in force when Zalo has processed it."""
        carries(self._who, content, reference)
        with self._account.open(now) as zalo:
            article = self._made_of(zalo, receipt, now)
            if article is None:
                raise self._not_there()
            reply = zalo.post("/v2.0/article/update", {**content, "id": article}, told=True)
            if code_of(reply) in NO_SUCH and self._is_gone(zalo, article, receipt, now):
                raise self._not_there()
            ticket = zalo.data(reply).get("token")
            if not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
                raise reply.unclear(now)
            known = Receipt(f"{TOKEN}{reference}:{ticket}", receipt.link, at=receipt.at)
            try:
                self._made_of(zalo, known, now)
                there = self._reads(zalo, article, content)
            except BroadcasterError:
                return known  # taken, and still in the making; verifying asks again
        proof = {"id": article, "updated": now.isoformat()}
        return Receipt(article, receipt.link, there, proof, receipt.at)

    def withdraw(self, receipt: Receipt, now: datetime) -> Withdrawn:
        with self._account.open(now) as zalo:
            article = self._made_of(zalo, receipt, now)
            if article is not None:
                reply = zalo.post("/v2.0/article/remove", {"id": article}, told=True)
                if code_of(reply) not in NO_SUCH or not self._is_gone(zalo, article, receipt, now):
                    zalo.data(reply)
        return Withdrawn(Gone.DELETED, proof={"id": article or receipt.remote_id})

    def check(self, now: datetime) -> Health:
        return self._account.health(now)[0]

    def held(self, now: datetime) -> Sequence[Held]:
        """The rotating pair: Zalo refreshes it through us, so only we know its age."""
        return self._account.tokens.held(now)

    def _reads(self, zalo: ZaloApi, article: str, content: Content) -> bool:
        """Whether the public reads these words now; Zalo may lay out the HTML in its own way."""
        found = zalo.data(zalo.get("/v2.0/article/getdetail", {"id": article}))
        return found.get("status") == "show" and _words(found) == _words(content)

    def _not_there(self) -> NotThere:
        return NotThere(
            f"{self._who}: bài cũ không còn trên OA.",
            f"{self._who}: the old article is not on the OA any more.",
            code="gone",
        )

    def _made_of(self, zalo: ZaloApi, receipt: Receipt, now: datetime) -> str | None:
        """The id of the article a receipt speaks of. Raises TryAgain while it is in the making.

        How long a ticket lasts is not documented; once refused, the reference is searched for.
        """
        if not receipt.remote_id.startswith(TOKEN):
            return receipt.remote_id
        reference, _, ticket = receipt.remote_id.removeprefix(TOKEN).partition(":")
        reply = zalo.post("/v2.0/article/verify", {"token": ticket}, told=False)
        if code_of(reply) in NO_SUCH:
            made = receipt.at or now - LOST_TICKET
            listed = zalo.article_with(reference, made - BEFORE)
            if listed is None:
                absent(self._who, made, now, LOST_TICKET)
            return name_of(listed["id"]) if listed else None
        making = code_of(reply) == PROCESSING
        article = "" if making else name_of(zalo.data(reply).get("id"))
        if not article:
            later = now + patience(receipt.at, now)
            raise reply.failure(now, MEANINGS[PROCESSING], str(PROCESSING), at=later)
        return article

    def _link(self, zalo: ZaloApi, article: str, receipt: Receipt, now: datetime) -> str:
        """Where people read it; only the list says so. A young article may not be listed yet."""
        made = receipt.at or now
        for listed in zalo.articles(made - BEFORE):
            if name_of(listed["id"]) == article:
                return web_link(listed.get("link_view"))
        if now - made < LIST_LAG:
            raise TryAgain(
                f"{self._who}: bài đã có nhưng chưa hiện trong danh sách. Sẽ hỏi lại.",
                f"{self._who}: the article exists but is not listed yet. It is asked again.",
                at=now + patience(made, now),
                code="list-lag",
            )
        return receipt.link

    def _is_gone(self, zalo: ZaloApi, article: str, receipt: Receipt, now: datetime) -> bool:
        """Believe "no such id" only when the list, read whole, does not have it either."""
        made = receipt.at or now
        listed = {name_of(one["id"]) for one in zalo.articles(made - BEFORE)}
        if article in listed or receipt.at is None:
            return False
        absent(self._who, made, now, LIST_LAG)
        return True

    def _player(self, draft: Draft) -> list[str]:
        """Zalo has no sound block: where the website's player is, if there is one."""
        link = self._options.text("audio_link").replace("{slug}", draft.reference.lower())
        if not link or not draft.audio_digest:
            return []
        if not re.fullmatch(r"https://[\x21-\x7e]+", link):
            raise InputError(
                f"{self._who}: mục “audio_link” phải là địa chỉ https:// (có thể có {{slug}}).",
                f"{self._who}: “audio_link” must be an https:// address ({{slug}} may be in it).",
            )
        return [f"Nghe bản tin: {link}"]

    def _cover(self) -> str:
        cover = self._options.text("cover_url")
        if not re.fullmatch(r"https://[\x21-\x7e]+", cover):
            raise InputError(
                f"{self._who}: bài trên Zalo bắt buộc có ảnh bìa. Hãy đặt mục “cover_url” là địa "
                "chỉ https:// của một ảnh JPG/PNG dưới 1 MB.",
                f"{self._who}: a Zalo article must have a cover. Set “cover_url” to the https:// "
                "address of a JPG or PNG below 1 MB.",
            )
        return cover

    def _check_length(self, blocks: list[dict[str, str]]) -> None:
        length = sum(len(block["content"]) for block in blocks)
        if length > self._max:
            raise InputError(
                f"{self._who}: bài dài {length} ký tự, giới hạn là {self._max}. "
                "Hãy rút gọn bản tin, hoặc nâng “max_body_characters” nếu OA cho phép.",
                f"{self._who}: the article has {length} characters, the limit is {self._max}. "
                "Shorten it, or raise “max_body_characters” if the OA allows it.",
            )


def patience(made: datetime | None, now: datetime) -> timedelta:
    """Until the next question: at first as others ask, every two seconds; what is stuck, seldom."""
    age = now - made if made else timedelta(0)
    return min(max(POLL, age / 4), RAREST_POLL)


def _as_html(part: str) -> str:
    """One <p> a line: which other tags survive is not documented."""
    return "".join(f"<p>{html.escape(line.strip(), quote=False)}</p>" for line in part.split("\n"))


def _words(article: Mapping[str, Any]) -> list[str]:
    """Title and body as words, whatever the markup between them."""
    blocks = article.get("body")
    texts = [b.get("content") for b in blocks if isinstance(b, dict)] if blocks else []
    parts = [str(article.get("title")), *(_as_text(str(text)) for text in texts)]
    return unicodedata.normalize("NFC", " ".join(parts)).split()


def _as_text(content: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", content.replace("</p><p>", "\n")))
