"""`--picture FILE --alt WORDS`, as often as there are pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from broadcaster.cli.i18n import t
from broadcaster.domain.picture import MAX_BYTES, Picture
from broadcaster.errors import InputError
from broadcaster.services.content import picturing
from broadcaster.services.context import Context


def picture_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Both options; the first --alt describes the first --picture."""
    alt = click.option(
        "--alt",
        "alts",
        multiple=True,
        metavar=t("MÔ TẢ", "WORDS"),
        help=t("Mô tả ảnh, mỗi --picture một câu", "What a picture shows, one for each --picture"),
    )
    picture = click.option(
        "--picture",
        "pictures",
        multiple=True,
        metavar=t("TỆP", "FILE"),
        help=t("Ảnh .jpg hoặc .png kèm theo (lặp lại được)", "A .jpg or .png (repeatable)"),
    )
    return picture(alt(function))


def kept(context: Context, files: tuple[str, ...], alts: tuple[str, ...]) -> list[Picture]:
    """Read, check and store them. Raises InputError that names the file."""
    if len(files) != len(alts):
        raise InputError(
            f"Có {len(files)} ảnh nhưng {len(alts)} lời mô tả. Sau mỗi --picture TỆP hãy ghi "
            "--alt “ảnh chụp gì”.",
            f"{len(files)} pictures but {len(alts)} descriptions: one --alt for each --picture.",
        )
    return [_kept(context, Path(file), alt) for file, alt in zip(files, alts, strict=True)]


def _kept(context: Context, path: Path, alt: str) -> Picture:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # enough to know that it is too large
        return picturing.keep(context, content, alt)
    except (OSError, ValueError) as error:  # ValueError: NUL in the name
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"Không đọc hoặc lưu được ảnh “{path}”: {why}. Hãy kiểm tra tên và thư mục.",
            f"The picture “{path}” cannot be read or stored: {why}.",
        ) from None
    except InputError as error:
        vi, en = error.text.vi, error.text.en
        raise InputError(f"“{path}”: {vi}", f"“{path}”: {en}") from None
