"""Pictures and videos of the Page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from broadcaster.sandbox.graph.access import need_page_token
from broadcaster.sandbox.graph.answers import SUCCESS, graph_error, params, refuse
from broadcaster.sandbox.graph.book import PagePost, Photo, Video, VideoSession
from broadcaster.sandbox.graph.posts import check_message, new_post, planned
from broadcaster.sandbox.sniffing import picture_type, video_type
from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import Call, Refusal, Reply, as_json, truthy, whole_number


def media_id(state: SandboxState) -> str:
    return str(122_200_000_000_000 + state.next_serial() * 4_001)


def post_photo(state: SandboxState, call: Call, now: datetime) -> Reply:
    """POST /{page}/photos: shown at once, scheduled, or kept for a later post."""
    need_page_token(state, call, now)
    given = params(call)
    caption = given.get("caption") or given.get("message", "")
    check_message(state, caption)
    published, due = planned(state, given, now)
    photo = taken_photo(state, call, given, now)
    photo.caption = caption
    state.world.graph.photos[photo.id] = photo
    if not published and due is None:
        return as_json({"id": photo.id})
    post = new_post(state, now, caption, published=published, due=due)
    post.kind, post.photos, photo.post_id = "photo", [photo.id], post.id
    return as_json({"id": photo.id, "post_id": post.id})


def taken_photo(state: SandboxState, call: Call, given: Mapping[str, str], now: datetime) -> Photo:
    """The picture from `source` or `url`, checked; nothing is fetched."""
    options, source, url = state.settings.graph, call.files.get("source"), given.get("url", "")
    temporary = truthy(given.get("temporary"), default=False)
    alt = given.get("alt_text_custom", "")
    if source is None:
        if not url.startswith(("http://", "https://")):
            raise refuse(324, "(#324) Requires upload file")
        return Photo(media_id(state), now, url=url, alt_text=alt, temporary=temporary)
    mime = picture_type(source.content)
    if mime not in options.photo_types:
        raise refuse(100, "(#100) Invalid image. Expected JPEG or PNG", subcode=1366046)
    if len(source.content) > options.photo_max_bytes:
        raise refuse(100, "(#100) The image is too large", subcode=1366046)
    blob = state.blobs.put(source.content)
    return Photo(media_id(state), now, "", alt, blob, mime, "", temporary)


def post_video(state: SandboxState, call: Call, now: datetime) -> Reply:
    """POST /{page}/videos in one piece; for the phases see below."""
    need_page_token(state, call, now)
    given = params(call)
    source, url = call.files.get("source"), given.get("file_url", "")
    if source is None and not url.startswith(("http://", "https://")):
        raise refuse(100, "(#100) No video file was given")
    if source is not None and not video_type(source.content):
        raise refuse(352, "(#352) The video file is not supported")
    video = Video(media_id(state), now, file_url=url)
    show_video(state, given, video, now)
    video.blob = state.blobs.put(source.content) if source else ""
    return as_json({"id": video.id})


def show_video(
    state: SandboxState, given: Mapping[str, str], video: Video, now: datetime
) -> PagePost:
    """Make the post that carries the video."""
    video.title, video.description = given.get("title", ""), given.get("description", "")
    check_message(state, video.description)
    published, due = planned(state, given, now)
    state.world.graph.videos[video.id] = video
    post = new_post(state, now, video.description, published=published, due=due)
    post.kind, post.video, video.post_id = "video", video.id, post.id
    return post


def start_upload(state: SandboxState, call: Call, now: datetime) -> Reply:
    need_page_token(state, call, now)
    given = params(call)
    size = whole_number(given.get("file_size"), 0)
    if size < 1:
        raise refuse(100, "(#100) Param file_size must be a positive number")
    session = VideoSession(media_id(state), media_id(state), size)
    state.world.graph.sessions[session.id] = session
    return as_json(
        {"upload_session_id": session.id, "video_id": session.video_id, **offsets(session)}
    )


def offsets(session: VideoSession) -> dict[str, str]:
    end = min(session.size, session.offset + 1024 * 1024)
    return {"start_offset": str(session.offset), "end_offset": str(end)}


def session_of(state: SandboxState, given: Mapping[str, str]) -> VideoSession:
    session = state.world.graph.sessions.get(given.get("upload_session_id", ""))
    if session is None:
        raise refuse(6000, "There was a problem uploading your video file", subcode=1363037)
    return session


def take_piece(state: SandboxState, call: Call, now: datetime) -> Reply:
    """The next piece; a piece that was sent before is taken as known."""
    need_page_token(state, call, now)
    given = params(call)
    session, piece = session_of(state, given), call.files.get("video_file_chunk")
    offset = whole_number(given.get("start_offset"), -1)
    if piece is None or not 0 <= offset <= session.offset:
        where: dict[str, object] = {"error_data": offsets(session)}
        text = "There was a problem uploading your video file"
        raise Refusal(graph_error(6000, text, subcode=1363037, extra=where))
    if offset == session.offset and session.offset + len(piece.content) <= session.size:
        session.received.append(state.blobs.put(piece.content))
        session.offset += len(piece.content)
    return as_json(offsets(session))


def finish_upload(state: SandboxState, call: Call, now: datetime) -> Reply:
    need_page_token(state, call, now)
    given = params(call)
    session = session_of(state, given)
    if session.offset != session.size:
        raise refuse(6000, "The video is not complete", subcode=1363037)
    video = Video(session.video_id, now)
    show_video(state, given, video, now)
    video.blob = state.blobs.put(b"".join(map(state.blobs.get, session.received)))
    del state.world.graph.sessions[session.id]
    return as_json(SUCCESS)
