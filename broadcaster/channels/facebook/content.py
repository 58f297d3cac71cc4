"""What a Page is given: the words with their number, and link, pictures or a video beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from broadcaster.channels.facebook.still_picture import missing, need_extra
from broadcaster.channels.options import Options
from broadcaster.channels.port import Content, Draft
from broadcaster.channels.text import body_of, clean_links, reference_line, shorten, title_of
from broadcaster.domain.picture import Picture
from broadcaster.errors import InputError, Refused

MAX_CHARACTERS = 63_206
"""Of the message. One publisher's docs say so; another's stop at 50,000: `max_characters`."""

MAX_PICTURE = 4 * 1024 * 1024
"""Bytes. Seen refused above; another guide says 10 MB: `max_picture_bytes`."""

MAX_TITLE = 100


def compose(who: str, options: Options, draft: Draft) -> Content:
    """Raises InputError for what the Page would not take."""
    link = clean_links(options.text("link").replace("{slug}", draft.reference.lower()))
    film = options.choice("audio", ("none", "video")) == "video" and bool(draft.audio_digest)
    media = _video(who, options, draft) if film else _photos(who, options, draft)
    # Facebook shows a link's preview or media, not both: beside media the link stands in the text.
    message = _message(draft, link if media else "")
    most = int(options.number("max_characters", MAX_CHARACTERS))
    if len(message) > most:
        raise InputError(
            f"{who}: bài dài {len(message)} ký tự, giới hạn là {most}. Hãy rút gọn bản tin.",
            f"{who}: the post has {len(message)} characters, the limit is {most}.",
        )
    return {"message": message, **({"link": link} if link and not media else {}), **media}


def show(content: Content) -> str:
    """As a reader meets it; what is seen and heard stands in brackets."""
    parts = [str(content["message"])]
    video, pictures = content.get("video"), content.get("pictures", ())
    if video:
        seen = (
            f"ảnh: {pictures[0]['alt']}"
            if pictures
            else "ảnh của xã"
            if video.get("picture_digest")
            else "ảnh vẽ tiêu đề"
        )
        parts.append(f"[Video {video['seconds']} giây: bản tin đọc, {seen}]")
    else:
        parts += [f"[Ảnh {n}: {one['alt']}]" for n, one in enumerate(pictures, 1)]
    return "\n\n".join([*parts, *([str(content["link"])] if content.get("link") else [])])


def photos_of(
    content: Content, blob: Callable[[str, str], Path]
) -> Sequence[tuple[Mapping[str, Any], Path]]:
    """Each picture of the content with its file."""
    return [(one, blob(one["digest"], one["kind"])) for one in content.get("pictures", ())]


def _message(draft: Draft, link: str) -> str:
    title, body = title_of(draft), body_of(draft)
    last = f"{draft.commune}\n{reference_line(draft.reference)}".strip()
    parts = (title, body if body != title else "", link, last)
    return "\n\n".join(part for part in parts if part)


def _photos(who: str, options: Options, draft: Draft) -> dict[str, Any]:
    most = int(options.number("max_picture_bytes", MAX_PICTURE))
    for n, one in enumerate(draft.pictures, 1):
        if one.size > most:
            raise InputError(
                f"{who}: ảnh {n} nặng {one.size / 1024 / 1024:.1f} MB, Fanpage nhận nhiều nhất "
                f"{most / 1024 / 1024:.1f} MB. Hãy thu nhỏ ảnh.",
                f"{who}: picture {n} has {one.size} bytes, the Page takes at most {most}.",
            )
    return {"pictures": [_part(one) for one in draft.pictures]} if draft.pictures else {}


def _video(who: str, options: Options, draft: Draft) -> dict[str, Any]:
    """The sound over the first picture, else over the commune's file, else over the title."""
    if missing():
        try:
            need_extra(who)
        except Refused as error:
            raise InputError(error.text.vi, error.text.en) from None
    video: dict[str, Any] = {
        "title": shorten(title_of(draft), MAX_TITLE),
        "seconds": round(draft.audio_seconds),
    }
    found: dict[str, Any] = {"video": video, "audio": {"digest": draft.audio_digest}}
    if draft.pictures:
        return {**found, "pictures": [_part(draft.pictures[0])]}
    file = options.text("video_picture")
    if not file:
        video["below"] = draft.commune
        return found
    try:
        video["picture_digest"] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(
            f"{who}: không đọc được ảnh “video_picture” {file}: {error.strerror}. "
            "Hãy sửa đường dẫn trong cấu hình.",
            f"{who}: the picture “video_picture” {file} cannot be read: {error.strerror}.",
        ) from None
    return found


def _part(picture: Picture) -> dict[str, str]:
    return {"digest": picture.digest, "kind": picture.kind, "alt": picture.alt}
