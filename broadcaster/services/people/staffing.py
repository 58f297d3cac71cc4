"""The commune's people: who they are, what they may do, and where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from broadcaster.domain.people import Person, Right, Role
from broadcaster.errors import Conflict, InputError, PolicyRefused
from broadcaster.services.context import Context
from broadcaster.store import events, people


def add(
    context: Context,
    manager: Person | None,
    name: str,
    full_name: str,
    roles: Collection[Role],
    now: datetime,
    *,
    villages: Collection[str] = (),
    categories: Collection[str] = (),
) -> Person:
    """A new person. `manager` may be None only while nobody manages: the first has none to ask.

    Raises PolicyRefused, Conflict (the name is taken) or InputError.
    """
    check_name(name)
    _check(context, roles, villages)
    with context.database.write() as connection:
        known = people.every(connection, context.commune_id)
        if manager is not None:
            manager.must_have(Right.MANAGE)
        elif any(person.may(Right.MANAGE) for person in known):
            raise PolicyRefused(
                "Đã có người quản trị: hãy ghi tên người ấy bằng --as.",
                "There is an administrator already: name them with --as.",
            )
        people.create(
            connection, context.commune_id, name, full_name, roles,
            villages=villages, categories=categories,
        )  # fmt: skip
        made = people.by_name(connection, context.commune_id, name)
        _note(connection, context, manager or made, "person.added", made, now)
        return made


def change(
    context: Context,
    manager: Person,
    name: str,
    now: datetime,
    *,
    full_name: str | None = None,
    roles: Collection[Role] | None = None,
    villages: Collection[str] | None = None,
    categories: Collection[str] | None = None,
) -> Person:
    """Another name, other roles or limits; what is None stays. Somebody always manages."""
    manager.must_have(Right.MANAGE)
    with context.database.write() as connection:
        old = people.by_name(connection, context.commune_id, name)
        new = replace(
            old,
            full_name=old.full_name if full_name is None else full_name,
            roles=old.roles if roles is None else frozenset(roles),
            villages=old.villages if villages is None else frozenset(villages),
            categories=old.categories if categories is None else frozenset(categories),
        )
        _check(context, new.roles, new.villages)
        if new == old:
            raise Conflict(
                f"“{name}” đã đúng như vậy rồi; không có gì để sửa.",
                f"“{name}” is like that already; there is nothing to change.",
            )
        others = [p for p in people.every(connection, context.commune_id) if p.name != name]
        if not any(p.may(Right.MANAGE) for p in (new, *others)):
            raise PolicyRefused(
                f"“{name}” là người quản trị cuối cùng. "
                "Hãy giao vai trò admin cho người khác trước.",
                f"“{name}” is the last administrator. Give somebody else the role first.",
            )
        people.change(connection, new)
        _note(connection, context, manager, "person.changed", new, now, before=described(old))
        return new


def every(context: Context) -> list[Person]:
    """All people, by name."""
    with context.database.read() as connection:
        return people.every(connection, context.commune_id)


def described(person: Person) -> dict[str, object]:
    """For the log and for programs."""
    return {
        "name": person.name,
        "full_name": person.full_name,
        "roles": sorted(role.value for role in person.roles),
        "villages": sorted(person.villages),
        "categories": sorted(person.categories),
    }


def check_name(name: str) -> None:
    """Short names are typed often: plain lower-case letters and digits. Raises InputError."""
    if not (name.isascii() and name.replace("-", "").isalnum() and name == name.lower()):
        raise InputError(
            f"Tên đăng nhập “{name}” chỉ được gồm chữ thường không dấu, số và gạch nối.",
            f"Name “{name}”: lower-case letters without marks, digits and hyphens only.",
        )


def _check(context: Context, roles: Collection[Role], villages: Collection[str]) -> None:
    if Role.VILLAGE_REP in roles and not villages:
        raise InputError(
            "Đại diện thôn phải thuộc một thôn: thêm --village “thôn …”.",
            "A village representative belongs to a village: add --village.",
        )
    known = sorted({t.village for t in context.config.targets if t.village})
    unknown = sorted(set(villages) - set(known))
    if unknown:
        listed = ", ".join(known) or "(chưa có)"
        raise InputError(
            f"Chưa có kênh nào của “{unknown[0]}”. Thôn lấy từ mục village của các kênh trong "
            f"broadcaster.toml: {listed}.",
            f"No target has the village “{unknown[0]}”. Villages of broadcaster.toml: "
            f"{', '.join(known) or '(none)'}.",
        )


def _note(
    connection: Connection,
    context: Context,
    manager: Person,
    what: str,
    person: Person,
    now: datetime,
    **detail: object,
) -> None:
    facts = {k: v for k, v in described(person).items() if k != "name"}
    events.note(
        connection, context.commune_id, manager.name, what, f"person {person.name}", now,
        **facts, **detail,
    )  # fmt: skip
