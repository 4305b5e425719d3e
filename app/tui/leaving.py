"""Leaving with runs under way: each way says what it means for them, and the one that takes time is waited for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from app.present import leaving as words
from app.present.figures import plural
from app.tui.background import in_background
from app.tui.modals.choices import Choices, Option
from workflows.engine.driver import Driver

if TYPE_CHECKING:
    from app.tui.app import UnderstudyApp

LOOK_EVERY = 0.2
"""Seconds between looks at whether what is waited for is done."""

OF_THE_DEMO = "the demo's runs end with it"


def leave_runs(app: UnderstudyApp) -> None:
    """Out of the program, at once where nothing is under way; else as a person then chooses."""
    drivers = dict(app.desk.services.engine.drivers) if app.ready else {}
    moving = {run: driver for run, driver in drivers.items() if not driver.state.over}
    if not moving:
        app.exit(0)
        return
    states = [driver.state for driver in moving.values()]
    working = any(words.at_work(state) for state in states)
    options = (
        Option("keep", "b", "keep running", words.keeping(states), OF_THE_DEMO if app.in_demo else ""),
        Option("finish", "p", "pause", words.finishing(states), "" if working else "nothing is at work"),
        Option("stop", "s", "stop", words.stopping(states)),
        Option("cancel", "c", "cancel", words.cancelling(states), deliberate=True),
    )
    stay = Option("", "escape", "stay", "the runs go on here")

    def taken(name: str | None) -> None:
        match name:
            case "keep":
                app.kept_running = tuple(moving)
                app.exit(0)
            case "finish":
                _finish(app, moving)
            case "stop":
                app.exit(0)
            case "cancel":
                _cancel(app, moving)

    text = "\n".join([_lines(moving), "", *words.cut_off(states)]).strip()
    app.push_screen(Choices(f"{plural(len(moving), 'run')} under way", text, options, stay), taken)


def _lines(drivers: Mapping[str, Driver]) -> str:
    return "\n".join(words.run_lines([driver.state for driver in drivers.values()]))


def _finish(app: UnderstudyApp, drivers: Mapping[str, Driver]) -> None:
    """Start nothing new, and leave when what is at work is done."""
    ours = [driver for driver in drivers.values() if not driver.state.paused]

    async def go_on() -> None:
        for driver in ours:
            await driver.proceed()

    async def pause() -> None:
        for driver in ours:
            await driver.pause(f"{app.person} left")

    async def begin() -> None:
        await pause()
        _leave_when(
            app,
            lambda: not any(words.at_work(driver.state) for driver in drivers.values()),
            "leaving when what is at work is done",
            _lines(drivers),
            Option("", "escape", "stay", "the runs go on here"),
            lambda: in_background(app, go_on, "leaving"),
        )

    in_background(app, begin, "pausing")


def _cancel(app: UnderstudyApp, drivers: Mapping[str, Driver]) -> None:
    """End the runs, and leave when they are over: what they do in the end takes its time."""
    for driver in drivers.values():
        driver.cancel(f"{app.person} cancelled it on leaving")
    _leave_when(
        app,
        lambda: all(driver.committed.over for driver in drivers.values()),
        "leaving when the runs are over",
        _lines(drivers),
        Option("", "escape", "stay", "and see them end"),
        lambda: None,
    )


def _leave_when(
    app: UnderstudyApp, done: Callable[[], bool], title: str, text: str, stay: Option, stays: Callable[[], None]
) -> None:
    """Leave when it is done, or when a person does not want to wait; `stays` follows where they stay."""
    box = Choices(title, text, (Option("leave", "s", "leave now", "what is at work is cut off"),), stay)

    def taken(name: str | None) -> None:
        if name is None:
            stays()
        else:
            app.exit(0)

    async def wait() -> None:
        while not done():
            if box not in app.screen_stack:
                return
            await app.clock.sleep(LOOK_EVERY)
        if box in app.screen_stack:
            box.dismiss("leave")

    app.push_screen(box, taken)
    in_background(app, wait, "leaving")
