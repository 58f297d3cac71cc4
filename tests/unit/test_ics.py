"""iCalendar files: what we write, others expand alike; what others write is read or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from broadcaster import ics
from broadcaster.domain.timetable import Holidays, Rule
from broadcaster.domain.timetable.holidays import DayOff, Holiday
from broadcaster.errors import InputError
from broadcaster.services.timetable.exporting import plain

wall = datetime.fromisoformat
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
WINDOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC)
DAYS_OFF = Holidays(
    (Holiday("tet", "Tết", 1, 1, lunar=True, before=1, days=5),
     Holiday("tet-duong-lich", "Tết Dương lịch", 1, 1))
)  # fmt: skip
TODAY = date(2026, 11, 23)


def item(rule: Rule, **changes: Any) -> ics.Item:
    known: dict[str, Any] = {
        "uid": "1@x", "sequence": 0, "stamp": NOW, "title": "Họp thôn; mang theo, giấy tờ",
        "place": "Cụm loa thôn Đông", "status": "CONFIRMED", "rule": rule,
        "lasts": timedelta(seconds=30),
    }  # fmt: skip
    return ics.Item(**{**known, **changes})


def of_dateutil(content: bytes) -> list[datetime]:
    """The event as another program expands it: read by icalendar, expanded by dateutil."""
    event: Any
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    start = event["dtstart"].dt
    found = rruleset()
    found.rdate(start)
    if "rrule" in event:
        every: Any = rrulestr(event["rrule"].to_ical().decode(), dtstart=start)
        found.rrule(every)
    for name, put in (("rdate", found.rdate), ("exdate", found.exdate)):
        lists = event.get(name, [])
        for one in lists if isinstance(lists, list) else [lists]:
            for moment in one.dts:
                put(moment.dt)
    return sorted({m.astimezone(UTC) for m in found.between(*WINDOW, inc=True)})


starts = st.datetimes(wall("2026-02-01"), wall("2027-03-01")).map(
    lambda d: d.replace(second=0, microsecond=0)
)
texts = st.sampled_from(
    [
        "", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3;COUNT=9", "FREQ=WEEKLY;BYDAY=MO,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "FREQ=WEEKLY;BYDAY=SA;UNTIL=20270301T235959",
        "FREQ=MONTHLY;BYMONTHDAY=1,-1", "FREQ=MONTHLY;BYDAY=1MO;COUNT=5", "FREQ=YEARLY",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=DAILY;BYHOUR=5,17;BYMINUTE=30",
        "RSCALE=VIETNAMESE;FREQ=MONTHLY;BYMONTHDAY=1,15",
        "RSCALE=VIETNAMESE;FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=15;COUNT=2",
    ]
)  # fmt: skip


@settings(max_examples=25)
@given(
    texts,
    starts,
    st.lists(starts, max_size=2),
    st.lists(st.one_of(starts, starts.map(datetime.date)), max_size=3),
    st.sampled_from([(), ("tet",), ("*",)]),
    st.sampled_from(["Asia/Ho_Chi_Minh", "UTC"]),
)
def test_others_expand_it_to_the_same_instants(
    text: str,
    start: datetime,
    added: list[datetime],
    skipped: list[date],
    avoids: tuple[str, ...],
    zone: str,
) -> None:
    rule = Rule(text, start, zone, tuple(added), tuple(skipped), avoids, DAYS_OFF)
    expected = list(rule.occurrences(*WINDOW))
    exported = plain(rule, NOW)
    if exported is None:
        assert expected == []
        return
    assert of_dateutil(ics.write([item(exported)], "Lịch phát")) == expected


def test_the_same_timetable_is_the_same_file() -> None:
    rule = plain(Rule("FREQ=WEEKLY;BYDAY=MO", wall("2026-11-30T05:30")), NOW)
    assert rule is not None
    content = ics.write([item(rule, sequence=2, status="CANCELLED")], "Lịch phát")
    assert content == ics.write([item(rule, sequence=2, status="CANCELLED")], "Lịch phát")
    calendar: Any = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert (event["uid"], event["sequence"], event["status"]) == ("1@x", 2, "CANCELLED")
    assert str(event["summary"]) == "Họp thôn; mang theo, giấy tờ"
    assert len(calendar.walk("VTIMEZONE")) == 1
    assert b"UNTIL" not in content


def test_the_end_is_told_in_utc() -> None:
    rule = Rule("FREQ=DAILY;UNTIL=20261130T235959", wall("2026-11-24T05:30"))
    assert b"UNTIL=20261130T165959Z" in ics.write([item(rule)], "x")


# --- days off ------------------------------------------------------------------------------------


def calendar(*events: str) -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\n{e}\r\nEND:VEVENT\r\n" for n, e in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}END:VCALENDAR\r\n".encode()


def read(*events: str) -> list[DayOff]:
    return ics.read_days(calendar(*events), "le.ics", DAYS_OFF, TODAY)


def test_days_of_events_are_read_with_the_end_left_out() -> None:
    found = read(
        "SUMMARY:Nghỉ Tết Nguyên đán\r\nDTSTART;VALUE=DATE:20270205\r\nDTEND;VALUE=DATE:20270212",
        "SUMMARY:Nghỉ bù\r\nDTSTART;VALUE=DATE:20270104",
    )
    assert found[0] == DayOff(date(2027, 1, 4), "Nghỉ bù", "")
    assert [one.day.day for one in found[1:]] == [5, 6, 7, 8, 9, 10, 11]
    assert {one.key for one in found[1:]} == {"tet"}


def test_the_longest_name_in_the_title_is_the_holiday_that_is_meant() -> None:
    (one,) = read("SUMMARY:Tết Dương lịch 2027\r\nDTSTART;VALUE=DATE:20270101")
    assert one.key == "tet-duong-lich"
    (forced,) = ics.read_days(
        calendar("SUMMARY:Hoán đổi\r\nDTSTART;VALUE=DATE:20270102"), "x", DAYS_OFF, TODAY, "tet"
    )
    assert forced.key == "tet"


def test_times_are_days_of_here_and_yearly_events_come_every_year() -> None:
    (one,) = read("SUMMARY:Lễ\r\nDTSTART:20270101T180000Z\r\nDTEND:20270102T020000Z")
    assert one.day == date(2027, 1, 2)
    found = read("SUMMARY:Lễ\r\nDTSTART;VALUE=DATE:20200902\r\nRRULE:FREQ=YEARLY")
    assert [day.day for day in found] == [date(y, 9, 2) for y in (2026, 2027, 2028)]


def test_cancelled_events_are_no_days_off() -> None:
    assert read("SUMMARY:Lễ\r\nDTSTART;VALUE=DATE:20270101\r\nSTATUS:CANCELLED") == []


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"", "iCalendar"),
        (b"\xff\xfe\x00", "iCalendar"),
        (b"day,name\n2027-01-01,x\n", "iCalendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "iCalendar"),
        (calendar(), "VEVENT"),
        (calendar("SUMMARY:Lễ A"), "Lễ A"),
        (calendar("SUMMARY:Lễ A\r\nDTSTART;VALUE=DATE:20271301"), "le.ics"),
        (
            calendar(
                "SUMMARY:Lễ A\r\nDTSTART;VALUE=DATE:20270105\r\nDTEND;VALUE=DATE:20270101"
            ),
            "Lễ A",
        ),
        (
            calendar(
                "SUMMARY:Lễ A\r\nDTSTART;VALUE=DATE:20270105\r\nDTEND;VALUE=DATE:20280101"
            ),
            "361 ngày",
        ),
        (b"x" * 2_000_001, "2 MB"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_by_name(content: bytes, names: str) -> None:
    with pytest.raises(InputError) as caught:
        ics.read_days(content, "le.ics", DAYS_OFF, TODAY)
    assert names in caught.value.text.vi
    assert "le.ics" in caught.value.text.vi
    assert caught.value.text.en


@settings(max_examples=100)
@given(st.binary(max_size=80), st.integers(0, 200))
def test_a_damaged_file_is_read_or_refused(noise: bytes, at: int) -> None:
    good = calendar("SUMMARY:Lễ\r\nDTSTART;VALUE=DATE:20270101")
    try:
        ics.read_days(good[:at] + noise + good[at:], "le.ics", DAYS_OFF, TODAY)
    except InputError:
        return
