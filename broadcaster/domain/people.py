"""Who may do what, and where. Roles and their limits are those of commune practice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    """What a command may ask for. Reading needs none: whoever sits at the machine may look."""

    DRAFT = "draft"
    EDIT = "edit"
    REVIEW = "review"
    APPROVE = "approve"
    EMERGENCY = "emergency"
    ACCEPT_SEVERE = "accept_severe"
    WITHDRAW = "withdraw"
    SCHEDULE = "schedule"
    OVERRIDE = "override"
    SETTLE = "settle"
    MUTE = "mute"
    STOP = "stop"
    POLICY = "policy"
    MANAGE = "manage"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.CONTRIBUTOR: frozenset({Right.DRAFT}),
    Role.VILLAGE_REP: frozenset({Right.DRAFT, Right.SETTLE, Right.MUTE}),
    Role.EDITOR_IN_CHIEF: frozenset(
        {Right.DRAFT, Right.EDIT, Right.REVIEW, Right.WITHDRAW, Right.STOP}
    ),
    Role.OPERATOR: frozenset(
        {
            Right.DRAFT, Right.EDIT, Right.SCHEDULE, Right.SETTLE, Right.WITHDRAW, Right.MUTE,
            Right.STOP,
        }
    ),
    Role.APPROVER: frozenset(
        {
            Right.APPROVE, Right.EMERGENCY, Right.ACCEPT_SEVERE, Right.OVERRIDE, Right.WITHDRAW,
            Right.MUTE, Right.STOP,
        }
    ),
    Role.AUDITOR: frozenset(),
    Role.ADMIN: frozenset({Right.MANAGE, Right.POLICY, Right.STOP}),
}  # fmt: skip
"""The one table. No role both writes and approves, and who manages accounts does neither."""

_STEPS_OF_AN_EMERGENCY = frozenset({Right.DRAFT, Right.EDIT, Right.SCHEDULE})
_NAMES = {
    Right.DRAFT: ("soạn bản tin", "draft announcements"),
    Right.EDIT: ("sửa bản tin của người khác", "edit what others wrote"),
    Right.REVIEW: ("biên tập duyệt lần một", "give the first approval"),
    Right.APPROVE: ("duyệt bản tin", "approve announcements"),
    Right.EMERGENCY: ("ra lệnh phát khẩn cấp", "order an emergency broadcast"),
    Right.ACCEPT_SEVERE: ("chấp nhận lỗi nghiêm trọng", "accept severe findings"),
    Right.WITHDRAW: ("gỡ tin đã phát", "withdraw what was published"),
    Right.SCHEDULE: ("xếp lịch phát", "schedule"),
    Right.OVERRIDE: ("cho phép ngoại lệ của quy chế", "allow exceptions to the policy"),
    Right.SETTLE: ("xác định kết quả phát", "settle outcomes"),
    Right.MUTE: ("tạm ngưng cụm loa", "mute a station"),
    Right.STOP: ("dừng khẩn cấp", "stop everything"),
    Right.POLICY: ("sửa quy chế phát", "change the policy"),
    Right.MANAGE: ("quản trị", "manage"),
}
ROLES: Mapping[Role, tuple[str, str]] = {
    Role.CONTRIBUTOR: ("cộng tác viên", "contributor"),
    Role.VILLAGE_REP: ("đại diện thôn", "village representative"),
    Role.EDITOR_IN_CHIEF: ("biên tập", "editor in chief"),
    Role.OPERATOR: ("vận hành", "operator"),
    Role.APPROVER: ("người duyệt", "approver"),
    Role.AUDITOR: ("giám sát", "auditor"),
    Role.ADMIN: ("quản trị", "administrator"),
}
_SEE = "Xem: broadcaster person list"
_SEE_EN = "See: broadcaster person list"


@dataclass(frozen=True, slots=True)
class Person:
    """`name` is typed (`--as lan`), `full_name` is shown and logged.

    `villages` and `categories` limit whatever the roles allow; empty means everywhere. A village
    representative without a village may do nothing in any.
    """

    id: int
    commune_id: int
    name: str
    full_name: str
    roles: frozenset[Role]
    villages: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    def may(self, right: Right) -> bool:
        return any(
            right in RIGHTS[role]
            for role in self.roles
            if role != Role.VILLAGE_REP or self.villages
        )

    def must_have(self, right: Right, *, urgent: bool = False) -> None:
        """Raise PolicyRefused when no role of the person carries `right`.

        `urgent`: for an emergency, whoever may order one may take every step of it alone.
        """
        alone = urgent and right in _STEPS_OF_AN_EMERGENCY and self.may(Right.EMERGENCY)
        if not alone and not self.may(right):
            vi, en = _NAMES[right]
            raise PolicyRefused(
                f"{self.full_name} ({self.name}) không có quyền {vi}. "
                "Xem vai trò: broadcaster person list",
                f"{self.full_name} ({self.name}) may not {en}. {_SEE_EN}",
            )

    def covers(self, villages: Iterable[str], category: str = "") -> bool:
        """Whether all these villages ("" is the whole commune) and the category are theirs."""
        inside = not self.villages or set(villages) <= self.villages
        return inside and (not self.categories or not category or category in self.categories)

    def must_cover(self, villages: Iterable[str], category: str = "") -> None:
        """Raise PolicyRefused for a village or category that is not theirs, naming it."""
        beyond = sorted(set(villages) - self.villages) if self.villages else []
        if beyond:
            own = ", ".join(sorted(self.villages))
            vi = f"thôn “{beyond[0]}”" if beyond[0] else "kênh chung của cả xã"
            en = f"village “{beyond[0]}”" if beyond[0] else "outlets of the whole commune"
            raise PolicyRefused(
                f"{self.full_name} ({self.name}) chỉ phụ trách {own}, không gồm {vi}. {_SEE}",
                f"{self.full_name} ({self.name}) answers for {own} only, not for {en}. {_SEE_EN}",
            )
        if not self.covers((), category):
            own = ", ".join(sorted(self.categories))
            raise PolicyRefused(
                f"{self.full_name} ({self.name}) chỉ phụ trách chuyên mục {own}, "
                f"không gồm “{category}”. {_SEE}",
                f"{self.full_name} ({self.name}) answers for {own} only, not for “{category}”. "
                f"{_SEE_EN}",
            )
