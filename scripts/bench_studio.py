"""What a programme costs to make: ours beside pydub with ffmpeg alone, and again after one change.

Each programme is made in a process of its own, whose CPU seconds (with start and imports) and
memory the system counts. The speech is spoken before and is not part of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = [
    "Đây là Đài Truyền thanh xã.",
    "Kính thưa toàn thể bà con nhân dân.",
    "Ủy ban nhân dân xã thông báo lịch tiêm phòng cho đàn gia súc, gia cầm đợt hai.",
    "Thời gian bắt đầu từ bảy giờ ba mươi phút, ngày mười lăm tháng mười một.",
    "Địa điểm tại nhà văn hóa các thôn.",
    "Đề nghị bà con đưa vật nuôi đến đúng giờ, đúng nơi quy định.",
    "Cán bộ thú y sẽ đến tận nhà với những hộ có người già yếu.",
    "Mọi chi phí tiêm phòng do ngân sách nhà nước chi trả.",
    "Hợp tác xã thông báo lịch lấy nước vụ đông xuân.",
    "Trạm bơm số một mở nước từ năm giờ sáng đến mười một giờ trưa.",
    "Bà con chủ động dọn cỏ, khơi thông mương dẫn nước về ruộng nhà mình.",
    "Công an xã nhắc nhở bà con cảnh giác với các cuộc gọi giả danh cán bộ.",
    "Tuyệt đối không chuyển tiền, không đọc mã xác thực cho người lạ.",
    "Khi có nghi ngờ, hãy báo ngay cho công an xã hoặc trưởng thôn.",
    "Trạm y tế tổ chức khám sức khỏe miễn phí cho người cao tuổi.",
    "Người đến khám mang theo căn cước công dân và thẻ bảo hiểm y tế.",
    "Đoàn thanh niên phát động ngày chủ nhật xanh, vệ sinh đường làng, ngõ xóm.",
    "Mỗi hộ cử một người tham gia, mang theo chổi, cuốc và bao tải.",
    "Trân trọng cảm ơn bà con đã chú ý lắng nghe.",
    "Chương trình phát thanh của xã đến đây là hết.",
]
PAUSE_MS = 400
AROUND_S = 9.4  # chimes, lead-in and tail, and half a sentence
HORN_CHAIN = "highpass=f=250,lowpass=f=7000,acompressor,loudnorm=I=-16:TP=-2"


class Order(TypedDict):
    """What a process is to make."""

    minutes: int
    voice: list[str]
    bed: str
    chimes: list[str]


def run(as_json: bool) -> dict[str, object]:
    """CPU in seconds, memory in MB; `cpu_s_pydub_ffmpeg` is null without ffmpeg."""
    del as_json
    with tempfile.TemporaryDirectory(prefix="bench-studio-") as name:
        folder = Path(name)
        order: Order = {
            "minutes": 5,
            "voice": _speech(folder),
            "bed": _bed(folder / "bed.wav"),
            "chimes": [_chime(name, folder) for name in ("opening", "closing")],
        }
        ours, memory, made = _apart("ours", order, folder)
        _, memory_60, made_60 = _apart("ours", {**order, "minutes": 60}, folder)
        theirs = _apart("pydub", order, folder)[0] if shutil.which("ffmpeg") else None
        return {
            "cpu_s": ours,
            "cpu_s_pydub_ffmpeg": theirs,
            "times_less_cpu": round(theirs / ours, 1) if theirs else None,
            "rss_mb": memory,
            "rss_mb_60min": memory_60,
            **made,
            "minutes_60min": made_60["minutes"],
            **_speaking(folder),
        }


def _speech(folder: Path) -> list[str]:
    from broadcaster.voices import speak_all  # noqa: PLC0415 - counted only in the process that uses it

    spoken = speak_all(SENTENCES, ["espeak"], folder / "voice")
    return [str(path) for path in spoken.segments]


def _speaking(folder: Path) -> dict[str, object]:
    """Speech calls for a hundred sentences, then with one of them changed."""
    from broadcaster.voices import speak_all  # noqa: PLC0415 - as above

    lines = [f"Mục {n}. {sentence}" for n in "abcde" for sentence in SENTENCES]
    began = time.perf_counter()
    first = speak_all(lines, ["espeak"], folder / "hundred").calls
    took = time.perf_counter() - began
    lines[50] = "Câu này vừa được sửa lại."
    again = speak_all(lines, ["espeak"], folder / "hundred").calls
    return {"speech_calls": first, "speech_calls_again": again, "speech_wall_s": round(took, 1)}


def _bed(path: Path) -> str:
    import numpy as np  # noqa: PLC0415 - as above
    import soundfile  # noqa: PLC0415 - as above

    t = np.arange(20 * 44100) / 44100
    chord = sum(np.sin(2 * np.pi * pitch * t) for pitch in (262, 330, 392, 523))
    soundfile.write(path, 0.05 * chord * np.sin(np.pi * t / 20) ** 2, 44100)
    return str(path)


def _chime(name: str, folder: Path) -> str:
    """As WAV, which both ways read without a decoder."""
    import soundfile  # noqa: PLC0415 - as above

    path = folder / f"{name}.wav"
    soundfile.write(path, *soundfile.read(ROOT / "audio" / f"chime-{name}.flac"))
    return str(path)


def _apart(way: str, order: Order, folder: Path) -> tuple[float, int, dict[str, object]]:
    """CPU seconds, peak memory in MB and what was made, in a process of its own."""
    answer = folder / "answer.json"
    command = [sys.executable, __file__, way, json.dumps(order), str(folder / way), str(answer)]
    child = subprocess.Popen(command)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{way} failed")
    shutil.rmtree(folder / way)
    return (
        round(used.ru_utime + used.ru_stime, 2),
        round(used.ru_maxrss / 1024),
        json.loads(answer.read_text()),
    )


def _cycled(order: Order) -> list[Path]:
    """The sentences over and over until they fill the minutes."""
    import soundfile  # noqa: PLC0415 - as above

    voice = order["voice"]
    files: list[Path] = []
    seconds, lengths = AROUND_S, [soundfile.info(p).duration + PAUSE_MS / 1000 for p in voice]
    while seconds < order["minutes"] * 60:
        seconds += lengths[len(files) % len(voice)]
        files.append(Path(voice[len(files) % len(voice)]))
    return files


def make_ours(order: Order, out: Path) -> dict[str, object]:
    from broadcaster.studio import Layout, Profile, Segment, produce  # noqa: PLC0415 - as above

    chime, ending = map(Path, order["chimes"])
    layout = Layout(chime=chime, closing_chime=ending, bed=Path(order["bed"]))
    segments = [Segment(path, PAUSE_MS) for path in _cycled(order)]
    made = produce(segments, layout, Profile(), out)
    return {
        "minutes": round(made.duration_ms / 60_000, 2),
        "lufs": round(made.lufs, 2),
        "true_peak_dbtp": round(made.true_peak_dbtp, 2),
    }


def make_with_pydub(order: Order, out: Path) -> dict[str, object]:
    """As the manuals of pydub and ffmpeg show it."""
    from broadcaster.studio.silenced import AudioSegment  # noqa: PLC0415 - as above

    out.mkdir(parents=True)
    speech = AudioSegment.silent(500, frame_rate=48000)
    for path in _cycled(order):
        speech += AudioSegment.from_wav(str(path)).set_frame_rate(48000)
        speech += AudioSegment.silent(PAUSE_MS, frame_rate=48000)
    bed = AudioSegment.from_wav(order["bed"]).set_frame_rate(48000) - 24
    opening, closing = (AudioSegment.from_wav(path) for path in order["chimes"])
    whole = opening + speech.overlay(bed, loop=True) + closing
    whole.export(str(out / "raw.wav"), format="wav")
    command = ["ffmpeg", "-v", "error", "-i", str(out / "raw.wav"), "-af", HORN_CHAIN]
    subprocess.run([*command, "-ar", "48000", str(out / "programme.wav")], check=True)
    levelled = AudioSegment.from_wav(str(out / "programme.wav"))
    levelled.export(str(out / "programme.mp3"), format="mp3", bitrate="96k")
    return {"minutes": round(len(whole) / 60_000, 2)}


if __name__ == "__main__":
    ways = {"ours": make_ours, "pydub": make_with_pydub}
    chosen, ordered, target, told = sys.argv[1:]
    figures = ways[chosen](json.loads(ordered), Path(target))
    Path(told).write_text(json.dumps(figures))
