"""When something waits for a person: one ring for each entry, and a terminal title that names it."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.journal.port import Waiting
from workflows.text import one_line

NAME = "understudy"


class Attention:
    """Remembers what it rang for."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def heed(self, waiting: Sequence[Waiting]) -> bool:
        """Whether to ring: something waits that did not before."""
        now = {(entry.run_id, entry.entry) for entry in waiting}
        new = now - self._known
        self._known = now
        return bool(new)


def title(waiting: Sequence[Waiting]) -> str:
    """`‖ understudy: approve publish (+2)` while something waits, else the name."""
    if not waiting:
        return NAME
    first = waiting[0]
    verb = {"approval": "approve", "question": "answer"}.get(first.reason, "look at")
    more = f" (+{len(waiting) - 1})" if len(waiting) > 1 else ""
    return f"‖ {NAME}: {verb} {one_line(first.step, 40)}{more}"


def title_sequence(text: str) -> str:
    """What sets a terminal's title (OSC 0). The text must be clean."""
    return f"\x1b]0;{text}\x07"


SAVE_TITLE, RESTORE_TITLE = "\x1b[22;0t", "\x1b[23;0t"
"""Put the title that was there aside, and take it back (xterm's window operations)."""
