"""The editor's help: what to look at before a broadcast, each remark named."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from broadcaster.errors import Text
from broadcaster.speech.clean import LOWER, UPPER
from broadcaster.speech.lint_dates import blank_dates, wrong_dates
from broadcaster.speech.model import Finding

LONGEST_SENTENCE = 30  # syllables: about twenty words, what an ear holds at once


@dataclass(frozen=True, slots=True)
class Expectations:
    """What the place of broadcast asks of a text; the defaults ask for nothing special."""

    template: str = ""  # "meeting", "outage", "health", "work", "lost": what must be named
    loudspeaker: bool = True
    slot_seconds: float | None = None
    reading_seconds: float | None = None


def lint(text: str, today: date, expect: Expectations | None = None) -> tuple[Finding, ...]:
    """See `broadcaster.speech.lint`. Findings stand in the order of the text."""
    asked = expect or Expectations()
    found = [
        *blank_dates(text),
        *wrong_dates(text, today),
        *_blank_numbers(text),
        *_two_spellings(text),
        *_long_sentences(text),
        *_private_numbers(text),
        *_missing(text, asked.template),
        *(_sales(text) if asked.loudspeaker else ()),
        *_too_long(text, asked),
    ]
    return tuple(sorted(found, key=lambda finding: (finding.span, finding.rule)))


_BLANK_NUMBER = re.compile(
    r"\bsố\s*:?[\s.…_]*/\s?[A-ZĐ]{2,}[\w/-]*|\bsố\s*:?[\s]*[.…_]{3,}", re.IGNORECASE
)


def _blank_numbers(text: str) -> Iterator[Finding]:
    for found in _BLANK_NUMBER.finditer(text):
        message = Text("Số văn bản còn để trống.", "The number of the document is still blank.")
        yield Finding("number.blank", found.span(), found[0], message)


_NAME = re.compile(rf"(?<!\w)[{UPPER}][{LOWER}]+(?=\s+(?P<next>[{UPPER}][{LOWER}]+)(?!\w))")


def _bare(name: str) -> str:
    apart = unicodedata.normalize("NFD", name.lower())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("đ", "d")


def _marks(name: str) -> str:
    """The letters and marks without their order: "hoà" and "hòa" are one spelling."""
    return "".join(sorted(unicodedata.normalize("NFD", name.lower())))


def _two_spellings(text: str) -> Iterator[Finding]:
    """ "Kè Sắt" and "Kẽ Sắt": names that differ only by their marks."""
    seen: dict[str, Counter[str]] = {}
    places: list[tuple[str, str, tuple[int, int]]] = []
    for found in _NAME.finditer(unicodedata.normalize("NFC", text)):
        name = f"{found[0]} {found['next']}"
        seen.setdefault(_bare(name), Counter())[name] += 1
        places.append((_bare(name), name, (found.start(), found.end("next"))))
    for bare, name, span in places:
        usual = seen[bare].most_common(1)[0][0]
        if name != usual and _marks(name) != _marks(usual):
            message = Text(
                f"“{name}” còn được viết là “{usual}”; hãy chọn một cách viết.",
                f"“{name}” is also written “{usual}”; choose one spelling.",
            )
            yield Finding("name.two-spellings", span, name, message)


_SENTENCE = re.compile(r"[^.;:!?…\n]+(?:[.:](?=\S)[^.;:!?…\n]+)*")


def _long_sentences(text: str) -> Iterator[Finding]:
    for found in _SENTENCE.finditer(text):
        count = sum(any(c.isalnum() for c in word) for word in found[0].split())
        if count > LONGEST_SENTENCE:
            message = Text(
                f"Câu dài {count} tiếng, nghe khó hiểu; hãy tách thành câu ngắn hơn.",
                f"{count} syllables in one sentence are hard to follow; split it.",
            )
            yield Finding("sentence.long", found.span(), found[0].strip(), message)


_PHONE = re.compile(r"(?<!\d)(?:\+84|0)[35789]\d(?:[ .-]?\d){7}(?!\d)")
_PAPER = re.compile(r"(?<!\d)(?:\d{12}|\d{3}(?: \d{3}){3})(?!\d)")
_PUBLIC = re.compile(
    r"(?:nóng|hotline|tổng đài|ubnd|ủy ban|công an|trạm|trung tâm|văn phòng|điện lực|trực ban"
    r"|bệnh viện|cơ quan|đơn vị)[^.;\n]{0,40}$",
    re.IGNORECASE,
)


def _private_numbers(text: str) -> Iterator[Finding]:
    """Phones and papers of private people do not belong on a loudspeaker without their consent."""
    for found in _PHONE.finditer(text):
        if not _PUBLIC.search(text[max(0, found.start() - 60) : found.start()]):
            message = Text(
                "Số điện thoại cá nhân: cần người đó đồng ý trước khi phát.",
                "A private phone number: ask its owner before it is broadcast.",
            )
            yield Finding("private.phone", found.span(), found[0], message)
    for found in _PAPER.finditer(text):
        message = Text(
            "Số giấy tờ cá nhân: không đọc trên loa.", "A personal ID: not on a loudspeaker."
        )
        yield Finding("private.id", found.span(), found[0], message)


_SALES = re.compile(
    r"khuyến m[ãạ]i|giảm giá|mua ngay|ưu đãi|giá sốc|giá rẻ|giá chỉ|chỉ từ \d|mua \d+ tặng"
    r"|miễn phí vận chuyển|đặt hàng|thanh lý|xả hàng|bán (?:lẻ|buôn|sỉ)|giá bán",
    re.IGNORECASE,
)


def _sales(text: str) -> Iterator[Finding]:
    for found in _SALES.finditer(text):
        message = Text("Lời lẽ bán hàng không phát trên loa xã.", "Sales wording on a loudspeaker.")
        yield Finding("sales.wording", found.span(), found[0], message)


_NAMED = {
    "time": re.compile(r"\d\s?(?:h|g|giờ|:)\s?\d*|\bsáng|\bchiều|\btối|ngày\s+\d", re.IGNORECASE),
    "place": re.compile(
        r"\btại\b|địa điểm|nhà văn hóa|nvh|hội trường|trụ sở|trạm|trường|sân\b|thôn|khu|tuyến|xóm",
        re.IGNORECASE,
    ),
    "contact": re.compile(
        r"liên hệ|điện thoại|\bđt\b|sđt|gọi|hotline|số máy|1[89]00|0\d{3}", re.IGNORECASE
    ),
}
_ASKED = {
    "meeting": ("time", "place"),
    "outage": ("time", "place", "contact"),
    "health": ("time", "place"),
    "work": ("time", "place"),
    "lost": ("place", "contact"),
}
_WHAT = {
    "time": Text("Chưa thấy thời gian.", "No time is named."),
    "place": Text("Chưa thấy địa điểm.", "No place is named."),
    "contact": Text("Chưa thấy nơi liên hệ.", "No contact is named."),
}


def _missing(text: str, template: str) -> Iterator[Finding]:
    for what in _ASKED.get(template, ()):
        if not _NAMED[what].search(text):
            yield Finding(f"missing.{what}", (0, 0), "", _WHAT[what])


def _too_long(text: str, asked: Expectations) -> Iterator[Finding]:
    if asked.slot_seconds is None or asked.reading_seconds is None:
        return
    over = asked.reading_seconds - asked.slot_seconds
    if over > 0:
        message = Text(
            f"Đọc hết khoảng {asked.reading_seconds:.0f} giây, khung giờ có "
            f"{asked.slot_seconds:.0f} giây; hãy bớt khoảng {over:.0f} giây.",
            f"Reads for {asked.reading_seconds:.0f} s in a slot of {asked.slot_seconds:.0f} s.",
        )
        yield Finding("slot.too-long", (0, len(text)), "", message)
