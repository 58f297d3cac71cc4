"""Files over HTTP with byte ranges, so that a player can jump."""

from __future__ import annotations

import re

from broadcaster.sandbox.wire import Reply


def file_reply(content: bytes, mime: str, wanted: str = "") -> Reply:
    """The file, or the one range of the `Range` header `wanted`; 416 when it lies outside."""
    headers = {"Content-Type": mime, "Accept-Ranges": "bytes"}
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.strip())
    if found is None or found[0] == "bytes=-":
        return Reply(200, content, headers)
    size = len(content)
    if found[1]:
        first = int(found[1])
        last = min(int(found[2]), size - 1) if found[2] else size - 1
    else:
        first, last = max(0, size - int(found[2])), size - 1
    if first > last:
        return Reply(416, b"", {**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Reply(206, content[first : last + 1], headers)
