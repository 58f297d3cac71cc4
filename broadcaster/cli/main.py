"""The door: settles the language, then loads only the command that was asked for."""

from __future__ import annotations

import os
import sys

from broadcaster.cli.i18n import install_click_messages, language, set_language
from broadcaster.secrecy.masking import MaskedStream, guard_process


def run() -> None:
    """Entry point of the command `broadcaster`."""
    try:
        _run()
    except KeyboardInterrupt:  # while the command was still being loaded
        sys.exit(1)
    except Exception as error:
        from broadcaster.cli.crash import report  # noqa: PLC0415 - hardly ever needed

        sys.exit(report(error))


def _run() -> None:
    guard_process()
    chosen = language(sys.argv[1:], os.environ)
    set_language(chosen)
    install_click_messages(chosen)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # old Windows consoles
    sys.stdout, sys.stderr = MaskedStream(sys.stdout), MaskedStream(sys.stderr)
    # click takes its words from the language in force when it is imported.
    from broadcaster.cli.group import group  # noqa: PLC0415 - see above

    group(prog_name="broadcaster")
