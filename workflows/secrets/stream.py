"""Redacting text that comes in pieces: a secret may begin in one and end in the next."""

from __future__ import annotations

from workflows.secrets.redactor import Redactor, merged
from workflows.secrets.secret import MASK


class StreamRedactor:
    """Passes text on without secrets. Holds back only an end that may be the beginning of one."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""
        self._covered = 0
        """How many characters at the start of what is held belong to a secret that is masked already."""

    def feed(self, text: str) -> str:
        """What can be shown by now."""
        text = self._held + text
        return self._passed(text, len(text) - self._redactor.unfinished(text))

    def flush(self) -> str:
        """What was held back: nothing more comes."""
        return self._passed(self._held, len(self._held))

    def _passed(self, text: str, cut: int) -> str:
        pieces: list[str] = []
        at = ended = 0
        for start, end in merged([*self._redactor.spans(text), *([(0, self._covered)] if self._covered else [])]):
            if start >= cut:
                break
            pieces.append(text[at:start])
            if start or not self._covered:
                pieces.append(MASK)
            at, ended = min(end, cut), end
        pieces.append(text[at:cut])
        self._held, self._covered = text[cut:], max(0, max(ended, self._covered) - cut)
        return "".join(pieces)
