"""Make the pictures of the documentation from the app itself: `.venv/bin/python docs/pictures/make.py [NAME…]`.

It goes through the screens as a person would, in the demo's project and with a clock of its own, and keeps what is
shown. Nothing of the machine is in the pictures: no path, no name, no host; ids of runs and dates are always the same.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from textual.pilot import Pilot

from app.container import open_services
from app.demo.sample import make_sample
from app.demo.tour import PARAMETERS, SKIP
from app.desk import Desk
from app.paths import find_paths
from app.present.labels import DEMO
from app.tui.app import UnderstudyApp
from workflows.clock import SystemClock
from workflows.engine.driver import Driver
from workflows.journal.port import Query

SIZE = (140, 36)
BEGIN = 1_767_949_200.0
"""Friday, 9 January 2026, 9:00 UTC."""

LINKS = """\
workflow:
  name: Check links
  description: Whether the links of the documentation lead somewhere
  parameters:
    - {name: folder, type: string, default: src, description: Where the Markdown files are}
  stages:
    - name: check
      steps:
        - id: links
          type: skill
          skill: command
          parameters: {argv: [python3, .understudy/check_links.py, "${{ parameters.folder }}"]}
"""


class Moved(SystemClock):
    """A clock that begins where it is told, and can be put forward."""

    def __init__(self, begin: float) -> None:
        self._ahead = begin - time.time()

    def now(self) -> float:
        return time.time() + self._ahead

    def forward(self, seconds: float) -> None:
        self._ahead += seconds


@dataclass
class Stage:
    """The app on its screen, and what is needed to bring it to a moment."""

    app: UnderstudyApp
    pilot: Pilot[int]
    desk: Desk
    clock: Moved

    def text(self) -> str:
        """What is shown, as lines."""
        rows = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in row) for row in rows)

    async def until(self, condition: Callable[[], object]) -> None:
        try:
            async with asyncio.timeout(60):
                while not condition():
                    await self.pilot.pause(0.03)
        except TimeoutError:
            raise AssertionError(f"it never came to be:\n{self.text()}") from None

    async def shows(self, *words: str) -> None:
        await self.until(lambda: all(word in self.text() for word in words))
        await self.pilot.pause(0.2)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause(0.2)

    async def start(self, workflow: str, **given: str) -> Driver:
        file = self.desk.load(workflow)
        known = file.workflow.parameters if file.workflow else ()
        tour = workflow == "tour"
        given |= PARAMETERS if tour else {}
        proposal = self.desk.propose(file, {each.name: given[each.name] for each in known if each.name in given})
        return await self.desk.start(proposal, attended=True, simulated=DEMO if tour else "")

    async def asked(self, driver: Driver) -> str:
        """What a run waits for."""
        await self.until(lambda: driver.committed.open_inquiries or driver.committed.over)
        return driver.committed.open_inquiries[0].asked.entry

    async def past(self) -> None:
        """What was run in the days before."""
        for day in range(4):
            driver = await self.start("tour")
            await driver.answer(await self.asked(driver), "approve")
            await self.until(lambda driver=driver: "links:1" in driver.committed.inquiries)
            given = driver.committed.steps["links"].input
            argv = [*given["parameters"]["argv"], SKIP]
            await driver.answer("links:1", "edit", {**given, "parameters": {**given["parameters"], "argv": argv}})
            await self.until(lambda driver=driver: driver.committed.over)
            for folder in ("src", "docs") if day % 2 else ("src",):
                self.clock.forward(1800)
                driver = await self.start("links", folder=folder)
                await self.until(lambda driver=driver: driver.committed.over or driver.committed.open_inquiries)
                if not driver.committed.over:
                    await driver.answer(await self.asked(driver), "abort")
                    await self.until(lambda driver=driver: driver.committed.over)
            self.clock.forward(86_400)
        (self.desk.services.paths.root / "report.md").unlink()


async def workflows(stage: Stage) -> None:
    await stage.press("2")
    await stage.shows("links", "tour")
    await stage.press("j")


async def compose(stage: Stage) -> None:
    await stage.press("3")
    await stage.pilot.pause(0.3)
    for letter in "release notes":
        await stage.pilot.press("space" if letter == " " else letter)
    await stage.press("f5")
    await stage.pilot.pause(1)


async def run(stage: Stage) -> None:
    driver = await stage.start("tour")
    await stage.app.open_run(driver.state.run_id)
    await stage.shows("a  approve")
    await stage.pilot.pause(1)


async def graph(stage: Stage) -> None:
    await stage.press("g")
    await stage.shows("graph")


async def failed(stage: Stage) -> None:
    await stage.press("g", "a")
    await stage.shows("edit & retry")
    await stage.pilot.pause(1)


async def menu(stage: Stage) -> None:
    await stage.press("i")


async def home(stage: Stage) -> None:
    await stage.press("escape", "1")
    await stage.shows("Needs you (1)", "none ready")


async def history(stage: Stage) -> None:
    await stage.press("5")
    await stage.shows("preview", "✗ failed")
    await stage.press("j")
    await stage.pilot.pause(0.5)


async def skills(stage: Stage) -> None:
    from app.tui.screens.skills import SkillsScreen

    await stage.press("6")
    await stage.shows("todo-style")
    assert isinstance(stage.app.screen, SkillsScreen)
    stage.app.screen.go_to("skill", "todo-style")
    await stage.pilot.pause(0.3)


async def setup(stage: Stage) -> None:
    await stage.press("7")
    await stage.shows("Ollama")
    await stage.pilot.pause(0.5)


async def analytics(stage: Stage) -> None:
    await stage.press("8")
    await stage.pilot.pause(1)


SHOTS: Mapping[str, Callable[[Stage], Awaitable[None]]] = {
    shot.__name__: shot
    for shot in (workflows, compose, run, graph, failed, menu, home, history, skills, setup, analytics)
}
"""The pictures in the order in which the screens are gone through: each begins where the one before ended."""


@asynccontextmanager
async def staged(home: Path) -> AsyncIterator[Stage]:
    """The app in the demo's project, in a home folder that has nothing else."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "UNDERSTUDY_HOME": str(home / ".config" / "understudy")}
    root = make_sample(os.environ).rename(home / "tea-shop")
    (root / ".understudy" / "workflows" / "links.yaml").write_text(LINKS, encoding="utf-8")
    paths = replace(find_paths(environ, root), root=root)
    clock = Moved(BEGIN)
    app = UnderstudyApp(paths, person="you", clock=clock, demo=None)
    async with open_services(paths, environ, trusted=True, clock=clock) as services, app.run_test(size=SIZE) as pilot:
        desk = Desk(services)
        stage = Stage(app, pilot, desk, clock)
        await stage.past()
        app.call_later(app.attach, desk)
        await stage.until(lambda: app.ready and app.workflows)
        yield stage
        app.detach()


def tidied(svg: str, ids: Mapping[str, str]) -> str:
    """The picture without references to other hosts, and with the same ids of runs each time."""
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+-", "t-", svg).replace("Fira Code", "DejaVu Sans Mono")
    # Where Python is says the machine. What stands for it is as long, as the text has its place.
    python = "(python3"
    svg = re.sub(
        r"\(/[^<]*?([)…])", lambda found: python + found[1] + "&#160;" * (len(found[0]) - len(python) - 1), svg
    )
    for known, shown in ids.items():
        svg = svg.replace(known, shown)
    return svg


async def _make(folder: Path, names: tuple[str, ...], house: Path) -> list[Path]:
    made = []
    last = max(list(SHOTS).index(name) for name in names)
    async with staged(house) as stage:
        for name in list(SHOTS)[: last + 1]:
            await SHOTS[name](stage)
            if name not in names:
                continue
            runs = [summary.run_id for summary in reversed(await stage.desk.runs(Query()))]
            ids = {known: f"{0x7F3A9C2E * (place + 1) % 2**32:08x}" for place, known in enumerate(runs)}
            path = folder / f"{name}.svg"
            path.write_text(tidied(stage.app.export_screenshot(title="understudy"), ids), encoding="utf-8")
            made.append(path)
        for driver in stage.desk.services.engine.drivers.values():
            driver.cancel()
    return made


def make(folder: Path, names: tuple[str, ...] = tuple(SHOTS)) -> list[Path]:
    """Write these pictures into the folder, as NAME.svg."""
    with tempfile.TemporaryDirectory() as given:
        house = Path(given).resolve()
        os.environ.update(HOME=str(house), TZ="UTC")
        time.tzset()
        return asyncio.run(_make(folder, names, house))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the pictures of the documentation from the app itself.")
    parser.add_argument("names", nargs="*", choices=[[], *SHOTS], help="which ones; all of them if none is named")
    chosen = tuple(parser.parse_args().names) or tuple(SHOTS)
    for path in make(Path(__file__).parent, chosen):
        sys.stdout.write(f"{path.name}\n")
