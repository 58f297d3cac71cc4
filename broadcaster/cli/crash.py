"""A fault of the program itself: a sentence for the person, the details in a file."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

from broadcaster.cli.i18n import t
from broadcaster.secrecy.masking import mask


def report(error: Exception) -> int:
    """Write the details where only this person can read them; the exit code."""
    kind = type(error).__name__
    try:
        descriptor, path = tempfile.mkstemp(prefix="broadcaster-loi-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.writelines(map(mask, traceback.format_exception(error)))
    except OSError:  # the disk may be what is broken
        path = "–"
    sys.stderr.write(
        t(
            f"Lỗi: chương trình gặp sự cố ngoài dự kiến ({kind}). Dữ liệu đã lưu vẫn nguyên.\n"
            f"Chi tiết để gửi người quản trị: {path}\n",
            f"Error: the program met an unexpected fault ({kind}). What was kept is intact.\n"
            f"Details for the administrator: {path}\n",
        )
    )
    return 1
