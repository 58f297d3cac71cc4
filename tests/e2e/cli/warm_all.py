"""Imported once in the process that forks: click with Vietnamese words, then all of the program."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil

import broadcaster
from broadcaster.cli.i18n import install_click_messages, set_language

set_language("vi")
install_click_messages("vi")  # before anything imports click, which takes its words once
for module in pkgutil.walk_packages(broadcaster.__path__, "broadcaster."):
    if not module.name.endswith("__main__"):
        with contextlib.suppress(ImportError):  # what is for another system, or an extra
            importlib.import_module(module.name)
