"""How often an emergency waits for the disk before it sounds: a worn hard disk takes 30 ms each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from station_clock import NOON
from station_sounds import item
from station_village import Village

from broadcaster.station.database import FILE, Database


class Disk:
    """What the playing side commits and waits for until the disk has it, in order."""

    def __init__(self, village: Village) -> None:
        self.waits: list[str] = []
        self._lightly = False
        village.database._connection.set_trace_callback(self._see)

    def _see(self, statement: str) -> None:
        if statement.startswith("PRAGMA synchronous"):
            self._lightly = statement.endswith("NORMAL")
        elif statement.startswith(("UPDATE", "INSERT", "COMMIT")) and not self._lightly:
            self.waits.append(" ".join(statement.split()[:4]))


def test_an_emergency_waits_for_the_end_of_the_other_and_its_own_start(tmp_path: Path) -> None:
    village = Village(tmp_path)
    village.tell(item("dai", NOON, village.sound(60)), item("sau", NOON + timedelta(seconds=3), []))
    disk = Disk(village)

    def arrives(heard: float) -> None:
        if heard > 5 and village.version == 1:
            now, sound = village.clock.now(), village.sound(3, seed=2)
            village.tell(item("khan", now, sound, priority="emergency", authority="lan"))
            disk.waits.clear()

    village.ear.during = arrives
    village.run(130)
    assert village.outcome("dai").outcome == "partly_aired"
    assert village.outcome("khan").outcome == "aired"
    # One transaction of three statements, and one of its own; the sound is on its way then.
    assert disk.waits[:4] == [
        "UPDATE play SET status",
        "INSERT INTO as_run (entry,",
        "COMMIT",
        "UPDATE play SET status",
    ]


def test_what_was_written_lightly_is_there_for_others_at_once(tmp_path: Path) -> None:
    writer, reader = Database(tmp_path / FILE), Database(tmp_path / FILE)
    with writer.lightly():
        writer.put("device", "loa")
    assert reader.get("device") == "loa"
    level = writer.one("PRAGMA synchronous")
    assert level is not None
    assert level[0] == 2, "FULL again"
    writer.close()
    reader.close()
