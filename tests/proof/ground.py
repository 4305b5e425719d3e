"""Where several processes attack one journal: the outside world that their acts change, and what each was told."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from app.paths import Paths
from workflows.definition.fields import Value
from workflows.effects import Effect
from workflows.steps.context import Context, Result
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown, StepKind

WORKFLOW = """\
name: Game
steps:
  - {id: first, type: harm}
  - {id: which, type: question, ask: Which?, schema: {type: integer}}
  - id: each
    type: harm
    foreach: {in: [1, 2, 3], as: n, max_parallel: 2}
    given: "${{ n }}"
    approve: before
    on_failure: skip
  - {id: again, type: same, given: "${{ steps.which.output }}"}
finally: {steps: [{id: bye, type: harm}]}
outputs: {which: "${{ steps.which.output }}"}
"""
"""Harm that must not be done twice, a question, gates in a list, what may be repeated, and a `finally`."""


@dataclass(frozen=True)
class Deed:
    """What the outside world saw once."""

    run: str
    step: str
    effect: str
    key: str
    at: float


@dataclass(frozen=True)
class Told:
    """What a player was told is so: of an answer also which, and whether it was left for another process to take."""

    what: str
    run: str
    at: float
    by: str
    entry: str = ""
    choice: str = ""
    value: Any = None
    left: bool = False


@dataclass(frozen=True)
class Ground:
    """The folder of one game."""

    folder: Path

    @property
    def paths(self) -> Paths:
        home = self.folder / "home"
        return Paths(home / "config", home / "data", home / "log", self.folder / "project")

    def make(self, places: int) -> None:
        """A workspace with the workflow, and settings that let so many runs go on at once."""
        workflows = self.paths.workspace / "workflows"
        workflows.mkdir(parents=True)
        (workflows / "game.yaml").write_text(WORKFLOW)
        self.paths.config.mkdir(parents=True)
        (self.paths.config / "settings.yaml").write_text(f"execution: {{max_concurrent_workflows: {places}}}\n")

    def write(self, name: str, **fields: Any) -> None:
        """One line, in one write, so that it is there whole or not at all."""
        path = self.folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps({**fields, "at": time.time()}) + "\n").encode())
        finally:
            os.close(descriptor)

    def deeds(self) -> list[Deed]:
        return [Deed(**line) for line in self._lines("deeds")]

    def told(self) -> list[Told]:
        return [Told(**line) for line in self._lines("told")]

    def faults(self) -> list[str]:
        """What a player came to that should never be."""
        return [line["fault"] for line in self._lines("faults")]

    def _lines(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class StrikeFields(Fields):
    noun: ClassVar[str] = "strike step"

    given: Value = None


class Strike:
    """A kind of step that changes the outside world, at some moment between the two ends of its call."""

    fields: ClassVar[type[Fields]] = StrikeFields

    def __init__(self, name: str, effect: Effect, ground: Ground, dice: random.Random) -> None:
        self.name = name
        self._effect = effect
        self._ground = ground
        self._dice = dice

    def check(self, fields: Any, catalogue: Catalogue) -> Iterable[Finding]:
        return ()

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        return ("", *fallback)

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("changes the world", effect=self._effect)

    async def show(self, ctx: Context) -> Shown:
        return Shown(f"{ctx.address} is to act", str(ctx.input))

    async def run(self, ctx: Context) -> Any:
        async def act(key: str) -> Result:
            await asyncio.sleep(self._dice.uniform(0, 0.03))
            self._ground.write("deeds", run=ctx.run_id, step=ctx.address, effect=self._effect, key=key)
            await asyncio.sleep(self._dice.uniform(0, 0.03))
            return Result({"did": ctx.address})

        return await ctx.call("strike", {"input": ctx.input}, self._effect, act)


def strikes(ground: Ground, dice: random.Random) -> dict[str, StepKind]:
    """The kinds that the workflow needs besides the usual ones."""
    return {"harm": Strike("harm", "unsafe", ground, dice), "same": Strike("same", "idempotent", ground, dice)}
