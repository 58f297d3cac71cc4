"""Every check in one command: format, style, imports, types, then the tests.

python3 scripts/test.py [--fast] [what pytest understands]
--fast runs the tests only. All checks run even when one fails; the tests' count comes last.
"""

from __future__ import annotations

import subprocess
import sys

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
    passed = _passes("Kiểm thử / tests", [str(python), "-m", "pytest", *chosen])
    return 0 if passed and not failed else 1


def _bring_servers() -> None:
    """Debian's packages that tests start; here, because the tests themselves have no network."""
    # Not readable for the old Pythons that setup turns away, so not at the top.
    import debian  # noqa: PLC0415 - see above
    import null_sink  # noqa: PLC0415 - see above
    import postgres  # noqa: PLC0415 - see above
    import wordpress  # noqa: PLC0415 - see above

    if debian.has_apt():
        setup.say(postgres.missing())
        setup.say(wordpress.missing())
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
