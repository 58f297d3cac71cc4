"""Rules of the timetable: what people write, and the instants that come of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.timetable import Rule, Words, describe, parse_date, parse_time, written
from broadcaster.errors import InputError

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 08:00
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

wall = datetime.fromisoformat
"""Local time without a zone, as a rule keeps it."""

zones = st.sampled_from(
    ["Asia/Ho_Chi_Minh", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "UTC"]
)
wall_times = st.datetimes(wall("2025-01-01"), wall("2028-01-01")).map(
    lambda d: d.replace(microsecond=0)
)
rules = st.builds(
    Rule,
    rrule=st.one_of(
        st.just("FREQ=DAILY"),
        st.sets(st.sampled_from(DAYS), min_size=1).map(
            lambda days: "FREQ=WEEKLY;BYDAY=" + ",".join(sorted(days, key=DAYS.index))
        ),
    ),
    dtstart=wall_times,
    zone=zones,
)
windows = st.tuples(wall_times, st.integers(1, 40)).map(
    lambda w: (w[0].replace(tzinfo=UTC), w[0].replace(tzinfo=UTC) + timedelta(days=w[1]))
)


def asked_of_dateutil(rule: Rule, after: datetime, before: datetime) -> set[datetime]:
    """The same by dateutil's own zones, asked for a good deal more than the window."""
    zone = tz.gettz(rule.zone)
    low, high = (t.replace(tzinfo=None) for t in (after, before))
    margin = timedelta(days=3)
    locals_ = rrulestr(rule.rrule, dtstart=rule.dtstart).between(low - margin, high + margin, True)
    real = (tz.resolve_imaginary(local.replace(tzinfo=zone)) for local in locals_)
    instants = {moment.astimezone(UTC) for moment in real}
    return {moment for moment in instants if after <= moment < before}


@given(rules, windows)
def test_the_instants_are_those_of_dateutil_in_every_zone(
    rule: Rule, window: tuple[datetime, datetime]
) -> None:
    found = list(rule.occurrences(*window))
    assert set(found) == asked_of_dateutil(rule, *window)
    assert all(moment.tzinfo is UTC for moment in found)
    assert all(a < b for a, b in pairwise(found)), "in order, each once"


@given(rules, windows, st.integers(0, 40))
def test_two_windows_that_meet_give_what_one_gives(
    rule: Rule, window: tuple[datetime, datetime], days: int
) -> None:
    after, before = window
    middle = min(after + timedelta(days=days), before)
    parts = [*rule.occurrences(after, middle), *rule.occurrences(middle, before)]
    assert parts == list(rule.occurrences(after, before))


@given(rules, windows)
def test_the_wall_clock_hour_stays_but_in_a_gap(
    rule: Rule, window: tuple[datetime, datetime]
) -> None:
    zone = ZoneInfo(rule.zone)
    for moment in rule.occurrences(*window):
        local = moment.astimezone(zone)
        shown = local.replace(tzinfo=None).time()
        exists = datetime.combine(local.date(), rule.dtstart.time(), zone)
        if exists.astimezone(UTC).astimezone(zone).time() == rule.dtstart.time():
            assert shown == rule.dtstart.time()
        assert local.fold == 0, "of a repeated hour only the first counts"


def test_a_skipped_hour_is_read_with_the_offset_before_the_change() -> None:
    rule = Rule("FREQ=DAILY", wall("2026-03-07 02:30"), "America/New_York")
    days = list(
        rule.occurrences(datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC))
    )
    assert days == [
        datetime(2026, 3, 7, 7, 30, tzinfo=UTC),
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),  # shown as 03:30
        datetime(2026, 3, 9, 6, 30, tzinfo=UTC),
    ]


def test_a_repeated_hour_counts_once_the_first_time() -> None:
    rule = Rule("", wall("2026-11-01 01:30"), "America/New_York")
    window = datetime(2026, 10, 31, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
    assert list(rule.occurrences(*window)) == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]


def test_the_window_is_closed_below_and_open_above() -> None:
    rule = Rule("", wall("2026-11-24 05:30"))
    moment = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert list(rule.occurrences(moment, moment + second)) == [moment]
    assert list(rule.occurrences(moment - second, moment)) == []


# --- as people write -----------------------------------------------------------------------------


def said(on: str, at: str, until: str | None) -> Sequence[Rule]:
    return written(Words(on=on, at=at, until=until or ""), NOW)


def local_dates(rule: Rule, count: int) -> list[str]:
    return [f"{d.astimezone(HERE):%a %d/%m %H:%M}" for d in rule.first(count, NOW)]


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("thứ hai", "MO"), ("Thứ Ba", "TU"), ("t4", "WE"), ("thứ  năm", "TH"), ("friday", "FR"),
        ("T7", "SA"), ("chủ nhật", "SU"), ("CN", "SU"), ("thứ 2", "MO"), ("thứ 7", "SA"),
    ],
)  # fmt: skip
def test_every_weekday_has_its_names(on: str, code: str) -> None:
    (rule,) = said(on=on, at="05:30", until=None)
    assert rule.rrule == f"FREQ=WEEKLY;BYDAY={code}"


def test_a_name_typed_in_decomposed_letters_is_the_same_name() -> None:
    (rule,) = said(on=unicodedata.normalize("NFD", "hằng ngày"), at="05:30", until=None)
    assert rule.rrule == "FREQ=DAILY"


def test_days_are_put_in_the_order_of_the_week_and_counted_once() -> None:
    (rule,) = said(on="thứ sáu; thứ hai, t6", at="05:30", until=None)
    assert rule.rrule == "FREQ=WEEKLY;BYDAY=MO,FR"
    assert local_dates(rule, 3) == ["Fri 27/11 05:30", "Mon 30/11 05:30", "Fri 04/12 05:30"]


def test_an_hour_that_has_passed_today_begins_tomorrow() -> None:
    early, late = said(on="hằng ngày", at="05:30, 17:00", until=None)
    assert local_dates(early, 1) == ["Tue 24/11 05:30"]
    assert local_dates(late, 1) == ["Mon 23/11 17:00"]


def test_until_is_a_whole_day_of_here() -> None:
    (rule,) = said(on="hằng ngày", at="23:59", until="24/11/2026")
    assert local_dates(rule, 9) == ["Mon 23/11 23:59", "Tue 24/11 23:59"]


def test_an_hour_written_twice_is_one_rule() -> None:
    assert len(said(on="hằng ngày", at="05:30, 5h30", until=None)) == 1


@pytest.mark.parametrize(
    ("on", "at", "until", "names"),
    [
        ("22/11/2026", "05:30", None, "05:30:00 22/11/2026"),
        ("23/11/2026", "08:00", None, "08:00:00 23/11/2026"),  # this very second
        ("thứ hai", "05:30", "22/11/2026", "22/11/2026"),
        ("thứ ba", "05:30", "23/11/2026", "--until"),  # no Tuesday until then
        ("24/11/2026", "05:30", "30/11/2026", "--until"),
        ("31/02/2027", "05:30", None, "31/02/2027"),
        ("24/11/26", "05:30", None, "24/11/26"),
        ("01/01/2031", "05:30", None, "01/01/2031"),  # nobody means that
        ("mồng một", "05:30", None, "mồng một"),
        ("* * * * 1", "05:30", None, "* * * * 1"),
        ("", "05:30", None, "hằng ngày"),
        ("hằng ngày", "", None, "--at"),
        ("hằng ngày", " , ", None, "--at"),
        ("hằng ngày", "05:30,25:00", None, "25:00"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    on: str, at: str, until: str | None, names: str
) -> None:
    with pytest.raises(InputError, match=names.replace("*", r"\*")) as caught:
        said(on=on, at=at, until=until)
    assert caught.value.text.en


@given(on=st.text(max_size=20), at=st.text(max_size=12), until=st.none() | st.text(max_size=12))
def test_any_text_is_a_rule_or_a_clear_refusal(on: str, at: str, until: str | None) -> None:
    try:
        found = said(on=on, at=at, until=until)
    except InputError:
        return
    assert all(rule.first(1, NOW) for rule in found)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("05:30", time(5, 30)), ("5h30", time(5, 30)), ("17h", time(17)), ("5g", time(5)),
        ("17G05", time(17, 5)), (" 05:30:15 ", time(5, 30, 15)), ("0h", time(0)),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(text: str, meant: time) -> None:
    assert parse_time(text) == meant


@pytest.mark.parametrize(
    "text", ["17", "17h:30", "5::30", "24:00", "05:60", "5h3", "17h30p", "", "½h"]
)
def test_half_written_hours_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_time(text)


def test_the_day_comes_first() -> None:
    assert parse_date("03/04/2027") == parse_date("2027-04-03") == date(2027, 4, 3)


def test_a_rule_describes_itself() -> None:
    (rule,) = said(on="t2,t4", at="05:30", until="30/11/2026")
    assert describe(rule).vi == "thứ hai, thứ tư lúc 05:30, từ 25/11/2026 đến hết 30/11/2026"
    (once,) = said(on="24/11/2026", at="17:00:05", until=None)
    assert describe(once).vi == "một lần lúc 17:00:05 ngày 24/11/2026"


def test_the_last_instant_of_a_single_date_is_that_date() -> None:
    (once,) = said(on="24/11/2026", at="17:00", until=None)
    assert once.last(NOW) == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
