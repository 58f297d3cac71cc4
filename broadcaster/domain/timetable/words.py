"""Rules of the timetable from the words of a clerk: one rule for each hour of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from broadcaster.domain.policy import ZONE
from broadcaster.domain.timetable import holidays, reading
from broadcaster.domain.timetable.holidays import EVERY, Holidays
from broadcaster.domain.timetable.reading import parse_date, parse_time, parse_times
from broadcaster.domain.timetable.rule import HORIZON, Rule
from broadcaster.errors import InputError


@dataclass(frozen=True, slots=True)
class Words:
    """What was written, word for word; "" and () where nothing was.

    `on`: "hằng ngày", "thứ hai, thứ sáu", "ngày 1 và 15 hằng tháng", "24/11/2026"; `lunar`:
    "mồng 1, rằm"; `at`: "05:30, 17:00"; `every`: "2 tuần"; `start`, `until`: dates; `skip`: dates
    and names of holidays; `add`: dates, with an hour or for every hour in `at`; `slot`: the key of
    a slot, in the place of `at`.
    """

    at: str
    on: str = ""
    lunar: str = ""
    every: str = ""
    start: str = ""
    until: str = ""
    count: int | None = None
    skip: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    skip_holidays: bool = False
    slot: str = ""


def written(
    words: Words, now: datetime, zone: str = ZONE, days_off: Holidays = holidays.NONE
) -> Sequence[Rule]:
    """The rules that are meant, each beginning with its first date.

    Raises InputError naming the part at fault.
    """
    local_now = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    hours = parse_times(words.at)
    on = reading.normal(words.on)
    reading.refuse_crontab(on)
    if reading.is_single_date(on) and not words.lunar:
        rules = _once(words, on, hours, local_now, zone)
    else:
        end = _end(words, local_now)
        rules = [
            _repeating(text, hour, words, end, local_now, zone)
            for text in _texts(words, on)
            for hour in hours
        ]
    return [_with_exceptions(rule, n, words, local_now, days_off) for n, rule in enumerate(rules)]


def _texts(words: Words, on: str) -> list[str]:
    """Recurrence text without start and end, with its interval."""
    if bool(on) == bool(words.lunar) and not (words.every and not on):
        raise InputError(
            "Ghi ngày bằng --on (“hằng ngày”, “thứ hai, thứ sáu”) hoặc --lunar (“mồng 1, rằm”), "
            "chỉ một trong hai.",
            "Name the days by --on (daily, monday) or by --lunar, one of the two.",
        )
    texts = reading.lunar(words.lunar) if words.lunar else reading.solar(on or "hằng ngày")
    if not words.every:
        return texts
    interval, unit = reading.every(words.every)
    if words.lunar or any(f"FREQ={unit}" not in text for text in texts):
        raise InputError(
            f"--every “{words.every}” không hợp với các ngày đã ghi. “2 tuần” đi với các thứ, "
            "“2 tháng” với ngày trong tháng, “2 ngày” với “hằng ngày”; lịch âm không dùng --every.",
            f"--every “{words.every}” does not fit the days: weeks go with weekdays, months with "
            "days of the month, days with daily; lunar rules have none.",
        )
    return [f"{text};INTERVAL={interval}" if interval > 1 else text for text in texts]


def _end(words: Words, local_now: datetime) -> str:
    if words.until and words.count is not None:
        raise InputError(
            "Chỉ ghi một trong hai: --until (đến ngày) hoặc --count (số lần).",
            "Give --until or --count, not both.",
        )
    if words.count is not None:
        if words.count < 1:
            raise InputError("--count phải từ 1 trở lên.", "--count is at least 1.")
        return f";COUNT={words.count}"
    if not words.until:
        return ""
    last = parse_date(words.until)
    if last < local_now.date():
        raise past(f"--until {last:%d/%m/%Y}")
    return f";UNTIL={last:%Y%m%d}T235959"


def _repeating(
    text: str, hour: time, words: Words, end: str, local_now: datetime, zone: str
) -> Rule:
    """DTSTART is the first date itself: other programs take it for one."""
    begin = max(parse_date(words.start), local_now.date()) if words.start else local_now.date()
    start = datetime.combine(begin, hour)
    # Which of the weeks is the first of every second one is settled by the first date.
    plain = Rule(text.partition(";INTERVAL=")[0], start, zone)
    earliest = max(start, local_now).replace(tzinfo=ZoneInfo(zone))
    first = next((one for one in plain.first(2, earliest) if _local(one, zone) > local_now), None)
    rule = Rule(text + end, start if first is None else _local(first, zone), zone)
    if first is None or not any(True for _ in rule.first(1, earliest)):
        raise InputError(
            "Lịch này không có ngày phát nào. Kiểm tra lại --on và --until.",
            "This rule has no date at all. Check --on and --until.",
        )
    return rule


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _once(
    words: Words, on: str, hours: Sequence[time], local_now: datetime, zone: str
) -> list[Rule]:
    if words.until or words.count is not None or words.every or words.start:
        raise InputError(
            "--from, --until, --count và --every chỉ dùng cho lịch lặp lại, "
            "không dùng cho một ngày cụ thể.",
            "--from, --until, --count and --every go with repeating rules, not with a single date.",
        )
    day = parse_date(on.removeprefix("ngày "))
    rules = [Rule("", datetime.combine(day, hour), zone) for hour in hours]
    for rule in rules:
        check_ahead(rule.dtstart, local_now)
    return rules


def check_ahead(moment: datetime, local_now: datetime) -> None:
    """Raise InputError for a local time that has passed or that nobody means."""
    if moment <= local_now:
        raise past(f"{moment:%H:%M:%S %d/%m/%Y}")
    if moment >= local_now + HORIZON:
        raise InputError(
            f"Ngày {moment:%d/%m/%Y} quá xa (hơn hai năm nữa). Kiểm tra lại năm.",
            f"{moment:%d/%m/%Y} is more than two years ahead. Check the year.",
        )


def past(what: str) -> InputError:
    return InputError(
        f"Thời điểm {what} đã qua. Hãy chọn thời điểm trong tương lai.",
        f"{what} is in the past. Choose a time to come.",
    )


def _with_exceptions(
    rule: Rule, place: int, words: Words, local_now: datetime, days_off: Holidays
) -> Rule:
    """`place`: an added date with an hour of its own belongs to the first rule only."""
    days, avoids = read_skips(words.skip, days_off)
    if words.skip_holidays:
        avoids = (EVERY,)
    added = []
    for moment, own_hour in map(read_added, pieces(words.add)):
        if own_hour and place:
            continue
        when = moment if own_hour else datetime.combine(moment.date(), rule.dtstart.time())
        check_ahead(when, local_now)
        added.append(when)
    kept = tuple(sorted(set(added)))
    return replace(rule, skipped=days, added=kept, avoids=avoids, days_off=days_off)


def pieces(given: Sequence[str]) -> list[str]:
    """What was given in several options or between commas."""
    return [part.strip() for text in given for part in text.split(",") if part.strip()]


def read_skips(
    given: Sequence[str], days_off: Holidays
) -> tuple[tuple[date, ...], tuple[str, ...]]:
    """Dates, and keys of holidays. Raises InputError for a word that is neither."""
    days, keys = set(), set()
    for piece in pieces(given):
        holiday = days_off.named(reading.normal(piece))
        if holiday is not None:
            keys.add(holiday.key)
        elif any(c.isdigit() for c in piece):
            days.add(parse_date(piece))
        else:
            known = ", ".join(one.name for one in days_off.yearly)
            raise InputError(
                f"Không có ngày lễ “{piece}”. Ghi một ngày như 24/11/2026 hoặc tên ngày lễ: "
                f"{known}.",
                f"There is no holiday “{piece}”. Write a date or one of: {known}.",
            )
    return tuple(sorted(days)), tuple(sorted(keys))


def read_added(text: str) -> tuple[datetime, bool]:
    """ "25/12/2026 17:00" -> that time; whether an hour was given with the date."""
    day, _, hour = text.strip().partition(" ")
    moment = parse_time(hour) if hour.strip() else time()
    return datetime.combine(parse_date(day), moment), bool(hour.strip())
