"""An announcement as files that a clerk pastes into a portal without a writing interface."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from broadcaster.channels.port import Content, Draft
from broadcaster.channels.text import body_of, reference_line, runs, shorten, title_of

PAGE, TEXT, HOW = "bai-viet.html", "bai-viet.txt", "cach-dan.txt"
SUMMARY = 300
_WHEN = (2020, 1, 1, 0, 0, 0)  # of every file in an archive: the same content, the same bytes


def compose(draft: Draft) -> Content:
    """Title, words and the names of the files; a name carries its file's digest."""
    body = body_of(draft)
    content: dict[str, Any] = {
        "title": title_of(draft),
        "body": body,
        "foot": f"{draft.commune}\n{reference_line(draft.reference)}".strip(),
        "summary": shorten(body, SUMMARY),
        "author": draft.commune,
    }
    if draft.audio_digest:
        content["audio"] = {
            "digest": draft.audio_digest,
            "filename": f"ban-tin-{draft.audio_digest[:8].lower()}.mp3",
            "seconds": round(draft.audio_seconds),
        }
    if draft.pictures:
        content["pictures"] = [
            {
                "digest": one.digest,
                "kind": one.kind,
                "alt": one.alt,
                "filename": f"anh-{n}-{one.digest[:8]}.{one.kind}",
            }
            for n, one in enumerate(draft.pictures, 1)
        ]
    return content


def show(content: Content) -> str:
    """The article, and what lies beside it."""
    pictures = [f"[Ảnh {n}: {one['alt']}]" for n, one in enumerate(_pictures(content), 1)]
    audio = content.get("audio")
    sound = [f"[Tệp âm thanh: {audio['seconds']} giây]"] if audio else []
    return "\n\n".join([*_words(content), *pictures, *sound])


def article(content: Content, root: str = "") -> str:
    """The article as HTML without classes or scripts, so that any portal's editor takes it.

    `root` stands before the files' names: an address for feeds, nothing inside the folder.
    """
    audio = content.get("audio")
    sound = [f'<p><audio controls src="{_source(root, audio)}"></audio></p>'] if audio else []
    pictures = [
        f'<figure><img src="{_source(root, one)}" alt="{html.escape(one["alt"])}">'
        f"<figcaption>{html.escape(one['alt'])}</figcaption></figure>"
        for one in _pictures(content)
    ]
    return "\n".join([*sound, *_blocks(content["body"]), *pictures, *_blocks(content["foot"])])


def texts(content: Content) -> dict[str, bytes]:
    """The page, the plain text and the note on how to paste, by file name."""
    title = html.escape(content["title"])
    page = (
        f'<!DOCTYPE html>\n<html lang="vi">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"</head>\n<body>\n<h1>{title}</h1>\n{article(content)}\n</body>\n</html>\n"
    )
    return {
        PAGE: page.encode(),
        TEXT: ("\n\n".join(_words(content)) + "\n").encode(),
        HOW: _how(content).encode(),
    }


def archive(files: Mapping[str, bytes]) -> bytes:
    """All of them in one .zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files):
            packed.writestr(zipfile.ZipInfo(name, _WHEN), files[name])
    return out.getvalue()


def _words(content: Content) -> list[str]:
    return [content["title"], content["body"], content["foot"]]


def _pictures(content: Content) -> list[dict[str, Any]]:
    return list(content.get("pictures", ()))


def _source(root: str, part: Mapping[str, Any]) -> str:
    return html.escape(f"{root}{part['filename']}")


def _blocks(text: str) -> list[str]:
    found = []
    for is_list, lines in runs(text):
        kept = [html.escape(line) for line in lines]
        items = "".join(f"<li>{line}</li>" for line in kept)
        found.append(f"<ul>{items}</ul>" if is_list else f"<p>{'<br>'.join(kept)}</p>")
    return found


def _how(content: Content) -> str:
    audio, pictures = content.get("audio"), _pictures(content)
    lines = [
        "CÁCH ĐƯA BÀI NÀY LÊN CỔNG THÔNG TIN",
        "",
        "1. Đăng nhập trang quản trị của cổng, chọn thêm tin bài mới.",
        f"2. Tiêu đề: {content['title']}",
        f"3. Mở {PAGE} bằng trình duyệt, chọn tất cả (Ctrl+A), sao chép (Ctrl+C) rồi dán (Ctrl+V)",
        "   vào ô nội dung. Cổng chỉ nhận chữ thì chép từ " + TEXT + ".",
    ]
    step = 4
    for one in pictures:
        lines += [f"{step}. Tải lên ảnh {one['filename']}; mô tả ảnh: {one['alt']}"]
        step += 1
    if audio:
        lines += [f"{step}. Tải lên tệp âm thanh {audio['filename']} và chèn vào đầu bài."]
        step += 1
    number = content["foot"].split("\n")[-1]
    return "\n".join(
        [
            *lines,
            f"{step}. Giữ nguyên dòng “{number}”: nhờ dòng này mới tra cứu lại được bài.",
            f"{step + 1}. Đăng xong, mở bài như người dân và xem lại một lượt.",
            "",
        ]
    )
