"""Connecting an OA: the console's token pair, or a consent code with the PKCE verifier."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from broadcaster.channels.connecting import Asker, Choice, Connected, Connector, with_secrets
from broadcaster.channels.http import Limits
from broadcaster.channels.options import Options
from broadcaster.channels.port import TargetSettings, make
from broadcaster.channels.zalo.tokens import ZaloTokens
from broadcaster.errors import InputError, Refused, Text

_APP = Text(
    "1. Mở https://developers.zalo.me, chọn ứng dụng đã liên kết với OA của xã.\n"
    "2. Khóa bí mật: mục Cài đặt → Khóa bí mật của ứng dụng.",
    "1. Open https://developers.zalo.me and choose the app linked to the commune's OA.\n"
    "2. The app secret: Settings → secret key.",
)
_PAIR = Text(
    "3. Mở Công cụ → API Explorer, chọn “OA Access Token”, bấm Lấy Access Token và đồng ý.\n"
    "4. Chép cả hai mã hiện ra. Từ nay chỉ chương trình này được làm mới mã: không dùng cặp mã đó "
    "ở nơi khác, nếu không quyền sẽ mất.",
    "3. Open Tools → API Explorer, choose “OA Access Token”, get the token and agree.\n"
    "4. Copy both tokens. From now on only this program may refresh them: do not use the pair "
    "anywhere else, or the grant is lost.",
)
_WAYS = (
    Choice("pair", Text("dán cặp mã của API Explorer", "paste the API Explorer's pair")),
    Choice("code", Text("dùng mã đồng ý (code) của OA", "use the OA's consent code")),
)


def connect(settings: TargetSettings, asker: Asker, now: datetime) -> Connected:
    """The pair is kept, sealed and synced, before it is used."""
    asker.tell(_APP)
    app_secret = asker.ask("app_secret", Text("Khóa bí mật của ứng dụng", "App secret"))
    options = Options(with_secrets(settings, {"app_secret": app_secret}))
    tokens = ZaloTokens(options, f"Zalo OA “{settings.name}”", Limits.of(options))
    # Kept first: a pair without it could not be refreshed, and a code works only once.
    asker.keep("app_secret", app_secret)
    what = Text("Kết nối bằng cách nào?", "Connect in which way?")
    if asker.choose("way", what, _WAYS, "pair") == "code":
        _by_code(settings, asker, tokens, now)
    else:
        _by_pair(asker, tokens, now)
    health = make("zalo_oa", options.settings).check(now)
    if not health.ok:
        raise Refused(health.message.vi, health.message.en, code="not-connected")
    return Connected(health.message)


def _by_pair(asker: Asker, tokens: ZaloTokens, now: datetime) -> None:
    asker.tell(_PAIR)
    access = asker.ask("access_token", Text("Access token", "Access token"))
    refresh = asker.ask("refresh_token", Text("Refresh token", "Refresh token"))
    tokens.adopt(access, refresh, now)


def _by_code(settings: TargetSettings, asker: Asker, tokens: ZaloTokens, now: datetime) -> None:
    """Zalo's console keeps one code challenge for the app, so one verifier is kept here."""
    try:
        verifier = settings.secret("code_verifier")
    except InputError:
        verifier = _asked_or_new(asker)
    challenge = challenge_of(verifier)
    asker.tell(
        Text(
            "3. Mở Sản phẩm → Official Account → Thiết lập chung. Ô “Code challenge” phải là:\n"
            f"   {challenge}\n"
            "4. Lưu lại, mở đường dẫn cấp quyền mà trang đó tạo ra, đồng ý bằng tài khoản quản trị "
            "OA.\n5. Trình duyệt chuyển sang địa chỉ có “code=…”: chép cả địa chỉ đó (dùng được "
            "trong 10 phút).",
            "3. Open Products → Official Account → General settings. “Code challenge” must be:\n"
            f"   {challenge}\n"
            "4. Save, open the permission link which that page makes, and agree as an OA admin.\n"
            "5. The browser goes to an address with “code=…”: copy it whole (good for 10 minutes).",
        )
    )
    given = asker.ask("code", Text("Địa chỉ hoặc mã vừa nhận", "The address or code received"))
    tokens.redeem(_code_in(given), verifier, now)


def _asked_or_new(asker: Asker) -> str:
    what = Text("Ứng dụng đã có sẵn code verifier chưa?", "Does the app have a code verifier?")
    known = (
        Choice("new", Text("chưa: tạo mới", "no: make one")),
        Choice("old", Text("rồi: nhập lại", "yes: enter it")),
    )
    if asker.choose("verifier", what, known, "new") == "old":
        verifier = asker.ask("code_verifier", Text("Code verifier", "Code verifier"))
    else:
        verifier = secrets.token_urlsafe(32)  # 43 characters
    asker.keep("code_verifier", verifier)
    return verifier


def challenge_of(verifier: str) -> str:
    """PKCE: base64url of the raw SHA-256, without padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _code_in(given: str) -> str:
    """A code as it is, or out of the address that the browser was sent to."""
    if "code=" not in given:
        return given.strip()
    query = urlsplit(given.strip()).query or re.sub(r"^.*\?", "", given.strip())
    return parse_qs(query).get("code", [given.strip()])[0]


CONNECTOR = Connector(("app_secret", "code_verifier"), connect)
