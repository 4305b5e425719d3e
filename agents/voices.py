"""What is said in one step, as it comes, by its agent and by those it hands a part of its task to.

One speaks at a time: what another says meanwhile waits until that one's turn is over. Each line of another agent begins
with its name, so that nobody can speak for somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

BAR = " │ "
"""What stands between a name and what it says."""

_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
"""Ends of lines, however they are written."""


class _Speaker:
    """One turn of one agent. `held` is what it said while another one spoke."""

    def __init__(self, name: str) -> None:
        self.mark = f"{name}{BAR}" if name else ""
        self.held: list[str] = []
        self.over = False


class Voices:
    """Passes on what is said to `show`, in the order in which the turns began to speak."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._speakers: list[_Speaker] = []
        """The first one is heard."""
        self._said = False
        self._begins = True
        """Whether what comes next is the beginning of a line."""

    @contextmanager
    def turn(self, name: str) -> Iterator[Callable[[str], None]]:
        """A turn of an agent, from its first word to its last. `name` is empty for the step's own."""
        speaker = _Speaker(name)
        try:
            yield partial(self._hear, speaker)
        finally:
            speaker.over = True
            self._hand_on()

    def _hear(self, speaker: _Speaker, text: str) -> None:
        if not text:
            return
        if speaker not in self._speakers:
            self._speakers.append(speaker)
            if speaker is self._speakers[0]:
                self._begin()
        if speaker is self._speakers[0]:
            self._tell(speaker, text)
        else:
            speaker.held.append(text)
            self._show("")  # it is a sign of life all the same

    def _hand_on(self) -> None:
        """Let the next one be heard where the first one's turn is over."""
        while self._speakers and self._speakers[0].over:
            self._speakers.pop(0)
            if self._speakers:
                self._begin()
                self._tell(self._speakers[0], "".join(self._speakers[0].held))

    def _begin(self) -> None:
        """Part a turn from what was said before."""
        if self._said:
            self._show("\n" if self._begins else "\n\n")
        self._said = self._begins = True

    def _tell(self, speaker: _Speaker, text: str) -> None:
        if not speaker.mark:
            self._begins = text.endswith("\n")
            self._show(text)
            return
        parts: list[str] = []
        for place, line in enumerate(_END.sub("\n", text).split("\n")):
            if place:
                parts.append("\n")
                self._begins = True
            if line:
                parts.append(f"{speaker.mark}{line}" if self._begins else line)
                self._begins = False
        self._show("".join(parts))
