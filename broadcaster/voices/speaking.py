"""Speak a whole announcement with one voice, out of the cache where that holds a sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from broadcaster.errors import BroadcasterError, Text
from broadcaster.voices import registry, text
from broadcaster.voices.cache import Cache
from broadcaster.voices.port import Spoken, TextRejected, Voice, VoiceFault, VoiceUnavailable
from broadcaster.voices.registry import Settings

Progress = Callable[[int, int], None]
MOST_CHARACTERS = 60_000  # about an hour of speech


def speak_all(
    sentences: Sequence[str] | Callable[[Voice], Sequence[str]],
    order: Sequence[str],
    cache: Path,
    *,
    progress: Progress | None = None,
    settings: Settings | None = None,
    speed: float = 1.0,
    deadline_s: float = 30.0,
) -> Spoken:
    """Speak `sentences` with the first voice of `order` that manages all of them.

    `sentences` may depend on the voice: an offline one needs foreign names respelled.
    `progress(done, total)` counts sentences; `deadline_s` is for one sentence. Raises TextRejected
    for text that no voice can speak and VoiceUnavailable when every voice has failed.
    """
    lines = None if callable(sentences) else _checked(sentences)
    store = Cache(cache)
    store.prepare()
    failed: list[tuple[str, Text]] = []
    for name in order:
        try:
            voice = _ready(name, settings or {}, cache)
            said = _checked(sentences(voice)) if callable(sentences) else lines or []
            job = _Job(voice, store, speed, deadline_s)
            return job.speak(said, progress, _reasons(failed))
        except (VoiceFault, TextRejected) as fault:
            failed.append((name, fault.text))
    raise _nobody(_reasons(failed))


def _checked(sentences: Sequence[str]) -> list[str]:
    if not sentences:
        raise TextRejected("Văn bản trống: không có câu nào để đọc.", "Empty text: no sentences.")
    if (size := sum(map(len, sentences))) > MOST_CHARACTERS:
        raise TextRejected(
            f"Văn bản dài {size} ký tự, giới hạn là {MOST_CHARACTERS}: hãy chia thành nhiều tin.",
            f"The text has {size} characters, the limit is {MOST_CHARACTERS}: split it.",
        )
    return [text.clean(sentence) for sentence in sentences]


def _ready(name: str, settings: Settings, cache: Path) -> Voice:
    """The voice, if it says that it can speak. What it must remember it keeps beside the cache."""
    voice = registry.get(name, {"state_dir": str(cache), **settings.get(name, {})})
    availability = voice.available()
    if not availability.ok:
        raise VoiceUnavailable(availability.reason.vi, availability.reason.en)
    return voice


def _reasons(failed: Sequence[tuple[str, Text]]) -> Text | None:
    if not failed:
        return None
    return Text(
        " ".join(f"Giọng {name} không đọc được: {why.vi}" for name, why in failed),
        " ".join(f"Voice {name} failed: {why.en}" for name, why in failed),
    )


def _nobody(reasons: Text | None) -> BroadcasterError:
    why = reasons or Text("Thứ tự giọng đọc đang trống.", "The order of voices is empty.")
    return VoiceUnavailable(
        f"Không giọng nào đọc được tin này. {why.vi} Hãy cài giọng ngoại tuyến (espeak) "
        "hoặc kiểm tra kết nối mạng rồi tạo lại âm thanh.",
        f"No voice could speak this. {why.en} Install the offline voice (espeak) "
        "or check the network, then render again.",
    )


class _Job:
    """One voice at work on one announcement."""

    def __init__(self, voice: Voice, cache: Cache, speed: float, deadline_s: float) -> None:
        self._voice, self._cache = voice, cache
        self._speed, self._deadline_s = speed, deadline_s

    def speak(self, lines: list[str], progress: Progress | None, fallback: Text | None) -> Spoken:
        paths = [self._cache.path(line, self._voice, self._speed) for line in lines]
        missing = {
            path: line
            for path, line in zip(paths, lines, strict=True)
            if not self._cache.holds(path)
        }
        counter = _Counter(len(paths), sum(path not in missing for path in paths), progress)
        weights = {path: paths.count(path) for path in missing}
        self._speak_missing(missing, lambda path: counter.add(weights[path]))
        voice = self._voice
        return Spoken(
            voice.name, voice.version, voice.quality, tuple(paths), fallback, len(missing)
        )

    def _speak_missing(self, missing: dict[Path, str], done: Callable[[Path], None]) -> None:
        """The first fault ends it: what is spoken by then stays in the cache."""
        with ThreadPoolExecutor(max_workers=max(1, self._voice.parallel)) as pool:
            jobs = [pool.submit(self._one, path, line, done) for path, line in missing.items()]
            try:
                finished, _ = wait(jobs, return_when=FIRST_EXCEPTION)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        for job in finished:
            job.result()

    def _one(self, path: Path, line: str, done: Callable[[Path], None]) -> None:
        from broadcaster.voices import plausible  # noqa: PLC0415  needs numpy, which loads slowly

        pcm = self._voice.speak(line, speed=self._speed, deadline_s=self._deadline_s)
        plausible.check_heard(pcm)
        self._cache.keep(path, pcm)
        done(path)


class _Counter:
    """Counts finished sentences from several threads."""

    def __init__(self, total: int, done: int, report: Progress | None) -> None:
        self._total, self._done, self._report = total, 0, report
        self._lock = threading.Lock()
        self.add(done)

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            if self._report:
                self._report(self._done, self._total)
