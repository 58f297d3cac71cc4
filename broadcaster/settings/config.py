"""The commune's settings: one TOML file, checked whole, every mistake told in one message."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from broadcaster.domain.category import SHIPPED, Category, faults
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.errors import InputError
from broadcaster.settings import folders, province
from broadcaster.settings.file import Strict, checked, read_toml
from broadcaster.settings.policies import PolicySettings, QuietTimes
from broadcaster.settings.server import DatabaseUrl, Server

FILE = folders.COMMUNE
SECRETS = "secrets.toml"


def _greeting(value: str) -> str:
    try:
        value.format(commune="")
    except (AttributeError, IndexError, KeyError, ValueError):
        raise ValueError(
            "chỗ để trống chỉ có {commune}; dấu ngoặc nhọn khác viết đôi: {{ }}"
        ) from None
    return value


Greeting = Annotated[str, AfterValidator(_greeting)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Commune(Strict):
    """`name` e.g. "xã An Bình"; `opening` and `closing` are read before and after every item."""

    name: str = Field(min_length=2, max_length=100)
    opening: Greeting = "Đây là Đài Truyền thanh {commune}."
    closing: Greeting = "Bản tin đến đây là hết. Xin cảm ơn bà con đã lắng nghe."


class VoiceSettings(Strict):
    """Voices in order of preference; `options` by voice name. One voice speaks a whole item."""

    order: list[str] = Field(default=["gtts", "espeak"], min_length=1)
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    options: dict[str, dict[str, str]] = Field(default_factory=dict)


class Sound(Strict):
    """How a programme is built: files of the audio folder, repeats, level."""

    chime: str = "chime-opening"
    closing_chime: str = "chime-closing"
    alarm: str = "tone-attention"  # in place of the chime before an emergency
    lead_in_ms: int = Field(default=500, ge=0, le=10_000)
    repeat: Literal[1, 2] = 1
    target_lufs: float = Field(default=-16.0, ge=-30, le=-10)


class ApprovalSettings(Strict):
    """How many approve, one after the other: by itself two where there is an editor in chief.

    `must_hear`: whoever approves has first confirmed that they listened to the sound.
    """

    steps: Literal["auto", 1, 2] = "auto"
    must_hear: bool = False
    confirm_hours: float = Field(default=12, gt=0, le=168)


class DeliverySettings(Strict):
    """Patience with the far side, in seconds: how long an unclear outcome rests, when to look.

    For each target: `parallel` deliveries at once, `tries_per_day` (an emergency is counted but
    never held back), and rest when so many percent of the far side's call allowance are used.
    """

    quarantine: Seconds = 90
    look_up: list[Seconds] = Field(default=[60, 180, 600], min_length=1)
    verify: Seconds = 15
    parallel: int = Field(default=3, ge=1, le=32)
    tries_per_day: int = Field(default=200, ge=1, le=100_000)
    usage_percent: float = Field(default=90, gt=0, le=100)


class SecretSettings(Strict):
    """Where `channel connect` keeps what it is given; the environment always comes first."""

    store: Literal["file", "keyring"] = "file"


class Target(Strict):
    """One outlet: a village's loudspeakers, a Page, an OA, a site. `options` are the channel's.

    `account`: the key of another target whose account this one uses, with its secrets and options:
    a Zalo OA's broadcast and group go by the tokens of the OA, which only one may refresh.
    `village`: the one it serves, e.g. "thôn Đông"; empty for the whole commune. Of loudspeakers:
    `group` of neighbours that are heard together, and what they stand `near` to.
    """

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    channel: str
    name: str = Field(min_length=1, max_length=100)
    village: str = Field(default="", max_length=100)
    account: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    group: str = Field(default="", max_length=40)
    near: list[Literal["school", "clinic", "temple"]] = Field(default_factory=list)
    tries_per_day: int | None = Field(default=None, ge=1, le=100_000)


class LocalStation(Strict):
    """A station that `broadcaster run` starts on this very machine; empty `target` for none."""

    target: str = ""
    player: Literal["auto", "sounddevice", "file"] = "auto"
    device: str = ""
    quiet_hours: QuietTimes = ""
    file_speed: float = Field(default=1.0, ge=1, le=100)


class Config(Strict):
    commune: Commune
    server: Server = Server()
    database_url: Annotated[DatabaseUrl, Field(repr=False)] = ""
    voice: VoiceSettings = VoiceSettings()
    sound: Sound = Sound()
    policy: PolicySettings = PolicySettings()
    approval: ApprovalSettings = ApprovalSettings()
    delivery: DeliverySettings = DeliverySettings()
    secrets: SecretSettings = SecretSettings()
    station: LocalStation = LocalStation()
    targets: list[Target] = Field(min_length=1)
    categories: list[Category] = Field(default=list(SHIPPED))

    @model_validator(mode="after")
    def _consistent(self) -> Config:
        found = []
        keys = [target.key for target in self.targets]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            found.append(f"hai kênh trùng khóa: {', '.join(twice)}")
        speakers = [t.key for t in self.targets if t.channel == LOUDSPEAKER]
        if self.station.target and self.station.target not in speakers:
            found.append(f"station.target “{self.station.target}” không phải là một cụm loa")
        found += faults(self.categories)
        owners = {t.key for t in self.targets if not t.account and t.channel != LOUDSPEAKER}
        found += [
            f"kênh {t.key}: account “{t.account}” phải là khóa của một kênh có tài khoản riêng"
            for t in self.targets
            if t.account and t.account not in owners
        ]
        if found:
            raise ValueError("; ".join(found))
        return self

    def target(self, key: str) -> Target:
        """Raises InputError naming the ones that exist."""
        for target in self.targets:
            if target.key == key:
                return target
        known = ", ".join(t.key for t in self.targets)
        raise InputError(
            f"Không có kênh “{key}” trong {FILE}. Các kênh đang có: {known}.",
            f"There is no target “{key}” in {FILE}. Known: {known}.",
        )

    def account(self, key: str) -> Target:
        """The target whose secrets and state this one uses: itself, or the one it names."""
        found = self.target(key)
        return self.target(found.account) if found.account else found


def load(home: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read and check HOME/broadcaster.toml. Raises InputError with all mistakes at once.

    In a province's folder the database is the province's, and no commune may name its own.
    """
    path = home / FILE
    if folders.is_province(home) and not path.is_file():
        raise _whole_province(home)
    found = parse(read_toml(path), str(path))
    above = folders.above(home)
    if above is None:
        return found
    province.key(home)
    if found.database_url:
        raise InputError(
            f"{path}: hãy bỏ dòng database_url; cơ sở dữ liệu của xã là của tỉnh, ghi ở "
            f"{above / province.FILE}.",
            f"{path}: take out database_url; the commune's database is the province's, named in "
            f"{above / province.FILE}.",
        )
    return found.model_copy(update={"database_url": province.load(above, environ).database_url})


def _whole_province(home: Path) -> InputError:
    folders = home / province.FOLDER
    return InputError(
        f"{home} là thư mục của cả tỉnh. Lệnh này làm việc với một xã, hãy chỉ đường: "
        f"broadcaster --home {folders / 'XÃ'} …",
        f"{home} is the folder of a whole province. This command is for one commune: "
        f"broadcaster --home {folders / 'COMMUNE'} …",
    )


def parse(values: Mapping[str, Any], where: str) -> Config:
    """Raises InputError that lists every mistake, one a line."""
    return checked(Config, values, where)
