"""Understudy as a user types it: `understudy run` and `understudy resume`, whole processes."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks.entrant import Entrant
from benchmarks.ours import chain_text
from workflows.journal.sqlite import SqliteStore
from workflows.runs import events as e

PROGRAM = Path(sys.executable).parent / "understudy"


class Product(Entrant):
    """`understudy` with a home below the entrant's folder."""

    @property
    def environ(self) -> dict[str, str]:
        return {**super().environ, "UNDERSTUDY_HOME": str(self.folder / "home")}

    def process(self) -> float:
        file = self._file("one-step.yaml", chain_text(1, "type: transform, value: 1"))
        return self.whole(self._typed("run", file))

    def killed(self, steps: int) -> tuple[float, int]:
        """Its steps read a small file: a built-in skill, so that each is a call with its intent and its result."""
        self._file("note.txt", "1")
        file = self._file("long.yaml", chain_text(steps, "type: skill, skill: file.read, parameters: {path: note.txt}"))
        told = self.folder / "said.log"

        def begin() -> list[str]:
            told.unlink(missing_ok=True)
            return self._typed("run", file, "--jsonl")

        self.kill_when(begin, lambda: told.read_bytes().count(b'"StepFinished"') >= steps // 2)
        seconds = self.whole(self._typed("resume", "last"))
        return seconds, asyncio.run(self._repeated())

    async def _repeated(self) -> int:
        """Calls of the last run that were begun again, but for the one that was under way: its end was not known."""
        store = await SqliteStore.open_to_read(self.folder / "home" / "data" / "journal")
        try:
            events = [recorded.event for recorded in await store.read(await store.resolve("last"))]
        finally:
            await store.close()
        place = next(place for place, event in enumerate(events) if isinstance(event, e.RunResumed))
        before, after = (
            [event.step for event in part if isinstance(event, e.CallStarted)]
            for part in (events[:place], events[place:])
        )
        return len(set(before[:-1]) & set(after))

    def _typed(self, *arguments: str) -> list[str]:
        return [str(PROGRAM), *arguments]

    def _file(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return name
