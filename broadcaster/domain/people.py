"""Who may do what. Roles and their limits are those of commune practice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from broadcaster.errors import PolicyRefused


class Role(StrEnum):
    CONTRIBUTOR = "contributor"
    VILLAGE_REP = "village_rep"
    EDITOR_IN_CHIEF = "editor_in_chief"
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Right(StrEnum):
    DRAFT = "draft"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    SETTLE = "settle"
    STOP = "stop"
    MANAGE = "manage"


_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CONTRIBUTOR: frozenset({Right.DRAFT}),
    Role.VILLAGE_REP: frozenset({Right.DRAFT}),
    Role.EDITOR_IN_CHIEF: frozenset({Right.DRAFT, Right.STOP}),
    Role.OPERATOR: frozenset({Right.DRAFT, Right.SCHEDULE, Right.SETTLE, Right.STOP}),
    Role.APPROVER: frozenset({Right.APPROVE, Right.STOP}),
    Role.AUDITOR: frozenset(),
    Role.ADMIN: frozenset({Right.MANAGE, Right.STOP}),
}
_NAMES = {
    Right.DRAFT: ("soạn bản tin", "draft announcements"),
    Right.APPROVE: ("duyệt bản tin", "approve announcements"),
    Right.SCHEDULE: ("xếp lịch phát", "schedule"),
    Right.SETTLE: ("xác định kết quả phát", "settle outcomes"),
    Right.STOP: ("dừng khẩn cấp", "stop everything"),
    Right.MANAGE: ("quản trị", "manage"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """`name` is typed (`--as lan`), `full_name` is shown and logged."""

    id: int
    commune_id: int
    name: str
    full_name: str
    roles: frozenset[Role]

    def may(self, right: Right) -> bool:
        return any(right in _RIGHTS[role] for role in self.roles)

    def must_have(self, right: Right) -> None:
        """Raise PolicyRefused when no role of the person carries `right`."""
        if not self.may(right):
            vi, en = _NAMES[right]
            raise PolicyRefused(
                f"{self.full_name} ({self.name}) không có quyền {vi}. "
                "Xem vai trò: broadcaster person list",
                f"{self.full_name} ({self.name}) may not {en}. See: broadcaster person list",
            )
