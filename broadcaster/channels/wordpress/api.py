"""The WordPress REST calls an article needs, signed in for certain."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from broadcaster.channels.http import Http, Limits, Reply
from broadcaster.channels.outcomes import Meaning, Then, unclear
from broadcaster.channels.text import name_of, web_link
from broadcaster.errors import TryAgain

_LOGIN = Meaning(
    Then.REFUSED,
    "trang web không nhận tài khoản hoặc mật khẩu ứng dụng; hãy tạo mật khẩu ứng dụng mới trong "
    "Hồ sơ người dùng của WordPress và lưu lại (nếu vẫn lỗi, máy chủ có thể đang chặn đăng nhập)",
    "the site does not accept user or application password; make a new application password in "
    "the WordPress user profile and store it (else the host may be stripping the login)",
)
_RIGHTS = Meaning(
    Then.REFUSED,
    "tài khoản không có quyền làm việc này; hãy cho tài khoản vai trò Biên tập viên (Editor)",
    "the account may not do this; give it the role Editor",
)
_TOO_BIG = Meaning(
    Then.REFUSED,
    "tệp âm thanh hoặc ảnh quá lớn đối với máy chủ; hãy nâng giới hạn tải lên "
    "(upload_max_filesize)",
    "the sound or picture is too large for the server; raise its limit (upload_max_filesize)",
)
_NOT_TAKEN = Meaning(
    Then.REFUSED,
    "trang web không nhận loại tệp âm thanh hoặc ảnh này; hãy báo người quản trị trang",
    "the site does not take this type of file; tell its administrator",
)
_DAMAGED = Meaning(
    Then.AGAIN,
    "tệp bị hỏng trên đường truyền; chương trình sẽ gửi lại",
    "the file was damaged on its way; it is sent again",
)
_EMPTY = Meaning(
    Then.REFUSED,
    "trang web coi bài là trống; hãy viết nội dung rồi duyệt lại",
    "the site holds the article to be empty; write content and approve again",
)
_NO_API = Meaning(
    Then.AGAIN,
    "trang web không trả lời theo chuẩn WordPress REST; hãy kiểm tra địa chỉ và phần bảo mật",
    "the site does not answer as a WordPress REST API; check address and security plugins",
)

_BY_CODE = {
    "rest_upload_sideload_error": _NOT_TAKEN,
    "rest_upload_hash_mismatch": _DAMAGED,
    "rest_upload_file_too_big": _TOO_BIG,
    "empty_content": _EMPTY,
    "rest_no_route": _NO_API,
}
_BY_STATUS = {401: _LOGIN, 403: _RIGHTS, 413: _TOO_BIG}


class WordPressApi(Http):
    """One operation's calls. `plain`: the site has no pretty permalinks (None: find out)."""

    def __init__(
        self,
        who: str,
        base: str,
        limits: Limits,
        login: tuple[str, str],
        now: datetime,
        plain: bool | None,
    ) -> None:
        user, password = login
        sign = base64.b64encode(f"{user}:{password}".encode()).decode()
        super().__init__(who, base, limits, (password, password.replace(" ", ""), sign))
        self._login = {"Authorization": f"Basic {sign}"}
        self._now = now
        self.plain = plain if plain is not None else self._has_plain_permalinks()

    def me(self) -> dict[str, Any]:
        """Who we are signed in as. A wrong password on other reads is silently anonymous."""
        found = self.good(self.get("/users/me", {"context": "edit"}))
        if not isinstance(found, dict) or not isinstance(found.get("roles"), list):
            raise unclear(self.who, "users/me")
        return found

    def get(self, route: str, query: Mapping[str, str]) -> Reply:
        return self.ask("GET", self._path(route), query=query, headers=self._login)

    def create(self, data: Mapping[str, Any]) -> Reply:
        """The one call that makes an article public."""
        return self.tell("POST", self._path("/posts"), data=data, headers=self._login)

    def change(self, number: str, data: Mapping[str, Any]) -> Reply:
        """Change an article in its place; the same again changes nothing."""
        return self.tell("POST", self._path(f"/posts/{number}"), data=data, headers=self._login)

    def trash(self, number: str) -> Reply:
        return self.tell("DELETE", self._path(f"/posts/{number}"), headers=self._login)

    def wake(self) -> None:
        """Let WordPress publish what is due: it works on a visit only. A host may forbid it."""
        with suppress(TryAgain):
            self.ask("GET", "/wp-cron.php", query={"doing_wp_cron": ""})

    def article(self, number: str) -> dict[str, Any] | None:
        """An article by its number; None when it certainly is not there, or in the bin."""
        reply = self.get(f"/posts/{number}", {"context": "edit"})
        if reply.status == 404 and reply.fields.get("code") == "rest_post_invalid_id":
            self.me()
            return None
        found = self.good(reply)
        if not isinstance(found, dict) or name_of(found.get("id")) != number:
            raise reply.unclear(self._now)
        return None if found.get("status") == "trash" else found

    def post_by_slug(self, slug: str) -> dict[str, Any] | None:
        """The article with this slug in any state. Call `me` first: None is believed."""
        fields = "id,status,slug,link"
        query = {"slug": slug, "status": "any", "context": "edit", "_fields": fields}
        return self._only(self.get("/posts", query), slug)

    def file(
        self, filename: str, mime: str, read: Callable[[], bytes], alt: str = ""
    ) -> tuple[int, str]:
        """Number and address of a file, uploaded unless it is there; `read` gives its bytes."""
        slug = filename.rpartition(".")[0]
        found = self._only(self.get("/media", {"slug": slug, "context": "edit"}), slug)
        if found is None:
            content = read()
            headers = {
                "Content-Type": mime,
                "Content-Disposition": f'attachment; filename="{filename}"',
                "Content-MD5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            }
            path = self._path("/media")
            words = {"alt_text": alt} if alt else None
            signed = {**headers, **self._login}
            reply = self.ask("POST", path, query=words, upload=content, headers=signed)
            found = self.good(reply)
        address = web_link(found.get("source_url")) if isinstance(found, dict) else ""
        if not address:
            raise unclear(self.who, "media")
        return self._number(found.get("id")), address

    def term(self, kind: str, name: str) -> int:
        """The number of a category or tag by number, slug or name; made when it is new."""
        if name.isdecimal():
            return int(name)
        if re.fullmatch(r"[a-z0-9-]+", name):
            found = self.good(self.get(f"/{kind}", {"slug": name}))
            if isinstance(found, list) and found and isinstance(found[0], dict):
                return self._number(found[0].get("id"))
        path = self._path(f"/{kind}")
        reply = self.ask("POST", path, data={"name": name}, headers=self._login)
        if reply.fields.get("code") == "term_exists":
            data = reply.fields.get("data")
            return self._number(data.get("term_id") if isinstance(data, dict) else None)
        made = self.good(reply)
        return self._number(made.get("id") if isinstance(made, dict) else None)

    def good(self, reply: Reply) -> Any:
        """The answer's JSON when it is a success; else raises what the error means."""
        data, code = reply.data, reply.fields.get("code")
        if reply.status in {200, 201} and isinstance(data, dict | list):
            return data
        if not isinstance(code, str):
            too_big = reply.status == 413 and not reply.told  # proxies say so in HTML
            raise reply.failure(self._now, _TOO_BIG if too_big else None)
        meaning = _BY_CODE.get(code) or _BY_STATUS.get(reply.status)
        raise reply.failure(self._now, meaning, reply.words(code), reply.fields.get("message"))

    def _only(self, reply: Reply, slug: str) -> dict[str, Any] | None:
        found = self.good(reply)
        if not isinstance(found, list) or not all(
            isinstance(one, dict) and name_of(one.get("id")) for one in found
        ):
            raise unclear(self.who, slug)
        return next((one for one in found if one.get("slug") == slug), None)

    def _number(self, value: Any) -> int:
        if not isinstance(value, int):
            raise unclear(self.who, "id")
        return value

    def _path(self, route: str) -> str:
        return f"/?rest_route=/wp/v2{route}" if self.plain else f"/wp-json/wp/v2{route}"

    def _has_plain_permalinks(self) -> bool:
        """Ask for the index in both ways; the site answers one of them, or it is no WordPress."""
        for path in ("/wp-json/", "/?rest_route=/"):
            reply = self.ask("GET", path)
            if reply.status == 200 and "namespaces" in reply.fields:
                return "?" in path
            if reply.status == 429 or reply.status >= 500:
                break
        raise reply.failure(self._now, _NO_API if reply.status in {200, 404} else None)
