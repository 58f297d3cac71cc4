"""Pictures and videos of a Page: sent unseen first, shown by one last call.

What is staged may be sent again without harm: Facebook drops what no post uses. A video's id is
known before anybody sees it; it is written down before the last call, to be asked for by that id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from broadcaster import durable
from broadcaster.channels.facebook.graph import GONE, Graph, code_of
from broadcaster.channels.multipart import File
from broadcaster.channels.outcomes import unclear
from broadcaster.channels.port import Receipt
from broadcaster.channels.text import moment, name_of, web_link
from broadcaster.domain.picture import MIME
from broadcaster.errors import Refused, Text, TryAgain

VIDEO = "id,post_id,permalink_url,published,status,created_time,description"
_MAX_PIECES = 2_000


def stage_photos(
    graph: Graph, page: str, pictures: Sequence[tuple[Mapping[str, Any], Path]]
) -> str:
    """Upload what a post will show; the value of its `attached_media`."""
    found = []
    for picture, path in pictures:
        kind = str(picture["kind"])
        file = File(f"anh.{kind}", MIME[kind], read_file(graph.who, path))
        form = {"published": "false", "alt_text_custom": str(picture["alt"])}
        photo = name_of(graph.stage(f"/{page}/photos", form, file).get("id"))
        if not photo:
            raise unclear(graph.who, "photos")
        found.append({"media_fbid": photo})
    return json.dumps(found)


def stage_video(graph: Graph, page: str, content: bytes) -> tuple[str, str]:
    """Upload a video piece by piece, as Facebook asks for them; session and video id."""
    path, phase = f"/{page}/videos", {"upload_phase": "start", "file_size": str(len(content))}
    answer = graph.stage(path, phase)
    session, video = name_of(answer.get("upload_session_id")), name_of(answer.get("video_id"))
    for _ in range(_MAX_PIECES):
        start, end = _offset(answer, "start_offset"), _offset(answer, "end_offset")
        if not session or not video or not 0 <= start <= end <= len(content):
            break
        if start == end:
            return session, video
        form = {"upload_phase": "transfer", "upload_session_id": session}
        piece = File("video.mp4", "video/mp4", content[start:end])
        answer = graph.stage(path, {**form, "start_offset": str(start)}, piece)
    raise unclear(graph.who, "videos")


def read_file(who: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Refused(
            f"{who}: không đọc được tệp {path.name} trên máy này. Hãy đưa lại ảnh hoặc tạo lại "
            "âm thanh, rồi duyệt lại.",
            f"{who}: the file {path.name} cannot be read on this machine. Give or render it again.",
            code="no-file",
        ) from None


def attached_video(graph: Graph, post: str) -> str:
    """The id of the video that a post shows; "" when it shows none."""
    found = graph.good(graph.get(f"/{post}", "id,attachments{media_type,target}"))
    for one in _flat(found.get("attachments")):
        target = one.get("target")
        if one.get("media_type") == "video" and isinstance(target, dict):
            return name_of(target.get("id"))
    return ""


def check_same_number(graph: Graph, post: str, pictures: int) -> None:
    """Raise Refused when the post shows more or fewer pictures: those cannot be changed."""
    fields = "id,attachments{media_type,subattachments{media_type}}"
    reply = graph.get(f"/{post}", fields)
    if code_of(reply) in GONE:
        return  # the change itself will tell
    attachments = graph.good(reply).get("attachments")
    there = sum(one.get("media_type") == "photo" for one in _flat(attachments))
    if there != pictures:
        raise Refused(
            f"{graph.who}: Facebook chỉ cho sửa lời của bài đã đăng, không cho đổi ảnh (bài có "
            f"{there} ảnh, bản mới có {pictures}). Hãy gỡ bài cũ rồi đăng bản mới.",
            f"{graph.who}: Facebook lets only the words of a post be changed, not its pictures "
            f"({there} there, {pictures} wanted). Take it down and post the new one.",
            code="pictures-stay",
        )


def _flat(attachments: Any) -> list[Mapping[str, Any]]:
    """The attachments; those of an album one by one."""
    data = attachments.get("data") if isinstance(attachments, dict) else None
    found: list[Mapping[str, Any]] = []
    for one in data if isinstance(data, list) else []:
        if isinstance(one, dict):
            found += _flat(one.get("subattachments")) or [one]
    return found


class Videos:
    """The ids of the videos that were sent for one reference, oldest first, in a file."""

    def __init__(self, folder: Path, reference: str) -> None:
        self._path = folder / "videos" / f"{reference}.json"

    def known(self) -> list[str]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):  # not there: lists are asked as well
            return []
        return [one for one in found if name_of(one)] if isinstance(found, list) else []

    def add(self, who: str, video: str) -> None:
        """On the disk before the call that shows it. Raises TryAgain: nothing is public yet."""
        try:
            durable.write(self._path, json.dumps([*self.known(), video]).encode())
        except OSError as error:
            raise TryAgain(
                f"{who}: không ghi được mã video trước khi đăng ({error.strerror}). Hãy kiểm tra "
                "ổ đĩa; chương trình sẽ tự thử lại.",
                f"{who}: the video's id could not be written down ({error.strerror}). Check the "
                "disk; it is tried again.",
                code="disk",
            ) from None


def video_receipt(graph: Graph, page: str, video: str, receipt: Receipt) -> Receipt | None:
    """What has become of a video: under its post's id once there is one; None if it is not shown.

    Raises Refused when Facebook could not make anything of it.
    """
    reply = graph.get(f"/{video}", VIDEO)
    if code_of(reply) in GONE:
        return None
    found = graph.good(reply)
    status = found.get("status")
    state = status.get("video_status") if isinstance(status, dict) else ""
    if state == "error":
        text = _FAILED
        raise Refused(f"{graph.who}: {text.vi}", f"{graph.who}: {text.en}", code="video-error")
    post, ready = name_of(found.get("post_id")), state == "ready"
    if not post and found.get("published") is not True:
        return None
    return Receipt(
        # Until it is ready only the video tells; its post calls itself published before that.
        _post_id(page, post) if post and ready else video,
        permalink(found),
        visible=ready and found.get("published") is not False,
        proof={"video_id": video, "video_status": str(state)},
        at=receipt.at or moment(found.get("created_time")),
        usage=graph.usage,
    )


def _post_id(page: str, post: str) -> str:
    """Posts are called `{page}_{post}`; a video may name the second half only."""
    return post if "_" in post else f"{page}_{post}"


def permalink(found: Mapping[str, Any]) -> str:
    """Videos come with an address that begins at Facebook's own root."""
    value = found.get("permalink_url")
    return web_link(urljoin("https://www.facebook.com", value) if isinstance(value, str) else "")


def _offset(answer: Mapping[str, Any], name: str) -> int:
    value = str(answer.get(name))
    return int(value) if value.isdecimal() and len(value) < 16 else -1


_FAILED = Text(
    "Facebook không xử lý được video. Hãy tạo lại âm thanh hoặc đổi ảnh, rồi duyệt lại.",
    "Facebook could not process the video. Render again or change the picture, then approve.",
)
