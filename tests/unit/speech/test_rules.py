"""Readings that are policy: one writing, one way to say it."""

from __future__ import annotations

import pytest

from broadcaster import speech


def heard(text: str) -> str:
    return " ".join(speech.to_spoken(text).lower().replace(",", "").replace(".", "").split())


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        # a dash between quantities is spoken, of wind levels and results it is silent
        ("Trẻ 1–5 tuổi", "trẻ một đến năm tuổi"),
        ("Gió cấp 8-9", "gió cấp tám chín"),
        ("Đội thắng 3-1", "đội thắng ba một"),
        # a leading zero: not in a count, but in documents and phones
        ("01 mô hình", "một mô hình"),
        ("Đề án 06", "đề án không sáu"),
        ("05/NQ-ĐU", "không năm nghị quyết đảng ủy"),
        # short numbers are calls or counts
        ("Gọi 115", "gọi một một năm"),
        ("115 hộ", "một trăm mười lăm hộ"),
        # a numeral only where one can stand
        ("VI PHẠM", "vi phạm"),
        ("VI. VI PHẠM", "sáu vi phạm"),
        ("lần thứ I", "lần thứ nhất"),
        ("Quý I/2026", "quý một năm hai nghìn không trăm hai mươi sáu"),
        # a fraction, a count of a total, or a day
        ("2/3 số hộ", "hai phần ba số hộ"),
        ("đạt 17/19 tiêu chí", "đạt mười bảy trên mười chín tiêu chí"),
        ("sáng 15/8", "sáng mười lăm tháng tám"),
        ("xếp thứ 3/12 xã", "xếp thứ ba trên mười hai xã"),
        # minus and bullet
        ("-2°C", "âm hai độ xê"),
        ("- 100% cán bộ", "một trăm phần trăm cán bộ"),
        # days of one month, years, weekdays
        ("ngày 12-14/9", "ngày mười hai đến mười bốn tháng chín"),
        ("thứ 2, 4, 6", "thứ hai tư sáu"),
        ("T2-T6", "thứ hai đến thứ sáu"),
        ("lúc7h30 ngày5/9", "lúc bảy giờ ba mươi phút ngày mồng năm tháng chín"),
        # money and measures
        ("1tr500", "một triệu năm trăm nghìn đồng"),
        ("25.000đ/kg", "hai mươi lăm nghìn đồng một ki lô gam"),
        ("300,000 đồng", "ba trăm nghìn đồng"),
        ("Km3+500", "ki lô mét ba cộng năm trăm"),
        ("16,5°N", "mười sáu phẩy năm độ vĩ bắc"),
        # one abbreviation, several readings
        ("CT UBND xã", "chủ tịch ủy ban nhân dân xã"),
        ("CT TNHH Hoa Mai", "công ty trách nhiệm hữu hạn hoa mai"),
        ("TT Đảng ủy", "thường trực đảng ủy"),
        ("BCH Quân sự xã", "ban chỉ huy quân sự xã"),
        ("BCH Đảng bộ", "ban chấp hành đảng bộ"),
        ("Lưu: VT, KT.", "lưu văn thư kinh tế"),
        ("KT. CHỦ TỊCH", "ký thay chủ tịch"),
        # a word that touches a figure or a mark reads as with a space; two capitals are a code
        ("0Gmt", "không gi em ti"),
        ("7GMT", "bảy gi em ti"),
        ("12UBND, 3ubnd", "mười hai ủy ban nhân dân ba ủy ban nhân dân"),
        ("5THCS", "năm trung học cơ sở"),
        ("10Bs, 10BS", "mười bác sĩ mười bê ét"),
        ("2.5Tp.HCM", "hai phẩy năm thành phố hồ chí minh"),
        ("STK0123", "số tài khoản không một hai ba"),
        ("pctt-tkcn", "phòng chống thiên tai tìm kiếm cứu nạn"),
        ("20kg, 20ha", "hai mươi ki lô gam hai mươi héc ta"),
        # codes name their type as the text does
        ("Quy định số 144-QĐ/TW", "quy định số một trăm bốn mươi tư quy định trung ương"),
        ("91/2025/QH15", "chín mươi mốt hai nghìn không trăm hai mươi lăm quốc hội khóa mười lăm"),
    ],
)
def test_a_writing_has_one_reading(written: str, spoken: str) -> None:
    assert heard(written) == spoken


def test_a_city_under_the_centre_has_a_city_committee() -> None:
    assert "Thành ủy" in speech.to_spoken("Thành phố Hải Phòng\nSố 05/NQ-TU")
    assert "Tỉnh ủy" in speech.to_spoken("Số 05/NQ-TU")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0", "không"),
        ("104", "một trăm linh bốn"),
        ("1005", "một nghìn không trăm linh năm"),
        ("1.000.005", "một triệu không trăm linh năm"),
        ("2.045.006.007", "hai tỷ không trăm bốn mươi lăm triệu không trăm linh sáu nghìn"
         " không trăm linh bảy"),
        ("7,04", "bảy phẩy không bốn"),
        ("3.900,5", "ba nghìn chín trăm phẩy năm"),
    ],
)  # fmt: skip
def test_numbers_are_said_in_the_northern_standard(value: str, words: str) -> None:
    assert heard(f"Có {value} ở đây") == f"có {words} ở đây"
