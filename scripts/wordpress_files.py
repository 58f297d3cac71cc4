"""WordPress' own files and the programs it needs, brought from Debian's packages beforehand."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import debian

# The servers' programs alone: Debian's `wordpress` and `mariadb-server` would start Apache on
# every address and a database for the whole system. WordPress' own files are only unpacked.
PACKAGES = [
    "mariadb-server-core", "mariadb-client-core", "php-cli", "php-mysql", "php-gd", "php-curl",
    "php-xml", "php-mbstring", "php-zip", "php-intl", "php-getid3", "libjs-cropper",
    "libjs-underscore", "ca-certificates", "tzdata",
]  # fmt: skip
UNPACKED = ["wordpress", "wordpress-l10n", "wordpress-theme-twentytwentythree"]
FILES = Path(__file__).resolve().parent.parent / ".venv" / "wordpress"
_SHARE = Path("/usr/share/wordpress")


class NotStarted(Exception):
    """Says why, and what to type."""


def missing() -> str:
    """Nothing when all is there or could be brought (as root), else what to type."""
    if lacking := _lacking():
        said = debian.install(lacking)
        if lacking := _lacking():
            line = debian.line_to_type(lacking)
            return f"{said}\nChưa có WordPress / WordPress needs: {line}".strip()
    try:
        if not FILES.exists():
            _unpack()
    except (OSError, NotStarted) as error:
        return f"Chưa có tệp của WordPress / WordPress' files are missing: {error}"
    return ""


def _lacking() -> list[str]:
    if shutil.which("dpkg-query") is None:
        return list(PACKAGES)
    command = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [name for name in PACKAGES if f"{name} installed" not in listed.splitlines()]


def _unpack() -> None:
    """Download and lay out WordPress' files, whole or not at all."""
    FILES.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wordpress-", dir=FILES.parent) as name:
        aside = Path(name)
        aside.chmod(0o755)  # apt gives up its rights to download
        try:
            run(["apt-get", "download", *UNPACKED], cwd=aside)
        except NotStarted:  # this machine's lists may be old, or gone
            debian.install(PACKAGES)
            run(["apt-get", "download", *UNPACKED], cwd=aside)
        for package in aside.glob("*.deb"):
            run(["dpkg-deb", "-x", str(package), str(aside)])
        tree = aside / _SHARE.relative_to("/")
        for path in (tree / "wp-content" / "languages").iterdir():
            if path.is_file() and not re.search(r"(^|-)vi\.", path.name):
                path.unlink()
        _replace_links(tree)
        tree.rename(FILES)


def _replace_links(tree: Path) -> None:
    """Put copies where the package links to other packages' files."""
    links = [path for path in tree.rglob("*") if path.is_symlink()]
    for link in links:
        there = _SHARE / link.relative_to(tree).parent / link.readlink()
        link.unlink()
        with contextlib.suppress(FileNotFoundError):  # settings of Debian's own Apache
            shutil.copyfile(os.path.normpath(there), link)


def run(command: Sequence[str], cwd: Path | None = None, given: str = "") -> str:
    """What the program printed. Raises NotStarted with its complaint when it fails."""
    run = subprocess.run(
        command,
        cwd=cwd,
        env=environment(),
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        said = (run.stderr or run.stdout).strip()[-500:]
        raise NotStarted(f"{command[0]}: {said}")
    return run.stdout


def environment() -> dict[str, str]:
    # Debian keeps mariadbd where an ordinary user's PATH does not look.
    return {
        **os.environ,
        "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
        "LC_ALL": "C.UTF-8",
    }
