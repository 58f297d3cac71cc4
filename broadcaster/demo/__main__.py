"""`python -m broadcaster.demo [--from FILE] [--json]`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from broadcaster.cli.i18n import language, set_language, t
from broadcaster.errors import BroadcasterError


def main() -> int:
    """Exit code: 0 when all deliveries are confirmed, 4 when only some are, 5 with an unknown."""
    set_language(language(sys.argv[1:], os.environ))
    parser = argparse.ArgumentParser(prog="scripts/demo.py", description=t(_VI, _EN))
    parser.add_argument("--from", dest="source", help=t("văn bản của bạn", "a text of yours"))
    parser.add_argument("--json", action="store_true", help=t("in JSON ra stdout", "print JSON"))
    parser.add_argument("--lang", choices=["vi", "en"], help=t("ngôn ngữ", "language"))
    parser.add_argument("--out", default="demo-out", help=t("thư mục kết quả", "folder of results"))
    parser.add_argument(
        "--resume",
        action="store_true",
        help=t("làm tiếp lần trình diễn bị ngắt", "go on with an interrupted demo"),
    )
    parser.add_argument(
        "--stay", action="store_true", help=t("giữ các trang mở đến Ctrl-C", "keep pages open")
    )
    given = parser.parse_args()
    from broadcaster.demo.show import Show  # noqa: PLC0415 - after --help

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended, it takes its programs along
    show = Show(Path(given.out).absolute(), as_json=given.json, resume=given.resume)
    try:
        return show.run(given.source, stay=given.stay)
    except BroadcasterError as error:
        said = t(f"Lỗi: {error.text.vi}", f"Error: {error.text.en}")
        sys.stderr.write(said + "\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write(t("\nĐã dừng.\n", "\nStopped.\n"))
        return 130
    finally:
        show.close()


_VI = """Trình diễn Broadcaster, không cần mạng: một bản tin được soạn, đọc, duyệt, xếp lịch,
phát ra loa (hoặc ra tệp WAV), đăng lên Fanpage, Zalo OA và trang web giả, rồi có bằng chứng
từng lượt."""
_EN = """Broadcaster at work without a network: one announcement is written, spoken, approved,
scheduled, played (or written to a WAV), posted to stand-ins, and proved row by row."""

if __name__ == "__main__":
    sys.exit(main())
