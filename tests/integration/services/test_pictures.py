"""Pictures from the clerk's file to what every outlet is sent."""

from __future__ import annotations

from pathlib import Path

import commune
import pytest
from pictures import JPEG, png

from broadcaster.domain.delivery import State
from broadcaster.errors import Conflict, PolicyRefused
from broadcaster.sandbox import public, running
from broadcaster.sandbox.state import SandboxState
from broadcaster.services.content import authoring, picturing

TARGETS = ("fanpage", "website")


@pytest.fixture
def office(tmp_path: Path) -> commune.Commune:
    return commune.found(tmp_path / "xa")


def test_the_same_picture_twice_is_one_file(office: commune.Commune) -> None:
    one, again = (picturing.keep(office.context, JPEG, alt) for alt in ("Cổng chùa", "Cổng"))
    assert one.digest == again.digest
    path = office.context.file(one.digest, "jpg")
    assert path.read_bytes() == JPEG
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_another_picture_is_another_revision_and_takes_the_approval_back(
    office: commune.Commune,
) -> None:
    first = picturing.keep(office.context, png(), "Ảnh cũ")
    number = office.draft(targets=TARGETS, pictures=[first])
    office.render(number)
    assert office.approve(number).approval is not None
    second = picturing.keep(office.context, JPEG, "Ảnh mới")
    edited = authoring.edit(
        office.context, office.lan, number, commune.TEXT, office.clock(), pictures=[second]
    )
    assert (edited.approval, edited.revision.n) == (None, 2)
    assert edited.revision.pictures == (second,)


def test_an_edit_that_names_no_picture_keeps_those_there_are(office: commune.Commune) -> None:
    shown = picturing.keep(office.context, png(), "Ảnh")
    number = office.draft(targets=TARGETS, pictures=[shown])
    with pytest.raises(Conflict):
        office.edit(number, commune.TEXT)
    assert office.edit(number, commune.TEXT + " Thôn Đoài.").revision.pictures == (shown,)
    bare = authoring.edit(
        office.context, office.lan, number, commune.TEXT, office.clock(), pictures=[]
    )
    assert bare.revision.pictures == ()


def test_approved_pictures_reach_every_outlet_that_shows_them(tmp_path: Path) -> None:
    clock = commune.HandClock()
    state = SandboxState(clock=clock)
    with running(state) as url:
        office = commune.found(tmp_path / "xa", sandbox=url)
        shown = [picturing.keep(office.context, one, "Ảnh") for one in (png(), JPEG)]
        number = office.draft(targets=TARGETS, pictures=shown)
        office.render(number)
        office.approve(number)
        office.schedule(number)
        office.plan()
        clock.now = office.clock.move(hours=9)
        for _ in range(4):
            office.tick()
            clock.now = office.clock.move(seconds=20)
        post, article = *public.facebook(state, url), *public.website(state, url)
    assert office.states(number) == {State.CONFIRMED: 2}
    assert len(post.pictures) == 2
    assert len(article.pictures) == 1  # the other one stands in the text
    assert "<img" in article.text


def test_a_picture_changed_on_the_disk_is_not_approved(office: commune.Commune) -> None:
    shown = picturing.keep(office.context, png(), "Ảnh")
    number = office.draft(targets=TARGETS, pictures=[shown])
    office.render(number)
    office.context.file(shown.digest, "png").write_bytes(png(10))
    with pytest.raises(PolicyRefused, match="Tệp ảnh"):
        office.approve(number)
