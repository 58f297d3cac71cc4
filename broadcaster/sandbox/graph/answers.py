"""Graph API's envelopes: fields asked for, and errors with code and subcode."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from broadcaster.sandbox.wire import Call, Refusal, Reply, as_json

SUCCESS: Mapping[str, object] = {"success": True}
_AUTH_CODES = frozenset({102, 190})


def graph_error(
    code: int,
    message: str,
    *,
    subcode: int | None = None,
    status: int | None = None,
    extra: Mapping[str, object] | None = None,
) -> Reply:
    """The error envelope. HTTP 500 for codes 1 and 2, else 400, unless `status` says otherwise."""
    kind = "GraphMethodException" if code == 100 and subcode == 33 else "OAuthException"
    inside: dict[str, object] = {"message": message, "type": kind, "code": code}
    if subcode is not None:
        inside["error_subcode"] = subcode
    inside["is_transient"] = code in {1, 2, 4, 17, 32, 341, 613, 80001}
    inside["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
    inside.update(extra or {})
    return as_json({"error": inside}, status or (500 if code in {1, 2} else 400))


def refuse(code: int, message: str, *, subcode: int | None = None, status: int = 0) -> Refusal:
    """An error to raise."""
    return Refusal(graph_error(code, message, subcode=subcode, status=status or None))


def missing_object(object_id: str, verb: str = "get") -> Refusal:
    """What is not there and what one may not see look the same."""
    message = (
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be "
        "loaded due to missing permissions, or does not support this operation"
    )
    return refuse(100, message, subcode=33)


def params(call: Call) -> dict[str, str]:
    """Query, form and JSON body together; JSON values that are no text are written as JSON."""
    found = {**call.query, **call.form}
    if "json" in call.headers.get("content-type", ""):
        for name, value in call.json_object().items():
            text = isinstance(value, str)
            found[name] = str(value) if text else json.dumps(value, ensure_ascii=False)
    return found


def wanted(given: Mapping[str, str], default: str) -> list[str]:
    """The names in `fields=`; what stands in brackets behind a name is not looked at."""
    depth, names, word = 0, [], ""
    for sign in (given.get("fields") or default) + ",":
        depth += (sign in "{(") - (sign in "})")
        if sign == "," and depth == 0:
            names.append(word.partition("{")[0].partition("(")[0].partition(".")[0].strip())
            word = ""
        else:
            word += sign
    return [n for n in names if n]


def pick(full: Mapping[str, object], names: list[str]) -> dict[str, object]:
    """The asked fields that have a value, and always `id`; an unknown name is error 100."""
    unknown = [n for n in names if n not in full]
    if unknown:
        message = f"(#100) Tried accessing nonexisting field ({unknown[0]})"
        raise refuse(100, message)
    keep = [*names, "id"] if "id" not in names else names
    return {n: full[n] for n in keep if full[n] is not None}


def stamp(moment: datetime) -> str:
    """Time as Graph writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
