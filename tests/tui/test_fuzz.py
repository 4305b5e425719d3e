"""Whatever is typed, clicked and resized, in whatever order, nothing is raised and the screens still answer.

A hundred events; UNDERSTUDY_FUZZ=10000 plays so many for each seed.
"""

from __future__ import annotations

import os
import random
import string
from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from app.tui.actions import ACTIONS
from tests.support.scripts import all_choices, at_gate, failed
from tests.support.stage import House, lines_of, on_stage
from tests.tui.test_safety import CONTROL

EVENTS = int(os.environ.get("UNDERSTUDY_FUZZ", "100"))
TOGETHER = 5
"""Events between two looks at the screen."""

KEYS = sorted({key for action in ACTIONS for key in action.keys} - {"ctrl+z"})
TEXT = [*string.ascii_letters, *string.digits, "space", "tab", "shift+tab", "enter", "escape", "backspace", "delete"]
ODD = ["ü", "漢", "\u202e", "\u0301", "🙂", "f12", "ctrl+shift+left", "ctrl+w", "ctrl+k", "insert"]
SIZES = [(80, 24), (140, 40), (200, 60), (60, 16), (100, 30), (20, 5), (119, 33)]


class Fuzz:
    """One person who hits everything. What was done is kept, so that a failure can be played again."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.chance = random.Random(seed)  # chosen keys, no secret
        self.done: list[str] = []
        self.left = 0

    async def play(self, events: int) -> None:
        app = self.house.app
        app.exit = self._leave  # type: ignore[method-assign]  # leaving is legal, and would end the test
        for number in range(events):
            await self._one()
            if number % TOGETHER == 0:
                await self.house.pilot.pause()
                self._look()

    def _leave(self, *_: object, **__: object) -> None:
        self.left += 1

    async def _one(self) -> None:
        kind = self.chance.choices(["action", "text", "odd", "click", "scroll", "size"], [40, 30, 5, 15, 5, 2])[0]
        match kind:
            case "size":
                size = self.chance.choice(SIZES)
                self.done.append(f"size {size}")
                await self.house.pilot.resize_terminal(*size)
            case "click" | "scroll":
                width, height = self.house.app.size
                x, y = self.chance.randrange(width), self.chance.randrange(height)
                self.done.append(f"{kind} {x},{y}")
                if kind == "click":
                    times = self.chance.choice([1, 1, 1, 2, 3])
                    await self.house.pilot.click(offset=(x, y), times=times)
                else:
                    scroll = self.chance.choice([MouseScrollDown, MouseScrollUp])
                    await self.house.pilot._post_mouse_events([scroll], None, (x, y), button=0)
            case _:
                key = self.chance.choice({"action": KEYS, "text": TEXT, "odd": ODD}[kind])
                self.done.append(key)
                await self.house.app._press_keys([key])

    def _look(self) -> None:
        assert self.house.app.is_running, self.done
        shown = lines_of(self.house.app)
        assert (found := CONTROL.search(shown.replace("\n", ""))) is None, (found, self.done)


GREET = """\
name: Greeting
parameters:
  - {name: who, required: true}
  - {name: times, type: integer, default: 2}
steps:
  - {id: hello, type: transform, value: "hello ${{ parameters.who }}"}
  - {id: check, type: approval, show: "${{ steps.hello.output }}"}
"""
BROKEN = "name: Broken\nsteps:\n  - {id: a, type: transfrom, value: 1}\n"


async def set_scene(house: House) -> None:
    """Runs that wait at a gate and for a person, one with every choice, and files whole and broken."""
    house.add("greet", GREET)
    house.add("broken", BROKEN)
    await house.app.list_workflows()
    for begin in (failed, at_gate, all_choices):
        await begin(house)
        await house.press("1")


@pytest.mark.parametrize("seed", range(2))
async def test_nothing_that_is_typed_clicked_or_resized_raises(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = dict.fromkeys(("EDITOR", "VISUAL", "PAGER"), "true")
    for name, value in programs.items():
        monkeypatch.setenv(name, value)
    async with on_stage(tmp_path, environ=programs) as house:
        await set_scene(house)
        fuzz = Fuzz(house, seed)
        await fuzz.play(EVENTS)
        del house.app.exit
        await house.pilot.resize_terminal(140, 40)
        for _ in range(20):  # out of boxes and fields, whatever lies on what
            await house.press("escape")
        house.app.do_home()
        await house.press("5")
        await house.shows("history")
