"""The profile in force, and what another one would make of the timetable as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain.airtime import Airtime
from broadcaster.domain.breaches import Breach
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.people import Person, Right
from broadcaster.domain.policy import Policy
from broadcaster.errors import InputError
from broadcaster.services.context import Context
from broadcaster.services.timetable import onair
from broadcaster.settings import config, policies
from broadcaster.store import events

DAYS = 35
"""How far ahead a policy is held against the timetable."""


@dataclass(frozen=True)
class Finding:
    """One sound to come that a policy forbids."""

    number: int
    target: str
    begins: datetime
    breach: Breach


def under(context: Context, profile: str) -> Policy:
    """The policy as it would be with another profile. Raises InputError."""
    settings = context.config.policy.model_copy(update={"profile": profile})
    return policies.resolve(context.home, settings)


def review(context: Context, policy: Policy, now: datetime) -> list[Finding]:
    """Everything that is to sound in the next weeks and that `policy` forbids, by time."""
    trial = replace(context, policy=policy)
    speakers = [t.key for t in context.config.targets if t.channel == LOUDSPEAKER]
    until = now + timedelta(days=DAYS)
    with context.database.read() as connection:
        board = onair.with_rules(connection, trial, speakers, now, until)
    found = [one for airtime in board.stations.values() for one in _findings(airtime, now)]
    return sorted(found, key=lambda one: (one.begins, one.target))


def _findings(everything: Airtime, now: datetime) -> Iterator[Finding]:
    """One after the other, as planning would take them up."""
    airtime = Airtime(everything.policy, everything.station)
    for sound in everything.sounds:
        breach = next(airtime.breaches(sound), None) if sound.begins >= now else None
        if breach is None:
            airtime.add(sound)
        else:
            yield Finding(sound.number, everything.station, sound.begins, breach)


def use(context: Context, person: Person, profile: str, reason: str, now: datetime) -> Policy:
    """Let the settings name another profile, and write down who did it and why.

    What is approved and planned stays as it is; planning and the stations hold it against the new
    profile. Raises InputError for a profile that cannot be read; then nothing has changed.
    """
    person.must_have(Right.POLICY)
    if not reason.strip():
        raise InputError("Đổi hồ sơ phải có lý do: --reason “…”", "A reason is needed: --reason")
    policy = under(context, profile)
    path = context.home / config.FILE
    text = with_profile(path.read_text(encoding="utf-8-sig"), profile)
    config.parse(tomllib.loads(text), str(path))
    with context.database.write() as connection:
        _note(connection, context, person, profile, reason.strip(), now)
        aside = path.with_suffix(".new")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    return policy


def with_profile(text: str, profile: str) -> str:
    """The settings with `profile` in their [policy]; every other line as it was."""
    line = f'profile = "{profile}"'
    section = re.search(r"^\[policy\][^\n]*\n", text, re.MULTILINE)
    if section is None:
        return f"{text.rstrip()}\n\n[policy]\n{line}\n"
    following = re.search(r"^\s*\[", text[section.end() :], re.MULTILINE)
    end = section.end() + following.start() if following else len(text)
    body = text[section.end() : end]
    changed, count = re.subn(
        r'^(\s*)profile\s*=\s*("[^"]*"|\'[^\']*\')', rf"\g<1>{line}", body, flags=re.MULTILINE
    )
    return text[: section.end()] + (changed if count else f"{line}\n{body}") + text[end:]


def _note(
    connection: Connection,
    context: Context,
    person: Person,
    profile: str,
    reason: str,
    now: datetime,
) -> None:
    before = context.config.policy.profile
    events.note(
        connection, context.commune_id, person.name, "policy.used", f"policy {profile}", now,
        before=before, reason=reason, place=context.owner,
    )  # fmt: skip
