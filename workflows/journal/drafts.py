"""Workflows that are not saved as files yet."""

from __future__ import annotations

from typing import Protocol

from workflows.records import dataclass


@dataclass(frozen=True)
class Draft:
    """A workflow's text before it is a file. `created` is seconds since the epoch."""

    id: str
    created: float
    title: str
    text: str


class DraftStore(Protocol):
    """Where drafts are kept. All methods may raise StoreError."""

    async def save_draft(self, draft: Draft) -> None:
        """Keep the draft; one with the same id is replaced. Durable on return."""
        ...

    async def drop_drafts(self, before: float) -> int:
        """Forget drafts that were begun before then (seconds since the epoch). Returns how many."""
        ...

    async def drafts(self) -> list[Draft]:
        """All drafts, newest first."""
        ...
