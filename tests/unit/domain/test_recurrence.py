"""Recurrence by RFC 5545: dateutil judges what lies inside the subset, reasons what does not."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.timetable import Rule
from broadcaster.domain.timetable.recurrence import WEEKDAYS, parse
from broadcaster.errors import PolicyRefused

wall = datetime.fromisoformat
days = st.sampled_from(WEEKDAYS)


def listed(values: st.SearchStrategy[object], most: int = 3) -> st.SearchStrategy[str]:
    found = st.lists(values, min_size=1, max_size=most, unique=True)
    return found.map(lambda some: ",".join(map(str, some)))


def part(name: str, values: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return values.map(lambda value: f";{name}={value}")


month_days = st.sampled_from([1, 2, 15, 28, 29, 30, 31, -1, -2, -31])
numbered = st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2, -5]), days).map(
    lambda pair: f"{pair[0]}{pair[1]}"
)
months = part("BYMONTH", listed(st.integers(1, 12)))
by_month_day = part("BYMONTHDAY", listed(month_days))
places = part("BYSETPOS", listed(st.sampled_from([1, 2, 3, -1, -2])))
none = st.just("")
plain_days = part("BYDAY", listed(days, 5))
which = st.one_of(
    st.tuples(st.just("DAILY"), st.one_of(none, plain_days, by_month_day, months)),
    st.tuples(st.just("WEEKLY"), st.one_of(none, plain_days)),
    st.tuples(
        st.just("MONTHLY"),
        st.one_of(
            none,
            by_month_day,
            part("BYDAY", listed(numbered)),
            st.tuples(plain_days, st.one_of(none, places, by_month_day)).map("".join),
        ),
    ),
    st.tuples(
        st.just("YEARLY"),
        st.one_of(
            none,
            months,
            by_month_day,
            plain_days,
            st.tuples(months, st.one_of(by_month_day, part("BYDAY", listed(numbered)))).map(
                "".join
            ),
        ),
    ),
)
instants = st.datetimes(wall("2025-01-01"), wall("2029-01-01")).map(
    lambda d: d.replace(second=0, microsecond=0)
)
ends = st.one_of(
    none,
    part("COUNT", st.integers(1, 20)),
    part("UNTIL", instants.map(lambda moment: f"{moment:%Y%m%dT%H%M%S}")),
)
several_hours = st.one_of(
    none,
    st.tuples(
        part("BYHOUR", listed(st.integers(0, 23))),
        st.one_of(none, part("BYMINUTE", listed(st.sampled_from([0, 15, 30, 59]), 2))),
    ).map("".join),
)
texts = st.tuples(
    which,
    st.one_of(none, part("INTERVAL", st.integers(1, 7))),
    st.one_of(none, part("WKST", days)),
    several_hours,
    ends,
).map(lambda p: f"FREQ={p[0][0]}{p[0][1]}{''.join(p[1:])}")


def of_dateutil(text: str, start: datetime, low: datetime, high: datetime) -> list[datetime]:
    return list(rrulestr(text, dtstart=start).between(low, high, inc=True))


def ours(rule: Rule, low: datetime, high: datetime) -> list[datetime]:
    """In local time of UTC, both ends included."""
    after, before = low.replace(tzinfo=UTC), high.replace(tzinfo=UTC) + timedelta(seconds=1)
    return [moment.replace(tzinfo=None) for moment in rule.occurrences(after, before)]


@settings(max_examples=250)
@given(texts, instants, instants, st.integers(0, 1500))
def test_every_rule_of_the_subset_expands_as_dateutil_says(
    text: str, start: datetime, low: datetime, length: int
) -> None:
    high = low + timedelta(days=length)
    assert ours(Rule(text, start, "UTC"), low, high) == of_dateutil(text, start, low, high)


@settings(max_examples=80)
@given(texts, instants, st.data())
def test_added_and_skipped_times_are_a_union_and_a_difference(
    text: str, start: datetime, data: st.DataObject
) -> None:
    high = start + timedelta(days=400)
    plain = ours(Rule(text, start, "UTC"), start, high)
    known = st.sampled_from(plain) if plain else instants
    skipped = tuple(data.draw(st.lists(st.one_of(known, instants), max_size=3)))
    added = tuple(data.draw(st.lists(st.one_of(known, instants), max_size=3)))
    found = ours(Rule(text, start, "UTC", added, skipped), start, high)
    inside = {one for one in added if start <= one <= high}
    assert found == sorted((set(plain) | inside) - set(skipped))


@settings(max_examples=60)
@given(texts, instants, st.sampled_from(["America/New_York", "Pacific/Apia", "Europe/Dublin"]))
def test_instants_are_in_order_and_each_once_in_every_zone(
    text: str, start: datetime, zone: str
) -> None:
    rule = Rule(text, start, zone)
    begin = start.replace(tzinfo=UTC) - timedelta(days=2)
    found = list(rule.occurrences(begin, begin + timedelta(days=500)))
    locals_ = of_dateutil(text, start, start - timedelta(days=3), start + timedelta(days=503))
    meant = {one.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for one in locals_}
    assert found == sorted(one for one in meant if begin <= one < begin + timedelta(days=500))
    assert all(a < b for a, b in pairwise(found))


def dates(text: str, start: str, until: str, zone: str = "UTC") -> list[str]:
    rule = Rule(text, wall(start), zone)
    return [f"{one:%Y-%m-%d %H:%M}" for one in ours(rule, wall(start), wall(until))]


def test_a_start_that_the_rule_does_not_name_is_no_occurrence_and_is_not_counted() -> None:
    assert dates("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", "2026-11-24T05:30", "2027-01-01") == [
        "2026-11-25 05:30", "2026-11-30 05:30", "2026-12-02 05:30",
    ]  # fmt: skip


def test_day_31_and_29_february_are_left_out_where_there_is_none() -> None:
    assert dates("FREQ=MONTHLY;COUNT=3", "2027-01-31T05:30", "2028-01-01") == [
        "2027-01-31 05:30", "2027-03-31 05:30", "2027-05-31 05:30",
    ]  # fmt: skip
    assert dates("FREQ=YEARLY", "2024-02-29T05:30", "2033-01-01") == [
        "2024-02-29 05:30", "2028-02-29 05:30", "2032-02-29 05:30",
    ]  # fmt: skip


def test_the_week_begins_where_the_rule_says() -> None:
    """The example of RFC 5545 §3.3.10."""
    text = "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST="
    assert [d[5:10] for d in dates(text + "MO", "1997-08-05T09:00", "1998-01-01")] == [
        "08-05", "08-10", "08-19", "08-24",
    ]  # fmt: skip
    assert [d[5:10] for d in dates(text + "SU", "1997-08-05T09:00", "1998-01-01")] == [
        "08-05", "08-17", "08-19", "08-31",
    ]  # fmt: skip


def test_until_belongs_to_the_rule_in_local_time_and_in_utc() -> None:
    here = "Asia/Ho_Chi_Minh"
    for until in ("20261125T053000", "20261124T223000Z"):
        rule = Rule(f"FREQ=DAILY;UNTIL={until}", wall("2026-11-24T05:30"), here)
        assert len(rule.first(9, datetime(2026, 11, 1, tzinfo=UTC))) == 2


def test_plain_and_numbered_weekdays_may_stand_together() -> None:
    """dateutil finds nothing here; RFC 5545 gives the union, and so does libical."""
    assert dates("FREQ=MONTHLY;BYDAY=SA,1TU;COUNT=5", "2026-12-01T05:00", "2027-01-01") == [
        "2026-12-01 05:00", "2026-12-05 05:00", "2026-12-12 05:00", "2026-12-19 05:00",
        "2026-12-26 05:00",
    ]  # fmt: skip


def test_a_whole_day_may_be_skipped() -> None:
    rule = Rule("FREQ=DAILY", wall("2026-11-24T05:30"), "UTC", skipped=(date(2026, 11, 25),))
    found = ours(rule, wall("2026-11-24"), wall("2026-11-26T23:00"))
    assert [one.day for one in found] == [24, 26]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FREQ=SECONDLY", "SECONDLY"), ("FREQ=MINUTELY", "MINUTELY"), ("FREQ=HOURLY", "HOURLY"),
        ("FREQ=YEARLY;BYYEARDAY=100", "BYYEARDAY"), ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO"),
        ("FREQ=YEARLY;BYEASTER=1", "BYEASTER"), ("FREQ=DAILY;BYSECOND=1", "BYSECOND"),
        ("FREQ=DAILY;X-MOON=FULL", "X-MOON"), ("FREQ=FORTNIGHTLY", "FORTNIGHTLY"),
        ("INTERVAL=2", "FREQ"), ("", "TÊN=GIÁ_TRỊ"), ("FREQ=DAILY;", "TÊN=GIÁ_TRỊ"),
        ("FREQ=DAILY;COUNT", "COUNT"), ("FREQ=DAILY;FREQ=DAILY", "hai lần"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261130T000000", "COUNT, UNTIL"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"), ("FREQ=DAILY;COUNT=-1", "COUNT=-1"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"), ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL"),
        ("FREQ=DAILY;UNTIL=20261130", "UNTIL=20261130"),
        ("FREQ=DAILY;UNTIL=20261131T000000", "UNTIL"),
        ("FREQ=DAILY;UNTIL=2026-11-30T00:00:00", "UNTIL"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"), ("FREQ=DAILY;BYDAY=-1FR", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY"), ("FREQ=MONTHLY;BYDAY=54MO", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=T2", "T2"), ("FREQ=WEEKLY;BYDAY=MON", "MON"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY"), ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "32"), ("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=3", "BYDAY"),
        ("FREQ=YEARLY;BYMONTH=13", "13"), ("FREQ=DAILY;BYHOUR=24", "24"),
        ("FREQ=DAILY;BYMINUTE=60", "60"), ("FREQ=WEEKLY;WKST=XX", "WKST"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"), ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS"),
        ("0 5 * * 1", "crontab"), ("*/5 5 * * MON", "crontab"),
        ("RSCALE=CHINESE;FREQ=MONTHLY;BYMONTHDAY=1", "RSCALE"), ("FREQ=DAILY;SKIP=OMIT", "SKIP"),
        ("RSCALE=VIETNAMESE;FREQ=DAILY", "FREQ=DAILY"),
        ("RSCALE=VIETNAMESE;FREQ=MONTHLY;BYDAY=MO", "VIETNAMESE"),
        ("RSCALE=VIETNAMESE;FREQ=YEARLY;BYMONTHDAY=1", "BYMONTH"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;SKIP=FORWARD", "FORWARD"),
    ],
)  # fmt: skip
def test_what_lies_outside_is_refused_by_name(text: str, names: str) -> None:
    with pytest.raises(PolicyRefused) as caught:
        parse(text)
    assert names in caught.value.text.vi
    assert caught.value.text.en


@settings(max_examples=150)
@given(st.text(alphabet="FREQ=DAILYMONTHUCWKS;,0123456789TZ-+ *", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(PolicyRefused):
        assert parse(text).freq
