"""Markdown -> plain text: no emphasis, no link targets; bullets, numbers and headings stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from broadcaster.documents.layout import Block, joined, row

_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)


def to_text(source: str) -> str:
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    return joined(_blocks(tokens))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    label, depth = "", 0
    cells: list[list[str]] = []
    for token in tokens:
        match token.type:
            case "list_item_open":
                label = f"{token.info}{token.markup} " if token.info else "- "
                depth += 1
            case "list_item_close":
                depth -= 1
                label = ""
            case "tr_open":
                cells = []
            case "th_open" | "td_open":
                cells.append([])
            case "tr_close":
                yield from row(cells)
                cells = []
            case "inline" if cells:
                cells[-1].append(_inline(token))
            case "inline" | "fence" | "code_block" | "html_block":
                yield Block(label + _content(token), item=depth > 0)
                label = ""


def _content(token: Token) -> str:
    if token.type == "inline":
        return _inline(token)
    return _TAG.sub("", token.content) if token.type == "html_block" else token.content


def _inline(token: Token) -> str:
    return "".join(map(_word, token.children or [])).strip()


def _word(token: Token) -> str:
    match token.type:
        case "text" | "code_inline" | "image":  # an image says its description
            return token.content
        case "softbreak":  # the author's editor broke the line, not the author
            return " "
        case "hardbreak":
            return "\n"
        case "html_inline" if token.content.lower().startswith("<br"):
            return "\n"
    return ""
