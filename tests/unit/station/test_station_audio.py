"""Only audio that is whole, right and readable is ever called held."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from station_sounds import cue_of, hold, wav

from broadcaster.station import causes
from broadcaster.station.audio import Vault
from broadcaster.wire import Cue


def fetched(vault: Vault, content: bytes, digest: str = "") -> str:
    digest = digest or hashlib.sha256(content).hexdigest()
    vault.part(digest).write_bytes(content)
    return digest


def test_a_right_file_is_held_under_its_digest(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    cue = hold(vault, wav(1))
    assert vault.has(cue.digest)
    assert vault.trouble([cue]) is None
    assert not vault.part(cue.digest).exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        wav(1)[:-100],  # cut short: the head promises more
        wav(1)[:44],  # a head and no sound
        wav(0.0),
        b"RIFF" + wav(1)[4:12] + b"\x00" * 500,
    ],
    ids=["empty", "html", "cut", "head only", "no frames", "no chunks"],
)
def test_what_is_no_whole_wav_is_not_held_even_with_the_right_digest(
    tmp_path: Path, content: bytes
) -> None:
    vault = Vault(tmp_path)
    digest = fetched(vault, content)
    assert vault.keep(digest, len(content)) == causes.AUDIO_WRONG
    assert not vault.has(digest)
    assert not vault.part(digest).exists()


def test_a_wrong_digest_is_not_held(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    sound = wav(1)
    digest = fetched(vault, sound, "0" * 64)
    assert vault.keep(digest, len(sound)) == causes.AUDIO_WRONG
    assert not vault.has(digest)


def test_a_short_part_stays_to_be_gone_on_with(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    sound = wav(1)
    digest = fetched(vault, sound[:1000], hashlib.sha256(sound).hexdigest())
    assert vault.keep(digest, len(sound)) == causes.AUDIO_MISSING
    assert vault.part(digest).stat().st_size == 1000


def test_a_file_that_rots_on_the_disk_is_found_before_it_is_played(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    cue = hold(vault, wav(1))
    content = bytearray(vault.path(cue.digest).read_bytes())
    content[5000] ^= 1
    vault.path(cue.digest).write_bytes(content)
    assert vault.verify([cue]) == causes.AUDIO_WRONG
    assert not vault.has(cue.digest), "so that it is fetched again"


def test_a_file_that_rotted_while_the_station_was_off_counts_as_missing(tmp_path: Path) -> None:
    cue = hold(Vault(tmp_path), wav(1))
    Vault(tmp_path).path(cue.digest).write_bytes(b"garbage" * 99)
    after_boot = Vault(tmp_path)
    assert after_boot.length([cue]) == timedelta(seconds=1)
    assert after_boot.trouble([cue]) == causes.AUDIO_MISSING
    assert not after_boot.path(cue.digest).exists(), "so that it is fetched again"


def test_the_length_is_the_longer_of_the_plan_s_word_and_the_file(tmp_path: Path) -> None:
    """A plan that understates its length must not slip past the quiet hours."""
    vault = Vault(tmp_path)
    cue = hold(vault, wav(2))
    liar = cue.model_copy(update={"duration_ms": 1})
    assert vault.length([liar]) == timedelta(seconds=2)
    absent = Cue(kind="item", digest="1" * 64, size=9, duration_ms=700)
    assert vault.length([liar, absent]) == timedelta(seconds=2.7)


def test_an_item_without_cues_or_with_unlike_sample_rates_is_named_so(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    cues = [hold(vault, wav(1)), hold(vault, wav(1, rate=16_000))]
    assert vault.trouble([]) == causes.EMPTY
    assert vault.trouble(cues) == causes.MIXED_RATES
    assert vault.trouble([cue_of(wav(1, seed=9))]) == causes.AUDIO_MISSING


def test_sweeping_takes_only_what_no_item_uses(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    used, unused = hold(vault, wav(1)), hold(vault, wav(1, seed=2))
    vault.part("2" * 64).write_bytes(b"x")
    assert vault.sweep({used.digest}) == 2
    assert vault.has(used.digest)
    assert not vault.has(unused.digest)
