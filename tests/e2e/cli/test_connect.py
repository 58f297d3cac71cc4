"""Connecting every kind of outlet as a clerk does it, and what is said about the secrets held."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clerk import Result, command, environment, run_cli
from commune import write_settings

from broadcaster.sandbox import credentials as demo
from broadcaster.sandbox import running
from broadcaster.sandbox.state import SandboxState

SECRET = (
    demo.FACEBOOK_USER_TOKEN, demo.FACEBOOK_PAGE_TOKEN, demo.FACEBOOK_APP_SECRET,
    demo.ZALO_APP_SECRET, demo.ZALO_ACCESS_TOKEN, demo.ZALO_REFRESH_TOKEN, demo.ZALO_CODE_VERIFIER,
    demo.WORDPRESS_APP_PASSWORD,
)  # fmt: skip
FACEBOOK = f"""
app_id = "{demo.FACEBOOK_APP_ID}"
app_secret = "{demo.FACEBOOK_APP_SECRET}"
user_token = "{demo.FACEBOOK_USER_TOKEN}"
"""
ZALO = f"""
app_secret = "{demo.ZALO_APP_SECRET}"
access_token = "{demo.ZALO_ACCESS_TOKEN}"
refresh_token = "{demo.ZALO_REFRESH_TOKEN}"
"""
WEBSITE = f'app_password = "{demo.WORDPRESS_APP_PASSWORD}"\n'


@pytest.fixture(scope="module")
def state() -> SandboxState:
    return SandboxState()


@pytest.fixture(scope="module")
def sandbox(state: SandboxState) -> Iterator[str]:
    with running(state) as url:
        yield url


@pytest.fixture
def home(sandbox: str, state: SandboxState, tmp_path: Path) -> Path:
    """A commune with its targets written down and no secret anywhere."""
    state.reset()
    write_settings(tmp_path, sandbox)
    (tmp_path / "secrets.toml").unlink()
    return tmp_path


def said(home: Path, *words: str, stdin: str = "") -> Result:
    """What a command answers; never a secret, whatever happens."""
    bare = {"BROADCASTER_SECRET_FANPAGE_PAGE_TOKEN": ""}
    done = run_cli(home, *words, stdin=stdin, env=bare)
    assert not [one for one in SECRET if one in done.out + done.err]
    return done


def test_every_kind_is_connected_from_standard_input_and_then_works(home: Path) -> None:
    for key, answers in (("fanpage", FACEBOOK), ("zalo", ZALO), ("website", WEBSITE)):
        done = said(home, "channel", "connect", key, "--answers", "-", "--json", stdin=answers).ok()
        assert done.data["write_options"] == {}
        assert set(done.data["kept"].values()) == {"file"}
    # The sandbox knows no other page token than this one: the Page's own, not the person's.
    kept = (home / "secrets.toml").read_text("utf-8")
    assert demo.FACEBOOK_PAGE_TOKEN in kept
    assert demo.FACEBOOK_USER_TOKEN not in kept
    assert demo.ZALO_REFRESH_TOKEN not in kept
    assert demo.ZALO_REFRESH_TOKEN not in (home / "data/channels/zalo/zalo-token.json").read_text()
    run_cli(home, "init", "--author", "lan:Nguyễn Thị Lan").ok()
    checked = said(home, "channel", "check", "--json").data["targets"]
    good = {one["key"] for one in checked if one["ok"]}
    assert good == {"fanpage", "zalo", "website"}  # the loudspeakers have never called
    _what_is_held(said(home, "channel", "tokens", "--json").ok())


def _what_is_held(shown: Result) -> None:
    rows = {(row["key"], row["name"]): row for row in shown.data["tokens"]}
    assert set(rows) == {
        ("fanpage", "page_token"), ("fanpage", "app_secret"), ("website", "app_password"),
        ("zalo", "app_secret"), ("zalo", "access_token"), ("zalo", "refresh_token"),
    }  # fmt: skip
    assert all(row["value"] == "•••" and row["since"] for row in rows.values())
    assert rows["zalo", "access_token"]["source"] == "sealed"
    assert rows["zalo", "access_token"]["expires_at"] < rows["zalo", "refresh_token"]["expires_at"]
    assert rows["fanpage", "page_token"]["expires_at"] is None


def test_a_file_of_answers_must_be_for_its_owner_only(home: Path) -> None:
    answers = home / "tra-loi.toml"
    answers.write_text(WEBSITE)
    answers.chmod(0o644)
    told = said(home, "channel", "connect", "website", "--answers", str(answers))
    assert told.code == 2
    assert "chmod 600" in told.err
    answers.chmod(0o600)
    said(home, "channel", "connect", "website", "--answers", str(answers)).ok()


def test_a_consent_code_is_redeemed_with_the_consoles_verifier(
    home: Path, state: SandboxState, sandbox: str
) -> None:
    import requests  # noqa: PLC0415 - only this test plays the OA's administrator

    from broadcaster.channels.zalo.connecting import challenge_of  # noqa: PLC0415 - same

    query = {
        "app_id": demo.ZALO_APP_ID,
        "redirect_uri": "https://binhminh.example.vn/zalo",
        "code_challenge": challenge_of(demo.ZALO_CODE_VERIFIER),
    }
    consent = requests.get(
        f"{sandbox}/zalo-oauth/v4/oa/permission", query, allow_redirects=False, timeout=10
    )
    answers = f"""
    app_secret = "{demo.ZALO_APP_SECRET}"
    way = "code"
    verifier = "old"
    code_verifier = "{demo.ZALO_CODE_VERIFIER}"
    code = "{consent.headers["Location"]}"
    """
    call = ("channel", "connect", "zalo", "--answers", "-", "--json")
    said(home, *call, stdin=answers).ok()
    assert len(state.world.zalo.refresh) == 2
    again = said(home, *call, stdin=answers)  # a code works once
    assert again.code == 6
    assert said(home, "channel", "tokens", "zalo", "--json").ok().data["tokens"][2]["source"]


@pytest.mark.parametrize(
    ("key", "answers", "code"),
    [
        ("fanpage", FACEBOOK.replace(demo.FACEBOOK_USER_TOKEN, "EAAKsai"), 6),
        ("zalo", ZALO.replace(demo.ZALO_ACCESS_TOKEN, "ma-cu").replace("-token-1", "-het"), 6),
        ("website", "{", 2),
        ("loa-dong", WEBSITE, 2),
    ],
)
def test_what_does_not_work_is_said_with_the_way_out(
    home: Path, key: str, answers: str, code: int
) -> None:
    told = said(home, "channel", "connect", key, "--answers", "-", stdin=answers)
    assert told.code == code, told
    assert told.err.startswith("Lỗi: ")


def test_without_a_keyboard_it_says_how_to_script_it(home: Path) -> None:
    told = said(home, "channel", "connect", "website")
    assert told.code == 2
    assert "--answers" in told.err


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is a POSIX thing")
def test_a_clerk_is_led_through_it_and_what_is_typed_stays_unseen(home: Path) -> None:
    import pty  # noqa: PLC0415 - not on Windows

    text = (home / "broadcaster.toml").read_text("utf-8")
    text = text.replace(f', page_id = "{demo.FACEBOOK_PAGE_ID}"', "")
    (home / "broadcaster.toml").write_text(text, "utf-8")
    above, below = pty.openpty()
    env = environment(BROADCASTER_SECRET_FANPAGE_PAGE_TOKEN="", TERM="dumb")
    clerk = subprocess.Popen(
        command(home, "channel", "connect", "fanpage"),
        stdin=below, stdout=below, stderr=below, env=env, start_new_session=True,
    )  # fmt: skip
    os.close(below)
    heard = ""
    for asked, answer in (
        ("(App ID): ", demo.FACEBOOK_APP_ID),
        ("không hiện ra): ", demo.FACEBOOK_APP_SECRET),  # its last blank comes when it listens
        ("không hiện ra): ", demo.FACEBOOK_USER_TOKEN),
    ):
        heard += _until(above, asked)
        os.write(above, f"{answer}\n".encode())
    heard += _until(above, "channel check fanpage")
    assert clerk.wait(timeout=30) == 0
    os.close(above)
    assert "developers.facebook.com" in heard
    assert f'page_id = "{demo.FACEBOOK_PAGE_ID}"' in heard
    assert not [one for one in SECRET if one in heard]
    assert demo.FACEBOOK_PAGE_TOKEN in (home / "secrets.toml").read_text("utf-8")


def _until(terminal: int, words: str) -> str:
    """What the terminal shows up to and with these words."""
    heard, ends = b"", time.monotonic() + 60
    while words.encode() not in heard:
        assert time.monotonic() < ends, heard.decode("utf-8", "replace")
        if select.select([terminal], [], [], 1)[0]:
            heard += os.read(terminal, 4096)
    return heard.decode("utf-8", "replace")
