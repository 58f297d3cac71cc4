"""What the station is told once: DIR/station.toml, and the key it answers with."""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from datetime import time, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from broadcaster.domain.policy import ZONE, QuietHours
from broadcaster.errors import InputError
from broadcaster.station.playout import Limits, Quiet

FILE = "station.toml"
TOKEN_FILE = "token"  # noqa: S105 — the name of the file, not what is in it
PLAYERS = ("auto", "sounddevice", "file", "rtp", "mqtt")


@dataclass(frozen=True, slots=True)
class StationSettings:
    """`quiet`: "21:00-06:00", or "" for none of its own. `token_env`, if any, is asked first."""

    server: str
    station: str
    token_file: str = TOKEN_FILE
    token_env: str = ""
    player: str = "auto"
    device: str = ""
    outlet: str = ""  # of the players rtp and mqtt: "rtp://239.255.7.7:5004?ttl=1", "mqtt://…"
    quiet: str = "21:00-06:00"
    zone: str = ZONE
    daily_minutes: float = 0.0  # of routine sound; 0: only the server's limit binds
    earliest: str = ""  # "05:30": nothing routine before
    poll_seconds: float = 2.0
    volume: int = 100
    insecure_http: bool = False
    ca_file: str = ""  # certificate (PEM) that the server's must come from, instead of the usual
    file_speed: float = 1.0  # times faster than life that a WAV file is written: demonstrations

    @property
    def is_local(self) -> bool:
        """The server is on this very machine."""
        return _loopback(urlsplit(self.server).hostname or "")

    def named(self, station: str) -> StationSettings:
        return replace(self, station=station)

    def own_limits(self) -> Limits:
        daily = timedelta(minutes=self.daily_minutes) if self.daily_minutes else None
        return Limits(self.zone, daily, parse_time(self.earliest) if self.earliest else None)

    def own_quiet(self) -> Quiet | None:
        hours = parse_quiet(self.quiet)
        return Quiet(hours, self.zone) if hours else None


def parse_quiet(text: str) -> QuietHours | None:
    """ "21:00-06:00" -> hours; "" -> None; ValueError otherwise."""
    if not text.strip():
        return None
    start, end = re.split(r"\s*[-–]\s*", text.strip())
    return QuietHours(parse_time(start), parse_time(end))


def parse_time(text: str) -> time:
    """ "5:30" -> time; ValueError otherwise."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if not match:
        raise ValueError(text)
    return time(int(match[1]), int(match[2]))


def write_settings(home: Path, settings: StationSettings, token: str = "") -> None:
    """Write DIR/station.toml and, if given, the token file (readable by its owner only).

    Raises InputError, and writes nothing, when a value is wrong.
    """
    check_settings(home, settings)
    home.mkdir(parents=True, exist_ok=True)
    if token:
        write_private(home / settings.token_file, token + "\n")
    lines = ["# Cấu hình máy phát của cụm loa.\n"]
    # A JSON string, number or truth value is a TOML one too.
    lines += [f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in asdict(settings).items()]
    write_private(home / FILE, "".join(lines))


def check_settings(home: Path, settings: StationSettings) -> None:
    """Raises InputError, naming every mistake."""
    _refuse(home / FILE, _mistakes(settings))


def read_settings(home: Path) -> StationSettings:
    """Raises InputError that names every mistake in DIR/station.toml at once."""
    path = home / FILE
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"Không có tệp cấu hình {path}. Hãy tạo tệp này rồi chạy lại.",
            f"There is no settings file {path}. Create it and start again.",
        ) from None
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"Không đọc được tệp cấu hình {path}: {error}",
            f"Cannot read the settings file {path}: {error}",
        ) from None
    mistakes = _type_mistakes(data)
    if not mistakes:
        settings = StationSettings(**data)
        mistakes = _mistakes(settings)
    _refuse(path, mistakes)
    return settings


def read_token(home: Path, settings: StationSettings) -> str:
    """The station's key, from the environment or the token file. Never shown anywhere."""
    if settings.token_env:
        token, where = os.environ.get(settings.token_env, ""), f"biến {settings.token_env}"
    else:
        path = home / settings.token_file
        token, where = (path.read_text("utf-8") if path.is_file() else ""), f"tệp {path}"
    if not re.fullmatch(r"[!-~]{8,500}", token.strip()):
        raise InputError(
            f"Thiếu hoặc sai mã truy cập của trạm trong {where}.",
            f"The station's token is missing or malformed in {where}.",
        )
    return token.strip()


def _refuse(path: Path, mistakes: list[str]) -> None:
    if mistakes:
        listed = "".join(f"\n  - {mistake}" for mistake in mistakes)
        raise InputError(
            f"Cấu hình trạm {path} có {len(mistakes)} lỗi:{listed}",
            f"Station settings {path} have {len(mistakes)} mistakes:{listed}",
        )


def _type_mistakes(data: dict[str, Any]) -> list[str]:
    known: dict[str, tuple[type, ...]] = {
        field.name: {"int": (int,), "float": (int, float), "bool": (bool,)}.get(
            str(field.type), (str,)
        )
        for field in fields(StationSettings)
    }
    mistakes = [f"{name}: không có mục này" for name in data if name not in known]
    mistakes += [f"{name}: chưa khai báo" for name in ("server", "station") if name not in data]
    for name, kinds in known.items():
        value = data.get(name)
        wrong = value is not None and not isinstance(value, kinds)
        if wrong or (isinstance(value, bool) and bool not in kinds):
            mistakes.append(f"{name}: sai kiểu giá trị ({value!r})")
    return mistakes


def _mistakes(settings: StationSettings) -> list[str]:
    checks = [
        (bool(settings.station.strip()), "station: chưa có mã trạm"),
        (settings.player in PLAYERS, f"player: phải là một trong {', '.join(PLAYERS)}"),
        (_fits(settings), f"outlet: phải có dạng {settings.player}://máy:cổng"),
        (0 <= settings.volume <= 100, "volume: phải từ 0 đến 100"),
        (0.2 <= settings.poll_seconds <= 3600, "poll_seconds: phải từ 0,2 đến 3600 giây"),
        (1 <= settings.file_speed <= 100, "file_speed: phải từ 1 đến 100"),
        (_readable_quiet(settings.quiet), 'quiet: phải có dạng "21:00-06:00" hoặc để trống'),
        (0 <= settings.daily_minutes <= 1440, "daily_minutes: phải từ 0 đến 1440 phút"),
        (_readable_time(settings.earliest), 'earliest: phải có dạng "05:30" hoặc để trống'),
        (zone_is_known(settings.zone), f"zone: không có múi giờ “{settings.zone}”"),
        (_is_file(settings.ca_file), f"ca_file: không có tệp {settings.ca_file}"),
        (bool(settings.token_file or settings.token_env), "token_file: chưa có"),
    ]
    return [text for good, text in checks if not good] + _server_mistakes(settings)


def _server_mistakes(settings: StationSettings) -> list[str]:
    try:
        url = urlsplit(settings.server)
        host = url.hostname or ""
        port_is_readable = url.port is None or url.port > 0
    except ValueError:
        host, port_is_readable = "", False
    if not host or not port_is_readable or url.scheme not in {"http", "https"}:
        return [f"server: “{settings.server}” không phải địa chỉ http(s)"]
    if url.scheme == "http" and not _loopback(host) and not settings.insecure_http:
        return ["server: phải dùng https (hoặc đặt insecure_http = true trong mạng nội bộ)"]
    return []


def _fits(settings: StationSettings) -> bool:
    """A player on the network has an address that is its own."""
    if settings.player not in {"rtp", "mqtt"}:
        return True
    try:
        parts = urlsplit(settings.outlet)
        return parts.scheme.removesuffix("s") == settings.player and bool(parts.hostname)
    except ValueError:
        return False


def _is_file(name: str) -> bool:
    return not name or Path(name).is_file()


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _readable_quiet(text: str) -> bool:
    try:
        parse_quiet(text)
    except ValueError:
        return False
    return True


def _readable_time(text: str) -> bool:
    try:
        _ = text and parse_time(text)
    except ValueError:
        return False
    return True


def zone_is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError on some systems
        return False
    except KeyError:
        return False
    return True


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and readable by its owner only."""
    aside = path.with_name(path.name + ".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
