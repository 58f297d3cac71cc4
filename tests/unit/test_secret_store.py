"""Secrets: where they are found, where they are put, and that nothing shows them."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as Nothing

from broadcaster.errors import InputError
from broadcaster.secrecy.masking import mask
from broadcaster.secrecy.store import KEY_FILE, Secrets, with_secret
from broadcaster.settings import config

SECRET = "mat-khau-rat-bi-mat-0123456789"  # noqa: S105 - what must never be shown
VARIABLE = "BROADCASTER_SECRET_LOA_DONG_PAGE_TOKEN"


def stored(home: Path, text: str, mode: int = 0o600) -> Secrets:
    path = home / config.SECRETS
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return Secrets(home, {})


def test_a_secret_of_the_file_is_found(tmp_path: Path) -> None:
    found = stored(tmp_path, f'[loa-dong]\npage_token = "{SECRET}"\n')
    assert found.get("loa-dong", "page_token") == SECRET
    assert SECRET not in repr(found)


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    stored(tmp_path, '[loa-dong]\npage_token = "old"\n')
    found = Secrets(tmp_path, {VARIABLE: SECRET})
    assert found.get("loa-dong", "page_token") == SECRET
    assert SECRET not in repr(found)
    empty = Secrets(tmp_path, {VARIABLE: ""})
    assert empty.get("loa-dong", "page_token") == "old"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permission bits")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_not_used(tmp_path: Path, mode: int) -> None:
    found = stored(tmp_path, f'[loa-dong]\npage_token = "{SECRET}"\n', mode)
    with pytest.raises(InputError, match="chmod 600") as told:
        found.get("loa-dong", "page_token")
    assert SECRET not in str(told.value.text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f'[fanpage]\npage_token = "{SECRET}"\n',
        f'[loa-dong]\nother = "{SECRET}"\n',
        '[loa-dong]\npage_token = ""\n',
    ],
)
def test_a_missing_secret_names_file_and_variable_and_shows_no_other(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(InputError) as told:
        stored(tmp_path, text).get("loa-dong", "page_token")
    said = told.value.text
    assert str(tmp_path / config.SECRETS) in said.vi
    assert VARIABLE in said.vi
    assert SECRET not in str(said)


@pytest.mark.parametrize(
    "text",
    [f'loa-dong = "{SECRET}"\n', f'[loa-dong.page_token]\nx = "{SECRET}"\n'],
    ids=["no section of its own", "a section in place of a word"],
)
def test_a_secret_in_the_wrong_place_is_told_how_to_write_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"dưới \[loa-dong\]") as told:
        stored(tmp_path, text).get("loa-dong", "page_token")
    assert SECRET not in str(told.value.text)


@pytest.mark.parametrize("ending", ["", '"\n[', "\0"])
def test_a_broken_file_of_secrets_shows_none_of_them(tmp_path: Path, ending: str) -> None:
    found = stored(tmp_path, f'[loa-dong]\npage_token = "{SECRET}{ending}')
    with pytest.raises(InputError, match="sai cú pháp TOML") as told:
        found.get("loa-dong", "page_token")
    assert SECRET not in str(told.value.text)


def test_without_a_file_the_environment_is_enough(tmp_path: Path) -> None:
    assert Secrets(tmp_path, {VARIABLE: SECRET}).get("loa-dong", "page_token") == SECRET


def test_all_that_lies_there_is_masked_before_it_is_used(tmp_path: Path) -> None:
    found = stored(tmp_path, '[web]\napp_password = "chua-dung-den-1"\n')
    found.remember_all()
    Secrets(tmp_path, {VARIABLE: "chua-dung-den-2"}).remember_all()
    assert "chua-dung" not in mask("chua-dung-den-1 chua-dung-den-2")
    stored(tmp_path, "{").remember_all()


# --- putting them there --------------------------------------------------------------------------


def test_what_was_put_is_found_again_by_another_process(tmp_path: Path) -> None:
    assert Secrets(tmp_path, {}).put("fanpage", "page_token", SECRET) == "file"
    found = Secrets(tmp_path, {})
    assert found.get("fanpage", "page_token") == SECRET
    assert found.source("fanpage", "page_token") == "file"
    assert found.source("fanpage", "app_secret") == ""
    assert os.name != "posix" or (tmp_path / config.SECRETS).stat().st_mode & 0o777 == 0o600


def test_a_variable_that_would_hide_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=VARIABLE) as told:
        Secrets(tmp_path, {VARIABLE: "cu-012345"}).put("loa-dong", "page_token", SECRET)
    assert not (tmp_path / config.SECRETS).exists()
    assert SECRET not in str(told.value.text)


def test_notes_and_other_secrets_stay_as_they_are(tmp_path: Path) -> None:
    written = '# của xã\n[web] # trang\napp_password = "cũ"  # đổi hằng năm\n\n[khac]\nx = "y"\n'
    found = stored(tmp_path, written)
    found.put("web", "app_password", SECRET)
    found.put("web", "second", "hai-2222")
    text = (tmp_path / config.SECRETS).read_text("utf-8")
    assert "# của xã" in text
    assert tomllib.loads(text) == {
        "web": {"app_password": SECRET, "second": "hai-2222"},
        "khac": {"x": "y"},
    }


@pytest.mark.parametrize("text", ["web = {}\n", 'web.app_password = "x"\n', "web = 1\n"])
def test_a_file_written_otherwise_is_left_to_a_person(text: str) -> None:
    with pytest.raises(InputError, match="tự ghi"):
        with_secret(text, "web", "app_password", SECRET)


WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)


@given(
    st.dictionaries(
        st.sampled_from(["a", "web", "z-1"]),
        st.dictionaries(st.sampled_from(["x", "y", "page_token"]), WORD, max_size=3),
        max_size=3,
    ),
    WORD,
)
def test_any_file_takes_any_value(sections: dict[str, dict[str, str]], value: str) -> None:
    text = ""
    for target, values in sections.items():
        for name, one in values.items():
            text = with_secret(text, target, name, one)
    made = tomllib.loads(with_secret(text, "web", "page_token", value))
    assert made["web"]["page_token"] == value
    for target, values in sections.items():
        for name, one in values.items():
            assert (target, name) == ("web", "page_token") or made[target][name] == one


# --- the keyring, and the key that tokens are sealed with ---------------------------------------


class Ring(KeyringBackend):
    """A keyring of the library's own kind, in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library has no types there
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, found = keyring.get_keyring(), Ring()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def test_the_keyring_holds_secrets_and_the_key_and_no_file_does(tmp_path: Path, ring: Ring) -> None:
    found = Secrets(tmp_path, {}, keyring=True)
    assert found.put("fanpage", "page_token", SECRET) == "keyring"
    assert found.get("fanpage", "page_token") == SECRET
    sealed = found.seal.close("một cặp mã")
    assert Secrets(tmp_path, {}, keyring=True).seal.open(sealed) == "một cặp mã"
    assert list(tmp_path.iterdir()) == []
    assert len(ring.held) == 2
    assert Secrets(tmp_path, {}).source("fanpage", "page_token") == ""  # only where it is asked for


def test_file_and_environment_come_before_the_keyring(tmp_path: Path, ring: Ring) -> None:
    Secrets(tmp_path, {}, keyring=True).put("loa-dong", "page_token", "trong-kho-1")
    assert ring.held
    stored(tmp_path, '[loa-dong]\npage_token = "trong-tep-2"\n')
    found = Secrets(tmp_path, {}, keyring=True)
    assert found.get("loa-dong", "page_token") == "trong-tep-2"
    found = Secrets(tmp_path, {VARIABLE: "bien-3333"}, keyring=True)
    assert found.get("loa-dong", "page_token") == "bien-3333"


def test_a_machine_without_a_keyring_is_told_to_use_the_file(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Nothing())  # type: ignore[no-untyped-call]  # as above
    try:
        with pytest.raises(InputError, match="“file”"):
            Secrets(tmp_path, {}, keyring=True).put("fanpage", "page_token", SECRET)
    finally:
        keyring.set_keyring(before)


def test_a_sealed_text_opens_with_its_own_key_only(tmp_path: Path) -> None:
    first, second = Secrets(tmp_path / "a", {}), Secrets(tmp_path / "b", {})
    for home in ("a", "b"):
        (tmp_path / home).mkdir()
    sealed = first.seal.close(SECRET)
    assert SECRET not in sealed
    with pytest.raises(InputError, match="Không thấy khóa"):
        second.seal.open(sealed)
    second.seal.close("")
    with pytest.raises(ValueError, match="another key"):
        second.seal.open(sealed)
    assert Secrets(tmp_path / "a", {}).seal.open(sealed) == SECRET
    (tmp_path / "a" / KEY_FILE).write_text("hỏng\n")
    with pytest.raises(InputError, match="bị hỏng"):
        Secrets(tmp_path / "a", {}).seal.open(sealed)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permission bits")
def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    found = Secrets(tmp_path, {})
    sealed = found.seal.close(SECRET)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        found.seal.open(sealed)


def test_several_at_once_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        sealed = list(pool.map(lambda n: Secrets(tmp_path, {}).seal.close(str(n)), range(6)))
    assert [Secrets(tmp_path, {}).seal.open(one) for one in sealed] == list("012345")
