"""`python -m broadcaster.sandbox`: the sandbox for demos and tests that start processes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.sandbox import serve


def announce(url: str, ready_file: Path | None) -> None:
    """Tell where the sandbox is, on stdout and in a file that is whole when it appears."""
    print(url, flush=True)  # noqa: T201 - stdout is this program's answer
    if ready_file is not None:
        aside = ready_file.with_name(ready_file.name + ".part")
        aside.write_text(url + "\n", encoding="utf-8")
        aside.replace(ready_file)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m broadcaster.sandbox",
        description="Môi trường thử: Facebook, Zalo OA và trang WordPress giả trên máy này.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="địa chỉ lắng nghe")
    parser.add_argument("--port", type=int, default=8899, help="cổng; 0: máy tự chọn")
    parser.add_argument("--script", type=Path, help="kịch bản sự cố (TOML hoặc JSON)")
    parser.add_argument("--data", type=Path, help="tệp lưu trạng thái (JSON)")
    parser.add_argument("--ready-file", type=Path, help="ghi địa chỉ vào tệp này khi đã sẵn sàng")
    given = parser.parse_args()
    try:
        serve(
            given.host,
            given.port,
            fault_script=given.script,
            data=given.data,
            on_ready=lambda url: announce(url, given.ready_file),
        )
    except BroadcasterError as error:
        print(error.text.vi, file=sys.stderr)  # noqa: T201 - stderr is for people
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
