"""What the commands of the program say when the far sides say our own secrets back to us."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from clerk import run_all
from commune import POSTS, found

from broadcaster.sandbox import credentials as demo
from broadcaster.secrecy.masking import MASK

SECRETS = [
    demo.FACEBOOK_PAGE_TOKEN, demo.FACEBOOK_APP_SECRET, demo.ZALO_APP_SECRET,
    demo.ZALO_ACCESS_TOKEN, demo.ZALO_REFRESH_TOKEN, demo.WORDPRESS_APP_PASSWORD,
    demo.WORDPRESS_APP_PASSWORD.replace(" ", ""),
]  # fmt: skip
COMMANDS = [
    ["channel", "check"], ["channel", "tokens", "--json"], ["delivery", "list"],
    ["delivery", "show", "1", "--json"], ["log", "--json"],
]  # fmt: skip


class Echo(BaseHTTPRequestHandler):
    """Refuses everything, and says all our secrets back."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = " ".join(SECRETS)
        body = {"error": {"message": said, "code": 100}, "code": "rest_odd", "message": said}
        text = json.dumps(body).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def echoing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_no_command_shows_a_secret_and_the_database_holds_none(tmp_path: Path) -> None:
    with echoing() as url:
        xa = found(tmp_path / "xa", sandbox=url)
        number = xa.approved(POSTS)
        xa.schedule(number, on="24/11/2026", at="09:00")
        xa.plan()
        xa.clock.now = xa.rows(number)[0].due_at
        xa.tick()
        for done in run_all(tmp_path / "xa", *COMMANDS):
            assert done.code in {0, 1, 4, 5}
            assert [one for one in SECRETS if one in done.out + done.err] == []
    with closing(sqlite3.connect(tmp_path / "xa/data/broadcaster.db")) as database:
        dump = "\n".join(database.iterdump())
    assert MASK in dump or json.dumps(MASK)[1:-1] in dump  # their words came, without ours
    assert [one for one in SECRETS if one in dump] == []
