"""`broadcaster voice list | try | check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from broadcaster import speech, voices
from broadcaster.cli.base import Session, answering, say, table
from broadcaster.cli.i18n import t


@click.group("voice", help=t("Các giọng đọc.", "Voices."))
def command() -> None: ...


_QUALITY = {
    "good": ("tốt", "good"),
    "fair": ("khá", "fair"),
    "emergency": ("dự phòng", "fallback"),
}


@command.command("list", help=t("Các giọng đã cài và tình trạng.", "Installed voices."))
@answering
def every(session: Session) -> None:
    found = voices.installed()
    data = [
        {
            "name": v.name,
            "version": v.version,
            "quality": v.quality,
            "needs_network": v.needs_network,
            "available": v.availability.ok,
            "reason": t(v.availability.reason.vi, v.availability.reason.en),
        }
        for v in found
    ]
    rows = [
        (
            v.name,
            t(*_QUALITY[v.quality]),
            t("cần mạng", "online") if v.needs_network else t("ngoại tuyến", "offline"),
            t("sẵn sàng", "ready") if v.availability.ok else t("chưa dùng được", "not ready"),
            t(v.availability.reason.vi, v.availability.reason.en),
        )
        for v in found
    ]
    titles = t("Giọng,Chất lượng,Mạng,Tình trạng,Ghi chú", "Voice,Quality,Net,State,Note")
    session.answer({"voices": data}, lambda: table(titles.split(","), rows))


@command.command("try", help=t("Đọc thử một câu ra tệp WAV.", "Speak one sentence to a file."))
@click.argument("text")
@click.option("--voice", default="espeak", help=t("Giọng", "Voice"))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("doc-thu.wav"),
    help=t("Ghi vào tệp này (mặc định: doc-thu.wav)", "Where to write it (doc-thu.wav)"),
)
@answering
def attempt(session: Session, text: str, voice: str, out: Path) -> None:
    reading = speech.read(text)
    spoken = voices.speak_all(
        [s.text for s in reading.sentences()], [voice], session.home / "data" / "voice-cache"
    )
    from broadcaster import studio  # noqa: PLC0415 - numpy is heavy

    segments = [
        studio.Segment(path, sentence.pause_ms)
        for path, sentence in zip(spoken.segments, reading.sentences(), strict=True)
    ]
    made = studio.produce(segments, studio.Layout(), studio.Profile(), out.absolute().parent)
    made.wav_path.replace(out)
    made.mp3_path.unlink(missing_ok=True)
    session.answer(
        {"spoken": reading.spoken, "file": str(out), "duration_ms": made.duration_ms},
        lambda: click.echo(f"{reading.spoken}\n{out}"),
    )


@command.command(
    "check", help=t("Giọng theo thứ tự của xã có dùng được không.", "Check the order.")
)
@answering
def check(session: Session) -> None:
    known = {v.name: v for v in voices.installed()}
    order = session.context.config.voice.order
    rows = []
    for name in order:
        info = known.get(name)
        ok = info is not None and info.availability.ok
        why = info.availability.reason if info else None
        rows.append((name, ok, t(why.vi, why.en) if why else t("chưa cài", "not installed")))
    data = [{"name": n, "ok": ok, "reason": why} for n, ok, why in rows]
    words = {True: t("sẵn sàng", "ready"), False: t("chưa dùng được", "not ready")}
    titles = t("Giọng,Tình trạng,Ghi chú", "Voice,State,Note").split(",")
    session.answer(
        {"voices": data}, lambda: table(titles, [(n, words[ok], why) for n, ok, why in rows])
    )
    sys.exit(0 if any(ok for _, ok, _ in rows) else 1)


@command.command(
    "install", help=t("Chép một giọng Piper vào thư mục của xã.", "Add a Piper voice.")
)
@click.argument("model", type=click.Path(path_type=Path))
@answering
def install(session: Session, model: Path) -> None:
    from broadcaster.voices import piper  # noqa: PLC0415 - only this command needs it

    made = piper.install(model, session.home / "voices")
    session.answer(
        {"name": made.name, "sha256": made.checksum, "file": str(made.path)},
        lambda: click.echo(
            t(
                f"Đã có giọng {made.name}.\nMã kiểm tra (SHA-256): {made.checksum}",
                f"Voice {made.name} is ready.\nSHA-256: {made.checksum}",
            )
        ),
    )
    folder = session.home / "voices"
    say(
        t(
            'Dùng giọng này: trong broadcaster.toml, mục [voice], ghi order = ["piper", "espeak"] '
            f'và options = {{ piper = {{ folder = "{folder}" }} }}.',
            f'To use it, in [voice]: order = ["piper", "espeak"], folder "{folder}".',
        )
    )
