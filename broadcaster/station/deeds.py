"""What a person does beside the station: `python -m broadcaster.station --home DIR stop`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster import __version__
from broadcaster.domain.policy import ZONE
from broadcaster.domain.until import end_of
from broadcaster.signature import fingerprint
from broadcaster.station import local
from broadcaster.station.clock import SystemClock
from broadcaster.station.database import FILE, Database
from broadcaster.station.link import Link
from broadcaster.station.settings import (
    StationSettings,
    check_settings,
    read_settings,
    write_settings,
)
from broadcaster.station.trust import Trust

Do = Callable[[argparse.Namespace], None]


@dataclass(frozen=True)
class Deed:
    """One command. `options`: added as they are to its own parser."""

    name: str
    help: str
    do: Do
    options: tuple[tuple[str, dict[str, Any]], ...] = ()

    def add_to(self, deeds: Any) -> None:
        parser = deeds.add_parser(self.name, help=self.help, description=self.help)
        # The folder may stand on either side of the command.
        parser.add_argument("--home", type=Path, default=argparse.SUPPRESS)
        for name, more in self.options:
            parser.add_argument(name, **more)
        parser.set_defaults(do=self.do)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _database(home: Path) -> Database:
    read_settings(home)  # says what is missing when this is no station's folder
    return Database(home / FILE)


def _stop(given: argparse.Namespace) -> None:
    local.stop_here(_database(given.home), SystemClock.read())
    say("Đã dừng: cụm loa im lặng, kể cả tin khẩn cấp, cho đến khi mở lại (release).")


def _release(given: argparse.Namespace) -> None:
    local.release_here(_database(given.home))
    say("Đã mở lại. Tin đã lỡ trong lúc dừng không phát bù.")


def _mute(given: argparse.Namespace) -> None:
    now = SystemClock.read()
    until = end_of(given.until, now)
    local.mute_here(_database(given.home), until, given.reason)
    say(f"Đã tạm im đến {until.astimezone(ZoneInfo(ZONE)):%H:%M %d/%m/%Y}; tin khẩn cấp vẫn phát.")


def _unmute(given: argparse.Namespace) -> None:
    local.unmute_here(_database(given.home))
    say("Đã hết tạm im.")


def _enroll(given: argparse.Namespace) -> None:
    """Settings, token and pinned key come together; a code is not spent on wrong settings."""
    code = given.code or sys.stdin.readline()
    settings = StationSettings(
        server=given.server,
        station="chua-ghi-danh",
        ca_file=str(given.ca_file.absolute()) if given.ca_file else "",
        insecure_http=given.insecure_http,
        device=given.device,
    )
    check_settings(given.home, settings)
    link = Link(settings.server, "", settings.ca_file)
    try:
        got = link.enroll(code, f"commune-broadcaster {__version__}")
    finally:
        link.close()
    write_settings(given.home, settings.named(got.station), got.token)
    Trust(given.home).pin(got.key)
    say(f"Đã ghi danh trạm “{got.station}”. Khóa máy chủ: {fingerprint(got.key)}")
    say(f"Chạy máy phát: python -m broadcaster.station --home {given.home}")


DEEDS = (
    Deed(
        "enroll",
        "Ghi danh máy này với máy chủ, bằng mã dùng một lần",
        _enroll,
        (
            ("--server", {"required": True, "help": "địa chỉ máy chủ, https://…"}),
            ("--code", {"default": "", "help": "mã từ: broadcaster station code; thiếu thì hỏi"}),
            ("--ca-file", {"type": Path, "help": "chứng chỉ (PEM) của máy chủ tự ký"}),
            ("--device", {"default": "", "help": "tên thiết bị âm thanh"}),
            ("--insecure-http", {"action": "store_true", "help": "http trong mạng nội bộ"}),
        ),
    ),
    Deed("stop", "Dừng ngay mọi âm thanh, cho đến khi mở lại", _stop),
    Deed("release", "Mở lại sau khi dừng", _release),
    Deed(
        "mute",
        "Tạm im tin thường đến một giờ; tin khẩn cấp vẫn phát",
        _mute,
        (
            ("--until", {"required": True, "help": "11:00 hoặc “11:00 25/11/2026”"}),
            ("--reason", {"default": "", "help": "lý do, ghi vào sổ"}),
        ),
    ),
    Deed("unmute", "Hết tạm im", _unmute),
)
