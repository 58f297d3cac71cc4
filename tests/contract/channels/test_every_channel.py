"""What every channel promises, whatever the platform: one suite for all of them."""

from __future__ import annotations

import json
import traceback
from dataclasses import replace
from datetime import datetime
from itertools import chain

import pytest

from broadcaster.channels import Channel, Gone, Receipt, correcting, make, withdrawing
from broadcaster.channels.port import Correcting, Withdrawing
from broadcaster.errors import (
    BroadcasterError,
    InputError,
    NotThere,
    OutcomeUnknown,
    Refused,
    TryAgain,
)
from channels.far_side import DRAFT, LONG, REFERENCE, Outlet, Sandbox, settled


def text_of(error: BaseException) -> str:
    """All that a log, a terminal or a row could get to see of an error."""
    shown = "".join(traceback.format_exception(error))
    texts = (error.text.vi, error.text.en) if isinstance(error, BroadcasterError) else ()
    return "\n".join(chain([shown, repr(error)], texts))


def publish_unclear(channel: Channel, now: datetime) -> None:
    with pytest.raises(OutcomeUnknown):
        channel.publish(channel.compose(DRAFT), REFERENCE, now)


def test_each_kind_is_found_by_its_entry_point(any_outlet: Outlet) -> None:
    assert type(make(any_outlet.kind, any_outlet.settings())) is type(any_outlet.channel())


def test_content_is_pure_json_and_carries_the_reference(any_outlet: Outlet) -> None:
    content = any_outlet.channel().compose(DRAFT)
    assert json.loads(json.dumps(content)) == content
    assert any_outlet.channel().compose(DRAFT) == content
    assert f"Số hiệu: {REFERENCE}" in any_outlet.channel().show(content)


def test_the_preview_shows_every_word_of_the_draft(any_outlet: Outlet) -> None:
    channel = any_outlet.channel()
    shown = channel.show(channel.compose(DRAFT)).split()
    assert [word for word in (DRAFT.title + " " + DRAFT.body).split() if word not in shown] == []


def test_published_then_visible_then_found(
    any_outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = any_outlet.channel()
    content = channel.compose(DRAFT)
    receipt = channel.publish(content, REFERENCE, now)
    verified = settled(channel, receipt, now)
    assert verified.visible
    assert verified.link.startswith(sandbox.url)
    found = channel.look_up(content, REFERENCE, now, now + LONG)
    assert found is not None
    assert found.remote_id == verified.remote_id
    assert [post["link"] for post in any_outlet.public(sandbox)] == [verified.link]


@pytest.mark.parametrize("fault", ["store_then_500", "store_then_drop"])
def test_stored_but_not_answered_is_unknown_and_then_found_once(
    outlet: Outlet, sandbox: Sandbox, now: datetime, fault: str
) -> None:
    sandbox.fault(outlet.platform, fault, outlet.create)
    channel = outlet.channel()
    publish_unclear(channel, now)
    found = channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)
    assert found is not None
    assert settled(channel, found, now + LONG).visible
    assert len(outlet.public(sandbox)) == 1
    assert sandbox.calls(outlet.platform, outlet.create) == 1


def test_cut_before_storing_is_unknown_too_and_then_absent(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault(outlet.platform, "drop", outlet.create)
    channel = outlet.channel()
    publish_unclear(channel, now)
    assert channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG) is None


def test_an_empty_list_right_after_the_attempt_proves_nothing(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault(outlet.platform, "drop", outlet.create)
    channel = outlet.channel()
    publish_unclear(channel, now)
    with pytest.raises(TryAgain) as caught:
        channel.look_up(channel.compose(DRAFT), REFERENCE, now, now)
    assert caught.value.at is not None
    assert channel.look_up(channel.compose(DRAFT), REFERENCE, now, caught.value.at) is None


def test_an_html_page_in_answer_to_a_write_is_unknown(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault(outlet.platform, "html", outlet.create, status=200)
    publish_unclear(outlet.channel(), now)


def test_an_html_page_in_answer_to_a_look_up_is_never_absent(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = outlet.channel()
    for status in (200, 403, 404, 503):
        sandbox.fault(outlet.platform, "html", outlet.listing, status=status)
        with pytest.raises(TryAgain):
            channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)


def test_a_definite_refusal_posts_nothing_and_gives_the_reason(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault(outlet.platform, "error", outlet.create, **outlet.refusal)
    channel = outlet.channel()
    with pytest.raises(Refused, match="hãy") as caught:
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert str(outlet.refusal["code"]) in caught.value.code
    assert outlet.refusal["message"] in caught.value.text.vi
    assert outlet.public(sandbox) == []


def test_too_many_calls_means_later_and_says_when(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault(outlet.platform, "rate_limit", seconds=120)
    channel = outlet.channel()
    with pytest.raises(TryAgain) as caught:
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    assert caught.value.at is not None
    assert caught.value.at > now
    assert outlet.public(sandbox) == []


def test_a_dead_login_refuses_to_publish_and_fails_the_check(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    outlet.channel().publish(outlet.channel().compose(DRAFT), REFERENCE, now)
    wrong = outlet.dead_login()
    with pytest.raises(Refused):
        wrong.publish(wrong.compose(DRAFT), REFERENCE, now)
    health = wrong.check(now)
    assert not health.ok
    assert health.message.vi
    assert len(outlet.public(sandbox)) == 1


def test_a_dead_login_never_makes_a_look_up_say_absent(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    receipt = outlet.channel().publish(outlet.channel().compose(DRAFT), REFERENCE, now)
    wrong = outlet.dead_login()
    with pytest.raises(TryAgain):
        wrong.look_up(wrong.compose(DRAFT), REFERENCE, now, now + LONG)
    with pytest.raises(TryAgain):
        wrong.verify(receipt, now + LONG)
    assert len(outlet.public(sandbox)) == 1


def test_a_login_that_dies_between_writing_and_looking_is_not_absent(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    sandbox.fault(outlet.platform, "store_then_drop", outlet.create)
    channel = outlet.channel()
    publish_unclear(channel, now)
    sandbox.fault(outlet.platform, "token_death", code=-14014)
    with pytest.raises(TryAgain):
        channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)


def test_a_missing_secret_refuses_only_what_needs_it(outlet: Outlet, now: datetime) -> None:
    bare = outlet.channel(secrets=dict.fromkeys(outlet.secrets))
    content = bare.compose(DRAFT)
    assert bare.show(content)
    with pytest.raises(Refused, match="bí mật"):
        bare.publish(content, REFERENCE, now)
    assert not bare.check(now).ok


def test_nothing_is_posted_that_could_not_be_found_again(
    any_outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = any_outlet.channel()
    with pytest.raises(Refused, match="số hiệu"):
        channel.publish(channel.compose(DRAFT), "TB-2026-9999-0000", now)
    assert any_outlet.public(sandbox) == []


def test_another_reference_is_not_mistaken_for_ours(any_outlet: Outlet, now: datetime) -> None:
    channel = any_outlet.channel()
    content = channel.compose(DRAFT)
    channel.publish(content, REFERENCE, now)
    assert channel.look_up(content, REFERENCE[:-1], now, now + LONG) is None


def test_a_far_side_that_is_down_is_certainly_not_posted(outlet: Outlet, now: datetime) -> None:
    nobody = "http://127.0.0.1:9"  # the discard port: nothing listens there
    channel = outlet.channel(base_url=nobody, oauth_url=nobody)
    with pytest.raises(TryAgain):
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    with pytest.raises(TryAgain):
        channel.look_up(channel.compose(DRAFT), REFERENCE, now, now + LONG)
    assert not channel.check(now).ok


def test_a_healthy_target_says_so_and_posts_nothing(
    any_outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    health = any_outlet.channel().check(now)
    assert health.ok
    assert "sẵn sàng" in health.message.vi
    assert any_outlet.public(sandbox) == []


def test_secrets_echoed_by_the_far_side_do_not_reach_an_error(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    told = " ".join(outlet.secrets.values())
    refusal = {**outlet.refusal, "message": f"bad key {told}"}
    sandbox.fault(outlet.platform, "error", outlet.create, **refusal)
    channel = outlet.channel()
    with pytest.raises(Refused, match="bad key") as caught:
        channel.publish(channel.compose(DRAFT), REFERENCE, now)
    shown = text_of(caught.value)
    assert [name for name, value in outlet.secrets.items() if value in shown] == []


@pytest.mark.parametrize(
    "address",
    [
        "http://graph.facebook.com",
        "http://127.0.0.1.evil.example",
        "ftp://127.0.0.1",
        "https://user:pass@example.vn",
        "không phải địa chỉ",
        "https://",
    ],
)
def test_an_unsafe_address_is_refused_at_once(outlet: Outlet, address: str) -> None:
    with pytest.raises(InputError, match="base_url"):
        outlet.channel(base_url=address)


def test_a_repeated_question_changes_nothing(
    any_outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    channel = any_outlet.channel()
    receipt = settled(channel, channel.publish(channel.compose(DRAFT), REFERENCE, now), now)
    assert channel.verify(receipt, now) == channel.verify(receipt, now)
    assert len(any_outlet.public(sandbox)) == 1


# --- correcting and taking back, where a channel offers it ---------------------------------------

BETTER = replace(DRAFT, body="Đã có điện lại ở mọi thôn.", reference="TB-2026-0012-AAAA")


def corrector(outlet: Outlet) -> Correcting:
    found = correcting(outlet.channel())
    assert found is not None
    return found


def taker(outlet: Outlet) -> Withdrawing:
    found = withdrawing(outlet.channel())
    assert found is not None
    return found


def posted(outlet: Outlet, now: datetime) -> Receipt:
    """A post that the public sees."""
    channel = outlet.channel()
    return settled(channel, channel.publish(channel.compose(DRAFT), REFERENCE, now), now)


def seen(sandbox: Sandbox, outlet: Outlet) -> list[tuple[str, str]]:
    return [(post["link"], post["text"]) for post in outlet.public(sandbox)]


def test_a_correction_stands_in_the_place_of_the_old_words(
    any_outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    old = posted(any_outlet, now)
    content = any_outlet.channel().compose(BETTER)
    for _ in range(2):  # a repetition changes nothing
        done = corrector(any_outlet).update(content, old, BETTER.reference, now)
        if not done.visible:
            done = settled(any_outlet.channel(), done, now)
        assert (done.remote_id, done.link) == (old.remote_id, old.link)
        ((link, text),) = seen(sandbox, any_outlet)
        assert link == old.link
        assert "Đã có điện lại" in text
        assert "sửa đường dây" not in text


def test_a_correction_without_a_clear_answer_is_unknown_and_may_be_repeated(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    old = posted(outlet, now)
    content = outlet.channel().compose(BETTER)
    sandbox.fault(outlet.platform, "store_then_drop", outlet.change)
    with pytest.raises(OutcomeUnknown):
        corrector(outlet).update(content, old, BETTER.reference, now)
    corrector(outlet).update(content, old, BETTER.reference, now)
    assert len(seen(sandbox, outlet)) == 1


def test_what_is_gone_is_not_corrected_but_said_to_be_gone(
    any_outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    old = posted(any_outlet, now)
    taker(any_outlet).withdraw(old, now)
    with pytest.raises(NotThere):
        corrector(any_outlet).update(
            any_outlet.channel().compose(BETTER), old, BETTER.reference, now + LONG
        )
    assert seen(sandbox, any_outlet) == []


def test_a_correction_that_could_not_be_found_again_is_refused(
    any_outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    old = posted(any_outlet, now)
    before = seen(sandbox, any_outlet)
    with pytest.raises(Refused, match="số hiệu"):
        corrector(any_outlet).update(
            any_outlet.channel().compose(BETTER), old, "TB-2026-9999-0000", now
        )
    assert seen(sandbox, any_outlet) == before


def test_what_is_taken_back_is_seen_by_nobody_and_may_be_taken_back_again(
    any_outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    old = posted(any_outlet, now)
    for _ in range(2):
        gone = taker(any_outlet).withdraw(old, now + LONG)
        assert gone.how in {Gone.DELETED, Gone.HIDDEN}
        assert seen(sandbox, any_outlet) == []


def test_taking_back_without_a_clear_answer_is_unknown_and_may_be_repeated(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    old = posted(outlet, now)
    sandbox.fault(outlet.platform, "store_then_500", outlet.remove)
    with pytest.raises(OutcomeUnknown):
        taker(outlet).withdraw(old, now)
    taker(outlet).withdraw(old, now + LONG)
    assert seen(sandbox, outlet) == []


def test_a_dead_login_takes_nothing_back_and_says_so(
    outlet: Outlet, sandbox: Sandbox, now: datetime
) -> None:
    old = posted(outlet, now)
    wrong = outlet.dead_login()
    found = withdrawing(wrong)
    assert found is not None
    with pytest.raises((Refused, TryAgain)):
        found.withdraw(old, now + LONG)
    assert len(seen(sandbox, outlet)) == 1
