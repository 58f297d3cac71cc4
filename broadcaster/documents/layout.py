"""Paragraphs, list items and table rows -> one plain text, the same for Markdown and Word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Block(NamedTuple):
    """A paragraph, line breaks included; an `item` of a list or table stays close to the next."""

    text: str
    item: bool = False


def joined(blocks: Iterable[Block]) -> str:
    """A blank line between blocks, but none between the items of a list or the rows of a table."""
    text, before = "", Block("")
    for block in blocks:
        if not block.text.strip():
            continue
        if text:
            text += "\n" if block.item and before.item else "\n\n"
        text += block.text.strip()
        before = block
    return text


def row(cells: Sequence[Sequence[str]]) -> list[Block]:
    """A table's row: its cells share a line, parted by semicolons.

    A cell of several paragraphs is page layout (the head of a letter, the signatures): then every
    paragraph is a line of its own, cell by cell.
    """
    filled = [texts for texts in ([t for t in cell if t.strip()] for cell in cells) if texts]
    if all(len(texts) == 1 for texts in filled):
        return [Block("; ".join(texts[0].strip() for texts in filled), item=True)]
    return [Block(text, item=True) for texts in filled for text in texts]
