"""What a person does to set the station up and to look after it: install, doctor, test-tone."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from broadcaster.errors import InputError
from broadcaster.station import doctor, service
from broadcaster.station.clock import SystemClock
from broadcaster.station.deeds import Deed, say
from broadcaster.station.settings import read_settings
from broadcaster.station.tone import play_tone

LONGEST_TONE = 60.0
LOUDEST_TONE = 0.0


def _install(given: argparse.Namespace) -> None:
    home = given.home.absolute()
    read_settings(home)
    user = given.user or service.owner_of(home)
    if given.for_user:
        user = ""
    made = service.plan_service(home, given.kind or service.default_kind(), user, given.to)
    if given.print:
        say(made.content.decode("utf-16" if made.content[:2] == b"\xff\xfe" else "utf-8"))
        return
    made.write()
    if given.json:
        say(json.dumps({"path": str(made.path), "next": made.next_steps}, ensure_ascii=False))
        return
    say(f"Đã ghi {made.path}. Để máy phát tự chạy từ nay, gõ tiếp:")
    for step in made.next_steps:
        say(f"  {step}")


def _doctor(given: argparse.Namespace) -> None:
    """Ends with 0 when all is well, 4 with remarks only, 1 with a fault."""
    found = doctor.examine(given.home, SystemClock.read())
    levels = {finding.level for finding in found}
    if given.json:
        data = {"ok": doctor.BAD not in levels, "findings": [asdict(one) for one in found]}
        say(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for one in found:
            say(f"{one.level:6} {one.about}: {one.what}")
            if one.fix:
                say(f"       → {one.fix}")
    sys.exit(1 if doctor.BAD in levels else 4 if doctor.ODD in levels else 0)


def _test_tone(given: argparse.Namespace) -> None:
    if not 0.1 <= given.seconds <= LONGEST_TONE or not -80 <= given.level <= LOUDEST_TONE:
        raise InputError(
            "--seconds phải từ 0,1 đến 60 giây; --level từ -80 đến 0 dBFS.",
            "--seconds must be from 0.1 to 60; --level from -80 to 0 dBFS.",
        )
    settings = read_settings(given.home)
    result = play_tone(given.home, settings, given.device, given.seconds, given.level)
    data = {
        "device": result.device,
        "seconds": round(result.seconds, 3),
        "heard": result.finished,
        "underruns": result.underruns,
        "recording": result.recording,
        "cause": result.cause.vi if result.cause else "",
    }
    if given.json:
        say(json.dumps(data, ensure_ascii=False))
    elif result.finished:
        say(f"Đã phát {result.seconds:.1f} giây ra “{result.device}”. Có nghe thấy ở loa không?")
    else:
        say(f"Chưa phát được: {data['cause']}")
    sys.exit(0 if result.finished else 1)


_JSON = ("--json", {"action": "store_true", "help": "kết quả dạng JSON"})

UPKEEP = (
    Deed(
        "install",
        "Cài máy phát thành dịch vụ tự chạy: systemd, hoặc Task Scheduler của Windows",
        _install,
        (
            ("--kind", {"choices": ("systemd", "windows"), "help": "mặc định: theo máy này"}),
            ("--user", {"default": "", "help": "người chạy dịch vụ; mặc định: chủ thư mục"}),
            ("--for-user", {"action": "store_true", "help": "dịch vụ riêng của người dùng"}),
            ("--to", {"type": Path, "help": "ghi vào tệp này thay cho chỗ của hệ thống"}),
            ("--print", {"action": "store_true", "help": "chỉ in ra, không ghi"}),
            _JSON,
        ),
    ),
    Deed("doctor", "Khám máy phát: nêu từng lỗi và cách chữa", _doctor, (_JSON,)),
    Deed(
        "test-tone",
        "Phát một âm thử để nghe ở loa",
        _test_tone,
        (
            ("--device", {"default": "", "help": "tên thiết bị; mặc định: theo cấu hình"}),
            ("--seconds", {"type": float, "default": 2.0, "help": "dài bao lâu (2)"}),
            ("--level", {"type": float, "default": -20.0, "help": "độ lớn, dBFS (-20)"}),
            _JSON,
        ),
    ),
)
