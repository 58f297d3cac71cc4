"""An MP4 of a sound and one still picture: outlets that take no sound take that."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.channels.facebook.still_picture import SIZE
from broadcaster.errors import Refused

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer

RATE = 2
"""Pictures a second: nothing moves, and players want to be able to seek."""
_SOUND = 44_100


def make(who: str, sound: Path, picture: bytes) -> bytes:
    """H.264 and AAC, 1280×720, as long as the sound. Needs the extra "video". Raises Refused."""
    import av  # noqa: PLC0415 - the optional extra
    from PIL import UnidentifiedImageError  # noqa: PLC0415 - same

    out = io.BytesIO()
    try:
        still = _frame(picture)
        with (
            av.open(str(sound)) as source,
            av.open(out, "w", format="mp4") as target,
        ):
            _write(source, target, still)
    except (av.error.FFmpegError, UnidentifiedImageError, OSError, IndexError) as error:
        raise Refused(
            f"{who}: không dựng được video từ âm thanh và ảnh ({type(error).__name__}). Hãy tạo "
            "lại âm thanh, thay ảnh khác, rồi duyệt lại.",
            f"{who}: the video could not be made ({type(error).__name__}). Render again or choose "
            "another picture.",
            code="no-video",
        ) from None
    return out.getvalue()


def _frame(picture: bytes) -> VideoFrame:
    """The whole picture on a dark ground, turned as the camera says."""
    import av  # noqa: PLC0415 - the optional extra
    from PIL import Image, ImageOps  # noqa: PLC0415 - same

    with Image.open(io.BytesIO(picture)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    shown = ImageOps.pad(upright, SIZE, color=(16, 24, 32))
    made: VideoFrame = av.VideoFrame.from_image(shown)  # type: ignore[no-untyped-call]  # it has no types
    return made.reformat(format="yuv420p")


def _write(source: object, target: OutputContainer, still: VideoFrame) -> None:
    """Pictures are written as the sound goes on, so that both end together."""
    from av.audio.resampler import AudioResampler  # noqa: PLC0415 - the optional extra
    from av.container import InputContainer  # noqa: PLC0415 - same

    assert isinstance(source, InputContainer)  # noqa: S101 - for the type only
    video = target.add_stream(
        "libx264", rate=RATE, options={"tune": "stillimage", "crf": "20", "preset": "ultrafast"}
    )
    video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
    audio = target.add_stream("aac", rate=_SOUND, options={"b": "96k"})
    audio.layout = "mono"
    resampler = AudioResampler(format="fltp", layout="mono", rate=_SOUND)
    samples = shown = 0
    for heard in chain(source.decode(source.streams.audio[0]), [None]):
        for part in resampler.resample(heard):
            part.pts, part.time_base = samples, Fraction(1, _SOUND)
            samples += part.samples
            target.mux(audio.encode(part))
        while shown * _SOUND < samples * RATE:
            still.pts, still.time_base = shown, Fraction(1, RATE)
            shown += 1
            target.mux(video.encode(still))
    target.mux(video.encode(None))
    target.mux(audio.encode(None))
