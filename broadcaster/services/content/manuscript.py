"""What a revision is made of, before it is one: cleaned and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from broadcaster.domain import category as categories
from broadcaster.domain.announcement import (
    Priority,
    check_number,
    check_text,
    clean_text,
    revision_digest,
    title_of,
)
from broadcaster.domain.picture import Picture, check_pictures
from broadcaster.services.context import Context


@dataclass(frozen=True)
class Manuscript:
    """What a revision is made of."""

    title: str
    body: str
    targets: Sequence[str]
    pictures: Sequence[Picture]
    category: str
    document_number: str
    overrides: Mapping[str, str]

    def digest(self, priority: Priority) -> str:
        return revision_digest(
            self.title,
            self.body,
            priority,
            self.targets,
            self.pictures,
            category=self.category,
            document_number=self.document_number,
            overrides=self.overrides,
        )


def checked(context: Context, given: Manuscript) -> Manuscript:
    """Cleaned, without a text for an outlet that it is not for. Raises InputError."""
    body = clean_text(given.body)
    said = clean_text(given.title).strip() or title_of(body)
    check_text(said, body)
    keys = [context.config.target(key).key for key in given.targets]
    check_pictures(list(given.pictures))
    chosen = sorted(set(keys or (t.key for t in context.config.targets)))
    texts = {
        key: clean_text(text) for key, text in sorted(given.overrides.items()) if key in chosen
    }
    for text in texts.values():
        check_text(said, text)
    return Manuscript(
        said, body, chosen, given.pictures,
        categories.find(context.config.categories, given.category).key,
        check_number(given.document_number), texts,
    )  # fmt: skip
