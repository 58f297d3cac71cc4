"""Zalo's rotating tokens: single use, so one refresher at a time, on disk before they are used.

A refresh token works once and the answer can be lost on its way; then the grant is gone and only
an administrator of the OA can give a new one (Zalo OAuth v4). So: one refresher by file lock, over
threads and processes; the disk is tried before Zalo is asked; the new pair is synced, file and
folder, before anybody sees it; a pair that a killed process had written beside the file is taken
up; the access token of the old pair goes on being used as long as it lives. What is left is the
moment between Zalo's answer and its first write to the disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from filelock import FileLock, Timeout

from broadcaster.channels.connecting import Held
from broadcaster.channels.http import Http, Limits, Reply
from broadcaster.channels.options import Options
from broadcaster.channels.zalo.pair import LIFE, Kept, Pair, is_token, life_of, name_of_token
from broadcaster.errors import BroadcasterError, InputError, Refused, Text, TryAgain
from broadcaster.secrecy.files import ASIDE, take_up, write_private
from broadcaster.secrecy.masking import remember

_LOCK_SECONDS = 60


class ZaloTokens:
    """The pair of one OA. Secrets: access_token and refresh_token to begin with, app_secret."""

    def __init__(self, options: Options, who: str, limits: Limits) -> None:
        self._options = options
        self._who = who
        self._limits = limits
        self._app = options.needed("app_id")
        self._base = options.address("oauth_url", "https://oauth.zaloapp.com")
        self._file = options.settings.state / "zalo-token.json"
        # Three months by Zalo's papers; how long it really is can only be set.
        self._refresh_life = timedelta(days=options.number("refresh_token_days", 90))
        self._unsaved: Kept | None = None

    def current(self, now: datetime) -> Pair:
        """A pair whose access token should work. Raises TryAgain or Refused; nothing was posted."""
        with self._locked():
            kept = self._load(now)
            if not kept.pair.due(now) or kept.resting(now):
                return kept.pair
            try:
                return self._refresh(kept, now)
            except (TryAgain, Refused, OSError):
                if kept.pair.living(now):
                    return kept.pair
                raise

    def renew(self, refused: Pair, now: datetime) -> Pair:
        """Another pair after Zalo refused this one; perhaps somebody has just fetched it."""
        with self._locked():
            kept = self._load(now)
            same = kept.pair.access == refused.access
            return self._refresh(kept, now) if same else kept.pair

    def kept(self, now: datetime) -> Kept:
        """What is held now, for showing it to a person. Raises TryAgain or Refused."""
        with self._locked():
            return self._load(now)

    def warnings(self, now: datetime) -> list[Text]:
        """What an administrator of the OA should do while the pair still works."""
        return self.kept(now).warnings(now, self._refresh_life)

    def held(self, now: datetime) -> list[Held]:
        """Both tokens of the pair with their ages. Raises TryAgain or Refused."""
        return self.kept(now).held(self._refresh_life)

    def adopt(self, access: str, refresh: str, now: datetime, life: Any = None) -> Pair:
        """Keep a pair that Zalo has just given to a person; `life` as Zalo says it, in seconds."""
        with self._locked():
            try:
                previous = self._on_disk()
            except Refused:  # the new pair is the cure
                previous = None
            until = now + life_of(life)
            pair = Pair(access, refresh, now.isoformat(), until.isoformat())
            seed = name_of_token(self._options.optional_secret("refresh_token") or refresh)
            self._save(Kept(pair, previous.pair if previous else pair, seed))
            return pair

    def redeem(self, code: str, verifier: str, now: datetime) -> Pair:
        """The pair for a consent code, which lives for ten minutes and works once."""
        secret = self._options.secret("app_secret")
        form = {
            "code": code,
            "app_id": self._app,
            "grant_type": "authorization_code",
            "code_verifier": verifier,
        }
        with Http(self._who, self._base, self._limits, (secret, code, verifier)) as oauth:
            head = {"secret_key": secret}
            reply = oauth.ask("POST", "/v4/oa/access_token", form=form, headers=head)
        pair = self._pair(reply, now)
        return self.adopt(pair.access, pair.refresh, now, reply.fields.get("expires_in"))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._file.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                yield
        except Timeout:
            raise TryAgain(
                f"{self._who}: tiến trình khác đang làm mới mã truy cập. Sẽ tự thử lại.",
                f"{self._who}: another process is refreshing the token. It is tried again.",
                code="locked",
            ) from None
        except OSError as error:
            raise TryAgain(
                f"{self._who}: không ghi được mã truy cập vào {self._file} ({error.strerror}). "
                "Hãy kiểm tra đĩa và quyền của thư mục.",
                f"{self._who}: tokens cannot be kept in {self._file} ({error.strerror}). "
                "Check the disk and the folder's rights.",
                code="disk",
            ) from None

    def _load(self, now: datetime) -> Kept:
        """What is on disk, or the pair from the settings when that is new."""
        if self._unsaved is not None:  # the disk failed just when Zalo had rotated
            self._save(self._unsaved)
            self._unsaved = None
        kept = self._on_disk()
        given = self._options.optional_secret("refresh_token")
        if kept and (not given or kept.seed == name_of_token(given)):
            return kept
        given = self._options.secret("refresh_token")
        access = self._options.optional_secret("access_token")
        # Its age is not known. If it is older than we take it to be, Zalo says so (-216).
        pair = Pair(access, given, now.isoformat(), (now + LIFE).isoformat())
        fresh = Kept(pair, kept.pair if kept else pair, name_of_token(given))
        self._save(fresh)
        return fresh

    def _on_disk(self) -> Kept | None:
        """Under the lock. What a killed process left beside the file is the newer, if whole."""
        aside = self._file.with_suffix(ASIDE)
        if aside.is_file() and self._opened(aside.read_text("utf-8", "replace")):
            take_up(self._file)
        if not self._file.exists():
            return None
        found = self._opened(self._file.read_text("utf-8", "replace"))
        if found is None:
            raise Refused(
                f"{self._who}: tệp mã truy cập {self._file} bị hỏng hoặc được mã hóa bằng khóa "
                "khác. Hãy cấp quyền lại cho OA rồi kết nối lại kênh: broadcaster channel connect",
                f"{self._who}: the token file {self._file} is broken, or sealed with another key. "
                "Grant access again, then connect the target: broadcaster channel connect",
                code="token-file",
                target_wide=True,
            )
        return found

    def _opened(self, text: str) -> Kept | None:
        """The file's content; None when it is not whole. Plain pairs are of older versions."""
        try:
            found = json.loads(text)
            if "sealed" in found:
                found = json.loads(self._options.settings.seal.open(found["sealed"]))
            found["pair"], found["previous"] = Pair(**found["pair"]), Pair(**found["previous"])
            return Kept(**found)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        except InputError as error:
            raise Refused(
                error.text.vi, error.text.en, code="sealing-key", target_wide=True
            ) from None

    def _refresh(self, kept: Kept, now: datetime) -> Pair:
        # Written before asking: a full disk must show itself while the old pair is still good.
        tried = now.isoformat()
        trying = replace(kept, trying=kept.trying or tried, tried=tried)
        self._save(trying)
        try:
            pair = self._ask(kept.pair, now)
        except Refused:
            # A wrong pair may have been entered over one that Zalo still honours.
            if kept.previous.refresh == kept.pair.refresh:
                raise
            try:
                pair = self._ask(kept.previous, now)
            except Refused:
                pass
            else:
                return self._kept(replace(trying, pair=pair, trying="", tried=""))
            raise
        return self._kept(replace(trying, pair=pair, previous=kept.pair, trying="", tried=""))

    def _kept(self, fresh: Kept) -> Pair:
        """On the disk before anybody sees it, or in memory until the disk is well again."""
        try:
            self._save(fresh)
        except OSError:
            self._unsaved = fresh
            raise
        return fresh.pair

    def _ask(self, old: Pair, now: datetime) -> Pair:
        """A new pair for an old one, which is used up by that."""
        secret = self._options.secret("app_secret")
        form = {
            "refresh_token": old.refresh,
            "app_id": self._app,
            "grant_type": "refresh_token",
        }
        secrets = (secret, old.refresh, old.access)
        with Http(self._who, self._base, self._limits, secrets) as oauth:
            head = {"secret_key": secret}
            reply = oauth.ask("POST", "/v4/oa/access_token", form=form, headers=head)
        return self._pair(reply, now)

    def _pair(self, reply: Reply, now: datetime) -> Pair:
        found = reply.fields
        access, refresh = found.get("access_token"), found.get("refresh_token")
        if reply.status < 300 and is_token(access) and is_token(refresh):
            until = now + life_of(found.get("expires_in"))
            return Pair(str(access), str(refresh), now.isoformat(), until.isoformat())
        raise self._refused(reply, found, now)

    def _refused(self, reply: Reply, found: dict[str, Any], now: datetime) -> BroadcasterError:
        """Everything but "too many calls", a time-out and a 5xx is final, as no code is known."""
        code = found.get("error")
        if not isinstance(code, int) or code in {0, -32} or reply.status >= 500:
            return reply.failure(now)
        words = reply.words(found.get("error_description") or found.get("error_reason"))
        return Refused(
            f"{self._who}: Zalo không còn nhận mã làm mới (mã {code}: {words}). Quản trị viên OA "
            "hãy vào developers.zalo.me, mở API Explorer, cấp quyền lại cho ứng dụng với OA này, "
            f"rồi nhập cặp mã mới: broadcaster channel connect {self._options.settings.key}",
            f"{self._who}: Zalo takes the refresh token no longer ({code}: {words}). An OA admin "
            "must grant the app access again (developers.zalo.me, API Explorer), then enter the "
            f"new pair: broadcaster channel connect {self._options.settings.key}",
            code=str(code),
            target_wide=True,
        )

    def _save(self, kept: Kept) -> None:
        remember(kept.pair.access, kept.pair.refresh)
        try:
            sealed = self._options.settings.seal.close(json.dumps(asdict(kept)))
        except InputError as error:
            raise Refused(
                error.text.vi, error.text.en, code="sealing-key", target_wide=True
            ) from None
        write_private(self._file, json.dumps({"sealed": sealed}))


def _no_key(error: InputError) -> Refused:
    return Refused(error.text.vi, error.text.en, code="sealing-key", target_wide=True)
