"""`broadcaster policy show | list | check | use | except | revoke | exceptions`."""

from __future__ import annotations

import sys
from typing import Any

import click

from broadcaster.cli.base import Session, acting, answering, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.domain import timetable
from broadcaster.domain.breaches import WEEKDAYS
from broadcaster.domain.people import Right
from broadcaster.domain.policy import WAIVABLE, Limit, Policy
from broadcaster.errors import InputError
from broadcaster.services.policy import excepting, policing
from broadcaster.services.policy.excepting import Listed
from broadcaster.services.policy.policing import Finding
from broadcaster.settings import policies

LIMITS = {
    Limit.QUIET: ("giờ yên tĩnh", "quiet hours"),
    Limit.OVERLAP: ("trùng giờ", "clash"),
    Limit.EARLIEST: ("giờ sớm nhất", "earliest hour"),
    Limit.WINDOW: ("khung giờ được phát", "hours allowed"),
    Limit.WEEKDAY: ("ngày trong tuần", "days of the week"),
    Limit.SESSIONS: ("số buổi một ngày", "sessions a day"),
    Limit.SESSION_MINUTES: ("số phút một buổi", "minutes a session"),
    Limit.DAY_MINUTES: ("số phút một ngày", "minutes a day"),
    Limit.REPEATS: ("số lần một tin trong 7 ngày", "repeats of an item in 7 days"),
}


@click.group("policy", help=t("Quy định phát thanh của xã.", "The commune's broadcasting rules."))
def command() -> None: ...


@command.command("show", help=t("Quy định đang áp dụng.", "The rules in force."))
@click.argument("profile", required=False)
@answering
def show(session: Session, profile: str | None) -> None:
    context = session.context
    policy = policing.under(context, profile) if profile else context.policy
    rows = [(t(*name), value) for name, value in _facts(policy)]

    def people() -> None:
        table([t("Quy định", "Rule"), t("Giá trị", "Value")], rows)
        if not policy.profile:
            say(
                t(
                    "Cấu hình chưa chọn hồ sơ: chỉ giờ yên tĩnh và thời gian trễ được áp dụng. "
                    "Chọn: broadcaster policy use 30-phut --reason “…” --as TÊN",
                    "No profile is named: only quiet hours and lateness bind. "
                    "Choose: broadcaster policy use 30-phut --reason “…” --as NAME",
                )
            )

    session.answer({"profile": policy.profile, "rules": _data(policy)}, people)


def _facts(policy: Policy) -> list[tuple[tuple[str, str], str]]:
    """Every rule with its value in words; a dash where there is no limit."""
    days = [t(*WEEKDAYS[day]) for day in sorted(policy.weekdays)]
    stagger = [f"{group} +{seconds} s" for group, seconds in policy.stagger.items()]
    near = [
        f"{kind}: {', '.join(map(str, area.windows)) or '–'}, {_number(area.max_volume)} %"
        for kind, area in policy.areas.items()
    ]
    date = f"{policy.regulation_date:%d/%m/%Y}" if policy.regulation_date else "–"
    return [
        (("hồ sơ", "profile"), policy.profile or "–"),
        (("quy chế", "regulation"), policy.name),
        (("ngày quy chế", "its date"), date),
        (LIMITS[Limit.QUIET], str(policy.quiet_hours or "–")),
        (LIMITS[Limit.EARLIEST], f"{policy.earliest:%H:%M}" if policy.earliest else "–"),
        (LIMITS[Limit.WINDOW], ", ".join(map(str, policy.windows)) or "–"),
        (LIMITS[Limit.WEEKDAY], ", ".join(days) or "–"),
        (LIMITS[Limit.SESSIONS], _number(policy.sessions_a_day)),
        (LIMITS[Limit.SESSION_MINUTES], _minutes(policy.session_length)),
        (LIMITS[Limit.DAY_MINUTES], _minutes(policy.day_length)),
        (LIMITS[Limit.REPEATS], _number(policy.repeats_in_7_days)),
        (("âm lượng cao nhất, %", "highest volume, %"), _number(policy.max_volume)),
        (("gần trường, trạm y tế, nơi thờ tự", "near school, clinic, temple"), "; ".join(near)),
        (("lệch giờ theo nhóm loa", "stagger by group"), ", ".join(stagger) or "–"),
        (("trễ cho phép, loa", "grace, loudspeakers"), _minutes(policy.grace("loudspeaker"))),
        (("trễ cho phép, bài đăng", "grace, posts"), _minutes(policy.grace("post"))),
        (("phê duyệt có hiệu lực, ngày", "approval valid, days"), str(policy.valid_days)),
    ]


def _data(policy: Policy) -> dict[str, Any]:
    return {name[1]: value for name, value in _facts(policy)}


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)


def _minutes(length: Any) -> str:
    if length is None:
        return "–"
    return t(f"{length.total_seconds() / 60:g} phút", f"{length.total_seconds() / 60:g} min")


@command.command("list", help=t("Mọi hồ sơ có sẵn.", "Every profile there is."))
@answering
def every(session: Session) -> None:
    home = session.context.home
    found = {name: policies.load(home, name) for name in policies.names(home)}
    in_use = session.context.policy.profile
    data = [
        {"name": name, "regulation": policy.name, "in_use": name == in_use}
        for name, policy in found.items()
    ]
    rows = [(("● " if name == in_use else "  ") + name, found[name].name) for name in found]
    titles = [t("Hồ sơ", "Profile"), t("Quy chế", "Regulation")]
    session.answer({"profiles": data}, lambda: table(titles, rows))


@command.command(
    "check",
    help=t("Soát lịch sắp tới theo hồ sơ đang dùng hoặc hồ sơ khác.", "Hold the timetable to it."),
)
@click.argument("profile", required=False)
@answering
def check(session: Session, profile: str | None) -> None:
    context = session.context
    policy = policing.under(context, profile) if profile else context.policy
    found = policing.review(context, policy, session.now())
    session.answer(
        {"profile": policy.profile, "refused": _findings(found)},
        lambda: click.echo("\n".join(_lines(found))) if found else None,
    )
    if found:
        sys.exit(6)
    say(t("Không lượt phát nào trái quy định.", "Nothing to come is against the rules."))


def _findings(found: list[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "announcement": one.number,
            "target": one.target,
            "begins": one.begins,
            "limit": one.breach.limit.value,
            "vi": one.breach.text.vi,
            "en": one.breach.text.en,
        }
        for one in found
    ]


def _lines(found: list[Finding]) -> list[str]:
    return [
        f"{local(one.begins)}  {one.number}  {one.target}: "
        + t(one.breach.text.vi, one.breach.text.en)
        for one in found
    ]


@command.command("use", help=t("Dùng hồ sơ khác.", "Use another profile."))
@click.argument("profile")
@click.option("--reason", required=True, help=t("Vì sao đổi", "Why"))
@click.option("--yes", is_flag=True, help=t("Không hỏi lại", "Do not ask"))
@acting
@answering
def use(session: Session, profile: str, reason: str, yes: bool) -> None:
    context, now = session.context, session.now()
    person = session.person(Right.POLICY)
    found = policing.review(context, policing.under(context, profile), now)
    if found:
        say("\n".join(_lines(found)))
        say(
            t(
                f"{len(found)} lượt phát ở trên trái với hồ sơ “{profile}”: lượt đã giao cho trạm "
                "không bị đổi, trạm tự từ chối; lượt chưa lập sẽ bị hủy kèm lý do.",
                f"{len(found)} sounds above are against “{profile}”: stations refuse those that "
                "they hold; what is not planned yet will be cancelled with the cause.",
            )
        )
    if found and not yes:
        if not click.get_text_stream("stdin").isatty():
            raise InputError(
                "Chưa đổi gì. Xem danh sách trên rồi chạy lại với --yes.",
                "Nothing was changed. Look at the list above, then run again with --yes.",
            )
        if not click.confirm(t("Vẫn đổi hồ sơ?", "Change it all the same?"), err=True):
            return say(t("Không đổi gì.", "Nothing was changed."))
    policy = policing.use(context, person, profile, reason, now)
    data = {"profile": profile, "regulation": policy.name, "refused": _findings(found)}
    session.answer(data, lambda: click.echo(t(f"Từ nay: {policy.name}", f"Now: {policy.name}")))
    say(
        t(
            "Máy chủ đang chạy thì khởi động lại để áp dụng: broadcaster run",
            "Start a running server anew for it: broadcaster run",
        )
    )
    return None


@command.command("except", help=t("Cho phép một ngoại lệ.", "Allow an exception."))
@click.argument("number", type=int)
@click.option(
    "--limit",
    required=True,
    type=click.Choice(sorted(WAIVABLE)),
    help=t("Quy định được miễn", "The rule that is waived"),
)
@click.option("--from", "first", help=t("Từ ngày (mặc định: hôm nay)", "First day (today)"))
@click.option("--until", help=t("Đến hết ngày (mặc định: ngày đầu)", "Last day (the first)"))
@click.option("--reason", required=True, help=t("Vì sao", "Why"))
@acting
@answering
def allow(
    session: Session, number: int, limit: str, first: str | None, until: str | None, reason: str
) -> None:
    context, now = session.context, session.now()
    person = session.person(Right.OVERRIDE)
    begins = timetable.parse_date(first) if first else context.policy.local(now).date()
    ends = timetable.parse_date(until) if until else begins
    made = excepting.allow(context, person, number, Limit(limit), begins, ends, reason, now)
    session.answer(
        exception_data(made),
        lambda: click.echo(
            t(
                f"Ngoại lệ số {made.waiver.id} cho tin số {number}.",
                f"Exception {made.waiver.id} for announcement {number}.",
            )
        ),
    )


@command.command("revoke", help=t("Rút lại một ngoại lệ.", "Take an exception back."))
@click.argument("exception", type=int)
@acting
@answering
def revoke(session: Session, exception: int) -> None:
    person = session.person(Right.OVERRIDE)
    made = excepting.revoke(session.context, person, exception, session.now())
    session.answer(
        exception_data(made),
        lambda: click.echo(t(f"Đã rút ngoại lệ số {exception}.", f"Exception {exception} is off.")),
    )


@command.command("exceptions", help=t("Mọi ngoại lệ đã cho.", "Every exception that was given."))
@answering
def exceptions(session: Session) -> None:
    found = excepting.every(session.context)
    session.answer(
        {"exceptions": [exception_data(one) for one in found]}, lambda: show_exceptions(found)
    )


def exception_data(one: Listed) -> dict[str, Any]:
    given = one.waiver
    return {
        "id": given.id,
        "announcement": one.number,
        "limit": given.limit.value,
        "from": given.first_day,
        "until": given.last_day,
        "reason": given.reason,
        "person": given.person,
        "place": given.place,
        "created_at": given.created_at,
        "revoked_at": given.revoked_at,
        "revoked_by": given.revoked_by,
    }


def show_exceptions(found: list[Listed]) -> None:
    titles = t("Số,Tin,Quy định,Từ,Đến,Lý do,Ai cho,Lúc", "No.,Item,Rule,From,To,Why,Who,When")
    rows = [
        (
            str(one.waiver.id),
            str(one.number),
            t(*LIMITS[one.waiver.limit]),
            f"{one.waiver.first_day:%d/%m/%Y}",
            f"{one.waiver.last_day:%d/%m/%Y}",
            one.waiver.reason,
            one.waiver.person,
            local(one.waiver.created_at)
            + (t(" (đã rút)", " (off)") if one.waiver.revoked_at else ""),
        )
        for one in found
    ]
    table(titles.split(","), rows)
