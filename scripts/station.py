"""A loudspeaker PC: set up what its station needs, and no more; then do what was asked of it.

python3 scripts/station.py --home FOLDER [enroll | doctor | test-tone | install | …]
Everything after the file's name goes to `python -m broadcaster.station`; without it, only the
set-up is done. Works on Windows 10/11 and Debian; as root on Debian it brings PortAudio too.
"""

from __future__ import annotations

import subprocess
import sys

import setup  # tells an old Python what is needed: this file must be readable for it too

_NEXT = """
Máy phát đã cài xong. Các bước tiếp theo (thay THƯ_MỤC bằng nơi để lịch và âm thanh của trạm):
  {run} --home THƯ_MỤC enroll --server https://máy-chủ-của-xã
  {run} --home THƯ_MỤC test-tone
  {run} --home THƯ_MỤC doctor
  {run} --home THƯ_MỤC install"""


def main() -> int:
    python = str(setup.ensure("requirements-station.lock", sound=True))
    if len(sys.argv) == 1:
        setup.say(_NEXT.format(run=f"{python} -P -m broadcaster.station"))
        return 0
    # -P: a file of the same name in the folder where the person stands is none of ours.
    command = [python, "-P", "-m", "broadcaster.station", *sys.argv[1:]]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
