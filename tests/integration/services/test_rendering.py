"""A real voice on a short text: what is heard is what is approved, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from commune import Commune, found

from broadcaster.domain import approval
from broadcaster.errors import Conflict, PolicyRefused
from broadcaster.services.approval import approving
from broadcaster.services.content import rendering

SHORT = "Họp thôn.\nTối nay họp thôn."
_VOICE = '[voice]\norder = ["espeak"]\n[sound]\nchime = ""\nclosing_chime = ""\nlead_in_ms = 0\n'


@pytest.fixture(scope="module")
def xa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commune]:
    """One commune for all: a voice that has spoken once speaks from its cache."""
    made = found(tmp_path_factory.mktemp("xa"), more=_VOICE)
    yield made
    made.context.database.close()


@pytest.fixture
def rendered(xa: Commune) -> int:
    number = xa.draft(SHORT, targets=("loa-dong", "fanpage", "website"))
    spoken(xa, number)
    return number


def spoken(xa: Commune, number: int) -> None:
    rendering.render(xa.context, xa.lan, number, xa.clock(), lambda *_: None)


def test_every_outlet_gets_its_rendition_and_the_sound_lies_under_its_digest(
    xa: Commune, rendered: int
) -> None:
    dossier = xa.show(rendered)
    assert dossier.rendered
    found_by_target = {r.target: r for r in dossier.renditions}
    wav = found_by_target["loa-dong"].content["wav"]
    data = (xa.context.audio / f"{wav['digest']}.wav").read_bytes()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (wav["digest"], wav["size"])
    assert 1000 < found_by_target["loa-dong"].duration_ms < 30_000
    assert dossier.reference in str(found_by_target["fanpage"].content)


def test_one_changed_byte_in_one_cue_forbids_the_approval(xa: Commune, rendered: int) -> None:
    (spoken_one,) = [r for r in xa.show(rendered).renditions if r.target == "loa-dong"]
    cues = spoken_one.content["cues"]
    assert abs(sum(cue["duration_ms"] for cue in cues) - spoken_one.duration_ms) <= len(cues)
    path = xa.context.audio / f"{cues[-1]['digest']}.wav"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(PolicyRefused, match="bị mất hoặc đã thay đổi"):
        approving.grant(xa.context, xa.minh, rendered, xa.clock(), accept="đã nghe hết")


def test_the_fallback_voice_must_be_accepted_with_a_reason_that_is_kept(
    xa: Commune, rendered: int
) -> None:
    for accept in ("", "   "):
        with pytest.raises(PolicyRefused, match="--accept"):
            approving.grant(xa.context, xa.minh, rendered, xa.clock(), accept=accept)
    accept = "đã nghe hết, rõ tiếng"
    granted = approving.grant(xa.context, xa.minh, rendered, xa.clock(), accept=accept)
    assert granted.approval is not None
    assert granted.approval.reason == accept


def test_rendering_again_changes_nothing_and_keeps_the_approval(xa: Commune, rendered: int) -> None:
    code = approval.digest(xa.show(rendered).pinned)
    approving.grant(xa.context, xa.minh, rendered, xa.clock(), accept="rõ", seen=code[:8].upper())
    before = [r.id for r in xa.show(rendered).renditions]
    spoken(xa, rendered)
    after = xa.show(rendered)
    assert [r.id for r in after.renditions] == before
    assert after.approval is not None


def test_another_text_makes_another_code_and_takes_the_approval_back(
    xa: Commune, rendered: int
) -> None:
    code = approval.digest(xa.show(rendered).pinned)
    xa.edit(rendered, SHORT + " Mời bà con dự.")
    assert not xa.show(rendered).rendered
    spoken(xa, rendered)
    with pytest.raises(Conflict, match="Mã bản xem trước"):
        approving.grant(xa.context, xa.minh, rendered, xa.clock(), accept="rõ", seen=code[:8])


def test_an_edit_while_the_voice_speaks_stores_no_rendition(xa: Commune) -> None:
    number = xa.draft(SHORT, targets=("loa-dong",))
    edited: list[int] = []

    def edit_once(*_: object) -> None:
        if not edited:
            edited.append(xa.edit(number, "Họp thôn.\nTối mai họp thôn.").revision.n)

    with pytest.raises(Conflict, match="vừa được sửa"):
        rendering.render(xa.context, xa.lan, number, xa.clock(), edit_once)
    assert list(xa.show(number).renditions) == []
