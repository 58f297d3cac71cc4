"""`broadcaster person add | edit | list`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from broadcaster.cli.base import Session, acting, answering, table
from broadcaster.cli.i18n import t
from broadcaster.domain.people import ROLES, Person, Right, Role
from broadcaster.services.people import staffing


@click.group("person", help=t("Người dùng và vai trò.", "People and roles."))
def command() -> None: ...


def _roles(required: bool) -> Callable[[Any], Any]:
    return click.option(
        "--role",
        "roles",
        multiple=True,
        required=required,
        type=click.Choice([r.value for r in Role]),
        help=t("Vai trò (lặp lại được)", "Role (repeatable)"),
    )


_village = click.option(
    "--village",
    "villages",
    multiple=True,
    metavar=t("THÔN", "VILLAGE"),
    help=t("Chỉ phụ trách thôn này (lặp lại được)", "Answers for this village only (repeatable)"),
)
_category = click.option(
    "--category",
    "categories",
    multiple=True,
    metavar=t("KHÓA", "KEY"),
    help=t("Chỉ phụ trách chuyên mục này (lặp lại được)", "This category only (repeatable)"),
)


@command.command("add", help=t("Thêm một người.", "Add a person."))
@click.argument("name")
@click.option("--full-name", required=True, help=t("Họ và tên", "Full name"))
@_roles(required=True)
@_village
@_category
@acting
@answering
def add(
    session: Session,
    name: str,
    full_name: str,
    roles: tuple[str, ...],
    villages: tuple[str, ...],
    categories: tuple[str, ...],
) -> None:
    managed = any(person.may(Right.MANAGE) for person in staffing.every(session.context))
    made = staffing.add(
        session.context,
        session.person(Right.MANAGE) if managed else None,
        name,
        full_name,
        [Role(role) for role in roles],
        session.now(),
        villages=villages,
        categories=categories,
    )
    session.answer(
        staffing.described(made),
        lambda: click.echo(t(f"Đã thêm {full_name} ({name}).", f"{full_name} ({name}) added.")),
    )


@command.command("edit", help=t("Sửa vai trò, phạm vi phụ trách.", "Change roles and limits."))
@click.argument("name")
@click.option("--full-name", help=t("Họ và tên", "Full name"))
@_roles(required=False)
@_village
@_category
@click.option(
    "--everywhere",
    is_flag=True,
    help=t("Bỏ mọi giới hạn về thôn và chuyên mục", "No limit of village or category any more"),
)
@acting
@answering
def edit(
    session: Session,
    name: str,
    full_name: str | None,
    roles: tuple[str, ...],
    villages: tuple[str, ...],
    categories: tuple[str, ...],
    everywhere: bool,
) -> None:
    made = staffing.change(
        session.context,
        session.person(Right.MANAGE),
        name,
        session.now(),
        full_name=full_name,
        roles=[Role(role) for role in roles] or None,
        villages=villages if villages or everywhere else None,
        categories=categories if categories or everywhere else None,
    )
    session.answer(staffing.described(made), lambda: _show([made]))


@command.command("list", help=t("Mọi người và vai trò.", "People and roles."))
@answering
def every(session: Session) -> None:
    found = staffing.every(session.context)
    session.answer({"people": [staffing.described(p) for p in found]}, lambda: _show(found))


def _show(people: list[Person]) -> None:
    rows = [
        (
            p.name,
            p.full_name,
            ", ".join(t(*ROLES[role]) for role in sorted(p.roles)),
            ", ".join(sorted(p.villages | p.categories)) or t("cả xã", "everywhere"),
        )
        for p in people
    ]
    table(t("Tên,Họ và tên,Vai trò,Phụ trách", "Name,Full name,Roles,Limits").split(","), rows)
