"""Connecting a WordPress site: a user of its own with an application password."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from broadcaster.channels.connecting import (
    Asker,
    Connected,
    Connector,
    known_or_asked,
    with_secrets,
)
from broadcaster.channels.port import TargetSettings, make
from broadcaster.errors import Refused, Text

_STEPS = Text(
    "1. Đăng nhập trang quản trị WordPress bằng tài khoản dành riêng cho chương trình "
    "(vai trò Biên tập viên).\n"
    "2. Mở Thành viên → Hồ sơ, kéo xuống “Mật khẩu ứng dụng”, đặt tên “Broadcaster” rồi tạo mới.\n"
    "3. Chép mật khẩu hiện ra: WordPress chỉ cho xem một lần. Không dùng mật khẩu đăng nhập.",
    "1. Sign in to the WordPress dashboard as the user made for this program (role Editor).\n"
    "2. Open Users → Profile, scroll to “Application Passwords”, name it and add a new one.\n"
    "3. Copy what is shown: WordPress shows it once. Do not use the login password.",
)


def connect(settings: TargetSettings, asker: Asker, now: datetime) -> Connected:
    """Tries the password before it is kept."""
    asker.tell(_STEPS)
    user = known_or_asked(settings, asker, "user", Text("Tên đăng nhập", "User name"))
    password = asker.ask("app_password", Text("Mật khẩu ứng dụng", "Application password"))
    given = replace(settings, options={**settings.options, "user": user})
    health = make("wordpress", with_secrets(given, {"app_password": password})).check(now)
    if not health.ok:
        raise Refused(health.message.vi, health.message.en, code="not-connected")
    asker.keep("app_password", password)
    return Connected(health.message, {"user": user})


CONNECTOR = Connector(("app_password",), connect)
