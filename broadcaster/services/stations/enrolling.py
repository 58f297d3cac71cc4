"""How a machine becomes a station: a code told to a person, used once; and how it ends."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain import delivery as machine
from broadcaster.domain.people import Person, Right
from broadcaster.errors import Conflict, InputError, PolicyRefused
from broadcaster.services.communes import Communes
from broadcaster.services.context import Context
from broadcaster.services.stations import signing
from broadcaster.store import events, stations
from broadcaster.wire import Enrolled

VALID = timedelta(minutes=15)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing that is mistaken for another when read over the telephone."""
_ALIKE = str.maketrans("OIL", "011")
_LENGTH = 12
"""Letters of 5 bits each: too many to try within the quarter of an hour that a code lives."""


def code(context: Context, person: Person, target: str, now: datetime) -> str:
    """A new code for the station of `target`, shown once; codes before it die unused."""
    person.must_have(Right.MANAGE)
    _check(context, target)
    made = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    with context.database.write() as connection:
        stations.add_code(connection, context.commune_id, target, digest(made), now + VALID)
        events.note(
            connection, context.commune_id, person.name, "station.code", f"station {target}", now
        )
    return "-".join(made[at : at + 4] for at in range(0, _LENGTH, 4))


def enroll(communes: Communes, given: str, now: datetime) -> Enrolled:
    """What the station gets for its code: name, token and the key to pin. An old token dies.

    The code also says of which commune it is. Raises PolicyRefused for one that is wrong, used or
    too old, without saying which.
    """
    code_digest = digest(_plain(given))
    with communes.database.read() as connection:
        commune_id = stations.commune_of_code(connection, code_digest)
    if commune_id is None:
        raise _bad_code()
    context = communes.of(commune_id)
    key = signing.signer(context).public
    token = secrets.token_urlsafe(32)
    with context.database.write(origin="máy trạm, qua mạng") as connection:
        target = stations.use_code(connection, commune_id, code_digest, now)
        if target is None:
            raise _bad_code()
        stations.enroll(connection, commune_id, target, digest(token))
        subject = f"station {target}"
        events.note(connection, commune_id, "code", "station.enrolled", subject, now)
    return Enrolled(station=target, token=token, key=key)


def _bad_code() -> PolicyRefused:
    return PolicyRefused(
        "Mã ghi danh sai, đã dùng hoặc đã hết hạn. Xin mã mới ở máy chủ: "
        "broadcaster station code KHÓA --as TÊN",
        "The code is wrong, used or out of date. Ask for a new one on the server: "
        "broadcaster station code KEY --as NAME",
    )


def take_in(context: Context, target: str, now: datetime) -> str:
    """The token of a station on this very machine, which needs no code."""
    _check(context, target)
    token = secrets.token_urlsafe(32)
    with context.database.write() as connection:
        stations.enroll(connection, context.commune_id, target, digest(token))
        subject = f"station {target}"
        events.note(connection, context.commune_id, "init", "station.enrolled", subject, now)
    return token


def revoke(context: Context, person: Person, target: str, now: datetime) -> None:
    """The station's token opens nothing any more. What it holds it still plays: stop it there."""
    person.must_have(Right.MANAGE)
    with context.database.write() as connection:
        if stations.by_key(connection, context.commune_id, target) is None:
            raise Conflict(
                f"Cụm loa “{target}” chưa có máy phát nào ghi danh. Xem: broadcaster station list",
                f"No station is enrolled for “{target}”. See: broadcaster station list",
            )
        nobody = digest(secrets.token_urlsafe(32))
        stations.enroll(connection, context.commune_id, target, nobody)
        events.note(
            connection, context.commune_id, person.name, "station.revoked", f"station {target}", now
        )


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _plain(given: str) -> str:
    """As a person types it: small letters, spaces and hyphens, O for 0."""
    return given.upper().translate(_ALIKE).replace("-", "").replace(" ", "")


def _check(context: Context, target: str) -> None:
    if context.config.target(target).channel != machine.LOUDSPEAKER:
        raise InputError(
            f"“{target}” không phải là cụm loa.", f"“{target}” is not a loudspeaker target."
        )


@dataclass
class Patience:
    """How many guesses are borne: `most` within `span`, counted for everybody together."""

    most: int = 10
    span: timedelta = timedelta(minutes=1)

    def __post_init__(self) -> None:
        self._tries: list[datetime] = []

    def allows(self, now: datetime) -> bool:
        """Counts this try; False when there were too many."""
        self._tries = [at for at in self._tries if abs(now - at) < self.span]
        if len(self._tries) >= self.most:
            return False
        self._tries.append(now)
        return True
