"""Nothing is made to start by itself that may wait for ever, and no trigger knows the secret of another."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.container import open_services
from app.desk import Desk
from app.paths import find_paths
from app.proving import NotHeadless
from app.publishing import Publishing
from app.scheduling import Scheduling, Wish
from app.triggering import Triggering, TriggerWish

WAITS = "name: Waits\nsteps:\n  - {id: gate, type: approval}\n"
ENDS = "name: Ends\nsteps:\n  - {id: a, type: transform, value: 1}\n"


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    root = tmp_path / "work"
    folder = root / ".understudy" / "workflows"
    folder.mkdir(parents=True)
    (folder / "waits.yaml").write_text(WAITS)
    (folder / "ends.yaml").write_text(ENDS)
    environ = {"PATH": os.environ["PATH"], "UNDERSTUDY_HOME": str(tmp_path / "home")}
    async with open_services(find_paths(environ, root), environ, trusted=True) as services:
        yield Desk(services)


async def test_what_may_wait_for_ever_can_be_published_but_neither_scheduled_nor_triggered(desk: Desk) -> None:
    with pytest.raises(NotHeadless):
        await Publishing(desk).publish("waits", unattended=True)
    await Publishing(desk).publish("waits")
    with pytest.raises(NotHeadless):
        await Scheduling(desk, "ada").add(Wish("waits", every=60.0))
    for wish in (
        TriggerWish("waits", "webhook"),
        TriggerWish("waits", "file", "inbox/*.csv"),
        TriggerWish("waits", "run", "ends"),
    ):
        with pytest.raises(NotHeadless) as refused:
            await Triggering(desk, "ada").add(wish)
        assert [each.line for each in refused.value.diagnostics] == [3]
    assert await desk.services.standing.triggers() == []
    assert await desk.services.standing.schedules() == []


async def test_triggers_of_like_names_have_secrets_of_their_own(desk: Desk) -> None:
    await Publishing(desk).publish("ends")
    desk.services.secrets.set("WEBHOOK_MINE", "a secret of the user's own")
    made = [
        await Triggering(desk, "ada").add(TriggerWish("ends", "webhook", name=name))
        for name in ("a-b", "a_b", "A-B", "mine")
    ]
    names = [trigger.config["secret"] for trigger, _ in made]
    assert len(set(names)) == 4
    assert len({secret for _, secret in made}) == 4
    await Triggering(desk, "ada").remove("a_b")
    kept = desk.services.secrets.get(str(names[0]))
    assert kept is not None
    assert kept.reveal() == made[0][1]
    mine = desk.services.secrets.get("WEBHOOK_MINE")
    assert mine is not None
    assert mine.reveal() == "a secret of the user's own"
