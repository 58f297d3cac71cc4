"""Uploads for messages, which live seven days, and videos for articles."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from broadcaster.sandbox.sniffing import document_type, picture_type, video_type
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Reply
from broadcaster.sandbox.zalo.access import check
from broadcaster.sandbox.zalo.answers import invalid, refuse, success
from broadcaster.sandbox.zalo.book import Attachment, UploadedVideo

_MEGABYTE = 1024 * 1024
_LIMITS = {"image": _MEGABYTE, "gif": 5 * _MEGABYTE, "file": 5 * _MEGABYTE}
_LIFE = timedelta(days=7)
_VIDEO_LIMIT = 50 * _MEGABYTE


def upload(state: SandboxState, call: Call, now: datetime) -> Reply:
    """A picture gives `attachment_id`, a file gives `token`."""
    check(state, call, now)
    kind, file = call.args["kind"], call.files.get("file")
    if file is None or not right_type(kind, file.content):
        raise invalid("file")
    if len(file.content) > _LIMITS[kind]:
        raise refuse(-210, "file is too large")
    check_monthly(state, now)
    attachment = Attachment(secrets.token_urlsafe(30), kind, now, state.blobs.put(file.content))
    state.world.zalo.attachments[attachment.id] = attachment
    name = "token" if kind == "file" else "attachment_id"
    data = {name: attachment.id}
    if state.settings.zalo.upload_returns_url and kind != "file":
        data["url"] = f"https://photo.zalo.example/{attachment.id}"
    return success(data)


def right_type(kind: str, content: bytes) -> bool:
    if kind == "file":
        return bool(document_type(content))
    allowed = {"image/gif"} if kind == "gif" else {"image/jpeg", "image/png"}
    return picture_type(content) in allowed


def check_monthly(state: SandboxState, now: datetime) -> None:
    made = state.world.zalo.attachments.values()
    month = sum((a.created.year, a.created.month) == (now.year, now.month) for a in made)
    if month >= state.settings.zalo.uploads_per_month:
        raise refuse(-211)


def live_attachment(state: SandboxState, key: object, kind: str, now: datetime) -> str:
    """The id of an upload that still lives."""
    found = state.world.zalo.attachments.get(key) if isinstance(key, str) else None
    if found is None or found.kind != kind:
        raise invalid("token" if kind == "file" else "attachment_id")
    if now - found.created > _LIFE:
        raise refuse(-100)
    return found.id


def prepare_video(state: SandboxState, call: Call, now: datetime) -> Reply:
    check(state, call, now)
    file = call.files.get("file")
    if file is None or not video_type(file.content):
        raise invalid("file")
    if len(file.content) > _VIDEO_LIMIT:
        raise refuse(-210, "file is too large")
    video_id = str(5_100_000_000_000_000_000 + state.next_serial())
    polls = state.settings.zalo.processing_polls
    video = UploadedVideo(secrets.token_urlsafe(30), video_id, polls)
    state.world.zalo.videos[video.token] = video
    return success({"token": video.token})


def verify_video(state: SandboxState, call: Call, now: datetime) -> Reply:
    """Status 3 while converting, then 1 with the id; token as header or in the query."""
    check(state, call, now)
    token = call.headers.get("token") or call.query.get("token", "")
    video = state.world.zalo.videos.get(token)
    if video is None:
        raise invalid("token")
    if video.polls_left > 0:
        video.polls_left -= 1
        return success({"status": 3, "convert_percent": 50, "video_id": ""})
    return success({"status": 1, "convert_percent": 100, "video_id": video.video_id})
