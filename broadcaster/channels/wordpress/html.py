"""Articles as WordPress blocks: everything escaped, as editors may post any HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from broadcaster.channels.text import runs

AUDIO = 'src="broadcaster:audio"'
"""Where the player's address goes when the file is up. Escaped text holds no such quotes."""

PLAYER = (
    f'<!-- wp:audio --><figure class="wp-block-audio"><audio controls {AUDIO}></audio></figure>'
    "<!-- /wp:audio -->"
)


def picture(n: int, alt: str) -> str:
    """Picture number `n` of the content; its address is put in when the file is up."""
    inside = f'<img {_place(n)} alt="{escape(alt)}"/>'
    figure = f'<figure class="wp-block-image size-large">{inside}</figure>'
    return f'<!-- wp:image {{"sizeSlug":"large"}} -->{figure}<!-- /wp:image -->'


def gallery(pictures: Sequence[str]) -> list[str]:
    """Several pictures side by side; one stands alone."""
    if len(pictures) < 2:
        return list(pictures)
    kind = "wp-block-gallery has-nested-images columns-default is-cropped"
    figure = f'<figure class="{kind}">{"".join(pictures)}</figure>'
    return [f'<!-- wp:gallery {{"linkTo":"none"}} -->{figure}<!-- /wp:gallery -->']


def escape(text: str) -> str:
    """Text that stays text: no tags, and no [shortcodes]."""
    return html.escape(text).replace("[", "&#91;")


def blocks(text: str) -> list[str]:
    """Paragraphs and, where lines start with "-", lists."""
    return [_block(is_list, lines) for is_list, lines in runs(text)]


def with_player(content: str, address: str) -> str:
    return content.replace(AUDIO, f'src="{html.escape(address)}"')


def with_picture(content: str, n: int, address: str) -> str:
    return content.replace(_place(n), f'src="{html.escape(address)}"')


def _place(n: int) -> str:
    return f'src="broadcaster:picture-{n}"'


def as_text(content: Mapping[str, Any]) -> str:
    """The article as a person reads it."""
    body = str(content["content"]).replace(PLAYER, "[Trình phát âm thanh]")
    body = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r"[Ảnh: \1]\n", body)
    body = re.sub(r"<br\s*/?>", "\n", body.replace("<li>", "- ").replace("</li>", "</li>\n"))
    return re.sub(r"\n{3,}", "\n\n", html.unescape(re.sub(r"<[^>]+>", "", body))).strip()


def _block(is_list: bool, lines: list[str]) -> str:
    if not is_list:
        text = "<br>".join(escape(line) for line in lines)
        return f"<!-- wp:paragraph --><p>{text}</p><!-- /wp:paragraph -->"
    items = "".join(
        f"<!-- wp:list-item --><li>{escape(line)}</li><!-- /wp:list-item -->" for line in lines
    )
    return f'<!-- wp:list --><ul class="wp-block-list">{items}</ul><!-- /wp:list -->'
