"""`broadcaster studio measure FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from broadcaster.cli.base import Session, answering
from broadcaster.cli.i18n import t


@click.group("studio", help=t("Đo âm thanh.", "Measure sound."))
def command() -> None: ...


@command.command("measure", help=t("Độ to, đỉnh, độ dài, khoảng lặng.", "Loudness and length."))
@click.argument("file", type=click.Path(path_type=Path))
@answering
def measure(session: Session, file: Path) -> None:
    from broadcaster import studio  # noqa: PLC0415 - numpy is heavy

    found = studio.measure(file).as_dict()

    def people() -> None:
        words = {
            "integrated_lufs": t("Độ to (LUFS)", "Integrated (LUFS)"),
            "true_peak_dbtp": t("Đỉnh thật (dBTP)", "True peak (dBTP)"),
            "loudness_range_lu": t("Dải độ to (LU)", "Loudness range (LU)"),
            "duration_s": t("Độ dài (giây)", "Duration (s)"),
            "longest_silence_s": t("Lặng dài nhất (giây)", "Longest silence (s)"),
        }
        for name, word in words.items():
            value = found[name]
            figure = "–" if value is None else f"{value:.2f}"
            click.echo(f"{word}: " + t(figure.replace(".", ","), figure))

    session.answer(found, people)
