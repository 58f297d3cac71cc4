"""The good voice without a network: Piper, with a voice file that the commune puts into a folder.

Piper (GPL-3.0) is an optional program of its own; no Vietnamese voice file comes with it or with
us, and each has a licence of its own that its voice card states.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from broadcaster.errors import InputError, Text, Unavailable
from broadcaster.voices import programs
from broadcaster.voices.port import Availability, Pcm, Quality, TemporaryFault, VoiceUnavailable

_SMALLEST_MODEL = 1024


@dataclass(frozen=True, slots=True)
class Model:
    """A voice file with what its description says."""

    path: Path
    checksum: str  # SHA-256 of the .onnx file
    sample_rate: int

    @property
    def name(self) -> str:
        return self.path.stem


class Piper:
    """Settings: `folder` with voice files, `model` (a file name, if there are several),
    `program` (path of `piper`, if it is not on the search path).
    """

    name = "piper"
    needs_network = False
    quality: Quality = "good"
    parallel = 1  # one sentence uses all cores by itself

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.version, self.variant = "?", "?"
        self._model: Model | None = None
        self._command = _command(settings.get("program"))
        self._reason = _NO_PROGRAM
        if self._command:
            try:
                self._model = _choose(settings.get("folder"), settings.get("model"))
            except InputError as fault:
                self._reason = fault.text
        if self._model:
            self.version, self.variant = "1", f"{self._model.name} {self._model.checksum[:16]}"

    def available(self) -> Availability:
        if self._model is None:
            return Availability(False, self._reason)
        name, checksum = self._model.name, self._model.checksum
        return Availability(
            True,
            Text(
                f"Sẵn sàng, không cần mạng: {name}, SHA-256 {checksum}.",
                f"Ready, needs no network: {name}, SHA-256 {checksum}.",
            ),
        )

    def speak(self, sentence: str, *, speed: float, deadline_s: float) -> Pcm:
        if self._model is None:
            raise VoiceUnavailable(self._reason.vi, self._reason.en)
        options = ["--output-raw", "--length-scale", f"{1 / speed:.3f}"]
        command = [*self._command, "--model", str(self._model.path), *options]
        samples = programs.run(command, sentence + "\n", deadline_s=deadline_s)
        if len(samples) % 2:
            raise TemporaryFault("Piper trả âm thanh cụt.", "Piper cut its sound.")
        return Pcm(samples, self._model.sample_rate)


def install(model: Path, folder: Path) -> Model:
    """Check the voice file `model` and its description, and copy both into `folder`.

    Raises InputError for a file that is no Vietnamese voice, Unavailable when it cannot be copied.
    """
    checked = inspect(model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as aside:
            for source in (_description(model), model):  # the model last: it makes the voice exist
                copy = Path(shutil.copyfile(source, Path(aside) / source.name))
                copy.replace(folder / source.name)
    except OSError as fault:
        raise Unavailable(
            f"Không chép được tệp giọng vào “{folder}” ({fault.strerror}).",
            f"Cannot copy the voice file to “{folder}” ({fault.strerror}).",
        ) from fault
    return Model(folder / model.name, checked.checksum, checked.sample_rate)


def inspect(model: Path) -> Model:
    """Raises InputError when this is no Vietnamese voice file with its description."""
    try:
        facts = json.loads(_description(model).read_text("utf-8"))
        language = str(facts["espeak"]["voice"])
        rate = int(facts["audio"]["sample_rate"])
        content = model.read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise InputError(
            f"“{model.name}” cần đi cùng tệp mô tả “{model.name}.json” của chính giọng đó.",
            f"“{model.name}” needs its description “{model.name}.json” beside it.",
        ) from fault
    if not language.startswith("vi") or len(content) < _SMALLEST_MODEL:
        raise InputError(
            f"“{model.name}” không phải tệp giọng tiếng Việt của Piper (ngôn ngữ: {language}).",
            f"“{model.name}” is no Vietnamese voice file of Piper (language: {language}).",
        )
    return Model(model, hashlib.sha256(content).hexdigest(), rate)


def _description(model: Path) -> Path:
    return model.with_name(model.name + ".json")


def _command(program: str | None) -> list[str]:
    if found := program or shutil.which("piper"):
        return [found]
    return [programs.PYTHON, "-m", "piper"] if find_spec("piper") else []


def _choose(folder: str | None, model: str | None) -> Model:
    files = sorted(Path(folder).glob("*.onnx")) if folder else []
    if model:
        files = [file for file in files if file.stem == model.removesuffix(".onnx")]
    if not files:
        raise InputError(_NO_MODEL.vi, _NO_MODEL.en)
    return inspect(files[0])


_NO_PROGRAM = Text(
    "Chưa cài Piper: cài gói Python “piper-tts” hoặc đặt đường dẫn chương trình “piper”.",
    "Piper is missing: install the Python package “piper-tts” or set the path of “piper”.",
)
_NO_MODEL = Text(
    "Chưa có tệp giọng Piper: đặt hai tệp *.onnx và *.onnx.json vào thư mục giọng đọc.",
    "There is no Piper voice file: put *.onnx and *.onnx.json into the folder of voices.",
)
