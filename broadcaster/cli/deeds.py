"""How the log of people's deeds is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from broadcaster.cli.base import local, table
from broadcaster.cli.i18n import t
from broadcaster.services.people.attributing import Deed

_WHAT = {
    "announcement.drafted": ("soạn", "drafted"),
    "announcement.edited": ("sửa", "edited"),
    "announcement.overridden": ("viết lời riêng", "wrote its own text"),
    "announcement.rendered": ("tạo âm thanh, bài đăng", "rendered"),
    "announcement.withdrawn": ("thu hồi", "withdrew"),
    "approval.submitted": ("trình duyệt", "submitted"),
    "approval.edited": ("duyệt lần một", "gave the first approval"),
    "approval.granted": ("duyệt", "approved"),
    "approval.confirmed": ("xác nhận tin khẩn cấp", "confirmed the emergency"),
    "approval.returned": ("trả lại", "returned"),
    "approval.heard": ("đã nghe", "heard"),
    "delivery.settled": ("xác định kết quả", "settled the outcome"),
    "person.added": ("thêm người", "added a person"),
    "person.changed": ("sửa vai trò", "changed a person"),
    "policy.excepted": ("cho phép ngoại lệ", "allowed an exception"),
    "policy.exception_revoked": ("thu hồi ngoại lệ", "revoked an exception"),
    "publicity.marked": ("đánh dấu công khai bắt buộc", "marked mandatory publicity"),
    "publicity.confirmed": ("xác nhận đã công khai", "confirmed publicity"),
    "station.enrolled": ("ghi danh trạm", "enrolled a station"),
    "station.revoked": ("thu hồi mã trạm", "revoked a station"),
    "stop.pressed": ("dừng khẩn cấp", "stopped everything"),
    "stop.released": ("mở lại", "released the stop"),
    "timetable.added": ("thêm lịch", "added to the timetable"),
    "timetable.changed": ("đổi lịch", "changed the timetable"),
    "timetable.removed": ("gỡ lịch", "removed from the timetable"),
}


def deed_data(deed: Deed) -> dict[str, Any]:
    return {
        "id": deed.id,
        "at": deed.at,
        "person": deed.person,
        "what": deed.what,
        "subject": deed.subject,
        "origin": deed.origin or None,
        "why": deed.why or None,
        "detail": dict(deed.detail),
        "seal": deed.seal or None,
    }


def show_deeds(deeds: Sequence[Deed]) -> None:
    titles = t("Lúc,Ai,Việc,Về,Từ đâu,Lý do", "At,Who,What,About,From where,Why").split(",")
    table(
        titles,
        [(local(d.at), d.person, _word(d.what), d.subject, d.origin or "–", d.why) for d in deeds],
    )


def _word(what: str) -> str:
    return t(*_WHAT[what]) if what in _WHAT else what
