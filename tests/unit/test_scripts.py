"""The scripts that a stranger runs first: readable, and clear when something is missing."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import debian
import postgres
import pytest
import setup
import sqlalchemy

SCRIPTS = setup.ROOT / "scripts"
ENTRANCES = ["demo.py", "test.py", "setup.py", "station.py"]


@pytest.mark.parametrize("name", [*ENTRANCES, "debian.py"])
def test_an_old_python_can_read_the_entrances_up_to_their_message(name: str) -> None:
    ast.parse((SCRIPTS / name).read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("name", ENTRANCES)
def test_an_old_python_is_told_what_to_do(name: str) -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 10, 4, 'final', 0);"
        "sys.path.insert(0, sys.argv[1]);"
        f"runpy.run_path(sys.argv[1] + '/{name}', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", pretend, str(SCRIPTS)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Broadcaster cần Python 3.11 trở lên")
    assert "Python 3.10" in run.stderr
    assert "Broadcaster needs Python 3.11 or newer." in run.stderr


@pytest.mark.parametrize(
    ("said", "vi", "en"),
    [
        ("OSError: [Errno 28] No space left on device", "Ổ đĩa đã đầy", "disk is full"),
        ("... NewConnectionError: [Errno -3] Temporary failure", "kết nối mạng", "the network"),
        ("SSLError(SSLCertVerificationError(1, ...))", "chứng chỉ", "certificate"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "mã băm", "hash"),
        ("[Errno 13] Permission denied: '.venv'", "Không ghi được", "No permission"),
        ("Segmentation fault", "xóa thư mục .venv", "Remove the folder .venv"),
    ],
)
def test_a_failed_set_up_names_the_way_out(
    said: str, vi: str, en: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        setup._fail(said)
    shown = capsys.readouterr().err
    assert ended.value.code == 1
    assert said in shown
    assert vi in shown
    assert en in shown
    assert str(setup.LOG) in shown


def _pins(lock: str) -> set[str]:
    text = (setup.ROOT / lock).read_text(encoding="utf-8")
    return set(re.findall(r"^([\w.-]+==\S+)", text, re.MULTILINE))


def test_what_the_tests_install_contains_what_the_demo_needs() -> None:
    runtime, tests = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert len(runtime) > 20
    assert runtime < tests


def test_a_loudspeaker_pc_installs_little_of_it_at_the_same_versions() -> None:
    station = _pins("requirements-station.lock")
    assert station < _pins("requirements-dev.lock")
    names = {pin.partition("==")[0] for pin in station}
    assert not names & {"sqlalchemy", "alembic", "fastapi", "starlette", "uvicorn", "apscheduler"}


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "requirements-station.lock"]
)
def test_every_package_is_held_to_a_hash_and_no_address_is_written(lock: str) -> None:
    text = (setup.ROOT / lock).read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text


def test_the_locks_bring_what_builds_this_project() -> None:
    about = tomllib.loads((setup.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = {pin.partition("==")[0] for pin in _pins("requirements.lock")}
    needed = {re.split(r"\W", name)[0] for name in about["build-system"]["requires"]}
    assert needed | {"editables"} <= pinned


def test_ci_runs_the_command_that_a_developer_types() -> None:
    script = setup.ROOT / ".ci" / "run"
    lines = [line for line in script.read_text(encoding="utf-8").splitlines() if line]
    assert lines[-1] == "exec python3 scripts/test.py"
    assert os.name == "nt" or os.access(script, os.X_OK)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no root")
def test_apt_is_never_called_without_the_right_to(capsys: pytest.CaptureFixture[str]) -> None:
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        assert debian.install(["no-such-package"]) == ""
    finally:
        os.seteuid(me)
    assert capsys.readouterr().err == ""
    assert debian.line_to_type(["a", "b"]) == "sudo apt-get install -y a b"


# PostgreSQL


def _engine(url: str) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)


def test_the_private_server_speaks_utf_8_and_utc(postgres_url: str) -> None:
    with _engine(postgres_url).connect() as connection:
        said = connection.execute(
            sqlalchemy.text(
                "select current_setting('server_encoding'), current_setting('timezone'),"
                " current_setting('listen_addresses'), 'Kẻ Sặt'"
            )
        ).one()
    assert tuple(said) == ("UTF8", "UTC", "", "Kẻ Sặt")


def test_a_server_keeps_its_data_when_it_is_started_again() -> None:
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.running() as url:
        engine = _engine(url)
        folder = Path(sqlalchemy.make_url(url).query["host"])  # type: ignore[arg-type] # one host
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("create table tin (ten text)"))
        assert postgres.start(folder) == url  # running already: the same server
        postgres.stop(folder)
        with pytest.raises(sqlalchemy.exc.OperationalError):
            engine.connect()
        assert postgres.start(folder) == url
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("select * from tin")).all() == []
    assert not folder.exists()


def test_a_folder_with_other_things_is_not_taken_for_a_server(tmp_path: Path) -> None:
    if reason := postgres.missing():
        pytest.skip(reason)
    (tmp_path / "ảnh.png").touch()
    with pytest.raises(postgres.NotStarted, match="not empty"):
        postgres.start(tmp_path)
    with pytest.raises(postgres.NotStarted, match="too long"):
        postgres.start(tmp_path / ("x" * 90))


def test_postgres_explains_itself_when_called_wrongly() -> None:
    run = subprocess.run(
        [sys.executable, SCRIPTS / "postgres.py", "restart"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "start DIR" in run.stderr
