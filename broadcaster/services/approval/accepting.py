"""Accepting what was found, each thing by its name and with a reason; nothing wholesale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from broadcaster.domain.people import Person, Right
from broadcaster.errors import InputError, PolicyRefused
from broadcaster.services.approval.checking import Finding


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the log keeps: the finding, in Vietnamese, and why it was let pass."""

    code: str
    what: str
    severe: bool
    reason: str


def accepted(
    person: Person, found: Sequence[Finding], given: Mapping[str, str] | str, number: int
) -> list[Accepted]:
    """Each finding with its reason.

    Raises InputError for a code that is not among them, PolicyRefused while one is left open or
    for a severe one that this person may not accept.
    """
    reasons = _reasons(found, given)
    unknown = sorted(set(reasons) - {one.code for one in found})
    if unknown:
        known = ", ".join(one.code for one in found) or "–"
        raise InputError(
            f"Không có lưu ý nào mang mã “{unknown[0]}”. Các mã đang có: {known}.",
            f"There is no finding “{unknown[0]}”. Known: {known}.",
        )
    left = [one for one in found if one.code not in reasons]
    if left:
        raise _left(left, number)
    if any(one.severe for one in found):
        person.must_have(Right.ACCEPT_SEVERE)
    return [Accepted(one.code, one.text.vi, one.severe, reasons[one.code]) for one in found]


def _reasons(found: Sequence[Finding], given: Mapping[str, str] | str) -> dict[str, str]:
    if isinstance(given, str):
        reason = given.strip()
        return {found[0].code: reason} if reason and len(found) == 1 else {}
    empty = [code for code, reason in given.items() if not reason.strip()]
    if empty:
        raise InputError(
            f"Chấp nhận “{empty[0]}” phải có lý do: --accept “{empty[0]}=lý do”.",
            f"Accepting “{empty[0]}” needs a reason: --accept “{empty[0]}=reason”.",
        )
    return {code: reason.strip() for code, reason in given.items()}


def _left(left: Sequence[Finding], number: int) -> PolicyRefused:
    vi = "\n".join(f"  - [{one.code}] {one.text.vi}" for one in left)
    en = "\n".join(f"  - [{one.code}] {one.text.en}" for one in left)
    how = " ".join(f"--accept “{one.code}=lý do”" for one in left)
    return PolicyRefused(
        f"Chưa duyệt được. Hãy sửa, hoặc chấp nhận từng điều kèm lý do:\n{vi}\n"
        f"broadcaster approval grant {number} {how}",
        f"Not yet. Mend it, or accept each with a reason:\n{en}\n"
        f"broadcaster approval grant {number} {how.replace('lý do', 'reason')}",
    )
