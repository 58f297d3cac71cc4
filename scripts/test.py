"""Every check in one command: format, style, imports, types, then the tests.

python3 scripts/test.py [--fast] [what pytest understands]
--fast runs the tests only. All checks run even when one fails; the tests' count comes last.
The whole suite runs on every core; tests that listen to a sound card come after it, alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import setup  # tells an old Python what is needed: this file must be readable for it too


def main(arguments: list[str]) -> int:
    if "--help" in arguments:
        print(__doc__)
        return 0
    python = setup.ensure("requirements-dev.lock", sound=True)
    _bring_servers()
    programs = python.parent
    checks = {
        "Định dạng / format": [str(python), "-m", "ruff", "format", "--check", "."],
        "Văn phong mã / style": [str(python), "-m", "ruff", "check", "."],
        "Hướng phụ thuộc / imports": [str(programs / "lint-imports"), "--no-cache"],
        "Kiểu / types": [str(python), "-m", "mypy"],
    }
    fast = "--fast" in arguments
    failed = [] if fast else [name for name, check in checks.items() if not _passes(name, check)]
    if failed:
        _say(f"CHƯA ĐẠT / FAILED: {', '.join(failed)}")
    chosen = [word for word in arguments if word not in ("--fast", "--")]
    passed = _test(python, chosen)
    return 0 if passed and not failed else 1


def _test(python: Path, chosen: list[str]) -> bool:
    """What was chosen in one run as it is; else everything, in two."""
    pytest = [str(python), "-m", "pytest"]
    if chosen:
        return _passes("Kiểm thử / tests", [*pytest, *chosen])
    # One more than cores: many tests wait for programs that they have started.
    workers = str(min((os.cpu_count() or 1) + 1, 6))  # more would only fight over the disk
    # One file stays with one worker: its servers are started once.
    together = ["-m", "not hearing", "-n", workers, "--dist", "loadfile"]
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            "Kiểm thử / tests": ([*pytest, *together], Path(folder, "tests.xml")),
            "Nghe thử / hearing": ([*pytest, "-m", "hearing"], Path(folder, "hearing.xml")),
        }
        passed = [
            _passes(name, [*command, f"--junitxml={report}"])
            for name, (command, report) in runs.items()
        ]
        counted = _count([report for _, report in runs.values()])
    _say("Tests: {passed} passed, {failed} failed, {skipped} skipped".format_map(counted))
    return all(passed) and counted["failed"] == 0


def _count(reports: list[Path]) -> dict[str, int]:
    """What all runs came to together; one that left no report has failed as a whole."""
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for report in reports:
        if not report.exists():
            count["failed"] += 1
            continue
        # Written a moment ago by our own pytest: nothing from outside is parsed here.
        for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 - see above
            tests, failures, errors, skipped = (
                int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")
            )
            count["passed"] += tests - failures - errors - skipped
            count["failed"] += failures + errors
            count["skipped"] += skipped
    return count


def _bring_servers() -> None:
    """Debian's packages that tests start; here, because the tests themselves have no network."""
    # Not readable for the old Pythons that setup turns away, so not at the top.
    import debian  # noqa: PLC0415 - see above
    import mosquitto  # noqa: PLC0415 - see above
    import null_sink  # noqa: PLC0415 - see above
    import postgres  # noqa: PLC0415 - see above
    import tracing  # noqa: PLC0415 - see above
    import wordpress  # noqa: PLC0415 - see above

    if debian.has_apt():
        setup.say(postgres.missing())
        setup.say(mosquitto.missing())
        setup.say(wordpress.missing())
        setup.say(tracing.missing())
        try:
            null_sink.install_missing()
        except null_sink.NoSoundCard as error:
            setup.say(str(error))


def _passes(name: str, command: list[str]) -> bool:
    _say(f"== {name}")
    return subprocess.run(command, cwd=setup.ROOT, check=False).returncode == 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
