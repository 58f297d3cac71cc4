"""Cut a finished programme into cues: the very samples that were heard, in files of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import soundfile

from broadcaster.studio.aside import making
from broadcaster.studio.encoding import Wav, publish
from broadcaster.studio.model import Cue, CueKind, Programme

Spans = tuple[tuple[CueKind, int, int], ...]


def spans(
    kinds: Sequence[CueKind], parts: Sequence[tuple[int, int]], hop: int, samples: int
) -> Spans:
    """(kind, first sample, sample after the last): all of the sound, neighbours of a kind joined.

    `parts`: (first, after the last) in hops of `hop` samples, as long as `kinds`.
    """
    starts = [min(first * hop, samples) for first, _ in parts] + [samples]
    found: list[tuple[CueKind, int, int]] = []
    for kind, group in groupby(range(len(kinds)), key=lambda n: kinds[n]):
        numbers = list(group)
        first, end = starts[numbers[0]], starts[numbers[-1] + 1]
        if found and end - first <= hop:  # an empty part, and what the last hop left over
            found[-1] = (*found[-1][:2], end)
        elif end > first:
            found.append((kind, first, end))
    return tuple(found)


def cut(programme: Programme, out_dir: Path) -> list[Cue]:
    """The cues of a programme, each as <sha256>.wav in `out_dir`; joined they are its WAV."""
    with making(out_dir) as aside, soundfile.SoundFile(programme.wav_path) as source:
        return list(_cut(source, programme.spans, aside, out_dir))


def _cut(source: soundfile.SoundFile, wanted: Spans, aside: Path, out_dir: Path) -> Iterator[Cue]:
    for kind, first, end in wanted:
        source.seek(first)
        with Wav(aside / "cue.wav", source.samplerate, end - first) as wav:
            for block in source.blocks(source.samplerate, frames=end - first, dtype="int16"):
                wav.feed(block)
            digest = wav.finish()
        path = publish(wav.path, digest, out_dir)
        yield Cue(
            kind, digest, path.stat().st_size, round((end - first) * 1000 / source.samplerate)
        )
