"""`doctor`: every fault of this station by its name, and what to do about it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.station.audio import Vault
from broadcaster.station.database import FILE, Database, check
from broadcaster.station.journal import Journal
from broadcaster.station.link import Link
from broadcaster.station.local import muted_here, stopped_here
from broadcaster.station.orders import Orders
from broadcaster.station.players.outlet import find_source, judge
from broadcaster.station.playout import clock_trouble
from broadcaster.station.process import Seat
from broadcaster.station.service import NAME
from broadcaster.station.settings import StationSettings, read_settings, read_token
from broadcaster.station.trust import Trust

GOOD, ODD, BAD = "tốt", "lưu ý", "lỗi"

LOW_DISK_MB, FULL_DISK_MB = 2_000, 300
STALE = timedelta(days=1)
"""A plan that ends sooner than this was not renewed for days."""

BEAT_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Finding:
    """`level`: GOOD, ODD or BAD; `fix`: what a person does about it."""

    about: str
    level: str
    what: str
    fix: str = ""


def examine(home: Path, now: datetime) -> list[Finding]:
    """Everything that can be looked at; one part that is broken does not hide the others."""
    try:
        settings = read_settings(home)
    except BroadcasterError as error:
        fix = "Sửa tệp station.toml, hoặc ghi danh lại máy: lệnh enroll."
        return [Finding("cấu hình", BAD, str(error), fix)]
    patient = Patient(home, settings, now)
    found = [Finding("cấu hình", GOOD, f"trạm “{settings.station}”, máy chủ {settings.server}")]
    for look in LOOKS:
        try:
            found += look(patient)
        except BroadcasterError as error:
            found.append(Finding(look.__name__.strip("_"), BAD, str(error), "Xem thông báo."))
    return found


@dataclass(frozen=True)
class Patient:
    home: Path
    settings: StationSettings
    now: datetime

    def database(self) -> Database:
        return Database(self.home / FILE)


def _token(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    fix = "Xin mã mới ở xã (broadcaster station code) rồi chạy lệnh enroll."
    try:
        read_token(patient.home, settings)
    except BroadcasterError as error:
        yield Finding("mã truy cập", BAD, str(error), fix)
        return
    path = patient.home / settings.token_file
    if os.name == "posix" and not settings.token_env and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding("mã truy cập", ODD, "người khác đọc được tệp", f"chmod 600 {path}")
    else:
        yield Finding("mã truy cập", GOOD, "có, chỉ máy này đọc được")


def _signature(patient: Patient) -> Iterator[Finding]:
    fix = "Ghi danh lại máy với máy chủ: lệnh enroll."
    if not Trust(patient.home).pinned():
        yield Finding("chữ ký", BAD, "chưa ghim khóa của máy chủ: không tin nào được phát", fix)
        return
    database = patient.database()
    try:
        orders = Orders(database, Trust(patient.home), patient.settings.station)
        trouble, ends = orders.standing().trouble, orders.valid_until()
    finally:
        database.close()
    if trouble:
        again = "Để máy nối mạng vài phút cho nó tải lại lịch; còn lỗi thì ghi danh lại."
        yield Finding("chữ ký", BAD, trouble.vi, again)
    else:
        yield Finding("chữ ký", GOOD, "khóa máy chủ đã ghim, lịch trên đĩa đúng chữ ký")
    yield _age(patient.now, ends)


def _age(now: datetime, ends: datetime | None) -> Finding:
    fix = "Kiểm tra đường mạng và máy chủ của xã."
    if ends is None:
        return Finding("lịch phát", BAD, "chưa nhận được lịch nào", fix)
    until = f"{ends.astimezone():%H:%M %d/%m/%Y}"
    if ends < now:
        return Finding("lịch phát", BAD, f"đã hết hạn từ {until}: không còn gì để phát", fix)
    if ends < now + STALE:
        return Finding("lịch phát", ODD, f"sắp hết hạn ({until}): lâu chưa nhận lịch mới", fix)
    return Finding("lịch phát", GOOD, f"dùng được đến {until}")


def _sound(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    if settings.player == "file":
        yield Finding("âm thanh", ODD, "đang ghi ra tệp WAV, không phát ra loa", 'player = "auto"')
        return
    if settings.player not in {"auto", "sounddevice"}:
        yield Finding("âm thanh", GOOD, f"phát bằng “{settings.player}”")
        return
    names = _outputs()
    if names is None:
        fix = "Trên Debian: apt-get install libportaudio2. Trên Windows: cài lại gói sounddevice."
        yield Finding("âm thanh", BAD, "chưa có PortAudio", fix)
        return
    yield _device(settings.device, names)
    yield from _loudness(patient)


def _outputs() -> list[str] | None:
    """Names of the output devices; None without PortAudio."""
    try:
        import sounddevice  # noqa: PLC0415 — fails where PortAudio is missing
    except OSError:
        return None
    return [str(d["name"]) for d in sounddevice.query_devices() if d["max_output_channels"] > 0]


def _device(wanted: str, names: list[str]) -> Finding:
    listed = ", ".join(f"“{name}”" for name in names) or "không có thiết bị nào"
    if not names:
        fix = "Cắm thẻ âm thanh hoặc cáp USB, bật thẻ trong BIOS, rồi chạy lại doctor."
        return Finding("thiết bị", BAD, "máy không có thiết bị phát âm thanh", fix)
    if wanted and wanted not in names:
        fix = f"Cắm lại thiết bị, hoặc sửa device trong station.toml thành một trong: {listed}."
        return Finding("thiết bị", BAD, f"không thấy thiết bị “{wanted}”", fix)
    if not wanted:
        fix = f"Nên ghi rõ tên vào device trong station.toml: {listed}."
        return Finding("thiết bị", ODD, "chưa chọn thiết bị: dùng loa mặc định của máy", fix)
    return Finding("thiết bị", GOOD, f"“{wanted}”")


def _loudness(patient: Patient) -> Iterator[Finding]:
    source = find_source(patient.settings.device, Seat(patient.home, "engine").pid())
    outlets = source.outlets() if source else None
    if not outlets:
        fix = "Hãy tự nghe bằng lệnh test-tone."
        yield Finding("âm lượng", ODD, "hệ điều hành không cho biết âm lượng", fix)
        return
    trouble, outlet = judge(outlets, patient.settings.device, was_there=False)
    if trouble:
        fix = "Bật tiếng và kéo âm lượng của đúng thiết bị đó lên (Debian: alsamixer, pavucontrol)."
        yield Finding("âm lượng", BAD, trouble.vi, fix)
    elif outlet is None or outlet.volume is None:
        yield Finding("âm lượng", ODD, "không rõ", "Hãy tự nghe bằng lệnh test-tone.")
    elif outlet.volume < 30:
        fix = "Kéo âm lượng của máy lên; chỉnh to nhỏ ở tăng âm."
        yield Finding("âm lượng", ODD, f"{outlet.volume} %", fix)
    else:
        yield Finding("âm lượng", GOOD, f"{outlet.volume} %, không tắt tiếng")


def _clock(patient: Patient) -> Iterator[Finding]:
    fix = "Bật tự chỉnh giờ qua mạng (Debian: timedatectl set-ntp true); thay pin CMOS nếu hay sai."
    database = patient.database()
    try:
        journal = Journal(database)
        highest, offset = journal.highest(), journal.offset(patient.now)
    finally:
        database.close()
    if trouble := clock_trouble(patient.now, highest, offset):
        yield Finding("đồng hồ", BAD, trouble.vi, fix)
    elif offset is None:
        yield Finding("đồng hồ", ODD, "chưa so được với máy chủ trong 10 phút qua", fix)
    elif abs(offset) > timedelta(seconds=2):
        yield Finding("đồng hồ", ODD, f"lệch {-offset.total_seconds():+.1f} giây", fix)
    else:
        yield Finding("đồng hồ", GOOD, f"lệch {-offset.total_seconds():+.2f} giây so với máy chủ")


def _disk(patient: Patient) -> Iterator[Finding]:
    free = Vault(patient.home).free_mb()
    fix = "Xóa bớt tệp không dùng trên ổ đĩa này, hoặc chuyển thư mục trạm sang ổ lớn hơn."
    level = BAD if free < FULL_DISK_MB else ODD if free < LOW_DISK_MB else GOOD
    yield Finding("ổ đĩa", level, f"còn {free} MB", "" if level == GOOD else fix)
    check(patient.home / FILE)  # raises in words when it is damaged
    yield Finding("sổ của trạm", GOOD, "nguyên vẹn")


def _server(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    link = Link(settings.server, read_token(patient.home, settings), settings.ca_file)
    try:
        link.rundown("")
    except BroadcasterError as error:
        yield _server_fault(str(error))
    else:
        yield Finding("máy chủ", GOOD, "trả lời, chứng chỉ và mã truy cập đúng")
    finally:
        link.close()


def _server_fault(said: str) -> Finding:
    fixes = {
        "SSLError": (
            "chứng chỉ",
            "Kiểm tra ngày giờ của máy trước; máy chủ dùng chứng chỉ tự ký thì đặt ca_file.",
        ),
        "HTTP 401": (
            "mã truy cập",
            "Mã đã bị thu hồi hoặc sai: xin mã mới rồi ghi danh lại bằng lệnh enroll.",
        ),
    }
    for sign, (about, fix) in fixes.items():
        if sign in said:
            return Finding(about, BAD, said, fix)
    fix = "Kiểm tra dây mạng, 4G, địa chỉ server trong station.toml. Trạm vẫn phát theo lịch đã có."
    return Finding("máy chủ", BAD, said, fix)


def _running(patient: Patient) -> Iterator[Finding]:
    fix = f"Chạy dịch vụ: systemctl start {NAME}; trên Windows: đăng nhập lại hoặc khởi động lại."
    for name, title in (("station", "phần liên lạc"), ("engine", "phần phát")):
        seat = Seat(patient.home, name)
        if not seat.is_taken():
            yield Finding(title, BAD, "không chạy", fix)
            continue
        beat = seat.last_beat() / 1e9
        if name == "engine" and patient.now.timestamp() - beat > BEAT_WITHIN.total_seconds():
            yield Finding(title, BAD, "bị treo", "Khởi động lại dịch vụ.")
        else:
            yield Finding(title, GOOD, f"đang chạy (tiến trình {seat.pid()})")


def _orders_here(patient: Patient) -> Iterator[Finding]:
    database = patient.database()
    try:
        stopped, mute = stopped_here(database), muted_here(database)
        trouble = database.get("device_note")
    finally:
        database.close()
    if stopped:
        yield Finding("lệnh tại chỗ", BAD, "đang dừng: không phát gì", "Mở lại: lệnh release.")
    if mute and mute.until > patient.now:
        until = f"{mute.until.astimezone():%H:%M %d/%m}"
        yield Finding("lệnh tại chỗ", ODD, f"tạm im đến {until} ({mute.reason})", "lệnh unmute")
    if trouble and Seat(patient.home, "engine").is_taken():
        yield Finding("phần phát báo", BAD, trouble, "Xem mục thiết bị và âm lượng ở trên.")


def _ntp(_patient: Patient) -> Iterator[Finding]:
    """Whether somebody keeps this PC's clock right."""
    timedatectl = shutil.which("timedatectl")
    if timedatectl is None:
        return
    run = subprocess.run(
        [timedatectl, "show", "--property=NTPSynchronized", "--value"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    if run.returncode == 0 and run.stdout.strip() == "no":
        yield Finding("giờ mạng", ODD, "máy không tự chỉnh giờ", "timedatectl set-ntp true")


LOOKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    _token,
    _signature,
    _server,
    _clock,
    _ntp,
    _disk,
    _sound,
    _running,
    _orders_here,
)
