"""http and notification steps of YAML workflows, through the real engine and its journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.present.story import tell
from skills.channels.channels import Channels
from skills.kinds.http import Http
from skills.kinds.notification import Notification
from skills.network.client import Client
from tests.support.catalogue import Listed
from tests.support.clocks import VirtualClock
from tests.support.kinds import all_kinds
from tests.support.web import Came, Says, Web, says
from workflows.breaker import Breakers
from workflows.bus import Bus
from workflows.definition.parse import parse
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.journal.memory import MemoryStore
from workflows.notes import note
from workflows.planning.make import make_plan
from workflows.runs import events as e
from workflows.runs.state import RunState
from workflows.secrets import Redactor, Secret

SECRET = "s3cr3t-value-of-the-token"


class Kept:
    """A place with one secret."""

    redactor = Redactor([Secret(SECRET)])

    def get(self, name: str) -> Secret | None:
        return Secret(SECRET) if name == "TOKEN" else None

    def names(self) -> Sequence[str]:
        return ("TOKEN",)


class Stage:
    """An engine that runs workflow texts whose steps may reach the server."""

    def __init__(self, *hosts: str) -> None:
        self.clock = VirtualClock()
        self.store, self.bus = MemoryStore(), Bus()
        client, breakers = Client(hosts), Breakers(self.clock, lambda transition: note(str(transition)))
        channels = Channels({}, client, breakers, self.clock, {})
        self.kinds = {**all_kinds(), "http": Http(client, breakers, self.clock), "notification": Notification(channels)}
        secrets = Kept()
        self.engine = Engine(self.store, self.kinds, self.bus, self.clock, secrets=secrets, redactor=secrets.redactor)

    async def start(self, steps: str) -> Driver:
        parsed = parse(f"name: test\nsteps:\n{steps}", "test.yaml", self.kinds)
        assert parsed.workflow is not None, parsed.diagnostics
        assert parsed.valid, parsed.diagnostics
        plan = make_plan(parsed.workflow, self.kinds, Listed())
        return await self.engine.start(plan, workflow="test", source="", parameters={}, root=Path("."), attended=True)

    async def finished(self, driver: Driver) -> RunState:
        return await self.engine.finished(driver.state.run_id)

    async def journal(self, driver: Driver) -> list[Any]:
        return list(await self.store.read(driver.state.run_id))

    async def until(self, driver: Driver, condition: Callable[[RunState], bool]) -> RunState:
        """Wait for commits until the run's state is so."""
        moved = asyncio.Event()
        stop = self.bus.subscribe(lambda notice: moved.set())
        try:
            async with asyncio.timeout(60):
                while not condition(driver.committed):
                    await moved.wait()
                    moved.clear()
        finally:
            stop()
        return driver.committed


@pytest.fixture
async def stages() -> AsyncIterator[list[Stage]]:
    made: list[Stage] = []
    yield made
    for stage in made:
        await stage.engine.close()


async def test_an_answer_goes_on_to_the_next_steps(stages: list[Stage]) -> None:
    async with Web(lambda came: says('{"n": 41}', content_type="application/json")) as web:
        stages.append(stage := Stage(web.host))
        driver = await stage.start(
            f"""
  - {{id: get, type: http, url: "{web.url}/n", headers: {{Authorization: "Bearer ${{{{ secrets.TOKEN }}}}"}}}}
  - {{id: sum, type: transform, value: "${{{{ steps.get.output.body.n + 1 }}}}"}}
  - {{id: tell, type: notification, channel: terminal, text: "It is ${{{{ steps.sum.output }}}}"}}
"""
        )
        state = await stage.finished(driver)
    assert (state.status, state.steps["sum"].output) == ("succeeded", 42)
    assert web.came[0].headers["authorization"] == f"Bearer {SECRET}"
    events = await stage.journal(driver)
    assert SECRET not in repr(events)
    story = [tell(recorded.event, state).text for recorded in events]
    assert "says: It is 42" in story


async def test_a_server_that_says_when_to_come_back_is_asked_again_then(stages: list[Stage]) -> None:
    answers = [says("later", 429, retry_after="7"), says("now")]
    async with Web(lambda came: answers.pop(0)) as web:
        stages.append(stage := Stage(web.host))
        driver = await stage.start(
            f"  - {{id: get, type: http, url: '{web.url}', retry: {{max_attempts: 2, backoff: immediate}}}}\n"
        )
        state = await stage.until(driver, lambda state: state.steps["get"].retry_at is not None)
        assert state.steps["get"].retry_at == stage.clock.now() + 7
        await stage.clock.advance(7)
        state = await stage.finished(driver)
    assert (state.status, state.steps["get"].output["body"], len(web.came)) == ("succeeded", "now", 2)


async def test_a_write_whose_answer_was_lost_waits_for_a_person(stages: list[Stage]) -> None:
    async with Web(lambda came: Says(raw=b"")) as web:
        stages.append(stage := Stage(web.host))
        driver = await stage.start(
            f"  - {{id: post, type: http, method: POST, url: '{web.url}', body: x, retry: {{max_attempts: 3}}}}\n"
        )
        state = await stage.until(driver, lambda state: bool(state.open_inquiries))
        (inquiry,) = state.open_inquiries
        assert (inquiry.asked.reason, len(web.came)) == ("unknown", 1)


async def test_a_write_that_was_never_sent_is_tried_again(stages: list[Stage]) -> None:
    async with Web(lambda came: says()) as web:
        pass
    stages.append(stage := Stage(web.host))
    driver = await stage.start(
        f"  - {{id: post, type: http, method: POST, url: '{web.url}', on_failure: abort, "
        "retry: {max_attempts: 2, backoff: immediate}}\n"
    )
    state = await stage.finished(driver)
    assert (state.status, len(state.steps["post"].attempts)) == ("failed", 2)


async def test_two_tries_have_keys_of_one_step(stages: list[Stage]) -> None:
    answers = [says("no", 500), says("yes")]
    async with Web(lambda came: answers.pop(0)) as web:
        stages.append(stage := Stage(web.host))
        driver = await stage.start(
            f"  - {{id: post, type: http, method: POST, url: '{web.url}', body: {{a: 1}}, "
            "retry: {max_attempts: 2, backoff: immediate}}\n"
        )
        state = await stage.finished(driver)
    assert state.status == "succeeded"
    keys = [came.headers["idempotency-key"] for came in web.came]
    assert keys[0] == keys[1]


async def test_what_a_server_says_reaches_history_clean(stages: list[Stage]) -> None:
    def behave(came: Came) -> Says:
        return says(f"\x1b]52;c;x\x07{came.headers['x-key']}", 404)

    async with Web(behave) as web:
        stages.append(stage := Stage(web.host))
        driver = await stage.start(
            f"  - {{id: get, type: http, url: '{web.url}', headers: {{X-Key: '${{{{ secrets.TOKEN }}}}'}}, "
            "on_failure: abort}\n"
        )
        state = await stage.finished(driver)
    failure = state.steps["get"].failure
    assert failure is not None
    assert failure.detail["status"] == 404
    text = repr(await stage.journal(driver))
    assert "\\x1b" not in text
    assert SECRET not in text


async def test_a_host_that_is_ill_is_not_asked_by_other_steps(stages: list[Stage]) -> None:
    async with Web(lambda came: says("ill", 503)) as web:
        stages.append(stage := Stage(web.host))
        steps = "".join(f"  - {{id: s{n}, type: http, url: '{web.url}/{n}', on_failure: continue}}\n" for n in range(7))
        driver = await stage.start(steps)
        state = await stage.finished(driver)
    (told,) = [each.event for each in await stage.journal(driver) if isinstance(each.event, e.Noted)]
    assert (told.step, "closed → open" in told.text) == ("s4", True)
    assert len(web.came) == 5
    assert [("circuit open" in str(state.steps[f"s{n}"].failure)) for n in range(7)] == [False] * 5 + [True] * 2
