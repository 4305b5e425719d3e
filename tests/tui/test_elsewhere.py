"""A run that another process drives: read here, and answered from here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.tui.screens.run import RunScreen
from tests.support.plans import chain, step
from tests.support.stage import House, kinds, lines_of, on_stage
from workflows.bus import Bus, Streamed
from workflows.engine.engine import Engine


def other_engine(house: House) -> Engine:
    """An engine that the app knows nothing of, on the same journal and spool."""
    bus = Bus()

    def keep(notice: object) -> None:
        if isinstance(notice, Streamed):
            house.services.spool.write(notice.run_id, notice.step, notice.attempt, notice.text, log=notice.log)

    bus.subscribe(keep)
    return Engine(house.services.store, kinds(house.cast), bus, house.clock)


async def test_it_is_read_from_the_journal_and_answered_through_it(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        engine = other_engine(house)
        plan = chain(step("talk", "play"), step("publish", "play", approve=True))
        driver = await engine.start(
            plan, workflow="play", source="", parameters={}, root=house.services.paths.root, attended=True
        )
        house.cast["talk"].say("words from elsewhere\n")
        await house.until(lambda: house.cast.inputs)
        await house.app.open_run(driver.state.run_id)
        screen = house.app.screen
        assert isinstance(screen, RunScreen)
        await house.shows("driven by pid")
        await house.shows("words from elsewhere")
        house.cast["talk"].say("and more\n")
        await house.until(lambda: "and more" in house.services.spool.read_tail(driver.state.run_id, "talk", 1))
        await look(house)
        await house.shows("and more")
        assert lines_of(house.app).count("words from elsewhere") == 1

        house.cast["talk"].end({"text": "done"})
        await house.until(lambda: driver.committed.open_inquiries)
        await look(house)
        await house.shows("a  approve")
        await house.press("space")
        await house.wait()
        await house.until(lambda: driver.committed.paused)
        await look(house)
        await house.shows("space continue")
        await house.press("space")
        await house.wait()
        await house.until(lambda: not driver.committed.paused)
        await look(house)
        await house.press("a")
        await house.wait()
        house.cast["publish"].end({"ok": True})
        await house.until(lambda: driver.committed.status == "succeeded")
        await look(house)
        await house.shows("✓ done")
        assert driver.committed.inquiries["publish:1"].answer == replace(
            driver.committed.inquiries["publish:1"].answer, choice="approve", by="ada"
        )
        await engine.close()


async def test_it_is_cancelled_from_here(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        engine = other_engine(house)
        driver = await engine.start(
            chain(step("talk", "play")), workflow="play", source="", parameters={}, root=house.services.paths.root
        )
        await house.until(lambda: house.cast.inputs)
        await house.app.open_run(driver.state.run_id)
        await house.shows("driven by pid")
        await house.press("x")
        await house.shows("end the run")
        await house.press("x")
        await house.wait()
        await house.until(lambda: driver.committed.status == "cancelled")
        await look(house)
        await house.shows("■ cancelled")
        await engine.close()


async def look(house: House) -> None:
    """What the screen does by itself ten times a second."""
    await house.wait()
