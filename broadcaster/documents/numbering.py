"""The numbers that Word draws before a paragraph and does not store in its text."""

from __future__ import annotations

import re
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

Element = Any  # lxml publishes no types

_BULLET = "- "
_ROMAN = [(10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")]
_LEVELS = 9  # of a Word list


class Numbering:
    """Counts through one document; call `label` for every paragraph, in order."""

    def __init__(self, document: Document) -> None:
        self._styles = {s.get(qn("w:styleId")): s for s in document.styles.element}
        self._nums: dict[str, Element] = {}
        self._abstracts: dict[str, Element] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._restarted: set[str] = set()
        try:
            part: Any = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)
        except KeyError:  # a document without lists
            return
        for element in part.element.findall(qn("w:num")):
            self._nums[element.get(qn("w:numId"))] = element
        for element in part.element.findall(qn("w:abstractNum")):
            self._abstracts[element.get(qn("w:abstractNumId"))] = element

    def label(self, paragraph: Element) -> str:
        """ "- ", "1. ", "Điều 2. " … or nothing for a paragraph outside lists."""
        found = self._list_of(paragraph)
        if found is None:
            return ""
        num_id, level = found
        num = self._nums.get(num_id)
        abstract_id = _value(num, "w:abstractNumId")
        levels = {
            int(lvl.get(qn("w:ilvl"))): lvl
            for lvl in _children(self._abstracts.get(abstract_id), "w:lvl")
        }
        if num is None or level not in levels:
            return ""
        counts = self._advance(num_id, num, abstract_id, level, levels)
        return _drawn(level, levels, counts)

    def _list_of(self, paragraph: Element) -> tuple[str, int] | None:
        """(list, level from 0) of the paragraph itself or of its style; "0" means none."""
        properties = paragraph.find(qn("w:pPr"))
        style_id = _value(properties, "w:pStyle")
        for _ in range(_LEVELS):  # styles based on styles; a broken file may make a ring
            num_pr = None if properties is None else properties.find(qn("w:numPr"))
            num_id = _value(num_pr, "w:numId")
            if num_id:
                return (num_id, int(_value(num_pr, "w:ilvl") or 0)) if num_id != "0" else None
            style = self._styles.get(style_id)
            if style is None:
                return None
            properties, style_id = style.find(qn("w:pPr")), _value(style, "w:basedOn")
        return None

    def _advance(
        self, num_id: str, num: Element, abstract_id: str, level: int, levels: dict[int, Element]
    ) -> list[int | None]:
        """Lists over one definition go on counting, unless one of them says to start anew."""
        counts = self._counts.setdefault(abstract_id, [None] * _LEVELS)
        if num_id not in self._restarted:
            self._restarted.add(num_id)
            for override in _children(num, "w:lvlOverride"):
                if start := _value(override, "w:startOverride"):
                    counts[int(override.get(qn("w:ilvl")))] = int(start) - 1
        before = counts[level]
        counts[level] = int(_value(levels[level], "w:start") or 1) if before is None else before + 1
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        return counts


def _drawn(level: int, levels: dict[int, Element], counts: list[int | None]) -> str:
    if _value(levels[level], "w:numFmt") == "bullet":
        return _BULLET

    def number(found: re.Match[str]) -> str:
        at = int(found[1]) - 1
        start = int(_value(levels.get(at), "w:start") or 1)
        count = counts[at] if counts[at] is not None else start
        return _written(count or 0, _value(levels.get(at), "w:numFmt"))

    text = re.sub(r"%([1-9])", number, _value(levels[level], "w:lvlText")).strip()
    return f"{text} " if text else ""


def _written(count: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter") and count > 0:
        text = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
    elif form in ("lowerRoman", "upperRoman") and 0 < count < 40:
        text = ""
        for value, sign in _ROMAN:
            text += sign * (count // value)
            count %= value
    else:
        text = "" if form == "none" else str(count).zfill(2 if form == "decimalZero" else 1)
    return text.upper() if form.startswith("upper") else text


def _children(parent: Element | None, tag: str) -> list[Element]:
    return [] if parent is None else list(parent.findall(qn(tag)))


def _value(parent: Element | None, tag: str) -> str:
    """`w:val` of the child `tag`, or nothing."""
    child = None if parent is None else parent.find(qn(tag))
    return "" if child is None else child.get(qn("w:val")) or ""
