"""What stands between an announcement and its approval, each thing by a name of its own."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcaster import speech
from broadcaster.channels.text import plain
from broadcaster.domain import category as categories
from broadcaster.domain.announcement import Priority, Rendition, digest_of, without_title
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.errors import PolicyRefused, Text
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.content.sound import RECORDED
from broadcaster.services.context import Context
from broadcaster.speech.facts import agreement
from broadcaster.speech.facts.difference import Difference

_SEVERE = frozenset(
    {"date.blank", "date.impossible", "date.weekday", "number.blank", "private.id", "sales.wording"}
)
"""Remarks of the editor's help that stop a broadcast; the others are only shown."""
_KINDS = {
    "date": ("ngày", "date"),
    "time": ("giờ", "hour"),
    "money": ("số tiền", "sum"),
    "phone": ("điện thoại", "phone"),
    "document": ("số văn bản", "document"),
    "weekday": ("thứ", "weekday"),
    "part": ("buổi", "part of the day"),
    "place": ("địa điểm", "place"),
    "number": ("con số", "number"),
}
_NOT_TEXT = frozenset({"author", "cover", "audio", "pictures", "categories", "tags", "slug"})
_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person must see. `blocks`: not approved before it is mended or accepted.

    `code` stays the same while the thing itself does: "tu-3f2a". A severe one is accepted only by
    whoever has the right to. `written` and `other` stand side by side where versions differ.
    """

    code: str
    kind: str
    text: Text
    severe: bool = False
    blocks: bool = True
    target: str = ""
    written: str = ""
    other: str = ""


def findings(context: Context, dossier: Dossier, now: datetime) -> list[Finding]:
    """All of them, the severe ones first; empty before anything has been rendered."""
    if not dossier.rendered:
        return []
    found = [
        *_versions(context, dossier),
        *_number(context, dossier),
        *_remarks(context, dossier, now),
        *_doubts(dossier),
        *_voice(dossier),
    ]
    unique = {one.code: one for one in reversed(found)}
    return sorted(unique.values(), key=lambda one: (not one.severe, not one.blocks, one.kind))


def blocking(context: Context, dossier: Dossier, now: datetime) -> list[Finding]:
    """What must be mended or accepted first."""
    return [one for one in findings(context, dossier, now) if one.blocks]


def _code(kind: str, *named: str) -> str:
    return f"{kind}-{digest_of(named)[:4]}"


def _number(context: Context, dossier: Dossier) -> Iterator[Finding]:
    revision = dossier.revision
    category = next((c for c in context.config.categories if c.key == revision.category), None)
    if category is None:
        known = categories.GENERAL
        yield Finding(
            "chuyen-muc",
            "category",
            Text(
                f"chuyên mục “{revision.category}” không còn trong cấu hình; "
                f"chọn mục khác, ví dụ --category {known}",
                f"category “{revision.category}” is no longer in the settings",
            ),
            severe=True,
        )
    elif category.quotes_policy and not revision.document_number:
        number = dossier.announcement.number
        yield Finding(
            "so-hieu",
            "document",
            Text(
                f"tin thuộc mục “{category.name}” phải ghi số văn bản: "
                f"broadcaster announcement edit {number} --document 1380/QĐ-UBND",
                f"category “{category.key}” quotes a paper: give its number with --document",
            ),
            severe=True,
        )


def _remarks(context: Context, dossier: Dossier, now: datetime) -> Iterator[Finding]:
    """What the editor's help says to each text that goes out."""
    revision = dossier.revision
    speaks = any(r.channel == LOUDSPEAKER for r in dossier.renditions)
    expect = speech.Expectations(loudspeaker=speaks)
    today = context.policy.local(now).date()
    for text in sorted({revision.body, *revision.overrides.values()}):
        for one in speech.lint(text, today, expect):
            severe = one.rule in _SEVERE
            shown = " ".join(one.written.split())[:60]
            yield Finding(
                _code("loi" if severe else "nhac", one.rule, one.written),
                f"lint.{one.rule}",
                Text(f"“{shown}”: {one.message.vi}", f"“{shown}”: {one.message.en}"),
                severe=severe,
                blocks=severe,
            )


def _doubts(dossier: Dossier) -> Iterator[Finding]:
    """What the reader was not sure of, and what is wrong with a recording."""
    for rendition in _spoken(dossier):
        for flag in rendition.content["flags"]:
            if flag["blocking"]:
                code = _code("tu", flag["kind"], flag["written"], flag["spoken"])
                yield Finding(code, "speech", Text(flag["vi"], flag["en"]), target=rendition.target)


def _voice(dossier: Dossier) -> Iterator[Finding]:
    """A fallback voice must be heard first; in an emergency any voice is better than none."""
    if dossier.announcement.priority == Priority.EMERGENCY:
        return
    for rendition in _spoken(dossier):
        if rendition.content["voice_quality"] == "emergency":
            voice = rendition.content["voice"]
            yield Finding(
                "giong",
                "voice",
                Text(
                    f"giọng máy dự phòng “{voice}”: hãy nghe hết rồi mới chấp nhận",
                    f"fallback voice “{voice}”: listen to all of it first",
                ),
                target=rendition.target,
            )


def _spoken(dossier: Dossier) -> list[Rendition]:
    return [r for r in dossier.renditions if r.channel == LOUDSPEAKER]


def _versions(context: Context, dossier: Dossier) -> Iterator[Finding]:
    """Where outlets do not say the same as the common text, side by side."""
    revision = dossier.revision
    common = _whole(revision.title, revision.body)
    for key, text in sorted(revision.overrides.items()):
        own = agreement.own_text(common, _whole(revision.title, text))
        yield from _told(own, key, "lời riêng", "own text")
    for rendition in dossier.renditions:
        if rendition.channel == LOUDSPEAKER:
            yield from _heard(context, dossier, rendition)
        else:
            yield from _posted(context, dossier, rendition)


def _whole(title: str, body: str) -> str:
    """As outlets show it: the title once, then the rest."""
    rest = without_title(title, body)
    return rest if rest.strip() == title else f"{title}\n{rest}"


def _heard(context: Context, dossier: Dossier, rendition: Rendition) -> Iterator[Finding]:
    content = rendition.content
    if content["voice"] == RECORDED:  # nobody but an ear knows what a person said
        return
    text = dossier.revision.text_for(rendition.target)
    lexicon = speech.load_lexicon(*context.lexicons)
    found = agreement.spoken(text, content["spoken"], lexicon)
    yield from _told(found, rendition.target, "lời đọc", "spoken words")


def _posted(context: Context, dossier: Dossier, rendition: Rendition) -> Iterator[Finding]:
    revision, frame = dossier.revision, context.config.commune.name
    text = _whole(revision.title, revision.text_for(rendition.target))
    parts = [t.replace(dossier.reference, " ").strip() for t in texts(rendition.content)]
    whole = [t for t in parts if not t.endswith("…")]
    for part in whole:  # nothing in any field that the text does not have
        found = agreement.same_text(text, part, frame)
        yield from _told([d for d in found if d.other], rendition.target, "bài đăng", "post")
    found = agreement.same_text(text, "\n".join(whole), frame)
    lost = [Difference(d.kind, d.written, "", d.span) for d in found if d.written]
    yield from _told(lost, rendition.target, "bài đăng", "post")
    for part in parts:
        if part.endswith("…"):
            cut = _cut(text, revision.title, part)
            yield from _told(cut, rendition.target, "trích đoạn", "excerpt")


def _cut(text: str, title: str, part: str) -> list[Difference]:
    """A shortened field says what the beginning of the text, of its body or its title says."""
    said = " ".join(part.split()).removesuffix("…")
    sources = (text, text.removeprefix(title), title)
    return min(
        (agreement.beginning(" ".join(plain(one).split()), said) for one in sources), key=len
    )


def texts(content: Mapping[str, Any]) -> list[str]:
    """Every field of a post that people read, as plain text; a list of blocks is one text."""
    found = []
    for name, value in content.items():
        if name in _NOT_TEXT:
            continue
        if isinstance(value, Mapping):
            found += texts(value)
        elif isinstance(value, list):
            parts = [t for v in value if isinstance(v, Mapping) for t in texts(v)]
            found += ["\n".join(parts)] if parts else []
        elif isinstance(value, str) and re.search(r"\s", value.strip()):
            found.append(_plain(value))
    return found


def _plain(text: str) -> str:
    if "<" not in text:
        return text
    lines = re.sub(r"<br\s*/?>|</(?:p|li|h\d|div)>", "\n", text)
    return html.unescape(re.sub(r"<[^>]*>", " ", lines))


def _told(found: list[Difference], target: str, vi: str, en: str) -> Iterator[Finding]:
    for one in found[:_MOST_SHOWN]:
        name = _KINDS[one.kind]
        left, right = one.written or "–", one.other or "–"
        yield Finding(
            _code("khac", target, vi, one.kind, one.written, one.other),
            "mismatch",
            Text(
                f"{name[0]} không khớp: bản chung “{left}” ↔ {vi} {target} “{right}”",
                f"{name[1]} differs: common text “{left}” ↔ {en} of {target} “{right}”",
            ),
            severe=True,
            target=target,
            written=one.written,
            other=one.other,
        )


def check_rows(dossier: Dossier) -> None:
    """The stored renditions are still what their digests say. Raises PolicyRefused."""
    for one in dossier.renditions:
        if digest_of({"channel": one.channel, "content": one.content}) != one.digest:
            number = dossier.announcement.number
            raise PolicyRefused(
                f"Bản thể hiện cho “{one.target}” đã bị sửa ngoài chương trình. "
                f"Hãy tạo lại: broadcaster render {number}",
                f"The rendition for “{one.target}” was changed outside the program. "
                f"Render again: broadcaster render {number}",
            )
