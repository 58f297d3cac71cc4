"""`broadcaster render NUMBER`: speech, sound and posts of the newest revision."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import click

from broadcaster.cli.base import Session, acting, answering, say
from broadcaster.cli.i18n import t
from broadcaster.cli.views import dossier_data, duration_of
from broadcaster.services.approval import checking
from broadcaster.services.content import rendering


@click.command(
    "render",
    help=t(
        "Tạo giọng đọc và bài đăng cho mọi kênh của bản tin.",
        "Make the speech and the posts of an announcement.",
    ),
)
@click.argument("number", type=int)
@click.option(
    "--recording",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=t(
        "Dùng bản thu giọng người (WAV, MP3, OGG, FLAC; M4A khi máy có ffmpeg)",
        "Use a person's recording (WAV, MP3, OGG, FLAC; M4A where ffmpeg is installed)",
    ),
)
@acting
@answering
def command(session: Session, number: int, recording: Path | None) -> None:
    person = session.person()
    with _Progress() as progress:
        made = rendering.render(
            session.context, person, number, session.now(), progress.show, recording=recording
        )
    content = rendering.spoken_rendition(made)
    open_ones = checking.blocking(session.context, made, session.now())
    warnings = [t(one.text.vi, one.text.en) for one in open_ones]
    session.answer(
        {**dossier_data(made), "warnings": warnings},
        lambda: click.echo(
            t(
                f"Đã tạo {len(made.renditions)} bản thể hiện, âm thanh dài {duration_of(made)}.",
                f"{len(made.renditions)} renditions, {duration_of(made)} of sound.",
            )
        ),
    )
    if content and content["fallback"]:
        say(t("Lưu ý: ", "Note: ") + t(content["fallback"]["vi"], content["fallback"]["en"]))
    say(t(f"Tiếp theo: broadcaster preview {number}", f"Next: broadcaster preview {number}"))


class _Progress:
    """A bar for each stage on stderr; nothing at all where nobody looks."""

    def __init__(self) -> None:
        self._stage = ""
        self._live = click.get_text_stream("stderr").isatty()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live and self._stage:
            click.echo(err=True)

    def show(self, stage: str, done: int, total: int) -> None:
        words = {"voice": t("Đọc thành tiếng", "Speaking"), "studio": t("Dựng âm thanh", "Sound")}
        if not self._live:
            return
        if stage != self._stage and self._stage:
            click.echo(err=True)
        self._stage = stage
        filled = round(24 * done / max(total, 1))
        bar = "█" * filled + "·" * (24 - filled)
        click.echo(f"\r{words[stage]:16} {bar} {done}/{total}", nl=False, err=True)
