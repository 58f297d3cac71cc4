"""What a clerk may write for a rule, beyond weekdays and single dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broadcaster.domain.timetable import Holidays, Rule, Words, describe, written
from broadcaster.domain.timetable.holidays import Holiday
from broadcaster.errors import InputError

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 08:00
DAYS_OFF = Holidays(
    (Holiday("tet", "Tết Nguyên đán", 1, 1, lunar=True, before=1, days=5),
     Holiday("duong-lich", "Tết Dương lịch", 1, 1))
)  # fmt: skip


def one(**words: Any) -> Rule:
    (rule,) = written(Words(**{"at": "05:30", **words}), NOW, days_off=DAYS_OFF)
    return rule


def dates(rule: Rule, count: int = 3) -> list[str]:
    return [f"{moment.astimezone(HERE):%d/%m/%Y}" for moment in rule.first(count, NOW)]


@pytest.mark.parametrize(
    ("on", "text", "first"),
    [
        ("ngày 1 và 15 hằng tháng", "FREQ=MONTHLY;BYMONTHDAY=1,15", "01/12/2026"),
        ("Ngày 5, ngày 20 hàng tháng", "FREQ=MONTHLY;BYMONTHDAY=5,20", "05/12/2026"),
        ("cuối tháng", "FREQ=MONTHLY;BYMONTHDAY=-1", "30/11/2026"),
        ("ngày cuối cùng hằng tháng", "FREQ=MONTHLY;BYMONTHDAY=-1", "30/11/2026"),
        ("thứ hai đầu tiên hằng tháng", "FREQ=MONTHLY;BYDAY=1MO", "07/12/2026"),
        ("chủ nhật thứ hai hằng tháng", "FREQ=MONTHLY;BYDAY=2SU", "13/12/2026"),
        ("thứ sáu cuối cùng hằng tháng", "FREQ=MONTHLY;BYDAY=-1FR", "27/11/2026"),
        ("first monday monthly", "FREQ=MONTHLY;BYDAY=1MO", "07/12/2026"),
        ("day 1, 15 monthly", "FREQ=MONTHLY;BYMONTHDAY=1,15", "01/12/2026"),
        ("ngày 2/9 hằng năm", "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2", "02/09/2027"),
        ("thứ hai và thứ tư", "FREQ=WEEKLY;BYDAY=MO,WE", "25/11/2026"),
    ],
)
def test_days_of_months_and_years(on: str, text: str, first: str) -> None:
    rule = one(on=on)
    assert rule.rrule == text
    assert f"{rule.dtstart:%d/%m/%Y}" == first == dates(rule)[0], "DTSTART is the first date"


def test_every_second_week_begins_with_the_next_such_day() -> None:
    rule = one(on="thứ hai", every="2 tuần")
    assert rule.rrule == "FREQ=WEEKLY;BYDAY=MO;INTERVAL=2"
    assert dates(rule) == ["30/11/2026", "14/12/2026", "28/12/2026"]


def test_intervals_without_days_are_days() -> None:
    assert dates(one(every="3 ngày")) == ["24/11/2026", "27/11/2026", "30/11/2026"]


def test_a_count_and_a_beginning() -> None:
    rule = one(on="hằng ngày", count=2, start="01/12/2026")
    assert dates(rule, 9) == ["01/12/2026", "02/12/2026"]


@pytest.mark.parametrize(
    ("lunar", "texts"),
    [
        ("mồng 1, rằm", ["FREQ=MONTHLY;BYMONTHDAY=1,15"]),
        ("Mùng một và rằm hằng tháng", ["FREQ=MONTHLY;BYMONTHDAY=1,15"]),
        ("rằm tháng 7", ["FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=15"]),
        ("rằm tháng giêng", ["FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=15"]),
        ("10/3", ["FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=10"]),
        ("mồng mười tháng ba âm lịch", ["FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=10"]),
        ("23 tháng chạp", ["FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=23"]),
        ("cuối tháng", ["FREQ=MONTHLY;BYMONTHDAY=-1"]),
        ("rằm, 10/3", ["FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=10"]),
    ],
)
def test_lunar_days(lunar: str, texts: list[str]) -> None:
    rules = written(Words(at="05:30", lunar=lunar), NOW)
    assert [rule.rrule for rule in rules] == [f"RSCALE=VIETNAMESE;{text}" for text in texts]


def test_the_next_first_and_fifteenth() -> None:
    assert dates(one(lunar="mồng 1, rằm")) == ["09/12/2026", "23/12/2026", "08/01/2027"]


def test_dates_and_holidays_are_skipped_and_dates_added() -> None:
    rule = one(on="hằng ngày", skip=("25/11/2026, Tết Dương lịch",), add=("25/12/2027 17:00",))
    assert dates(rule, 2) == ["24/11/2026", "26/11/2026"]
    days = {f"{moment.astimezone(HERE):%d/%m %H:%M}" for moment in rule.first(900, NOW)}
    assert "01/01 05:30" not in days
    assert "25/12 17:00" in days


def test_nothing_during_tet() -> None:
    rule = one(on="hằng ngày", skip=("tết nguyên đán",), start="03/02/2027")
    assert dates(rule) == ["03/02/2027", "04/02/2027", "10/02/2027"]


def test_every_holiday() -> None:
    rule = one(on="hằng ngày", skip_holidays=True, start="31/12/2026")
    assert dates(rule, 2) == ["31/12/2026", "02/01/2027"]
    assert describe(rule).vi == "hằng ngày lúc 05:30, từ 31/12/2026; trừ ngày lễ"


def test_an_added_hour_of_its_own_belongs_to_one_of_the_rules() -> None:
    rules = written(Words(at="05:30,17:00", on="thứ hai", add=("25/12/2026 19:00",)), NOW)
    assert [len(rule.added) for rule in rules] == [1, 0]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ({"on": "ngày 32 hằng tháng"}, "ngày 32"), ({"on": "thứ chín hằng tháng"}, "thứ chín"),
        ({"on": "ngày 31/2 hằng năm"}, "31/2"), ({"on": "0 5 * * 1"}, "crontab"),
        ({"on": "*/5 * * * *"}, "crontab"), ({"on": "thứ hai", "every": "2 tháng"}, "2 tháng"),
        ({"on": "thứ hai", "every": "hai tuần"}, "hai tuần"), ({"lunar": "mồng 31"}, "mồng 31"),
        ({"lunar": "rằm tháng 13"}, "tháng 13"), ({"lunar": "rằm", "every": "2 tháng"}, "--every"),
        ({"lunar": "rằm", "on": "thứ hai"}, "--lunar"), ({}, "--on"),
        ({"on": "thứ hai", "until": "30/11/2026", "count": 2}, "--count"),
        ({"on": "thứ hai", "count": 0}, "--count"), ({"on": "24/11/2026", "count": 2}, "--count"),
        ({"on": "hằng ngày", "skip": ("Halloween",)}, "Halloween"),
        ({"on": "hằng ngày", "skip": ("31/02/2027",)}, "31/02/2027"),
        ({"on": "hằng ngày", "add": ("22/11/2026",)}, "22/11/2026"),
        ({"on": "hằng ngày", "start": "01/12/2026", "until": "30/11/2026"}, "--until"),
        ({"lunar": "rằm tháng 7 nhuận"}, "--until"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_name(words: dict[str, object], names: str) -> None:
    with pytest.raises(InputError) as caught:
        one(**words)
    assert names in caught.value.text.vi
    assert caught.value.text.en


@pytest.mark.parametrize(
    ("words", "vi", "en"),
    [
        ({"on": "thứ hai đầu tiên hằng tháng"},
         "thứ hai đầu tiên hằng tháng lúc 05:30, từ 07/12/2026",
         "first Monday of every month at 05:30, from 07/12/2026"),
        ({"on": "ngày 1 và 15 hằng tháng", "count": 3},
         "ngày 1, 15 hằng tháng lúc 05:30, từ 01/12/2026, 3 lần",
         "day 1, 15 of every month at 05:30, from 01/12/2026, 3 times"),
        ({"lunar": "mồng 1, rằm"}, "mồng 1, rằm âm lịch hằng tháng lúc 05:30, từ 09/12/2026",
         "lunar day 1, day 15 of every month at 05:30, from 09/12/2026"),
        ({"lunar": "10/3"}, "mồng 10 tháng 3 âm lịch lúc 05:30, từ 16/04/2027",
         "lunar day 10 of month 3 at 05:30, from 16/04/2027"),
        ({"on": "thứ hai", "every": "2 tuần"},
         "thứ hai, cách 2 tuần một lần lúc 05:30, từ 30/11/2026",
         "Monday, every 2 weeks at 05:30, from 30/11/2026"),
        ({"on": "ngày 2/9 hằng năm"}, "ngày 2 tháng 9 hằng năm lúc 05:30, từ 02/09/2027",
         "day 2 of month 9 every year at 05:30, from 02/09/2027"),
    ],
)  # fmt: skip
def test_rules_describe_themselves(words: dict[str, object], vi: str, en: str) -> None:
    said = describe(one(**words))
    assert (said.vi, said.en) == (vi, en)
