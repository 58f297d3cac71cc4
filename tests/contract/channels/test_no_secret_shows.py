"""Far sides that answer in odd ways and say our own secrets back: nothing of it comes through."""

from __future__ import annotations

import base64
import io
import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.channels import Channel, Receipt
from broadcaster.channels.connecting import Choice, connector, holding
from broadcaster.channels.port import correcting, rationed, withdrawing
from broadcaster.channels.zalo.broadcast import ZaloBroadcast
from broadcaster.channels.zalo.group import ZaloGroup
from broadcaster.errors import BroadcasterError, Text
from broadcaster.secrecy.masking import MASK, guard_process, mask
from channels.far_side import DRAFT, OUTLETS, REFERENCE, Answer, Outlet, answering, zalo

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
KINDS = ("facebook_page", "wordpress", "zalo_oa", "zalo_broadcast", "zalo_group")


@dataclass
class FarSide:
    """Says whatever the test has set, with every secret in it."""

    url: str = ""
    answer: Answer = field(default_factory=lambda: Answer(b""))


@pytest.fixture(scope="module")
def far() -> Iterator[FarSide]:
    found = FarSide()
    with answering(lambda _method, _path: found.answer) as (url, _):
        found.url = url
        yield found


@pytest.fixture(scope="module")
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, down to the libraries' smallest words."""
    before, hooks, out = logging.getLogRecordFactory(), sys.excepthook, io.StringIO()
    handler, root = logging.StreamHandler(out), logging.getLogger()
    level = root.level
    thread_hook = threading.excepthook
    guard_process()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(level)
    logging.setLogRecordFactory(before)
    sys.excepthook, threading.excepthook = hooks, thread_hook


def outlet(kind: str, far: FarSide, folder: Path) -> tuple[Outlet, Channel]:
    if kind in OUTLETS:
        made = OUTLETS[kind](far.url, folder)
        return made, made.channel()
    made = zalo(far.url, folder)
    if kind == "zalo_group":
        return made, ZaloGroup(replace(made.settings(group_id="1"), account="zalo"))
    return made, ZaloBroadcast(replace(made.settings(quota_user_id="2"), account="zalo"))


def forms(secrets: Mapping[str, str]) -> list[str]:
    """Each secret as it travels: plain, packed, quoted, signed in."""
    found = []
    for one in secrets.values():
        signed = base64.b64encode(f"truyenthanh:{one}".encode()).decode()
        found += [one, one.replace(" ", ""), quote(one), signed]
    return sorted(set(found))


ODD = st.sampled_from(
    [
        {"error": {"message": "@", "code": 190, "error_user_msg": "@"}},
        {"error": {"message": "@", "code": "@", "type": "@"}},
        {"error": -201, "message": "@"},
        {"error": -216, "message": "@"},
        {"error": 0, "data": {"id": "@", "token": "@", "message_id": "@", "name": "@"}},
        {"error": 0, "data": {"medias": [{"id": "@", "title": "@", "link_view": "http://a/@"}]}},
        {"error": "@", "error_description": "@", "error_reason": "@"},
        {"error": -14014, "error_description": "@"},
        {"access_token": "new-token-0001", "refresh_token": "new-token-0002", "@": "@"},
        {"code": "@", "message": "@", "data": {"status": "@"}},
        {"code": "rest_invalid_param", "message": "@"},
        {"id": "@", "permalink_url": "http://a.example/@", "name": "@", "message": "@"},
        {"id": 7, "name": "@", "link": "http://a.example/@", "status": "@", "roles": ["@"]},
        {"data": [{"id": "@", "name": "@", "access_token": "@", "tasks": ["CREATE_CONTENT"]}]},
        [{"id": "@", "slug": "@", "link": "@"}],
        "@",
        None,
    ]
)
HEADERS = st.sampled_from([{}, {"Retry-After": "@"}, {"Location": "http://a.example/?t=@"}])
STATUS = st.sampled_from([200, 200, 201, 301, 400, 401, 403, 404, 413, 429, 500, 502])


@given(st.sampled_from(KINDS), st.lists(ODD, min_size=1, max_size=1), HEADERS, STATUS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_secret_is_in_any_error_log_line_or_answer(
    far: FarSide,
    log: io.StringIO,
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    odd: list[Any],
    headers: dict[str, str],
    status: int,
) -> None:
    made, channel = outlet(kind, far, tmp_path_factory.mktemp("oa"))
    secret = forms(made.secrets)
    echo = " ".join(secret)
    body = json.dumps(odd[0]) if odd[0] is not None else "<html>@</html>"
    safe = json.dumps(echo)[1:-1]
    sent = {name: value.replace("@", quote(echo)) for name, value in headers.items()}
    far.answer = Answer(body.replace("@", safe).encode(), status, sent)
    log.truncate(0)
    told = "\n".join(every_call(channel, kind, made))
    logged = log.getvalue()
    for one in secret:
        assert one not in told
        assert one not in logged


def every_call(channel: Channel, kind: str, made: Outlet) -> Iterator[str]:
    """All that the port offers, and what each says, whether it comes back or raises."""
    content = channel.compose(DRAFT)
    receipt = Receipt("104756390012345_122", "http://a.example/1", at=NOW - timedelta(days=2))
    changing, taking, holds = correcting(channel), withdrawing(channel), holding(channel)
    ration, connects = rationed(channel), connector(kind)
    calls: list[Any] = [
        lambda: channel.publish(content, REFERENCE, NOW),
        lambda: channel.look_up(content, REFERENCE, NOW - timedelta(days=2), NOW),
        lambda: channel.verify(receipt, NOW),
        lambda: channel.check(NOW),
        lambda: changing and changing.update(content, receipt, REFERENCE, NOW),
        lambda: taking and taking.withdraw(receipt, NOW),
        lambda: holds and holds.held(NOW),
        lambda: connects and connects.run(made.settings(), Asked(made.secrets), NOW),
    ]
    if ration is not None:
        calls.append(partial(ration.ask_ration, NOW))
    for call in calls:
        try:
            yield mask(repr(call()))  # as every output of the program is
        except BroadcasterError as error:
            yield f"{error} {error!r} {error.args} {error.text}"
            yield "".join(traceback.format_exception(error))


@dataclass
class Asked:
    """Somebody who answers every question with the secrets that there are."""

    secrets: Mapping[str, str]

    def tell(self, text: Text) -> None: ...

    def ask(self, name: str, what: Text, *, secret: bool = True) -> str:  # noqa: ARG002 - the port's
        return self.secrets.get(name) or next(iter(self.secrets.values()))

    def choose(self, name: str, what: Text, choices: Sequence[Choice], default: str = "") -> str:  # noqa: ARG002 - same
        return default or choices[0].value

    def keep(self, name: str, value: str) -> None: ...


def test_the_test_can_fail(far: FarSide, tmp_path: Path) -> None:
    """The far side's own words do come through: only the secrets in them do not."""
    made, channel = outlet("zalo_oa", far, tmp_path)
    said = f"title is odd: {made.secrets['app_secret']}"
    far.answer = Answer(json.dumps({"error": -201, "message": said}).encode())
    told = "\n".join(every_call(channel, "zalo_oa", made))
    assert f"title is odd: {MASK}" in told
