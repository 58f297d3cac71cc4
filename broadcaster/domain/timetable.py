"""When: rules of a small RFC 5545 subset, written the way people say them, never as crontab.

Expansion runs on naive local time and attaches the zone afterwards, so a wall-clock hour stays that
hour. An hour that a clock change skips or repeats is read as RFC 5545 §3.3.5 says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from broadcaster.domain.policy import ZONE
from broadcaster.errors import InputError

_DAYS = {
    "MO": ("thứ hai", "thứ 2", "t2", "monday", "mon"),
    "TU": ("thứ ba", "thứ 3", "t3", "tuesday", "tue"),
    "WE": ("thứ tư", "thứ 4", "t4", "wednesday", "wed"),
    "TH": ("thứ năm", "thứ 5", "t5", "thursday", "thu"),
    "FR": ("thứ sáu", "thứ 6", "t6", "friday", "fri"),
    "SA": ("thứ bảy", "thứ 7", "t7", "saturday", "sat"),
    "SU": ("chủ nhật", "cn", "sunday", "sun"),
}
_CODES = {word: code for code, words in _DAYS.items() for word in words}
_DAILY = {"hằng ngày", "hàng ngày", "mỗi ngày", "daily"}
_HORIZON = timedelta(days=366 * 2)
"""Nobody plans further ahead; a date beyond it is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One hour of the day on some days. `rrule` is RFC 5545 text, empty for "once".

    `dtstart` is naive local time in `zone`; UNTIL inside `rrule` is local as well.
    """

    rrule: str
    dtstart: datetime
    zone: str = ZONE

    def occurrences(self, after: datetime, before: datetime) -> Iterator[datetime]:
        """Instants (aware UTC) with after <= instant < before, in order, each once."""
        zone = ZoneInfo(self.zone)
        margin = timedelta(days=1)
        low = after.astimezone(zone).replace(tzinfo=None) - margin
        high = before.astimezone(zone).replace(tzinfo=None) + margin
        last = None
        for local in self._locals(low, high):
            instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
            if after <= instant < before and instant != last:
                last = instant
                yield instant

    def _locals(self, low: datetime, high: datetime) -> Iterator[datetime]:
        if not self.rrule:
            return iter([self.dtstart])
        found: Iterator[datetime] = iter(
            rrulestr(self.rrule, dtstart=self.dtstart).between(low, high, inc=True)
        )
        return found

    def first(self, count: int, now: datetime) -> list[datetime]:
        """The next `count` instants from `now` on, looking two years ahead."""
        return list(islice(self.occurrences(now, now + _HORIZON), count))

    def last(self, now: datetime) -> datetime | None:
        """The last instant, or None for a rule that has none within two years."""
        instants = list(self.occurrences(now, now + _HORIZON))
        return instants[-1] if instants else None

    def describe(self) -> str:
        """In Vietnamese, e.g. "thứ hai, thứ tư lúc 05:30, từ 24/11/2026 đến hết 30/11/2026"."""
        hour = f"{self.dtstart:%H:%M:%S}".removesuffix(":00")
        if not self.rrule:
            return f"một lần lúc {hour} ngày {self.dtstart:%d/%m/%Y}"
        days = re.search(r"BYDAY=([A-Z,]+)", self.rrule)
        named = ", ".join(_DAYS[d][0] for d in days[1].split(",")) if days else "hằng ngày"
        end = re.search(r"UNTIL=(\d{4})(\d\d)(\d\d)", self.rrule)
        until = f" đến hết {end[3]}/{end[2]}/{end[1]}" if end else ""
        return f"{named} lúc {hour}, từ {self.dtstart:%d/%m/%Y}{until}"


def written(
    *, on: str, at: str, until: str | None, now: datetime, zone: str = ZONE
) -> Sequence[Rule]:
    """Rules from words: one for each hour in `at`.

    `on`: "hằng ngày", "thứ hai, thứ sáu", or a date "24/11/2026"; `at`: "05:30, 17:00";
    `until`: a date, for rules that repeat. Raises InputError naming the part at fault.
    """
    local_now = now.astimezone(ZoneInfo(zone))
    hours = list(dict.fromkeys(parse_time(part) for part in at.split(",") if part.strip()))
    if not hours:
        raise InputError("Thiếu giờ phát. Ví dụ: --at 05:30,17:00", "No time given: --at 05:30")
    word = " ".join(unicodedata.normalize("NFC", on).lower().split())
    last_day = parse_date(until) if until else None
    if word in _DAILY:
        text = "FREQ=DAILY"
    elif re.search(r"\d/\d|\d-\d", word):
        return _once(word, hours, until, local_now, zone)
    else:
        text = "FREQ=WEEKLY;BYDAY=" + ",".join(_day_codes(word))
    if last_day:
        if last_day < local_now.date():
            raise _past(f"--until {last_day:%d/%m/%Y}")
        text += f";UNTIL={last_day:%Y%m%d}T235959"
    rules = [Rule(text, _starting(hour, local_now), zone) for hour in hours]
    if not all(rule.first(1, now) for rule in rules):
        raise InputError(
            "Lịch này không có ngày phát nào. Kiểm tra lại --on và --until.",
            "This rule has no date at all. Check --on and --until.",
        )
    return rules


def _once(
    word: str, hours: Sequence[time], until: str | None, local_now: datetime, zone: str
) -> Sequence[Rule]:
    if until:
        raise InputError(
            "--until chỉ dùng cho lịch lặp lại, không dùng cho một ngày cụ thể.",
            "--until goes with repeating rules, not with a single date.",
        )
    day = parse_date(word)
    rules = [Rule("", datetime.combine(day, hour), zone) for hour in hours]
    for rule in rules:
        if rule.dtstart <= local_now.replace(tzinfo=None):
            raise _past(f"{rule.dtstart:%H:%M:%S %d/%m/%Y}")
        if rule.dtstart >= local_now.replace(tzinfo=None) + _HORIZON:
            raise InputError(
                f"Ngày {day:%d/%m/%Y} quá xa (hơn hai năm nữa). Kiểm tra lại năm.",
                f"{day:%d/%m/%Y} is more than two years ahead. Check the year.",
            )
    return rules


def _past(what: str) -> InputError:
    return InputError(
        f"Thời điểm {what} đã qua. Hãy chọn thời điểm trong tương lai.",
        f"{what} is in the past. Choose a time to come.",
    )


def _starting(hour: time, local_now: datetime) -> datetime:
    """DTSTART today, or tomorrow when the hour has passed."""
    start = datetime.combine(local_now.date(), hour)
    return start if start > local_now.replace(tzinfo=None) else start + timedelta(days=1)


def _day_codes(word: str) -> list[str]:
    codes = []
    for part in re.split(r"[,;]", word):
        code = _CODES.get(part.strip())
        if code is None:
            raise InputError(
                f"Không hiểu ngày “{part.strip()}”. Viết: hằng ngày; thứ hai, thứ sáu; "
                "chủ nhật; hoặc một ngày như 24/11/2026.",
                f"Day “{part.strip()}” is not understood. Write: daily; monday; 24/11/2026.",
            )
        codes.append(code)
    return [code for code in _DAYS if code in codes]


def day_numbers(words: Sequence[str]) -> list[int]:
    """["thứ hai", "chủ nhật"] -> [0, 6], Monday being 0. Raises InputError."""
    return [list(_DAYS).index(code) for word in words for code in _day_codes(word.strip().lower())]


def parse_time(text: str) -> time:
    """ "05:30", "5h30", "17h", "05:30:15" -> time. Raises InputError."""
    match = re.fullmatch(r"\s*(\d{1,2})(?:[hg]|[:hg](\d{2})(?::(\d{2}))?)\s*", text.lower())
    try:
        if not match:
            raise ValueError
        return time(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    except ValueError:
        raise InputError(
            f"Giờ “{text.strip()}” không hợp lệ. Viết như 05:30 hoặc 17:00.",
            f"Time “{text.strip()}” is not valid. Write 05:30 or 17:00.",
        ) from None


def parse_date(text: str) -> date:
    """ "24/11/2026" (day first) or "2026-11-24" -> date. Raises InputError."""
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 -- a date has no zone
        except ValueError:
            continue
    raise InputError(
        f"Ngày “{text.strip()}” không hợp lệ. Viết ngày/tháng/năm, ví dụ 24/11/2026.",
        f"Date “{text.strip()}” is not valid. Write day/month/year, e.g. 24/11/2026.",
    )
