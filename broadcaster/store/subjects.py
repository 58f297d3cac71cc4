"""What planning has to know of announcements, read for many of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from broadcaster.domain.announcement import Announcement, Rendition, Revision, reference
from broadcaster.domain.approval import Approval, TimetableRule, pin
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.programme import Lengths, lengths
from broadcaster.domain.waiver import Waiver
from broadcaster.store import announcements, approvals, publicity, waivers

_AT_ONCE = 200
"""Ids in one question: databases take only so many."""


@dataclass(frozen=True)
class Subject:
    """The newest revision of an announcement with what says when and how it sounds.

    `mandatory`: the law wants it repeated, so no limit of repeats binds it.
    """

    announcement: Announcement
    revision: Revision
    renditions: Sequence[Rendition]
    approval: Approval | None
    rules: Sequence[TimetableRule]
    waivers: Sequence[Waiver]
    mandatory: bool = False

    @cached_property
    def reference(self) -> str:
        return reference(self.announcement, self.revision)

    @property
    def pinned(self) -> dict[str, object]:
        return pin(self.revision, self.renditions, self.rules)

    @cached_property
    def lengths(self) -> Mapping[str, Lengths]:
        """How long what has been rendered sounds, by target."""
        return {
            one.target: lengths(one.content, one.duration_ms)
            for one in self.renditions
            if one.channel == LOUDSPEAKER
        }


def load(connection: Connection, ids: Collection[int], now: datetime) -> Iterator[Subject]:
    """Those with the given ids, in their order; approvals as in force at `now`."""
    wanted = list(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        owners = announcements.of_ids(connection, some)
        revisions = announcements.latest_revisions(connection, some)
        revision_ids = [one.id for one in revisions.values()]
        renditions = announcements.all_renditions(connection, revision_ids)
        granted = approvals.all_in_force(connection, revision_ids, now)
        rules = approvals.rules_of(connection, some)
        excepted = waivers.in_force(connection, some)
        mandatory = publicity.of_ids(connection, some)
        for one in some:
            newest = revisions[one]
            yield Subject(
                owners[one],
                newest,
                renditions.get(newest.id, []),
                granted.get(newest.id),
                rules.get(one, []),
                excepted.get(one, []),
                one in mandatory,
            )
