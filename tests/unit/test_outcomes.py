"""The three errors of a channel carry whether they are about one post or the whole target."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.channels import outcomes
from broadcaster.channels.outcomes import Meaning, Said, Then
from broadcaster.errors import Refused, TryAgain

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SAID = Said("Fanpage", "190")


@pytest.mark.parametrize("wide", [False, True])
def test_what_concerns_the_whole_target_is_told_with_the_error(wide: bool) -> None:
    dead = Meaning(Then.REFUSED, "mã hết hạn", "expired", target_wide=wide)
    busy = Meaning(Then.AGAIN, "chờ", "wait", timedelta(hours=1), target_wide=wide)
    refused = outcomes.error_for(dead, SAID, NOW, told=True)
    later = outcomes.error_for(busy, SAID, NOW, told=True)
    assert isinstance(refused, Refused)
    assert isinstance(later, TryAgain)
    assert (refused.target_wide, later.target_wide) == (wide, wide)


def test_a_dead_token_met_while_looking_up_still_concerns_the_whole_target() -> None:
    with pytest.raises(TryAgain) as caught, outcomes.only_asking():
        raise Refused("Mã hết hạn.", "Expired.", code="190", target_wide=True)
    assert caught.value.target_wide
