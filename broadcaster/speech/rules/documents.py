"""Numbers of documents: 1380/QĐ-UBND, 49/2024/NĐ-CP, 04-ĐA/TU, 91/2025/QH15, TCVN 5945:2010."""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.lexicon import Lexicon
from broadcaster.speech.numbers import cardinal, code_number, whole
from broadcaster.speech.rules.doubts import unknown
from broadcaster.speech.rules.figures import spell

_ASSEMBLY = {
    "QH": "Quốc hội khóa",
    "UBTVQH": "Ủy ban Thường vụ Quốc hội khóa",
    "NQLT": "Nghị quyết liên tịch khóa",
}
_TYPE, _BODY, _OFFICE = "loại", "cơ quan", "phòng"
_FOLLOWS = {
    "": (_TYPE, _BODY, _OFFICE),
    _TYPE: (_BODY, _TYPE, _OFFICE),
    _BODY: (_OFFICE, _BODY, _TYPE),
    _OFFICE: (_OFFICE, _BODY, _TYPE),
}
# Thành ủy, not Tỉnh ủy, where the text speaks of a city under the central government.
_CITY = re.compile(
    r"[Tt]hành ủy|THÀNH ỦY|(?:[Tt]hành phố|TP\.?|THÀNH PHỐ)\s*"
    r"(?:Hà Nội|Hải Phòng|Đà Nẵng|Cần Thơ|Huế|Hồ Chí Minh|HCM|HẢI PHÒNG|HÀ NỘI|ĐÀ NẴNG|CẦN THƠ|HUẾ)"
    r"|Hải Phòng - Thành phố"
)


class _Codes:
    """Reads the letters of a document number by the tables of types, bodies and offices."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._plain = {
            entry.written: entry.spoken
            for entry in lexicon.table("abbreviations")
            if not (entry.cell("cue_left") or entry.cell("cue_right"))
        }
        self._kinds: dict[str, dict[str, str]] = {}
        for entry in lexicon.table("documents"):
            self._kinds.setdefault(entry.written, {})[entry.cell("kind")] = entry.spoken

    def __call__(self, hit: Hit) -> str | None:
        """Declined when no part of the letters is in a table: then it is no document."""
        parts = [part for part in re.split(r"[-–/.&+\s]+", hit["code"]) if part]
        if not any(self._familiar(part) for part in parts):
            return None
        words, kind = [], ""
        for part in parts:
            said, kind = self._part(part, kind, hit)
            words.append(said)
        number, year = hit["num"], hit["year"]
        head = [re.sub(r"\d+", lambda m: code_number(m[0]), number)] if number else []
        if year:
            head.append(whole(year))
        return ", ".join(head + words)

    def pair(self, hit: Hit) -> str | None:
        """Letters without a number are a code only as type and body together: "QĐ-UBND"."""
        first, *rest = [part for part in re.split(r"[-–/]", hit["code"]) if part]
        whole_code = rest and _TYPE in self._kinds.get(first, {}) and rest[-1] in self._kinds
        return self(hit) if whole_code else None

    def _familiar(self, part: str) -> bool:
        return part in self._kinds or _assembly(part) is not None

    def _part(self, part: str, previous: str, hit: Hit) -> tuple[str, str]:
        """What a part says, and its kind: a type comes first, then bodies, then offices."""
        if said := _assembly(part):
            return said, _BODY
        if part == "TU" and _CITY.search(hit.draft.whole_text):
            return "Thành ủy", _BODY
        if not previous and (named := _named_before(part, hit)):
            return named, _TYPE
        kinds = self._kinds.get(part, {})
        for kind in _FOLLOWS[previous]:
            if kind in kinds:
                return kinds[kind], kind
        if said := self._plain.get(part):
            return said, previous or _TYPE
        hit.doubt = unknown(part)
        return _lettered(part), previous or _TYPE


def _assembly(part: str) -> str | None:
    """ "QH15" and "UBTVQH14" name the term too."""
    found = re.fullmatch(r"(QH|UBTVQH|NQLT)(\d{1,2}|[XVI]+)", part)
    if not found or not found[2].isdecimal():
        return None
    return f"{_ASSEMBLY[found[1]]} {cardinal(int(found[2]))}"


def _named_before(part: str, hit: Hit) -> str | None:
    """The type in full, when it stands before the number: "Quy định số 144-QĐ/TW"."""
    words = re.sub(r"\s+số\s*:?\s*$", "", hit.before().rstrip()).split()[-len(part) :]
    return " ".join(words) if "".join(w[0] for w in words) == part.lower() else None


def _lettered(part: str) -> str:
    return part.lower() if any(c in "aeiouy" for c in part[1:]) else spell(part)


def _short(hit: Hit) -> str:
    return code_number(hit["x"])


def _standard(hit: Hit) -> str:
    return " ".join(code_number(group) for group in re.findall(r"\d+", hit["n"]))


_CODE = r"(?P<code>[A-ZĐ][A-Za-zĐđ]*\d{0,2}(?:\s?[-–/.&+]\s?[A-ZĐ][A-Za-zĐđ&]*\d{0,2}){0,4})"
_YEAR = r"(?:\s?/\s?(?P<year>(?:19|20)\d{2}))?"


def rules(lexicon: Lexicon) -> Sequence[Rule]:
    codes = _Codes(lexicon)
    return (
        Rule(
            "document.standard",
            r"(?<=[A-Z] )(?P<x>(?P<n>\d{1,6}(?:[-:]\d{1,4})*:\d{4}))(?!\w)",
            _standard,
            ignore_case=False,
        ),
        Rule(
            "document.short",
            r"\b(?:đề án|chỉ thị|nghị quyết|quyết định|công điện|nghị định|thông tư|hướng dẫn|mẫu"
            r"|kết luận|công văn|tờ trình)\s+(?:số\s+)?(?P<x>0\d{1,2})"
            r"(?![\w/,.-]\w)(?!\s*(?:năm|bộ))",
            _short,
        ),
        Rule(
            "document.number",
            rf"(?<![\w.,])(?P<num>\d{{1,6}}[a-z]?){_YEAR}\s?[/\-–]\s?{_CODE}(?![\w])",
            codes,
            ignore_case=False,
        ),
        Rule(
            "document.blank",
            r"(?:(?<=[Ss]ố:)|(?<=[Ss]ố)|(?<=SỐ:))"
            rf"(?P<x>(?P<num>)(?P<year>)[\s.…_]*/\s?{_CODE})(?!\w)",
            codes,
            needs="",
            ignore_case=False,
        ),
        Rule(
            "document.letters",
            rf"(?<![\w/.-])(?P<num>)(?P<year>){_CODE}(?![\w/-])",
            codes.pair,
            needs="",
            ignore_case=False,
        ),
    )
