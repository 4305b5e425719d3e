"""What running steps say, line by line as it comes: of any process, with what they said before somebody looked."""

from __future__ import annotations

import shutil

from app.cli.output import Output
from app.watch import RunWatch
from workflows.journal.tail import Tail
from workflows.records import dataclass
from workflows.runs.state import RunState
from workflows.text import safe_text

IDLE = 10
"""Looks after which a line that does not end is shown as far as it goes."""

LINGER = 3
"""Looks after an attempt's end in which its last words may still come: they are written a little later."""


@dataclass
class _Voice:
    """One attempt's text. `left` is a line that has not ended yet."""

    step: str
    tail: Tail
    left: str = ""
    idle: int = 0
    ended: int = 0


class LiveText:
    """Follows the attempts that run. Lines are wrapped at words: what others say may come between two of them."""

    def __init__(self, watch: RunWatch, out: Output) -> None:
        self._watch = watch
        self._out = out
        self._voices: dict[tuple[str, int], _Voice] = {}
        self._over: set[tuple[str, int]] = set()

    @property
    def listening(self) -> bool:
        """Whether anything is followed."""
        return bool(self._voices)

    @property
    def ending(self) -> bool:
        """Whether last words may still come of what is over."""
        return any(voice.ended for voice in self._voices.values())

    def attend(self, state: RunState | None) -> None:
        """Follow those attempts that run; none where nobody has the run."""
        running = {
            (step.id, step.last.n)
            for step in (state.steps.values() if state else ())
            if step.last and step.last.status == "started" and not step.planned.holds_steps
        }
        for key in running - self._voices.keys() - self._over:
            self._voices[key] = _Voice(key[0], self._watch.tail(*key))
        for key, voice in self._voices.items():
            voice.ended += key not in running and not voice.ended

    def look(self, *, whole: bool = False) -> bool:
        """Show what came since the last look, `whole` also lines that have not ended; whether anything did."""
        said = False
        for key, voice in list(self._voices.items()):
            said |= self._hear(voice) | (whole and self._flush(voice))
            if voice.ended:
                voice.ended += 1
                if voice.ended > LINGER:
                    said |= self._flush(voice)
                    self._over.add(key)
                    del self._voices[key]
        return said

    def _hear(self, voice: _Voice) -> bool:
        if not (text := voice.tail.read()):
            voice.idle += 1
            return self._flush(voice) if voice.idle == IDLE else False
        voice.idle = 0
        *lines, voice.left = (voice.left + text).split("\n")
        width = max(20, shutil.get_terminal_size().columns - len(voice.step) - 6)
        while len(voice.left) > width and "\x1b" not in voice.left:  # a sequence that was torn would not be cleaned
            at = voice.left.rfind(" ", 1, width)
            lines.append(voice.left[: at if at > 0 else width])
            voice.left = voice.left[at + 1 if at > 0 else width :]
        for line in lines:
            self._say(voice.step, line)
        return bool(lines)

    def _flush(self, voice: _Voice) -> bool:
        left, voice.left = voice.left, ""
        if left:
            self._say(voice.step, left)
        return bool(left)

    def _say(self, step: str, line: str) -> None:
        for part in safe_text(line).rstrip().split("\n"):
            self._out.say(f"  {step} │ {part}", "quiet")
