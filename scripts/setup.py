"""Make .venv from a lock file, once: what demo.py and test.py do first. Standard library only.

Nothing outside the project's folder is written, except Debian packages when root.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - older Pythons must get this far to say so
    sys.exit(
        f"Broadcaster cần Python 3.11 trở lên, lệnh này đang chạy bằng Python "
        f"{sys.version_info[0]}.{sys.version_info[1]}.\n"
        "Hãy cài bản mới (Debian 12 trở lên: apt-get install python3; Windows: python.org), "
        "hoặc gọi thẳng, ví dụ: python3.11 scripts/demo.py\n"
        "Broadcaster needs Python 3.11 or newer."
    )

import contextlib
import ctypes
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn

import debian

Lock = Literal["requirements.lock", "requirements-dev.lock", "requirements-station.lock"]

# lock -> the smaller ones whose packages it holds too, at the same versions
_WITHIN: dict[Lock, tuple[Lock, ...]] = {
    "requirements-station.lock": (),
    "requirements.lock": (),
    "requirements-dev.lock": ("requirements.lock", "requirements-station.lock"),
}

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "setup.json"
LOG = VENV / "setup.log"
_LOCK = VENV / "setup.lock"
_CACHE = VENV / "setup-cache"  # an interrupted download goes on where it was; removed at the end
_BASE = str(
    getattr(sys, "_base_executable", sys.executable)
)  # also when .venv's own Python runs us

# What pip and the system say -> what a person can do. The first that fits is shown.
_WAYS_OUT = (
    (
        r"No space left|Errno 28|not enough space",
        "Ổ đĩa đã đầy: hãy dọn ít nhất 1 GB rồi chạy lại.",
        "The disk is full: free at least 1 GB and run this again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        "Không xác minh được chứng chỉ: hãy kiểm tra ngày giờ của máy, hoặc hỏi người quản trị "
        "mạng về chứng chỉ của máy chủ trung gian (biến PIP_CERT), rồi chạy lại.",
        "A certificate could not be verified: check the clock, or your proxy's one (PIP_CERT).",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "Gói tải về không đúng mã băm nên không được cài: hãy chạy lại; nếu vẫn vậy, "
        "đừng dùng nguồn tải đó.",
        "A package does not match its hash and was not installed: try again or change the source.",
    ),
    (
        r"NewConnectionError|name resolution|getaddrinfo|Connection refused|Network is unreachable"
        r"|timed out|ConnectionResetError|ProxyError|Max retries|No matching distribution",
        "Không tải được thư viện: hãy kiểm tra kết nối mạng rồi chạy lại.",
        "Packages could not be downloaded: check the network and run this again.",
    ),
    (
        r"Permission denied|Errno 13|Read-only file system",
        f"Không ghi được vào {VENV}: hãy chép dự án vào thư mục của bạn rồi chạy lại.",
        "No permission to write .venv: copy the project into a folder of your own.",
    ),
)


def ensure(lock: Lock, *, sound: bool) -> Path:
    """The Python of a .venv that holds everything in `lock` and this project.

    Does nothing when that is so already. `sound` asks for PortAudio too, but goes on without.
    Ends the program with a message when the set-up is impossible.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr] # a console without Vietnamese
    try:
        if not _is_done(_wanted(lock)):
            with _alone() as held:
                if not _is_done(_wanted(lock)):  # the one we waited for may have done it
                    _set_up(lock, held, sound=sound)
    except KeyboardInterrupt:
        say("\nĐã dừng giữa chừng. Chạy lại lệnh để cài đặt tiếp.")
        sys.exit(130)
    except OSError as error:
        _fail(f"{error}")
    return venv_python()


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(text: str) -> None:
    """Talk goes to stderr: stdout belongs to the program that runs after the set-up."""
    if text:
        print(text, file=sys.stderr, flush=True)


# What is there, and what should be


def _wanted(lock: Lock) -> dict[str, str]:
    """The entries of the stamp without which `lock` is not installed as it is now."""
    import tomllib  # noqa: PLC0415 - new in Python 3.11: after the check above

    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tools = about.get("tool", {}).get("hatch", {})
    parts = json.dumps([about["build-system"], about["project"], tools], sort_keys=True)
    version = (ROOT / "broadcaster" / "__init__.py").read_text(encoding="utf-8")
    return {**_home(), "project": _digest(parts + version), lock: _lock_digest(lock)}


def _home() -> dict[str, str]:
    """A .venv belongs to one folder and one Python: when they change it is made anew."""
    return {"python": sys.implementation.cache_tag, "root": str(ROOT)}


def _lock_digest(lock: Lock) -> str:
    return _digest((ROOT / lock).read_text(encoding="utf-8"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _stamp() -> dict[str, Any] | None:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _is_done(wanted: dict[str, str]) -> bool:
    stamp = _stamp() or {}
    return _is_whole(stamp) and wanted.items() <= stamp.items() and venv_python().exists()


def _is_whole(stamp: dict[str, Any]) -> bool:
    return stamp.get("complete") is True


def _write_stamp(stamp: dict[str, Any]) -> None:
    new = STAMP.with_suffix(".new")
    new.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    new.replace(STAMP)


@contextlib.contextmanager
def _alone() -> Iterator[int]:
    """Hold the set-up's lock; yields its descriptor, which pip inherits (see `_run`)."""
    VENV.mkdir(exist_ok=True)
    with _LOCK.open("a+b") as file:
        if not _try_lock(file.fileno()):
            say("Đang chờ một lần cài đặt khác chạy xong …")
            while not _try_lock(file.fileno()):
                time.sleep(0.2)
        yield file.fileno()


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - only there

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


# The set-up


def _set_up(lock: Lock, held: int, *, sound: bool) -> None:
    wanted, before, started = _wanted(lock), _usable_stamp(), time.monotonic()
    first = not venv_python().exists()
    say("Chuẩn bị lần đầu, mất khoảng 1 phút …" if first else "Cập nhật môi trường chạy …")
    _write_stamp({**before, "complete": False})
    LOG.write_text("", encoding="utf-8")
    if first:
        _need_venv_module()
        _run("tạo môi trường Python", [_BASE, "-m", "venv", str(VENV)], held)
    if sound:
        _want_portaudio()
    after = {**before, **wanted}
    if before.get(lock) != wanted[lock]:
        # Wheels only: building from source would fetch tools that no hash vouches for.
        wheels = ["--require-hashes", "--only-binary", ":all:", "-r", lock]
        _run("tải và cài thư viện", [*_pip(), *wheels], held)
        # What an older lock had put there may have been replaced; what the larger one holds, not.
        after = {name: _lock_digest(name) for name in _WITHIN[lock]} | wanted
    editable = ["--no-deps", "--no-build-isolation", "-e", "."]
    _run("cài Broadcaster", [*_pip(), *editable], held)
    _mend_link()
    _run("thử chạy", [str(venv_python()), "-P", "-c", "import broadcaster"], held, cwd=VENV)
    _write_stamp({**after, "complete": True})
    shutil.rmtree(_CACHE, ignore_errors=True)
    say(f"Xong sau {time.monotonic() - started:.0f} giây.")


def _usable_stamp() -> dict[str, Any]:
    """What .venv holds already; ours is emptied when it was interrupted, moved or outgrown."""
    stamp = _stamp()
    if stamp is None:  # no .venv yet, or one that somebody made: it is only added to
        return {}
    if _is_whole(stamp) and _home().items() <= stamp.items() and venv_python().exists():
        return stamp
    for path in VENV.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path != _CACHE:
                shutil.rmtree(path)
        elif path != _LOCK:
            path.unlink()
    return {}


def _pip() -> list[str]:
    options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    return [str(venv_python()), "-m", "pip", "install", *options, "--cache-dir", str(_CACHE)]


def _mend_link() -> None:
    """Let .venv find the project in a folder with Vietnamese letters under any locale.

    Python before 3.13 reads .pth files in the locale's encoding, which on Windows, and on Linux
    with LC_ALL=C, is not the one they were written in. The folder above .venv needs no letters.
    """
    base = {"base": str(VENV), "platbase": str(VENV)}
    for link in Path(sysconfig.get_path("purelib", "venv", base)).glob("*.pth"):
        written = link.read_bytes()
        if str(ROOT).encode() in written and not written.isascii():
            link.write_text("import os, sys; sys.path.append(os.path.dirname(sys.prefix))\n")


def _run(what: str, command: Sequence[str], held: int, cwd: Path = ROOT) -> None:
    """Run one step with its output in the log; end the program with the way out if it fails."""
    # Settings that would send packages elsewhere than into .venv.
    elsewhere = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH")
    environ = {name: value for name, value in os.environ.items() if name not in elsewhere}
    # A pip that outlives us (kill -9) keeps the lock, so that the next run waits for its end.
    keep = () if os.name == "nt" else (held,)
    say(f"  · {what} …")
    with LOG.open("ab") as log:
        step = subprocess.Popen(
            command,
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=keep,
        )
        try:
            code = step.wait()
        except KeyboardInterrupt:
            step.terminate()
            step.wait()
            raise
    if code != 0:
        _fail(LOG.read_text(encoding="utf-8", errors="replace"))


def _fail(said: str) -> NoReturn:
    """Show what went wrong in the words of pip or the system, and what to do about it."""
    lines = said.strip().splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-12:]
    say("\n".join(["", *(line[:300] for line in errors), ""]))
    for pattern, vi, en in _WAYS_OUT:
        if re.search(pattern, said):
            say(f"{vi}\n{en}")
            break
    else:
        say("Chuẩn bị không thành công. Hãy xóa thư mục .venv rồi chạy lại.")
        say("The set-up failed. Remove the folder .venv and run this again.")
    say(f"Nhật ký đầy đủ: {LOG}")
    sys.exit(1)


# What Debian keeps in packages of its own


def _need_venv_module() -> None:
    if importlib.util.find_spec("ensurepip") is not None:
        return
    packages = [f"python3.{sys.version_info[1]}-venv"]
    said = debian.install(packages)
    importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip") is not None:
        return
    say(said)
    say("Python của máy này thiếu mô-đun venv. Hãy gõ dòng sau rồi chạy lại:")
    say("This Python lacks its venv module. Type the line below and run this again:")
    say(f"  {debian.line_to_type(packages)}")
    sys.exit(1)


def _want_portaudio() -> None:
    """On Windows and macOS the packages bring PortAudio with them."""
    if not sys.platform.startswith("linux") or _has_portaudio():
        return
    said = debian.install(["libportaudio2"])
    if not _has_portaudio():
        say(said)
        say("Chưa có PortAudio nên chưa phát được ra loa, chỉ ghi ra tệp WAV; muốn phát, hãy gõ:")
        say("No PortAudio: sound goes to WAV files only. To play it aloud, type:")
        say(f"  {debian.line_to_type(['libportaudio2'])}")


def _has_portaudio() -> bool:
    try:
        ctypes.CDLL("libportaudio.so.2")
    except OSError:
        return False
    return True
