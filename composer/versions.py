"""What a draft was, version after version: each can be compared with the one before, and taken back."""

from __future__ import annotations

from collections.abc import Sequence

from composer.intent import Filled
from workflows.definition.parameters import Parameter
from workflows.records import dataclass


@dataclass(frozen=True)
class Version:
    """A draft as it was made once. `base` is what it is compared with where it is the first, `based_on` its name.

    `by_hand`: a person wrote it. `said` are the words that it was made for, `notes` what to know about it, `usd` what
    models cost for it, None where nobody knows.
    """

    text: str
    name: str
    made: str
    base: str = ""
    based_on: str = ""
    filled: tuple[Filled, ...] = ()
    missing: tuple[Parameter, ...] = ()
    by_hand: bool = False
    said: str = ""
    notes: tuple[str, ...] = ()
    usd: float | None = 0.0


class Versions:
    """The versions of the draft at hand, the newest last. `saved` is the text that was saved last, and its name."""

    def __init__(self) -> None:
        self.request = ""
        self.saved: tuple[str, str] = ("", "")
        self._made: list[Version] = []

    @property
    def all(self) -> Sequence[Version]:
        """The versions, the oldest first."""
        return tuple(self._made)

    @property
    def now(self) -> Version | None:
        return self._made[-1] if self._made else None

    @property
    def count(self) -> int:
        return len(self._made)

    @property
    def before(self) -> tuple[str, str]:
        """The text that the newest version is compared with, and what that is."""
        if not self._made:
            return "", ""
        now, before = self._made[-1], self._made[-2] if len(self._made) > 1 else None
        if before is not None and (before.based_on, before.name) == (now.based_on, now.name):
            return before.text, f"draft {len(self._made) - 1}"
        return now.base, now.based_on  # the one before is another workflow

    @property
    def is_saved(self) -> bool:
        return self.now is not None and self.saved[0] == self.now.text

    @property
    def has_unsaved_work(self) -> bool:
        """Whether a person wrote any of it, and it is not saved."""
        return not self.is_saved and any(version.by_hand for version in self._made)

    def add(self, version: Version) -> bool:
        """Take a version as the newest. False where its text is what there is already."""
        if self.now is not None and self.now.text == version.text:
            return False
        self._made.append(version)
        return True

    def undo(self, count: int = 1) -> None:
        """Forget the newest versions: so many, with 0 all but the first."""
        for _ in range(count or max(0, len(self._made) - 1)):
            if self._made:
                self._made.pop()

    def clear(self) -> None:
        """Forget all of it."""
        self._made.clear()
        self.request, self.saved = "", ("", "")
