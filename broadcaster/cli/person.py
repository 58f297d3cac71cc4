"""`broadcaster person add | list`."""

from __future__ import annotations

import click

from broadcaster.cli.base import Session, acting, answering, table
from broadcaster.cli.i18n import t
from broadcaster.domain.people import Right, Role
from broadcaster.errors import InputError
from broadcaster.store import events, people

ROLES = {
    Role.CONTRIBUTOR: ("cộng tác viên", "contributor"),
    Role.VILLAGE_REP: ("trưởng thôn", "village head"),
    Role.EDITOR_IN_CHIEF: ("biên tập", "editor in chief"),
    Role.OPERATOR: ("vận hành", "operator"),
    Role.APPROVER: ("người duyệt", "approver"),
    Role.AUDITOR: ("giám sát", "auditor"),
    Role.ADMIN: ("quản trị", "administrator"),
}


@click.group("person", help=t("Người dùng và vai trò.", "People and roles."))
def command() -> None: ...


@command.command("add", help=t("Thêm một người.", "Add a person."))
@click.argument("name")
@click.option("--full-name", required=True, help=t("Họ và tên", "Full name"))
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([r.value for r in Role]),
    help=t("Vai trò (lặp lại được)", "Role (repeatable)"),
)
@acting
@answering
def add(session: Session, name: str, full_name: str, roles: tuple[str, ...]) -> None:
    context = session.context
    with context.database.read() as connection:
        known = people.every(connection, context.commune_id)
    managed = any(person.may(Right.MANAGE) for person in known)
    who = session.person(Right.MANAGE).name if managed else name  # the first one has nobody to ask
    check_name(name)
    with context.database.write() as connection:
        chosen = [Role(role) for role in roles]
        people.create(connection, context.commune_id, name, full_name, chosen)
        events.note(
            connection, context.commune_id, who, "person.added", f"person {name}", session.now(),
            roles=list(roles),
        )  # fmt: skip
    session.answer(
        {"name": name, "full_name": full_name, "roles": list(roles)},
        lambda: click.echo(t(f"Đã thêm {full_name} ({name}).", f"{full_name} ({name}) added.")),
    )


def check_name(name: str) -> None:
    """Short names are typed often: plain lower-case letters and digits. Raises InputError."""
    if not (name.isascii() and name.replace("-", "").isalnum() and name == name.lower()):
        raise InputError(
            f"Tên đăng nhập “{name}” chỉ được gồm chữ thường không dấu, số và gạch nối.",
            f"Name “{name}”: lower-case letters without marks, digits and hyphens only.",
        )


@command.command("list", help=t("Mọi người và vai trò.", "People and roles."))
@answering
def every(session: Session) -> None:
    context = session.context
    with context.database.read() as connection:
        found = people.every(connection, context.commune_id)
    data = [
        {"name": p.name, "full_name": p.full_name, "roles": sorted(r.value for r in p.roles)}
        for p in found
    ]
    rows = [
        (p.name, p.full_name, ", ".join(t(*ROLES[role]) for role in sorted(p.roles))) for p in found
    ]
    titles = t("Tên,Họ và tên,Vai trò", "Name,Full name,Roles").split(",")
    session.answer({"people": data}, lambda: table(titles, rows))
