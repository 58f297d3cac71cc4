"""Put the pieces of a programme one after the other, as one stream of 16-bit mono sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from broadcaster.studio import reading
from broadcaster.studio.encoding import int16
from broadcaster.studio.filters import Flat, Samples
from broadcaster.studio.model import CueKind, Layout, Segment
from broadcaster.studio.silenced import AudioSegment

_FADE_MS = 4  # against clicks where a voice starts or ends above zero
_LONGEST_BED_S = 300


def assemble(
    segments: Sequence[Segment], layout: Layout, rate: int
) -> Iterator[tuple[int, Samples]]:
    """(number of the part, sound of shape (1, n)) in order; each part is levelled by itself."""
    for number, (_, pieces, under_bed) in enumerate(_parts(segments, layout)):
        bed = _Bed(layout, rate) if under_bed and layout.bed else None
        for piece in pieces:
            for sound in _piece(piece, rate):
                mixed = bed.under(sound) if bed else sound
                yield number, _floats(mixed)


def expected_s(segments: Sequence[Segment], layout: Layout) -> float:
    """Length of the programme in seconds, by the headers of its files."""
    return sum(
        (reading.duration_s(piece.path) if piece.path else 0) + piece.pause_ms / 1000
        for _, pieces, _ in _parts(segments, layout)
        for piece in pieces
    )


class _Piece:
    """A sound file, or none, and the silence after it."""

    def __init__(self, path: Path | None, pause_ms: int) -> None:
        self.path, self.pause_ms = path, pause_ms


def kinds(segments: Sequence[Segment], layout: Layout) -> list[CueKind]:
    """Which cue each part belongs to, in the order of the parts' numbers."""
    return [kind for kind, _, _ in _parts(segments, layout)]


def _parts(segments: Sequence[Segment], layout: Layout) -> list[tuple[CueKind, list[_Piece], bool]]:
    body = [_Piece(segment.path, segment.pause_ms) for segment in segments]
    reading_again = [_Piece(None, layout.repeat_pause_ms), *body] if layout.repeat == 2 else []
    parts: list[tuple[CueKind, list[_Piece], bool]] = [
        ("lead_in", [_Piece(None, layout.lead_in_ms)], False),
        ("chime", _chime(layout.chime), False),
        ("opening", [_Piece(s.path, s.pause_ms) for s in layout.opening], True),
        ("item", [*body, *reading_again], True),
        ("closing", [_Piece(s.path, s.pause_ms) for s in layout.closing], True),
        ("closing", _chime(layout.closing_chime), False),
        ("closing", [_Piece(None, layout.tail_ms)], False),
    ]
    return [part for part in parts if part[1]]


def _chime(path: Path | None) -> list[_Piece]:
    return [_Piece(path, 0)] if path else []


def _piece(piece: _Piece, rate: int) -> Iterator[AudioSegment]:
    """The sound in blocks, its outer edges faded, then the silence."""
    held: AudioSegment | None = None
    for samples in reading.mono(piece.path, rate) if piece.path else ():
        if not samples.size:
            continue
        block = _sound(samples, rate)
        if held is None:
            block = block.fade_in(_FADE_MS)
        else:
            yield held
        held = block
    silence = AudioSegment.silent(piece.pause_ms, frame_rate=rate)
    yield held.fade_out(_FADE_MS) + silence if held is not None else silence


class _Bed:
    """Quiet music that goes on under the pieces of one part and starts again when it ends."""

    def __init__(self, layout: Layout, rate: int) -> None:
        assert layout.bed is not None  # noqa: S101  the caller asked
        samples = np.concatenate(list(reading.mono(layout.bed, rate)))[: _LONGEST_BED_S * rate]
        self._music = _sound(samples, rate) + layout.bed_db
        self._at = 0  # ms

    def under(self, sound: AudioSegment) -> AudioSegment:
        stretch = self._music[self._at : self._at + len(sound)]
        while len(stretch) < len(sound):
            stretch += self._music[: len(sound) - len(stretch)]
        self._at = (self._at + len(sound)) % len(self._music)
        return sound.overlay(stretch)


def _sound(samples: Flat, rate: int) -> AudioSegment:
    return AudioSegment(int16(samples).tobytes(), frame_rate=rate, sample_width=2, channels=1)


def _floats(sound: AudioSegment) -> Samples:
    samples = np.frombuffer(sound.raw_data, "<i2").astype(np.float32)
    return samples[None, :] / np.float32(32768)
