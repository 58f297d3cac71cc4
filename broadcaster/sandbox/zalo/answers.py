"""Zalo's envelope: HTTP 200 for everything, the truth in `error`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime

from broadcaster.sandbox.wire import Call, Refusal, Reply, as_json

TEXTS = {
    -32: "Your application or OA has reached the limit of calls per minute",
    -100: "Attachment is expired",
    -200: "Send message failed",
    -201: "Parameter is invalid!",
    -209: "This app is not activated",
    -210: "Parameter exceeds the allowable range",
    -211: "Out of quota",
    -213: "User has not followed the OA",
    -214: "Article is being processed",
    -216: "Access token is invalid",
    -220: "Access token is expired or removed",
    -221: "OA is not verified",
    -223: "You reach the limit quota create article",
    -224: "The OA package does not allow this feature",
    -230: "User has not interacted with the OA in the past 7 days",
    -232: "User has never interacted with the OA",
    -233: "Message type is not supported",
    -234: "Message cannot be sent at night (10:00PM - 6:00AM)",
    -237: "Group is expired or disabled",
    -240: "This version of the message API has been shut down",
    -242: "appsecret_proof is invalid",
    -249: "Template cannot be sent by user id",
    -403: "OA is not a member of the group",
}


def success(data: object = None) -> Reply:
    body: dict[str, object] = {"error": 0, "message": "Success"}
    if data is not None:
        body = {"data": data, **body}
    return as_json(body)


def zalo_error(code: int, message: str = "") -> Reply:
    """An application error; it comes with HTTP 200 and without `data`."""
    return as_json({"error": code, "message": message or TEXTS.get(code, "Error")})


def refuse(code: int, message: str = "") -> Refusal:
    return Refusal(zalo_error(code, message))


def invalid(field: str) -> Refusal:
    return refuse(-201, f"{field} is invalid!")


def given_object(call: Call) -> dict[str, object]:
    """The JSON body; what is no JSON object is refused."""
    try:
        found = call.json()
    except ValueError:
        raise invalid("body") from None
    if not isinstance(found, dict):
        raise invalid("body")
    return found


def inside(value: object, *names: str) -> object:
    """Follow names into nested objects; None where the path ends."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def characters(text: str) -> int:
    """Length as Zalo counts: characters of the composed form."""
    return len(unicodedata.normalize("NFC", text))


def milliseconds(moment: datetime) -> str:
    """A time as Zalo writes it: a string of Unix milliseconds."""
    return str(int(moment.timestamp() * 1000))
