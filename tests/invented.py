"""Announcements as communes write them, invented: the same seed always gives the same one."""

from __future__ import annotations

from random import Random

VILLAGES = ("Đông", "Đoài", "Thượng", "Hạ", "Kè Sắt", "An Lạc", "Hữu Hồng", "Phú Mỹ")
VENUES = ("nhà văn hóa", "NVH", "trạm y tế", "hội trường", "trụ sở", "sân vận động")
_SENTENCES = (
    "{body} mời bà con đến {place} lúc {time} ngày {date}.",
    "Thời gian: từ {time} đến {later}, ngày {date}. Địa điểm: {place}.",
    "{weekday}, ngày {date}, {body} tổ chức họp tại {place} từ {time}.",
    "Mỗi hộ đóng {money}, trẻ từ {low}–{high} tuổi được miễn.",
    "Mức hỗ trợ là {money} cho {count} hộ, trong đó có {few} hộ nghèo.",
    "Diện tích gieo cấy {area} ha, năng suất {area} tấn/ha, tăng {percent}%.",
    "Mọi thắc mắc xin liên hệ số điện thoại {phone}.",
    "Theo Quyết định số {paper}/QĐ-UBND, hạn nộp hồ sơ là {date}.",
    "Kế hoạch giai đoạn {year} – {end}, kinh phí {millions} triệu đồng.",
    "Điện lực cắt điện {place} từ {time} đến {later} các ngày {day}, {next}/{month}.",
    "Đường {village} cấm xe trên {tons} tấn, từ ngày {day} đến ngày {next}/{month}.",
    "Bà con xem mục {roman} của thông báo; tổng cộng {large} đồng.",
)


def announcement(seed: int) -> str:
    """A title and three to six sentences, every one with figures or places."""
    random = Random(seed)  # noqa: S311 -- no secret
    title = random.choice(("Thông báo họp thôn", "Lịch tiêm chủng", "Thông báo cắt điện"))
    lines = random.sample(_SENTENCES, random.randint(3, 6))
    return "\n".join([title, *(line.format(**_words(random)) for line in lines)])


def _words(random: Random) -> dict[str, object]:
    hour, minute = random.randint(5, 19), random.choice((0, 5, 15, 30, 45))
    day, month, year = random.randint(1, 27), random.randint(1, 12), random.randint(2026, 2031)
    low = random.randint(1, 9)
    return {
        "body": random.choice(("UBND xã", "Trạm BVTV", "Hội Nông dân xã", "BCH Đoàn xã")),
        "place": f"{random.choice(VENUES)} thôn {random.choice(VILLAGES)}",
        "village": random.choice(VILLAGES),
        "time": _time(random, hour, minute),
        "later": _time(random, hour + random.randint(1, 4), random.choice((0, 30))),
        "date": _date(random, day, month, year),
        "day": day,
        "next": day + random.randint(1, 3),
        "month": month,
        "weekday": random.choice(("Thứ hai", "Thứ 3", "thứ tư", "Chủ nhật", "Thứ 7")),
        "money": _money(random),
        "millions": f"{random.randint(1, 900)},{random.randint(1, 9)}",
        "large": f"{random.randint(1, 99)}.{random.randint(0, 999):03d}.500",
        "low": low,
        "high": low + random.randint(1, 60),
        "count": random.randint(1, 2500),
        "few": f"{random.randint(1, 9):02d}",
        "area": f"{random.randint(1, 99)},{random.randint(1, 9)}",
        "percent": random.choice(("5", "12", "6,4", "100")),
        "phone": _phone(random),
        "paper": random.randint(1, 1999),
        "year": year,
        "end": year + 4,
        "tons": random.choice((5, 10, 15)),
        "roman": random.choice(("I", "II", "III", "IV")),
    }


def _time(random: Random, hour: int, minute: int) -> str:
    if minute == 0:
        return random.choice((f"{hour}h", f"{hour} giờ", f"{hour:02d}:00", f"{hour}h00"))
    return random.choice(
        (f"{hour}h{minute:02d}", f"{hour:02d}:{minute:02d}", f"{hour} giờ {minute:02d} phút")
    )


def _date(random: Random, day: int, month: int, year: int) -> str:
    return random.choice(
        (
            f"{day:02d}/{month:02d}/{year}",
            f"{day}/{month}/{year}",
            f"{day:02d} tháng {month:02d} năm {year}",
            f"{day}-{month}-{year}",
        )
    )


def _money(random: Random) -> str:
    thousands = random.randint(1, 999)
    return random.choice(
        (
            f"{thousands}.000đ",
            f"{thousands}.000 đồng",
            f"{random.randint(1, 9)}.{thousands:03d}.000 đồng",
            f"{thousands} nghìn đồng",
            f"{random.randint(1, 99)},{random.randint(1, 9)} triệu đồng",
            f"{random.randint(2, 99)} triệu đồng",
        )
    )


def _phone(random: Random) -> str:
    figures = f"09{random.randint(0, 99_999_999):08d}"
    return random.choice(
        (
            figures,
            f"{figures[:4]} {figures[4:7]} {figures[7:]}",
            f"{figures[:4]}.{figures[4:7]}.{figures[7:]}",
        )
    )
