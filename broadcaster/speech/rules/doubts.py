"""What an editor is told when a reading is unknown, impossible or a guess."""

from __future__ import annotations

from broadcaster.errors import Text
from broadcaster.speech.draft import Doubt


def unknown(written: str) -> Doubt:
    return Doubt(
        "unknown_abbreviation",
        Text(
            f"Chưa có cách đọc “{written}”; hãy thêm vào từ điển hoặc chấp nhận đọc từng chữ.",
            f"No reading for “{written}”; add it to a dictionary or accept the letters.",
        ),
        blocking=True,
    )


def unreadable(written: str) -> Doubt:
    return Doubt(
        "unreadable",
        Text(
            f"Giọng đọc không biết chữ “{written}”; hãy viết lại bằng chữ Việt.",
            f"The voice cannot say “{written}”; write it in Vietnamese letters.",
        ),
        blocking=True,
    )


def guessed(kind: str, written: str) -> Doubt:
    return Doubt(
        kind,
        Text(f"Hãy nghe thử “{written}”.", f"Listen to “{written}” before it is broadcast."),
    )
