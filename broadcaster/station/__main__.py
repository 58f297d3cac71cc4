"""`python -m broadcaster.station --home DIR`."""

from broadcaster.station.main import run

run()
