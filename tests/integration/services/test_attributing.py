"""Everything is attributed, and whoever touches the record of it is found out."""

from __future__ import annotations

from pathlib import Path

import commune
import pytest
from commune import Commune
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from broadcaster.errors import InputError
from broadcaster.services.approval import approving, submitting
from broadcaster.services.content import authoring
from broadcaster.services.people import attributing
from broadcaster.store import events
from broadcaster.store.events import Chain
from broadcaster.store.schema import event


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return commune.found(tmp_path / "xa")


def work(xa: Commune) -> int:
    number = xa.draft(targets=("loa-dong", "fanpage"))
    authoring.override(
        xa.context, xa.tuan, number, "fanpage", "Mất điện 25/11/2026, thôn Đông, 7-11h.", xa.clock()
    )
    xa.render(number)
    submitting.hear(xa.context, xa.minh, number, xa.clock())
    approving.grant(xa.context, xa.minh, number, xa.clock())
    xa.schedule(number)
    approving.give_back(xa.context, xa.minh, number, "sai giờ", xa.clock())
    return number


def chain(xa: Commune) -> Chain:
    return attributing.verify(xa.context)


def test_who_did_what_from_where_and_why(xa: Commune) -> None:
    number = work(xa)
    deeds = attributing.history(xa.context, number)
    assert [(d.person, d.what) for d in deeds] == [
        ("lan", "announcement.drafted"),
        ("tuan", "announcement.overridden"),
        ("minh", "approval.heard"),
        ("minh", "approval.granted"),
        ("lan", "timetable.added"),
        ("minh", "approval.returned"),
    ]
    assert all("@" in d.origin for d in deeds)
    assert deeds[-1].why == "sai giờ"
    assert chain(xa).broken is None
    assert chain(xa).records == len(deeds)


def test_one_transaction_may_come_from_elsewhere(xa: Commune) -> None:
    with xa.context.database.write(origin="trạm loa-dong") as connection:
        events.note(connection, xa.context.commune_id, "trạm", "x", "y", xa.clock())
    with xa.context.database.write() as connection:
        events.note(connection, xa.context.commune_id, "lan", "x", "y", xa.clock())
    assert [d.origin == "trạm loa-dong" for d in attributing.deeds(xa.context)] == [True, False]


TOUCHES = ("change", "cut out", "slip in", "another place", "hide the person")


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(which=st.integers(0, 4), how=st.sampled_from(TOUCHES))
def test_the_first_record_that_was_touched_is_named(
    tmp_path_factory: pytest.TempPathFactory, which: int, how: str
) -> None:
    xa = commune.found(tmp_path_factory.mktemp("chain") / "xa")
    work(xa)
    with xa.context.database.write() as connection:
        ids = list(connection.scalars(select(event.c.id).order_by(event.c.id)))
        one = ids[which]
        expected = one if how in {"change", "another place", "hide the person"} else ids[which + 1]
        match how:
            case "change":
                connection.execute(update(event).where(event.c.id == one).values(detail={"a": 1}))
            case "cut out":
                connection.execute(delete(event).where(event.c.id == one))
            case "hide the person":
                connection.execute(update(event).where(event.c.id == one).values(person="ai đó"))
            case "another place":
                connection.execute(update(event).where(event.c.id == one).values(origin="xa"))
            case "slip in":
                row = connection.execute(select(event).where(event.c.id == one)).one()
                later = list(ids[which + 1 :])
                for old in reversed(later):
                    connection.execute(update(event).where(event.c.id == old).values(id=old + 1))
                expected = one + 1
                connection.execute(insert(event).values(**{**row._mapping, "id": one + 1}))
    broken = chain(xa).broken
    assert broken is not None
    assert broken["id"] == expected


def test_a_cut_tail_is_found_by_the_seal_on_paper(xa: Commune) -> None:
    work(xa)
    noted = chain(xa).head
    with xa.context.database.write() as connection:
        last = connection.scalar(select(event.c.id).order_by(event.c.id.desc()).limit(1))
        connection.execute(delete(event).where(event.c.id == last))
    found = attributing.verify(xa.context, noted[:16])
    assert found.broken is None
    assert noted not in found.seals
    with pytest.raises(InputError, match="không phải mã niêm phong"):
        attributing.verify(xa.context, "xyz")


def test_records_older_than_the_seals_are_counted_and_the_chain_begins_after(xa: Commune) -> None:
    work(xa)
    with xa.context.database.write() as connection:
        connection.execute(delete(event))
        connection.execute(
            insert(event).values(
                commune_id=xa.context.commune_id, at=xa.clock(), person="lan", what="old",
                subject="x", detail={},
            )
        )  # fmt: skip
        events.note(connection, xa.context.commune_id, "lan", "new", "x", xa.clock())
    assert (chain(xa).records, chain(xa).unsealed, chain(xa).broken) == (2, 1, None)
