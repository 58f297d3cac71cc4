"""The real set-up of a small project, offline: done once, repaired, grown, one at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="uses FIFOs and signals of POSIX")

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "small"
version = "1"
"""
# Builds the link from .venv to the project; a FIFO called `gate` makes it wait for the test.
BACKEND = r"""
import os, pathlib, zipfile
FILES = {
    "METADATA": "Metadata-Version: 2.1\nName: small\nVersion: 1\n",
    "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "RECORD": "",
}
def build_editable(folder, config_settings=None, metadata_directory=None):
    if os.path.exists("gate"):
        open("gate").read()
    name = "small-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("small.pth", os.getcwd())
        for file, text in FILES.items():
            wheel.writestr("small-1.dist-info/" + file, text)
    return name
"""
# Stands in for every tool that scripts/test.py calls: says its name and fails when told to.
TOOL = """
import os, pathlib, sys
def main():
    name = os.environ.get("AS") or pathlib.Path(sys.argv[0]).stem
    print("tool", name, *sys.argv[1:], "CI=" + os.environ.get("CI", ""), flush=True)
    for report in (a.split("=")[1] for a in sys.argv if a.startswith("--junitxml=")):
        text = '<testsuite tests="3" failures="0" errors="0" skipped="1"/>'
        pathlib.Path(report).write_text(text)
    sys.exit(name in os.environ.get("FAILS", "").split())
if __name__ == "__main__":
    main()
"""


class Project:
    """A clone in miniature, in a folder with a space and Vietnamese letters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "xã Kẻ Sặt"
        self.home = folder / "home"
        self.home.mkdir()
        for name in ("scripts/setup.py", "scripts/debian.py", "scripts/demo.py", "scripts/test.py"):
            self.write(name, (ROOT / name).read_text(encoding="utf-8"))
        self.write("scripts/postgres.py", "def missing(): return ''")
        self.write("scripts/mosquitto.py", "def missing(): return ''")
        self.write("scripts/tracing.py", "def missing(): return ''")
        self.write("scripts/wordpress.py", "def missing(): return ''")
        self.write("scripts/null_sink.py", "def install_missing(): pass")
        self.write(".ci/run", (ROOT / ".ci/run").read_text(encoding="utf-8"))
        self.write("pyproject.toml", PYPROJECT)
        self.write("backend.py", BACKEND)
        self.write("broadcaster/__init__.py", "")
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        one = self.wheel("one", {"one.py": "number = 1"})
        tools = {f"{name}.py": TOOL for name in ("ruff", "mypy", "pytest", "imports")}
        two = self.wheel("two", tools, "[console_scripts]\nlint-imports = imports:main\n")
        self.write("requirements.lock", one)
        self.write("requirements-dev.lock", one + two)
        self.write("requirements-station.lock", one)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def wheel(self, name: str, files: dict[str, str], entries: str = "") -> str:
        """Make a package and answer with its line for a lock file."""
        path = self.wheels / f"{name}-1-py3-none-any.whl"
        info = f"{name}-1.dist-info"
        with zipfile.ZipFile(path, "w") as archive:
            for inside, text in files.items():
                archive.writestr(inside, text)
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"
            )
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
            archive.writestr(f"{info}/entry_points.txt", entries)
            archive.writestr(f"{info}/RECORD", "")
        return f"{name}==1 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"

    @contextlib.contextmanager
    def started(self, *command: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
        """A fresh person's environment: no locale, and no home unless HOME is given."""
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
        with subprocess.Popen(
            command,
            env={"PATH": path, "PIP_CONFIG_FILE": os.devnull, **offline, **environ},
            cwd=self.folder.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        with self.started(*command, **environ) as process:
            out, err = process.communicate(timeout=100)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def ensure_command(self, lock: str = "requirements.lock") -> list[str]:
        call = f"import setup; print(setup.ensure({lock!r}, sound=False))"
        return [sys.executable, "-c", f"import sys; sys.path.insert(0, {self.scripts!r}); {call}"]

    @property
    def scripts(self) -> str:
        return str(self.folder / "scripts")

    @property
    def stamp(self) -> dict[str, object]:
        text = (self.folder / ".venv/setup.json").read_text(encoding="utf-8")
        stamp: dict[str, object] = json.loads(text)
        return stamp

    @property
    def log(self) -> str:
        return (self.folder / ".venv/setup.log").read_text(encoding="utf-8")

    def imports(self, name: str) -> bool:
        python = str(self.folder / ".venv/bin/python")
        return self.run(python, "-P", "-c", f"import {name}", LC_ALL="C").returncode == 0


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """A run in the background ignores Ctrl-C, and so would all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Set up once for the tests that only look or add."""
    project = Project(tmp_path_factory.mktemp("made"))
    done = project.run(*project.ensure_command(), HOME=str(project.home))
    assert done.returncode == 0, done.stderr + project.log
    assert "Chuẩn bị lần đầu, mất khoảng 1 phút" in done.stderr
    assert done.stdout.strip() == str(project.folder / ".venv/bin/python")
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_packages_and_project_are_there_and_the_home_is_untouched(made: Project) -> None:
    assert made.imports("one")
    assert made.imports("broadcaster")
    assert not made.imports("ruff")
    assert list(made.home.iterdir()) == []
    assert not (made.folder / ".venv/setup-cache").exists()


def test_a_second_run_says_and_does_nothing(made: Project) -> None:
    before = made.log
    again = made.run(*made.ensure_command())
    assert (again.returncode, again.stderr) == (0, "")
    assert made.log == before


def test_a_changed_project_is_linked_anew_without_its_packages(made: Project) -> None:
    made.write("pyproject.toml", PYPROJECT + 'description = "x"\n')
    assert "Cập nhật" in made.run(*made.ensure_command()).stderr
    assert "small" in made.log
    assert "one==1" not in made.log


def test_the_demo_becomes_the_program_and_passes_its_exit_code_on(made: Project) -> None:
    made.write(
        "broadcaster/demo.py", "import os, sys; print(os.getpid()); sys.exit(int(sys.argv[1]))"
    )
    with made.started(sys.executable, f"{made.scripts}/demo.py", "5") as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 5
    assert out.strip() == str(process.pid)


def test_the_tests_add_to_the_demo_and_every_check_runs_though_one_fails(made: Project) -> None:
    made.run(*made.ensure_command())
    run = made.run(sys.executable, f"{made.scripts}/test.py", "--", "-k", "x", FAILS="mypy")
    assert run.returncode == 1, run.stderr
    assert "Requirement already satisfied: one==1" in made.log
    assert "Successfully installed two" in made.log
    called = [line.split()[1:3] for line in run.stdout.splitlines() if line.startswith("tool")]
    assert called == [
        ["ruff", "format"], ["ruff", "check"], ["lint-imports", "--no-cache"],
        ["mypy", "CI="], ["pytest", "-k"],
    ]  # fmt: skip
    assert "CHƯA ĐẠT / FAILED: Kiểu / types" in run.stdout
    assert run.stdout.splitlines()[-1] == "tool pytest -k x CI="
    # Now the larger lock is there: neither command has anything to do.
    assert made.run(*made.ensure_command()).stderr == ""
    assert made.run(*made.ensure_command("requirements-dev.lock")).stderr == ""
    fast = made.run(sys.executable, f"{made.scripts}/test.py", "--fast", "tests/unit")
    assert (fast.returncode, fast.stdout.count("tool")) == (0, 1)
    assert made.run(sys.executable, f"{made.scripts}/test.py", FAILS="pytest").returncode == 1
    ci = made.run("bash", str(made.folder / ".ci/run"))
    assert (ci.returncode, ci.stdout.count("CI=true")) == (0, 6)
    assert "-m not hearing" in ci.stdout
    assert "-m hearing" in ci.stdout
    assert ci.stdout.splitlines()[-1] == "Tests: 4 passed, 0 failed, 2 skipped"


def test_a_project_that_was_moved_is_set_up_anew(made: Project, tmp_path: Path) -> None:
    moved = Project(tmp_path)
    shutil.copytree(made.folder / ".venv", moved.folder / ".venv", symlinks=True)
    assert "Chuẩn bị lần đầu" in moved.run(*moved.ensure_command()).stderr
    assert moved.imports("broadcaster")
    assert moved.stamp["root"] == str(moved.folder)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_set_up_is_repaired_by_the_next_run(
    project: Project, stop: signal.Signals
) -> None:
    gate = project.folder / "gate"
    os.mkfifo(gate)
    with project.started(*project.ensure_command()) as first:
        held = os.open(gate, os.O_WRONLY)  # returns when pip has come to the gate
        first.send_signal(stop)
        said = first.communicate(timeout=60)[1] if stop == signal.SIGINT else ""
        first.wait(timeout=60)
    gate.unlink()
    assert project.stamp["complete"] is False
    with project.started(*project.ensure_command()) as second:
        if stop == signal.SIGKILL:  # its pip lives on: nobody touches .venv before it has ended
            assert second.stderr is not None
            assert "Đang chờ" in second.stderr.readline()
        os.close(held)
        out, err = second.communicate(timeout=100)
    if stop == signal.SIGINT:
        assert first.returncode == 130
        assert "Chạy lại lệnh để cài đặt tiếp" in said
    assert second.returncode == 0, out + err
    assert project.stamp["complete"] is True
    assert project.imports("broadcaster")


def test_two_at_once_both_end_well(project: Project) -> None:
    with (
        project.started(*project.ensure_command()) as first,
        project.started(*project.ensure_command("requirements-dev.lock")) as second,
    ):
        said = first.communicate(timeout=100)[1] + second.communicate(timeout=100)[1]
    assert (first.returncode, second.returncode) == (0, 0), said
    assert said.count("Đang chờ một lần cài đặt khác") <= 1
    assert project.imports("ruff")


def test_failures_are_explained_and_leave_nothing_that_looks_finished(project: Project) -> None:
    lock = (project.folder / "requirements.lock").read_text(encoding="utf-8")
    project.write("requirements.lock", lock.replace("sha256:", "sha256:0")[:-2])
    assert "mã băm" in project.run(*project.ensure_command()).stderr
    project.write("requirements.lock", lock)
    door = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    offline = project.run(*project.ensure_command(), **door, PIP_FIND_LINKS="")
    assert offline.returncode == 1
    assert "hãy kiểm tra kết nối mạng" in offline.stderr
    assert str(project.folder / ".venv/setup.log") in offline.stderr
    assert project.stamp["complete"] is False


def test_a_folder_that_cannot_be_written_is_named(project: Project) -> None:
    (project.folder / ".venv").write_text("a file where the folder should be")
    refused = project.run(*project.ensure_command())
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert str(project.folder / ".venv") in refused.stderr
