"""The media library: uploads raw and as a form, list, delete."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

from broadcaster.sandbox.state import SandboxState
from broadcaster.sandbox.wire import (
    Call,
    Refusal,
    Reply,
    as_json,
    notice_page,
    truthy,
    whole_number,
)
from broadcaster.sandbox.wordpress.access import logged_in, need_login
from broadcaster.sandbox.wordpress.answers import given_params, only, paged, refuse
from broadcaster.sandbox.wordpress.book import Medium
from broadcaster.sandbox.wordpress.post_rules import raw_text
from broadcaster.sandbox.wordpress.shapes import medium_json
from broadcaster.sandbox.wordpress.slugs import file_name, slugify, unique

_TYPES = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mpeg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def create(state: SandboxState, call: Call, now: datetime) -> Reply:
    text = "Xin lỗi, bạn không được phép tải lên tập tin media."
    need_login(state, call, now, "rest_cannot_create", text)
    name, content = uploaded(call)
    check_content(state, call, content)
    ending = name.rpartition(".")[2].lower()
    if ending not in _TYPES:
        text = "Xin lỗi, bạn không được phép tải lên loại tập tin này."
        raise refuse("rest_upload_sideload_error", text, 500)
    given = given_params(call) if call.files else dict(call.query)
    medium = stored(state, name, _TYPES[ending], content, now)
    describe(medium, given)
    place = {"Location": f"{call.base_url}/wordpress/wp-json/wp/v2/media/{medium.id}"}
    return as_json(medium_json(state, call, medium, edit=True), 201, place)


def uploaded(call: Call) -> tuple[str, bytes]:
    """Name and bytes, of the form's `file` or of the raw body."""
    file = call.files.get("file")
    if file is not None:
        return file.filename, file.content
    if not call.body or call.headers.get("content-type", "").startswith("multipart/"):
        raise refuse("rest_upload_no_data", "Không có dữ liệu nào được cung cấp.", 400)
    if not call.headers.get("content-type"):
        raise refuse("rest_upload_no_content_type", "Không có Content-Type.", 400)
    header = call.headers.get("content-disposition", "")
    if not header:
        text = "Không có Content-Disposition."
        raise refuse("rest_upload_no_content_disposition", text, 400)
    name = disposition_name(header)
    if not name:
        text = "Content-Disposition không hợp lệ."
        raise refuse("rest_upload_invalid_disposition", text, 400)
    return name, call.body


def disposition_name(header: str) -> str:
    """The file name; UTF-8 bytes in the header arrive as Latin-1."""
    starred = re.search(r"filename\*=UTF-8''([^;]+)", header, re.IGNORECASE)
    if starred:
        return unquote(starred[1].strip())
    plain = re.search(r'filename="?([^";]+)"?', header)
    if plain is None:
        return ""
    try:
        return plain[1].strip().encode("latin-1").decode("utf-8")
    except ValueError:
        return plain[1].strip()


def check_content(state: SandboxState, call: Call, content: bytes) -> None:
    """Size and checksum."""
    options = state.settings.wordpress
    if len(content) > options.max_upload_bytes:
        if options.too_big_status == 413:
            raise Refusal(notice_page("413", "413 Request Entity Too Large", 413))
        text = "Tập tin vượt quá dung lượng cho phép."
        raise refuse("rest_upload_file_too_big", text, options.too_big_status)
    given = call.headers.get("content-md5", "").strip().lower()
    actual = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if given and given != actual:
        text = "Mã băm nội dung không khớp với mong đợi."
        raise refuse("rest_upload_hash_mismatch", text, 412)


def stored(state: SandboxState, name: str, mime: str, content: bytes, now: datetime) -> Medium:
    """Put the file into the library under a free name."""
    book = state.world.wordpress
    folder = now.strftime("%Y/%m/")
    taken = {m.path.removeprefix(folder) for m in book.media.values()}
    path = folder + file_name(name, taken)
    title = name.rpartition("/")[2].rpartition(".")[0]
    slugs = {p.slug for p in book.posts.values()} | {m.slug for m in book.media.values()}
    slug = unique(slugify(title) or "tep", slugs)
    blob = state.blobs.put(content)
    number = book.next_id()
    medium = Medium(number, now, path, mime, blob, len(content), slug, title)
    medium.length = seconds_of(mime, content)
    book.media[number] = medium
    return medium


def seconds_of(mime: str, content: bytes) -> int:
    """Length of a sound in whole seconds; 0 when it cannot be read."""
    if not mime.startswith("audio/"):
        return 0
    import soundfile  # noqa: PLC0415 - only sounds need it

    try:
        return round(float(soundfile.info(io.BytesIO(content)).duration))
    except (RuntimeError, TypeError):
        return 0


def describe(medium: Medium, given: Mapping[str, object]) -> None:
    medium.title = raw_text(given, "title") or medium.title
    medium.alt_text = raw_text(given, "alt_text") or medium.alt_text
    medium.caption = raw_text(given, "caption") or medium.caption
    medium.post = whole_number(given.get("post"), medium.post)


def existing(state: SandboxState, call: Call) -> Medium:
    medium = state.world.wordpress.media.get(int(call.args["id"]))
    if medium is None:
        raise refuse("rest_post_invalid_id", "ID bài viết không hợp lệ.", 404)
    return medium


def read(state: SandboxState, call: Call, now: datetime) -> Reply:
    edit = call.query.get("context") == "edit" and logged_in(state, call, now)
    full = medium_json(state, call, existing(state, call), edit=edit)
    return as_json(only(full, call.query.get("_fields", "")))


def update(state: SandboxState, call: Call, now: datetime) -> Reply:
    medium = existing(state, call)
    text = "Xin lỗi, bạn không được phép sửa bài viết này."
    need_login(state, call, now, "rest_cannot_edit", text)
    describe(medium, given_params(call))
    return as_json(medium_json(state, call, medium, edit=True))


def listing(state: SandboxState, call: Call, _now: datetime) -> Reply:
    """Newest first; `search` and `slug` find a file again."""
    words = call.query.get("search", "").casefold()
    slugs = [s for s in call.query.get("slug", "").split(",") if s]
    kept = [
        m
        for m in reversed(state.world.wordpress.media.values())
        if words in f"{m.title}\n{m.path}\n{m.caption}".casefold()
        and (not slugs or m.slug in slugs)
    ]
    page, headers = paged(call, kept)
    fields = call.query.get("_fields", "")
    rows = [only(medium_json(state, call, m), fields) for m in page]
    return as_json(rows, headers=headers)


def delete(state: SandboxState, call: Call, now: datetime) -> Reply:
    medium = existing(state, call)
    text = "Xin lỗi, bạn không được phép xóa bài viết này."
    need_login(state, call, now, "rest_cannot_delete", text)
    if not truthy(given_params(call).get("force"), default=False):
        text = "Bài viết không hỗ trợ thùng rác. Đặt 'force=true' để xóa."
        raise refuse("rest_trash_not_supported", text, 501)
    gone = medium_json(state, call, medium, edit=True)
    del state.world.wordpress.media[medium.id]
    return as_json({"deleted": True, "previous": gone})
