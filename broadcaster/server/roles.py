"""`broadcaster run` of a province: web, planner, worker, or all of them in one process.

As many of each as wanted, on as many machines; they find each other in the database.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum

from broadcaster.common_clock import CommonClock
from broadcaster.engine.port import Engine
from broadcaster.errors import InputError, Unavailable
from broadcaster.server.current import Current
from broadcaster.server.ending import told_to_end
from broadcaster.server.memory import settle
from broadcaster.server.presence import Presence
from broadcaster.services.communes import Communes

Ready = Callable[[str], None]
_LOOK_EVERY_S = 0.5


class Role(StrEnum):
    WEB = "web"  # HTTP: stations, console, public pages
    PLANNER = "planner"  # plans, wakes, raises alarms; one of those that stand for it
    WORKER = "worker"  # posts, looks up, verifies


def shares_work(communes: Communes) -> bool:
    """Whether several processes may serve it: a province on PostgreSQL that has not said no."""
    wants = communes.alone is None and communes.settings.engine.kind == "procrastinate"
    return wants and not communes.database.is_sqlite


def serve(
    communes: Communes, role: Role | None, on_ready: Ready, *, station: bool = True, port: int = 0
) -> None:
    """Block until SIGINT or SIGTERM. Without a role, all that there is to do, in this process.

    `on_ready` hears the address of the web role, empty where there is none. `port`: in place of the
    one in the settings, as several web processes of one machine need; the other roles answer there
    to those who watch over them, and without it nowhere. Raises what says what to do.
    """

    def ready(url: str) -> None:
        settle()
        on_ready(url)

    if role is None and not shares_work(communes):
        from broadcaster.server import serving  # noqa: PLC0415 - heavy, not for every role

        serving.serve(communes, on_ready=ready, station=station, port=port)
    else:
        _refuse_unfit(communes)
        _serve_shared(communes, set(Role) if role is None else {role}, ready, port)


def _serve_shared(communes: Communes, roles: set[Role], on_ready: Ready, port: int) -> None:
    with told_to_end() as told, ExitStack() as running:
        presence = running.enter_context(_present(communes, roles))
        url, is_well = "", _always
        if Role.WEB in roles:
            url, is_well = running.enter_context(_answering(communes, port))
        if roles & {Role.PLANNER, Role.WORKER}:
            engine = running.enter_context(_at_work(communes, presence, roles))
            if port and Role.WEB not in roles:
                is_well = running.enter_context(_watched(communes, port, engine))
        on_ready(url)
        current = Current(communes.database)
        while not told.wait(_LOOK_EVERY_S):
            current.look()
            if not is_well():
                raise Unavailable(
                    "Máy chủ đã ngừng ngoài dự kiến; hãy chạy lại: broadcaster run",
                    "The server ended unexpectedly; start it again: broadcaster run",
                )


def _always() -> bool:
    return True


@contextmanager
def _present(communes: Communes, roles: set[Role]) -> Iterator[Presence]:
    common = communes.clock if isinstance(communes.clock, CommonClock) else None
    plans = Role.PLANNER in roles
    presence = Presence(communes.database, communes.owner, plans=plans, clock=common)
    presence.start()
    try:
        yield presence
    finally:
        presence.stop()


@contextmanager
def _answering(communes: Communes, port: int) -> Iterator[tuple[str, Callable[[], bool]]]:
    """The address, and whether it still answers."""
    from broadcaster.server.serving import answering, listening  # noqa: PLC0415 - heavy, for one role
    from broadcaster.web.app import create_app  # noqa: PLC0415 - same

    with listening(communes, port) as listener, answering(create_app(communes), listener) as web:
        yield "http://{}:{}".format(*listener.getsockname()[:2]), web.is_alive


@contextmanager
def _watched(communes: Communes, port: int, engine: Engine) -> Iterator[Callable[[], bool]]:
    """A door for those who watch over a process that has no other; whether it still answers."""
    from broadcaster.server.serving import answering, listening  # noqa: PLC0415 - heavy, for few
    from broadcaster.web import monitoring  # noqa: PLC0415 - same

    app = monitoring.alone(communes, engine.health)
    with listening(communes, port) as listener, answering(app, listener) as door:
        yield door.is_alive


@contextmanager
def _at_work(communes: Communes, presence: Presence, roles: set[Role]) -> Iterator[Engine]:
    from broadcaster.engine.procrastinate import Procrastinate  # noqa: PLC0415 - an extra
    from broadcaster.server import province  # noqa: PLC0415 - it needs the extra, too

    engine = Procrastinate(communes.database.arguments)
    engine.start()
    with ExitStack() as running:
        running.callback(engine.stop)
        if Role.WORKER in roles:
            running.enter_context(province.working(communes, engine, presence))
        if Role.PLANNER in roles:
            running.enter_context(province.planning(communes, engine, presence))
        yield engine


def _refuse_unfit(communes: Communes) -> None:
    if communes.alone is not None:
        raise InputError(
            "Chạy từng vai trò (--role) là cho máy chủ của một tỉnh: trong thư mục này không có "
            "province.toml. Một xã thì chạy: broadcaster run. Cả tỉnh: xem docs/van-hanh-tinh.md.",
            "A role is for a province's server, and this folder has no province.toml. For one "
            "commune run: broadcaster run.",
        )
    if communes.database.is_sqlite:
        raise InputError(
            "Nhiều tiến trình cần PostgreSQL, mà tỉnh này đang dùng SQLite. Hãy đặt trong "
            'province.toml: database_url = "postgresql+psycopg://…" (hoặc biến '
            "BROADCASTER_DATABASE_URL) và chuyển từng xã sang bằng “broadcaster store copy”.",
            "Several processes need PostgreSQL, and this province uses SQLite. Set database_url in "
            "province.toml to postgresql+psycopg://…; “broadcaster store copy” moves a commune.",
        )
    if communes.settings.engine.kind != "procrastinate":
        raise InputError(
            "province.toml đặt [engine] kind = “embedded”: chỉ chạy được một tiến trình. Hãy bỏ "
            "dòng đó, hoặc chạy không có --role.",
            "province.toml says [engine] kind = “embedded”: one process only. Drop that line, or "
            "run without --role.",
        )
    if importlib.util.find_spec("procrastinate") is None:
        raise Unavailable(
            "Thiếu phần dành cho tỉnh. Hãy chạy: pip install 'commune-broadcaster[province]'",
            "The part for provinces is missing. Run: pip install 'commune-broadcaster[province]'",
        )
