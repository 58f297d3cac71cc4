"""What became of one try: the platforms' codes become the three errors here, in people's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from broadcaster.channels.text import mentions
from broadcaster.errors import OutcomeUnknown, Refused, Text, TryAgain


class Then(Enum):
    """What to do next."""

    AGAIN = auto()
    REFUSED = auto()
    UNKNOWN = auto()
    LOOK = auto()  # the far side says it is there already


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code of a platform: what to do next, and the reason with the next step for a clerk.

    `target_wide`: it says something about the whole target (a limit, a dead token), not this post.
    `tries`: so often may one post be sent and get this answer; None: until it is too late.
    """

    then: Then
    vi: str
    en: str
    wait: timedelta | None = None
    target_wide: bool = False
    tries: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Who said it, under which code, in which words (masked already), and when to ask again."""

    who: str
    code: str = ""
    words: str = ""
    at: datetime | None = None

    def tell(self, reason: Text) -> Text:
        """The reason with its source, for a person."""
        code = f" (mã {self.code})" if self.code else ""
        code_en = f" (code {self.code})" if self.code else ""
        words = f" Trả lời nhận được: “{self.words}”." if self.words else ""
        words_en = f" The answer said: “{self.words}”." if self.words else ""
        return Text(
            f"{self.who}: {reason.vi}{code}.{words}", f"{self.who}: {reason.en}{code_en}.{words_en}"
        )


def error_for(
    meaning: Meaning, said: Said, now: datetime, *, told: bool
) -> TryAgain | Refused | OutcomeUnknown:
    """The error of one answer. `told`: the call could have published something.

    A question that published nothing is never "outcome unknown": it may be asked again.
    """
    text = said.tell(Text(meaning.vi, meaning.en))
    if meaning.then is Then.REFUSED:
        return Refused(text.vi, text.en, code=said.code, target_wide=meaning.target_wide)
    if meaning.then in {Then.UNKNOWN, Then.LOOK} and told:
        return OutcomeUnknown(text.vi, text.en, code=said.code)
    at = said.at or (now + meaning.wait if meaning.wait else None)
    wide, tries = meaning.target_wide, meaning.tries
    return TryAgain(text.vi, text.en, at=at, code=said.code, target_wide=wide, tries=tries)


def carries(who: str, content: Mapping[str, Any], reference: str) -> None:
    """Refuse to post what could not be found again."""
    if not mentions(json.dumps(content, ensure_ascii=False), reference):
        raise Refused(
            f"{who}: nội dung không mang số hiệu {reference} nên không thể tra cứu lại sau khi "
            "đăng. Hãy tạo lại nội dung rồi duyệt lại.",
            f"{who}: the content does not carry the reference {reference} and could not be found "
            "again. Render and approve it again.",
            code="no-reference",
        )


@contextmanager
def only_asking() -> Iterator[None]:
    """For looking up and verifying: there a refusal says nothing about the post, so ask later."""
    try:
        yield
    except (Refused, OutcomeUnknown) as error:
        wide = isinstance(error, Refused) and error.target_wide
        raise TryAgain(error.text.vi, error.text.en, code=error.code, target_wide=wide) from error


def absent(who: str, since: datetime, now: datetime, settle: timedelta) -> None:
    """The answer "not there", once lists have had `settle` to catch up; before that TryAgain."""
    if now < since + settle:
        raise TryAgain(
            f"{who}: chưa thấy bài, nhưng mới gửi xong nên chưa thể kết luận. Sẽ tra cứu lại.",
            f"{who}: not found yet, but too soon after sending to be sure. It is looked up again.",
            at=since + settle,
            code="too-soon",
        )


def unclear(who: str, what: str = "") -> TryAgain:
    """A look-up whose answer cannot be relied on."""
    more = f" ({what})" if what else ""
    return TryAgain(
        f"{who}: câu trả lời khi tra cứu không đầy đủ hoặc không đọc được{more}. Sẽ tra cứu lại.",
        f"{who}: the answer to the look-up is incomplete or unreadable{more}. It is asked again.",
        code="unclear",
    )
