"""A small catalogue with the names of the real library, for tests that need no more of it."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.steps.kind import Catalogue, Entry, What


class Listed:
    """A catalogue of given entries."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = entries
        self._entries = {(entry.what, entry.name): entry for entry in entries}

    def find(self, what: What, name: str) -> Entry | None:
        return self._entries.get((what, name))

    def names(self, what: What) -> Sequence[str]:
        return [name for kind, name in self._entries if kind == what]


def small_catalogue() -> Catalogue:
    """`file.read`, which takes a path, and the agents `writer` and `editor`."""
    reads = {
        "type": "object",
        "properties": {"path": {"type": "string", "description": "The file."}},
        "required": ["path"],
        "additionalProperties": False,
    }
    return Listed(
        Entry("skill", "file.read", parameters=reads, effect="pure"),
        Entry("agent", "writer"),
        Entry("agent", "editor"),
    )
