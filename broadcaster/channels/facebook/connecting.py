"""Connecting a Page: a person's token becomes a long-lived one, and that the Page's own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from broadcaster.channels.connecting import Asker, Choice, Connected, Connector, known_or_asked
from broadcaster.channels.facebook.graph import Graph
from broadcaster.channels.facebook.versions import SHIPPED, Versions
from broadcaster.channels.http import Limits
from broadcaster.channels.options import Options
from broadcaster.channels.outcomes import unclear
from broadcaster.channels.port import TargetSettings
from broadcaster.channels.text import name_of, printable
from broadcaster.errors import Refused, Text

_STEPS = Text(
    "1. Mở https://developers.facebook.com/tools/explorer bằng tài khoản đang quản lý Trang.\n"
    "2. Chọn ứng dụng của xã, bấm “Generate Access Token”, cho các quyền pages_show_list, "
    "pages_read_engagement và pages_manage_posts.\n"
    "3. Mã hiện ra ở ô “Access Token” là mã người dùng; mã này chỉ dùng một lần ở đây.\n"
    "4. Khóa bí mật của ứng dụng: trang ứng dụng → Cài đặt → Thông tin cơ bản.",
    "1. Open https://developers.facebook.com/tools/explorer with an account that runs the Page.\n"
    "2. Choose the commune's app, press “Generate Access Token” and allow pages_show_list, "
    "pages_read_engagement and pages_manage_posts.\n"
    "3. What appears in “Access Token” is the user token; it is used here once.\n"
    "4. The app secret: the app's page → Settings → Basic.",
)


def connect(settings: TargetSettings, asker: Asker, now: datetime) -> Connected:
    """Facebook Login: short user token -> long-lived -> me/accounts -> a Page we may post on."""
    options = Options(settings)
    who = f"Fanpage “{settings.name}”"
    root = options.address("base_url", "https://graph.facebook.com")
    versions = Versions.read(Path(options.text("versions_file", str(SHIPPED))))
    base = f"{root}/{options.text('version', versions.default)}"
    limits = Limits.of(options)
    asker.tell(_STEPS)
    app = known_or_asked(settings, asker, "app_id", Text("Mã ứng dụng (App ID)", "App ID"))
    app_secret = asker.ask("app_secret", Text("Khóa bí mật của ứng dụng", "App secret"))
    short = asker.ask("user_token", Text("Mã người dùng vừa tạo", "The user token just made"))
    with Graph(who, base, limits, short, app_secret, now) as graph:
        query = {
            "grant_type": "fb_exchange_token",
            "client_id": app,
            "client_secret": app_secret,
            "fb_exchange_token": short,
        }
        lasting = graph.good(graph.ask("GET", "/oauth/access_token", query=query))
    token = lasting.get("access_token")
    if not isinstance(token, str) or not token:
        raise unclear(who, "oauth/access_token")
    page = _page(settings, asker, Graph(who, base, limits, token, app_secret, now))
    page_token = str(page["access_token"])
    with Graph(who, base, limits, page_token, app_secret, now) as graph:
        me = graph.good(graph.get("/me", "id,name"))
    if str(me.get("id")) != page["id"]:
        raise unclear(who, "me")
    asker.keep("app_secret", app_secret)
    asker.keep("page_token", page_token)
    name = printable(page.get("name"))
    message = Text(f"Đã kết nối với Trang “{name}”.", f"Connected to the Page “{name}”.")
    return Connected(message, {"page_id": str(page["id"])})


def _page(settings: TargetSettings, asker: Asker, graph: Graph) -> dict[str, Any]:
    """The Page of the settings, or one that the person chooses; only where we may post."""
    with graph:
        reply = graph.get("/me/accounts?limit=100", "id,name,access_token,tasks")
        found = graph.good(reply).get("data")
    if not isinstance(found, list):
        raise unclear(graph.who, "me/accounts")
    pages = {
        name_of(one.get("id")): one
        for one in found
        if isinstance(one, dict)
        and isinstance(one.get("access_token"), str)
        and "CREATE_CONTENT" in (one.get("tasks") or [])
    }
    wanted = str(settings.options.get("page_id") or "")
    if wanted.isdecimal():
        pages = {key: one for key, one in pages.items() if key == wanted}
    if not pages:
        where = f" {wanted}" if wanted.isdecimal() else ""
        raise Refused(
            f"{graph.who}: tài khoản này không được đăng bài lên Trang{where} nào. Hãy nhờ "
            "quản trị viên Trang cho quyền “Nội dung” (CREATE_CONTENT) rồi tạo lại mã người dùng.",
            f"{graph.who}: this account may not post on any Page{where}. Have the Page's admin "
            "give it the task “Content” (CREATE_CONTENT), then make a new user token.",
            code="no-page",
        )
    choices = [Choice(key, Text(*[printable(one.get("name"))] * 2)) for key, one in pages.items()]
    what = Text("Đăng lên Trang nào?", "Post on which Page?")
    return dict(pages[asker.choose("page_id", what, choices)])


CONNECTOR = Connector(("page_token", "app_secret"), connect)
