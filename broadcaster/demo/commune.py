"""The demo's commune: its settings, secrets and people. It exists on this machine only."""

from __future__ import annotations

import os
from pathlib import Path

from broadcaster.sandbox import credentials

COMMUNE = "xã Bình Minh"
AUTHOR = "lan"
APPROVER = "minh"

# Nothing here reaches a real loudspeaker, so the demo may sound at any hour of the day; and its
# stand-ins answer at once, so it need not be patient.
_SETTINGS = """\
# Xã của buổi trình diễn: mọi kênh đều là kênh giả trên máy này.
[commune]
name = "{commune}"

[server]
port = {port}

[voice]
order = ["espeak"]

[policy]
regulation = "chỉ để trình diễn, không nối với loa thật"
quiet_hours = "none"

[delivery]
quarantine = 4
look_up = [1, 2, 2]
verify = 1

[station]
target = "loa-thon-dong"
quiet_hours = "none"
file_speed = {speed}

[[targets]]
key = "loa-thon-dong"
channel = "loudspeaker"
name = "Cụm loa thôn Đông"

[[targets]]
key = "fanpage"
channel = "facebook_page"
name = "Fanpage xã"
options = {{ base_url = "{sandbox}/graph", page_id = "{page_id}" }}

[[targets]]
key = "zalo"
channel = "zalo_oa"
name = "Zalo OA xã"
options = {{ base_url = "{sandbox}/zalo-api", oauth_url = "{sandbox}/zalo-oauth", \
app_id = "{app_id}", author = "UBND {commune}", cover_url = "https://binhminh.example/bia.jpg" }}

[[targets]]
key = "website"
channel = "wordpress"
name = "Trang thông tin điện tử"
options = {{ base_url = "{sandbox}/wordpress", user = "{wordpress_user}" }}
"""


def write(home: Path, sandbox: str, port: int, speed: float) -> None:
    """HOME/broadcaster.toml and HOME/secrets.toml (the sandbox's own, worth nothing elsewhere).

    `speed`: how many times faster than life the station writes its WAV where there is no card.
    """
    home.mkdir(parents=True, exist_ok=True)
    settings = _SETTINGS.format(
        commune=COMMUNE,
        port=port,
        sandbox=sandbox,
        speed=speed,
        page_id=credentials.FACEBOOK_PAGE_ID,
        app_id=credentials.ZALO_APP_ID,
        wordpress_user=credentials.WORDPRESS_USER,
    )
    (home / "broadcaster.toml").write_text(settings, encoding="utf-8")
    secrets = {
        "fanpage": {
            "page_token": credentials.FACEBOOK_PAGE_TOKEN,
            "app_secret": credentials.FACEBOOK_APP_SECRET,
        },
        "zalo": {
            "app_secret": credentials.ZALO_APP_SECRET,
            "access_token": credentials.ZALO_ACCESS_TOKEN,
            "refresh_token": credentials.ZALO_REFRESH_TOKEN,
        },
        "website": {"app_password": credentials.WORDPRESS_APP_PASSWORD},
    }
    lines = [
        line
        for target, pairs in secrets.items()
        for line in (f"[{target}]", *(f'{name} = "{value}"' for name, value in pairs.items()))
    ]
    path = home / "secrets.toml"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
