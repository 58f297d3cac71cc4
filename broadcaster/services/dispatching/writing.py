"""What every step writes down, and how what a channel says becomes fit to be written."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from broadcaster.channels import Receipt
from broadcaster.domain.delivery import Delivery
from broadcaster.errors import BroadcasterError, OutcomeUnknown, Text
from broadcaster.secrecy.masking import mask
from broadcaster.services.context import Context
from broadcaster.store import deliveries

log = logging.getLogger(__name__)

Beside = Callable[[Connection], None]
"""What is written in the same transaction, if the change itself was."""


def change(
    context: Context,
    old: Delivery,
    new: Delivery,
    outcome: str = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    beside: Beside | None = None,
) -> bool:
    """Write a change (and the end of its attempt) if nobody was faster."""
    with context.database.write() as connection:
        if not deliveries.swap(connection, old, new):
            return False
        if outcome and now is not None:
            deliveries.end_attempt(connection, old, outcome, detail or {}, now)
        if beside is not None:
            beside(connection)
    log.info("delivery %s %s: %s -> %s", old.id, old.target, old.state, new.state)
    return True


def detail_of(receipt: Receipt) -> dict[str, Any]:
    return {
        "remote_id": receipt.remote_id,
        "link": receipt.link,
        "visible": receipt.visible,
        "proof": plain(receipt.proof),
    }


def both(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def plain(proof: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON, whatever a channel put in: what has been posted must be possible to write down.

    No secret of ours gets into the database, not even when a far side says it back to us.
    """
    found: dict[str, Any] = json.loads(mask(json.dumps(dict(proof), default=str)))
    return found


@contextmanager
def held_to_its_promise(target: str) -> Iterator[None]:
    """A channel of somebody else may raise anything; what is not ours leaves it unknown."""
    try:
        yield
    except BroadcasterError:
        raise
    except Exception as error:
        name = type(error).__name__
        # Where, but not what: the message of a stranger's error may hold a token.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("the channel of %s broke: %s\n%s", target, name, where)
        raise OutcomeUnknown(
            f"Phần mềm của kênh “{target}” bị lỗi ({name}); chương trình sẽ tra cứu xem bài đã "
            "lên hay chưa. Nếu lặp lại, hãy báo người bảo trì.",
            f"The software of the channel “{target}” broke ({name}); it is looked up whether it "
            "was posted. If it happens again, tell whoever maintains it.",
            code="broken",
        ) from None
