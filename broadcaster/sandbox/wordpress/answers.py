"""WordPress' JSON: errors with code and status, fields asked for, lists with their headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from broadcaster.sandbox.wire import Call, Refusal, Reply, as_json

Thing = TypeVar("Thing")


def wp_error(code: str, message: str, status: int, **data: object) -> Reply:
    return as_json({"code": code, "message": message, "data": {"status": status, **data}}, status)


def refuse(code: str, message: str, status: int, **data: object) -> Refusal:
    """An error to raise. Messages are in the site's language; clients go by `code`."""
    return Refusal(wp_error(code, message, status, **data))


def bad_param(name: str, reason: str, detail: str = "rest_invalid_param") -> Refusal:
    inside = {"code": detail, "message": reason, "data": None}
    message = f"Tham số không hợp lệ: {name}"
    return refuse("rest_invalid_param", message, 400, params={name: reason}, details={name: inside})


def given_params(call: Call) -> dict[str, object]:
    """Query, form and JSON body together; a broken JSON body is refused."""
    found: dict[str, object] = {**call.query, **call.form}
    if "json" in call.headers.get("content-type", "") and call.body:
        try:
            body = call.json()
        except ValueError:
            text = "JSON truyền lên không hợp lệ."
            raise refuse("rest_invalid_json", text, 400) from None
        if isinstance(body, dict):
            found.update(body)
    return found


def wire_time(moment: datetime) -> str:
    """A time without its zone, as WordPress writes both `date` and `date_gmt`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def only(full: Mapping[str, object], fields: str) -> dict[str, object]:
    """What `_fields` asks for, also `title.rendered`; all of it when nothing is asked."""
    names = [n.strip() for n in fields.split(",") if n.strip()]
    if not names:
        return dict(full)
    kept: dict[str, object] = {}
    for name in names:
        head, _, tail = name.partition(".")
        value = full.get(head)
        if head not in full or (tail and not (isinstance(value, dict) and tail in value)):
            continue
        if not tail or not isinstance(value, dict):
            kept[head] = value
            continue
        part = kept.setdefault(head, {})
        if isinstance(part, dict):
            part[tail] = value[tail]
    return kept


def number_param(call: Call, name: str, default: int, most: int) -> int:
    text = call.query.get(name, "")
    if not text:
        return default
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise bad_param(name, f"{name} phải nằm trong khoảng 1 đến {most}", "rest_out_of_bounds")
    return int(text)


def paged(call: Call, things: Sequence[Thing]) -> tuple[Sequence[Thing], Mapping[str, str]]:
    """One page of a list and its headers; past the end is an error."""
    size = number_param(call, "per_page", 10, 100)
    page = number_param(call, "page", 1, 10**9)
    pages = -(-len(things) // size)
    if things and page > pages:
        text = "Số trang vượt quá số trang hiện có."
        raise refuse("rest_post_invalid_page_number", text, 400)
    headers = {"X-WP-Total": str(len(things)), "X-WP-TotalPages": str(pages)}
    links = [
        f'<{call.base_url}{call.path}?{urlencode({**call.query, "page": n})}>; rel="{rel}"'
        for n, rel in ((page - 1, "prev"), (page + 1, "next"))
        if 1 <= n <= pages
    ]
    if links:
        headers["Link"] = ", ".join(links)
    return things[(page - 1) * size : page * size], headers
