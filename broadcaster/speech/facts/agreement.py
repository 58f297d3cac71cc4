"""Whether the versions of one announcement agree: date, hour, place, sum, phone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from broadcaster.speech.facts import heard
from broadcaster.speech.facts.difference import Difference
from broadcaster.speech.facts.places import Place, places, spelled
from broadcaster.speech.facts.written import Fact, facts
from broadcaster.speech.lexicon import Lexicon

_SUMS = {"money": "number"}  # "1,5 triệu" in one version may be "1.500.000 đ" in another
_OPTIONAL = {"number", "part", "weekday"}
"""What a shorter text may leave out; nothing may be said otherwise."""


def same_text(source: str, other: str, frame: str = "") -> list[Difference]:
    """`other` repeats `source` for an outlet: all of its facts, and none more often than there.

    `frame`: what the outlet puts around it, such as the commune's name.
    """
    mine, theirs, around = facts(source), facts(other), facts(frame)
    allowed = _counted(mine) + _counted(around)
    return _paired(_lost(mine, theirs), list(_beyond(theirs, allowed)))


def beginning(source: str, part: str) -> list[Difference]:
    """`part` is the beginning of `source`: the same facts one by one, the last perhaps cut off."""
    said = facts(part)
    if said and said[-1].end >= len(part.rstrip()) - 12:
        said = said[:-1]
    pairs = zip_longest(said, facts(source)[: len(said)])
    return [
        Difference(two.kind if two else one.kind, two.text if two else "", one.text)
        for one, two in pairs
        if two is None or _key(one) != _key(two)
    ]


def own_text(source: str, other: str) -> list[Difference]:
    """`other` says the same in its own words: shorter perhaps, in another order, nothing new.

    No fact more often than `source` has it, so that one cannot take another's place unseen.
    """
    mine, theirs = facts(source), facts(other)
    lost = [fact for fact in _lost(mine, theirs) if fact.kind not in _OPTIONAL]
    return _paired(lost, list(_beyond(theirs, _counted(mine))))


def spoken(source: str, words: str, lexicon: Lexicon) -> list[Difference]:
    """`words` is what is heard of `source`: every number in its order, every place by name."""
    known = facts(source)
    found = [_named(one, known) for one in heard.differences(source, words, lexicon)]
    return _joined(found) + list(_places(source, words, lexicon))


def _key(fact: Fact) -> tuple[str, str]:
    return _SUMS.get(fact.kind, fact.kind), fact.value


def _counted(found: Sequence[Fact]) -> Counter[tuple[str, str]]:
    """A phone number counts once, however often it is repeated."""
    counted = Counter(_key(fact) for fact in found)
    return Counter({key: 1 if key[0] == "phone" else n for key, n in counted.items()})


def _lost(mine: Sequence[Fact], theirs: Sequence[Fact]) -> list[Fact]:
    """What the other version does not say at all, each once."""
    said = _counted(theirs)
    missing = {_key(fact): fact for fact in reversed(mine) if not said[_key(fact)]}
    return sorted(missing.values(), key=lambda fact: fact.start)


def _beyond(found: Sequence[Fact], allowed: Counter[tuple[str, str]]) -> Iterator[Fact]:
    """The facts that there are more of than allowed."""
    left = Counter(allowed)
    phones = set()
    for fact in found:
        key = _key(fact)
        if key in phones:
            continue
        if fact.kind == "phone":
            phones.add(key)
        if left[key]:
            left[key] -= 1
        else:
            yield fact


def _paired(missing: Sequence[Fact], new: Sequence[Fact]) -> list[Difference]:
    """Side by side where the kinds are the same, in the order of the texts."""
    rest = list(new)
    found = []
    for fact in missing:
        other = next((f for f in rest if _SUMS.get(f.kind, f.kind) == _key(fact)[0]), None)
        if other:
            rest.remove(other)
        span = (fact.start, fact.end)
        found.append(Difference(fact.kind, fact.text, other.text if other else "", span))
    return found + [Difference(fact.kind, "", fact.text) for fact in rest]


def _named(one: Difference, known: Sequence[Fact]) -> Difference:
    """A number that is not heard as written, by the kind of what it belongs to."""
    for fact in known:
        if fact.start <= one.span[0] < fact.end and fact.kind != "place" and one.span[1]:
            return Difference(fact.kind, one.written, one.other, one.span)
    return one


def _joined(found: Sequence[Difference]) -> list[Difference]:
    """A phone number heard figure by figure would be ten differences: they become one."""
    joined: list[Difference] = []
    for one in found:
        last = joined[-1] if joined else None
        if last is None or (last.written and one.written):
            joined.append(one)
        else:
            named = one if one.written else last
            joined[-1] = replace(named, other=last.other or one.other)
    return joined


def _places(source: str, words: str, lexicon: Lexicon) -> Iterator[Difference]:
    """A dictionary may have a name said otherwise, and a kind may be an abbreviation's."""
    text, said = _flat(source + " " + _expanded(source, lexicon)), _flat(words)
    written = [p for p in places(source) if not _respelled(p, lexicon)]
    lost = [(p, n) for p, n in _wanted(written) if said.count(_whole(p)) < n]
    strange = [
        p
        for p in places(words)
        if p.name and f" {_apart(p.name)} " not in text and not _respelled(p, lexicon)
    ]
    for place, _ in lost:
        other = strange.pop(0) if strange else None
        shown = words[other.start : other.end] if other else ""
        yield Difference("place", source[place.start : place.end], shown, (place.start, place.end))
    for place in strange:
        yield Difference("place", "", words[place.start : place.end])


def _wanted(written: Sequence[Place]) -> Iterator[tuple[Place, int]]:
    counted = Counter(_whole(p) for p in written)
    seen = set()
    for place in written:
        if (key := _whole(place)) not in seen:
            seen.add(key)
            yield place, counted[key]


def _whole(place: Place) -> str:
    return f" {_apart(str(place))} "


def _flat(text: str) -> str:
    return f" {_apart(text)} "


def _apart(text: str) -> str:
    """Words only, two blanks between them, so that what is searched between blanks may touch."""
    return "  ".join(re.findall(r"\w+", spelled(text)))


def _expanded(text: str, lexicon: Lexicon) -> str:
    """What its abbreviations are short for: "TP.HCM" names a place."""
    words = set(re.findall(r"[^\W\d][\w.&-]*\w", text))
    return " ".join(e.spoken for w in words for e in lexicon.find("abbreviations", w))


def _respelled(place: Place, lexicon: Lexicon) -> bool:
    words = {w for name in (place.name, place.name.title()) for w in (name, *name.split())}
    return any(lexicon.find(table, w) for table in ("places", "pronunciations") for w in words)
