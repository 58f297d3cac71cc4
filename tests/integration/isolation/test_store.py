"""What a person types is looked up within their commune: the store asks for it, or says why not."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

from broadcaster import store

TYPED = {"number", "delivery_id", "rule_id", "order_id", "waiver_id", "alarm_id", "name", "target"}
"""Ids and keys that commands take from people, and routes from stations."""

COMMUNE = {"commune_id", "owner"}
_FOUND_BEFORE = "takes what was found within the commune in this very transaction"
_FOUNDS = "makes or finds the commune itself"
WITHOUT = {
    "alarms.ack": _FOUND_BEFORE,
    "alarms.close": _FOUND_BEFORE,
    "approvals.change_rule": _FOUND_BEFORE,
    "approvals.remove_rule": _FOUND_BEFORE,
    "deliveries.attempts": _FOUND_BEFORE,
    "emergencies.end": _FOUND_BEFORE,
    "emergencies.of_rule": _FOUND_BEFORE,
    "moves.begin": _FOUNDS,
    "people.the_commune": _FOUNDS,
    "waivers.revoke": _FOUND_BEFORE,
}


def unasked() -> Iterator[str]:
    """Functions of the store that take what people type, and no commune."""
    for module in pkgutil.iter_modules(store.__path__):
        if module.ispkg:
            continue
        found = importlib.import_module(f"broadcaster.store.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            given = list(inspect.signature(function).parameters)
            if function.__module__ != found.__name__ or given[:1] != ["connection"]:
                continue
            if TYPED & set(given) and not COMMUNE & set(given) and not name.startswith("_"):
                yield f"{module.name}.{name}"


def test_every_query_by_what_a_person_types_asks_for_the_commune() -> None:
    assert sorted(unasked()) == sorted(WITHOUT)
