"""Chuyên mục: what an announcement is about, who may write it, and what it has to name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.errors import InputError


@dataclass(frozen=True, slots=True)
class Category:
    """`quotes_policy`: it passes on what a paper says, so the paper's number must be given."""

    key: str
    name: str
    quotes_policy: bool = False


GENERAL = "thong-bao-chung"
"""The category of whatever was given none."""

SHIPPED = (
    Category("chu-truong", "chủ trương, pháp luật", quotes_policy=True),
    Category("chi-dao", "chỉ đạo, điều hành", quotes_policy=True),
    Category("kinh-te", "kinh tế, OCOP"),
    Category("nong-nghiep", "nông nghiệp, thời vụ"),
    Category("khoa-hoc", "khoa học, chuyển đổi số, đổi mới sáng tạo, khởi nghiệp"),
    Category("dich-vu-cong", "dịch vụ công trực tuyến"),
    Category("an-ninh", "an ninh, quân sự"),
    Category("thien-tai", "thiên tai, phòng cháy, dịch bệnh"),
    Category("xa-hoi", "y tế, giáo dục, an sinh"),
    Category("van-hoa", "văn hóa, thể thao"),
    Category("guong-tot", "gương người tốt"),
    Category("phan-anh", "phản ánh và trả lời"),
    Category(GENERAL, "thông báo chung"),
)
"""The commune's own list, in its settings, takes the place of this one (Decree 49/2024, Art. 6)."""


def find(known: Sequence[Category], key: str) -> Category:
    """Raises InputError naming the ones that exist."""
    for category in known:
        if category.key == key:
            return category
    listed = "\n".join(f"  {one.key}: {one.name}" for one in known)
    raise InputError(
        f"Không có chuyên mục “{key}”. Các chuyên mục:\n{listed}",
        f"There is no category “{key}”. Known:\n{listed}",
    )


def faults(known: Sequence[Category]) -> list[str]:
    """What is wrong with a commune's own list, in Vietnamese."""
    keys = Counter(one.key for one in known)
    found = [f"hai chuyên mục trùng khóa: {key}" for key, times in keys.items() if times > 1]
    found += [
        f"khóa chuyên mục “{key}”: chỉ dùng chữ thường không dấu, số và gạch nối"
        for key in keys
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", key)
    ]
    if GENERAL not in keys:
        found.append(f"categories phải có “{GENERAL}”: tin không ghi chuyên mục thuộc mục này")
    return found
