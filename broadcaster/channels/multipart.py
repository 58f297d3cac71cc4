"""Forms with files (RFC 7578) as one body, so that we know whether any of it was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class File:
    """One file of a form; its name is ours and plain ASCII."""

    name: str
    mime: str
    content: bytes = field(repr=False)


def encode(form: Mapping[str, str], files: Mapping[str, File]) -> tuple[bytes, str]:
    """The body and its Content-Type. The same form makes the same body."""
    parts = [
        (f'form-data; name="{name}"', "", value.encode("utf-8")) for name, value in form.items()
    ]
    parts += [
        (f'form-data; name="{name}"; filename="{file.name}"', file.mime, file.content)
        for name, file in files.items()
    ]
    # A digest over all that is sent cannot stand in what is sent.
    boundary = hashlib.sha256(b"\0".join(part[2] for part in parts)).hexdigest()[:40]
    body = bytearray()
    for disposition, mime, content in parts:
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
        head += f"Content-Type: {mime}\r\n" if mime else ""
        body += head.encode() + b"\r\n" + content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return bytes(body), f"multipart/form-data; boundary={boundary}"
