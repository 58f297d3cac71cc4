"""Rows of every table, of any content, that hang together as a commune's rows do."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Integer, String, Table, Time
from sqlalchemy.exc import IntegrityError

from broadcaster.store import events, portable
from broadcaster.store.columns import Instant
from broadcaster.store.schema import commune

_numbers = itertools.count(1)
_START = datetime(2026, 11, 23, tzinfo=UTC)


class Inventor:
    """`words` are strewn over all texts and JSON."""

    def __init__(self, seed: int, words: Sequence[str]) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a test's dice
        self._words = [*words, "Thôn Đoài: “nghỉ”", ""]

    def fill(self, connection: Connection, key: str, most: int = 4) -> int:
        """A new commune with up to `most` rows of each table and a sealed log; its id."""
        made = connection.execute(commune.insert().values(name=self._words[0][:90], key=key))
        commune_id = int((made.inserted_primary_key or (0,))[0])
        ids: dict[str, list[int]] = {}
        for table in portable.tables():
            if table.name == "event":
                continue
            rows = [self._row(table, commune_id, ids) for _ in range(self._dice.randint(0, most))]
            ids[table.name] = [
                one for row in rows if row is not None if (one := _insert(connection, table, row))
            ]
        for _ in range(self._dice.randint(0, most)):
            subject = f"delivery {self._dice.choice(ids['delivery'] or [1])}"
            events.note(
                connection, commune_id, "lan", "a.b", subject, self._instant(), any=self._json()
            )
        return commune_id

    def _row(
        self, table: Table, commune_id: int, ids: dict[str, list[int]]
    ) -> dict[str, Any] | None:
        """None where there is nothing yet that it could hang on."""
        pointers = portable.pointers(table)
        row: dict[str, Any] = {}
        for column in table.columns:
            name = column.name
            if name == "id":
                continue
            if name == "commune_id":
                row[name] = commune_id
            elif name in pointers:
                known = ids.get(pointers[name], [])
                if not known and not column.nullable:
                    return None
                row[name] = self._dice.choice(known) if known else None
            elif column.nullable and self._dice.random() < 0.3:
                row[name] = None
            else:
                row[name] = self._value(column.type)
        return row

    def _value(self, kind: object) -> Any:  # noqa: PLR0911 - one line a type
        if isinstance(kind, Instant):
            return self._instant()
        if isinstance(kind, DateTime):
            return self._instant().replace(tzinfo=None)
        if isinstance(kind, Date):
            return date(2026, 1, 1) + timedelta(days=self._dice.randint(0, 999))
        if isinstance(kind, Time):
            return time(self._dice.randint(0, 23), self._dice.randint(0, 59))
        if isinstance(kind, JSON):
            return self._json()
        if isinstance(kind, Boolean):
            return self._dice.random() < 0.5
        if isinstance(kind, Integer):
            return self._dice.randint(0, 10**9)
        assert isinstance(kind, String), kind
        word = f"{self._dice.choice(self._words)} {next(_numbers)}"
        return word[-200:]

    def _instant(self) -> datetime:
        return _START + timedelta(microseconds=self._dice.randint(0, 10**13))

    def _json(self) -> Any:
        word = self._dice.choice(self._words)
        return {"vi": word, "none": None, "n": [1, 2.5, {word: True}]}


def _insert(connection: Connection, table: Table, row: dict[str, Any]) -> int | None:
    """Its id; None where a unique constraint has the place."""
    try:
        with connection.begin_nested():
            return int((connection.execute(table.insert(), row).inserted_primary_key or (0,))[0])
    except IntegrityError:
        return None
