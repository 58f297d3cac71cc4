"""What a file is, by its first bytes: platforms look there and not at the name."""

from __future__ import annotations

_PICTURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}


def picture_type(content: bytes) -> str:
    """MIME type of a picture; empty when it is none that we know."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for head, mime in _PICTURES.items() if content.startswith(head)), "")


def video_type(content: bytes) -> str:
    """MIME type of an MP4 or AVI; empty for anything else."""
    if content[4:8] == b"ftyp":
        return "video/mp4"
    return "video/x-msvideo" if content[:4] == b"RIFF" and content[8:12] == b"AVI " else ""


def document_type(content: bytes) -> str:
    """MIME type of a PDF or Word file; empty for anything else."""
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"PK\x03\x04"):
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return "application/msword" if content.startswith(b"\xd0\xcf\x11\xe0") else ""
