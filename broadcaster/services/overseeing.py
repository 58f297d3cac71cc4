"""What the operator of a province sees of its communes: figures and trouble, no content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.errors import BroadcasterError, Text
from broadcaster.services.communes import Communes
from broadcaster.settings import config, province
from broadcaster.store import overview
from broadcaster.store.overview import Figures

_HEARD_WITHIN = timedelta(minutes=5)
_NO_ROW = Text(
    "Chưa có trong cơ sở dữ liệu. Hãy chạy: broadcaster commune add {key}",
    "Not in the database. Run: broadcaster commune add {key}",
)


@dataclass(frozen=True)
class Standing:
    """One commune. `figures` is None for a folder without rows; `trouble` keeps it from work."""

    key: str
    figures: Figures | None
    trouble: Text | None


def communes(served: Communes, now: datetime) -> list[Standing]:
    """Every row and every folder of a province, in order of key."""
    with served.database.read() as connection:
        known = overview.of_communes(connection, now, now - _HEARD_WITHIN)
    there = {one.key: Standing(one.key, one, _trouble(served, one.commune_id)) for one in known}
    there.pop("", None)  # of a folder on its own that uses the same database
    for path in (served.home / province.FOLDER).glob(f"*/{config.FILE}"):
        key = path.parent.name
        if key not in there:
            said = Text(_NO_ROW.vi.format(key=key), _NO_ROW.en.format(key=key))
            there[key] = Standing(key, None, said)
    return [there[key] for key in sorted(there)]


def _trouble(served: Communes, commune_id: int) -> Text | None:
    try:
        served.of(commune_id)
    except BroadcasterError as error:
        return error.text
    return None
