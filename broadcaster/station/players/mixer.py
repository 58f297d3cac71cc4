"""Samples placed on the time line of a sound card: what the audio callback does, and no more.

Pure bookkeeping on arrays, so that it can be tested without a card. The thread that plays puts
blocks in; the callback takes them out. Every attribute has one writer, or is a deque.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]
"""Shape (frames, channels)."""

FADE = 0.030
"""Seconds from sound to silence when cut short: an abrupt end cracks in a horn."""


class Voice:
    """One item on its way to the card. `begins`: stream time of its first sample, in seconds."""

    def __init__(self, begins: float, rate: int) -> None:
        self._begins = begins
        self._rate = rate
        self._blocks: deque[Block] = deque()
        self._queued = 0
        self._complete = False  # no more blocks will come
        self._fading = False
        self._fade_frames = max(1, round(FADE * rate))
        self._faded = 0
        self._first: float | None = None
        self._end = 0.0
        self.heard_frames = 0
        self.underruns = 0
        self.done = False

    # --- the playing thread ----------------------------------------------------------------------

    @property
    def waiting_frames(self) -> int:
        return self._queued - self.heard_frames

    @property
    def first_heard(self) -> float | None:
        """Stream time at which the first sample reaches the air; None before that is known."""
        return self._first

    @property
    def end_heard(self) -> float:
        """Stream time at which the last sample so far has been heard."""
        return self._end

    @property
    def frames_to_fade(self) -> int:
        """So many more will be heard of what was cut short."""
        if not self._fading or self.done or self._first is None:
            return 0
        return self._fade_frames - self._faded

    def put(self, block: Block) -> None:
        self._blocks.append(block)
        self._queued += len(block)

    def complete(self) -> None:
        self._complete = True

    def fade(self) -> None:
        """Fall silent within FADE, beginning with the next block of the card."""
        self._fading = True

    # --- the callback ----------------------------------------------------------------------------

    def fill(self, out: Block, heard_at: float) -> None:
        """Write the next len(out) frames, the first of which is heard at `heard_at`."""
        out.fill(0)
        if self.done:
            return
        skip = 0
        if self._first is None:
            skip = max(0, round((self._begins - heard_at) * self._rate))
            if skip >= len(out) or self._fading:
                self.done = self._fading  # cut short before its first sample: it never sounds
                return
        got = self._take(out[skip:])
        if got and self._first is None:
            self._first = heard_at + skip / self._rate
        if self._fading:
            got = self._cut(out[skip : skip + got])
        self.heard_frames += got
        self._end = heard_at + (skip + got) / self._rate
        self._judge(len(out) - skip - got)

    def _take(self, out: Block) -> int:
        got = 0
        while got < len(out) and self._blocks:
            block = self._blocks[0]
            n = min(len(block), len(out) - got)
            out[got : got + n] = block[:n]
            got += n
            if n == len(block):
                self._blocks.popleft()
            else:
                self._blocks[0] = block[n:]
        return got

    def _cut(self, sound: Block) -> int:
        """Fade `sound` in place, over as many blocks as it takes; frames that are still audible."""
        n = min(len(sound), self._fade_frames - self._faded)
        steps = np.arange(self._faded + 1, self._faded + n + 1, dtype=np.float32)
        sound[:n] *= (1 - steps / self._fade_frames)[:, None]
        sound[n:] = 0
        self._faded += n
        return n

    def _judge(self, short_by: int) -> None:
        if self._fading:
            self.done = bool(short_by) or self._faded >= self._fade_frames
        elif self._complete and not self._blocks:
            self.done = True
        elif short_by and self._first is not None:
            self.underruns += 1
