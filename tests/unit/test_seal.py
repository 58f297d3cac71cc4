"""Signed by the one server a station trusts, or not at all."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.signature import Forged, hand_on, newest, opened, public_text, sign

FIRST, SECOND, THIRD, STRANGER = (
    Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(4)
)
PIN = public_text(FIRST)
WAY = [hand_on(FIRST, public_text(SECOND)), hand_on(SECOND, public_text(THIRD))]


def test_what_the_pinned_key_signed_is_opened() -> None:
    assert opened(sign(FIRST, "lịch"), PIN) == "lịch"


@pytest.mark.parametrize("pinned", ["", "!", public_text(STRANGER), PIN[:-4]])
def test_another_pin_opens_nothing(pinned: str) -> None:
    signed = sign(FIRST, "lịch")
    with pytest.raises(Forged):
        opened(signed, pinned)


@given(st.sampled_from(["payload", "key", "signature"]), st.text(max_size=60))
def test_a_changed_letter_is_noticed(field: str, text: str) -> None:
    signed = sign(FIRST, "lịch")
    changed = signed.model_copy(update={field: text})
    if changed != signed:
        with pytest.raises(Forged):
            opened(changed, PIN)


def test_a_successor_is_found_from_any_older_key_and_is_then_the_only_one() -> None:
    signed, late = sign(THIRD, "lịch", WAY), sign(FIRST, "lịch", WAY)
    for old in (FIRST, SECOND, THIRD):
        assert opened(signed, public_text(old)) == "lịch"
        assert newest(signed, public_text(old)) == public_text(THIRD)
    for pinned in (public_text(THIRD), PIN):
        with pytest.raises(Forged):
            opened(late, pinned)


def test_nobody_else_names_a_successor() -> None:
    usurper = hand_on(STRANGER, public_text(STRANGER))
    # A signature under a plan is none under a key.
    borrowed = sign(FIRST, public_text(STRANGER)).signature
    for step in (usurper, usurper.model_copy(update={"signature": borrowed})):
        forged = sign(STRANGER, "lịch", [step])
        with pytest.raises(Forged):
            opened(forged, PIN)
