"""Runs by the API: begun once, waited for, followed, listed, steered, answered; each sees what is theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.server.address import Address
from app.server.serve import serving
from tests.support.server import GATED, ONE_STEP, SLOW, Client, Served, served
from workflows.unattended.values import Start


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as server:
        await server.publish("one", ONE_STEP)
        yield server


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await look():
            await asyncio.sleep(0.02)


async def has_status(client: Client, run: str, status: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def look() -> bool:
        found.update((await client.get(f"/api/v1/runs/{run}")).document)
        return bool(found["status"] == status)

    await until(look)
    return found


async def test_a_run_is_begun_and_waited_for(server: Served) -> None:
    client = server.as_("oscar")
    said = await client.post("/api/v1/runs?wait=30", {"workflow": "one", "parameters": {"word": "milk"}})
    assert said.status == 200
    assert said.document["status"] == "succeeded"
    assert said.document["outputs"] == {"said": "milk"}
    assert said.document["start"]["version"] == 1
    assert said.document["start"]["cause"] == "api:oscar"
    run = said.document["run"]
    assert said.headers["location"] == f"/api/v1/runs/{run}"
    (start,) = await server.desk.services.standing.starts(run_ids=[run])
    assert start.status == "started"
    state = await server.desk.state(run)
    assert (state.version, state.cause) == ("one@1", "api:oscar")


async def test_a_run_is_accepted_and_polled(server: Served) -> None:
    client = server.as_("oscar")
    said = await client.post("/api/v1/runs", {"workflow": "one"})
    assert said.status == 202
    found = await has_status(client, said.document["run"], "succeeded")
    assert found["outputs"] == {"said": "tea"}


async def test_the_same_key_gives_the_same_run_however_often(server: Served) -> None:
    client, wanted = server.as_("oscar"), {"workflow": "one", "parameters": {"word": "a"}}
    said = await asyncio.gather(*(client.post("/api/v1/runs", wanted, idempotency_key="order-7") for _ in range(20)))
    assert {each.status for each in said} == {202}
    (run,) = {each.document["run"] for each in said}
    assert sum("idempotent-replayed" not in each.headers for each in said) == 1
    await has_status(client, run, "succeeded")
    other = await client.post("/api/v1/runs", {"workflow": "one"}, idempotency_key="order-7")
    assert (other.status, other.document["code"]) == (409, "conflict")
    # A key is its user's own.
    another = await server.as_("olga").post("/api/v1/runs", wanted, idempotency_key="order-7")
    assert another.document["run"] != run


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"workflow": "nothing"}, 422),
        ({"workflow": "one", "version": 9}, 422),
        ({"workflow": "one", "parameters": {"wrod": "x"}}, 422),
        ({"workflow": "one", "parameters": {"word": 3}}, 422),
        ({"workflow": "one", "extra": 1}, 422),
        ({"workflow": ""}, 422),
        ({}, 422),
    ],
)
async def test_what_cannot_start_is_refused_at_once(server: Served, wanted: dict[str, Any], status: int) -> None:
    said = await server.as_("oscar").post("/api/v1/runs", wanted)
    assert said.status == status
    assert said.document["detail"]
    assert await server.desk.services.standing.starts() == []


async def test_each_sees_their_own(server: Served) -> None:
    oscar, olga, ada, vera = (server.as_(name) for name in ("oscar", "olga", "ada", "vera"))
    run = (await oscar.post("/api/v1/runs?wait=30", {"workflow": "one"})).document["run"]
    for path in ("", "/steps", "/steps/say", "/steps/say/attempts", "/events", "/journal", "/inbox"):
        assert (await olga.get(f"/api/v1/runs/{run}{path}")).status == 404, path
        for client in (oscar, ada, vera):
            assert (await client.get(f"/api/v1/runs/{run}{path}")).status == 200, path
    for path in ("cancel", "pause", "resume"):
        assert (await olga.post(f"/api/v1/runs/{run}/{path}")).status == 404
    assert (await olga.get("/api/v1/runs")).document["items"] == []
    assert [each["run"] for each in (await oscar.get("/api/v1/runs")).document["items"]] == [run]
    assert [each["run"] for each in (await vera.get("/api/v1/runs")).document["items"]] == [run]


async def test_lists_come_in_pages_without_gap_or_double(server: Served) -> None:
    client = server.as_("oscar")
    said = [await client.post("/api/v1/runs?wait=30", {"workflow": "one"}) for _ in range(7)]
    begun = [each.document["run"] for each in said]
    listed, cursor = [], ""
    while True:
        page = (await client.get(f"/api/v1/runs?limit=2&status=succeeded&workflow=one&cursor={cursor}")).document
        listed += [each["run"] for each in page["items"]]
        assert len(page["items"]) <= 2
        if page["next"] is None:
            break
        cursor = page["next"]
    assert sorted(listed) == sorted(begun)
    assert len(listed) == 7
    assert (await client.get("/api/v1/runs?status=failed")).document["items"] == []
    assert (await client.get("/api/v1/runs?since=2999-01-01T00:00:00Z")).document["items"] == []
    assert (await client.get("/api/v1/runs?cursor=abc")).status == 422
    assert (await client.get("/api/v1/runs?limit=0")).status == 422
    assert (await client.get("/api/v1/runs?limit=2&limit=3")).status == 422


async def test_steps_and_their_tries(server: Served) -> None:
    client = server.as_("oscar")
    run = (await client.post("/api/v1/runs?wait=30", {"workflow": "one"})).document["run"]
    (step,) = (await client.get(f"/api/v1/runs/{run}/steps")).document["items"]
    assert (step["id"], step["status"], step["output"]) == ("say", "succeeded", "tea")
    (attempt,) = (await client.get(f"/api/v1/runs/{run}/steps/say/attempts")).document["items"]
    assert (attempt["n"], attempt["status"]) == (1, "succeeded")
    assert (await client.get(f"/api/v1/runs/{run}/steps/sya")).status == 404


async def test_events_come_as_a_stream_that_can_be_gone_on_with(server: Served) -> None:
    client = server.as_("oscar")
    run = (await client.post("/api/v1/runs", {"workflow": "one"})).document["run"]
    whole = await client.get(f"/api/v1/runs/{run}/events")  # from before it began until it is over
    assert whole.headers["content-type"].startswith("text/event-stream")
    text = whole.body.decode()
    ids = [int(line.removeprefix("id: ")) for line in text.splitlines() if line.startswith("id: ")]
    assert ids == list(range(1, len(ids) + 1))
    assert "event: RunStarted" in text
    assert text.rstrip().endswith('"status": "succeeded"}')
    rest = (await client.get(f"/api/v1/runs/{run}/events", last_event_id="2")).body.decode()
    assert [int(line[4:]) for line in rest.splitlines() if line.startswith("id: ")] == ids[2:]
    page = (await client.get(f"/api/v1/runs/{run}/journal?limit=2&after=1")).document
    assert [each["seq"] for each in page["items"]] == [2, 3]
    assert page["next"] == 3
    assert (await client.get(f"/api/v1/runs/{run}/events", last_event_id="x")).status == 422


async def test_a_run_that_waits_for_a_person_is_answered(server: Served) -> None:
    await server.publish("gated", GATED)
    client = server.as_("oscar")
    run = (await client.post("/api/v1/runs", {"workflow": "gated"})).document["run"]
    await has_status(client, run, "waiting")
    (line,) = (await client.get("/api/v1/inbox")).document["items"]
    assert (line["run"], line["reason"]) == (run, "approval")
    assert (await server.as_("olga").get("/api/v1/inbox")).document["items"] == []
    assert len((await server.as_("vera").get("/api/v1/inbox")).document["items"]) == 1
    (card,) = (await client.get(f"/api/v1/runs/{run}/inbox")).document["items"]
    entry = card["entry"]
    path = f"/api/v1/runs/{run}/inbox/{entry}/answers"
    assert (await server.as_("olga").post(path, {"choice": "approve"})).status == 404
    assert (await server.as_("vera").post(path, {"choice": "approve"})).status == 403
    assert (await client.post(path, {"choice": "maybe"})).status == 409
    assert (await client.post(path, {"choice": "approve", "digest": "0" * 64})).status == 409
    said = await client.post(path, {"choice": "approve", "digest": card["digest"]})
    assert (said.status, said.document["taken"]) == (202, True)
    await has_status(client, run, "succeeded")
    assert (await client.post(path, {"choice": "approve"})).status == 409


async def test_a_run_is_paused_gone_on_with_and_cancelled(server: Served) -> None:
    await server.publish("slow", SLOW)
    client = server.as_("oscar")
    run = (await client.post("/api/v1/runs", {"workflow": "slow"})).document["run"]
    await has_status(client, run, "running")
    paused = await client.post(f"/api/v1/runs/{run}/pause")
    assert (paused.status, paused.document["became"]) == (200, "done")
    await has_status(client, run, "paused")
    assert (await client.post(f"/api/v1/runs/{run}/resume")).document["became"] == "done"
    await has_status(client, run, "running")
    assert (await client.post(f"/api/v1/runs/{run}/cancel", {"at_once": True})).status == 200
    await has_status(client, run, "cancelled")
    again = await client.post(f"/api/v1/runs/{run}/pause")
    assert (again.status, again.document["code"]) == (409, "conflict")


async def test_higher_priorities_begin_first_within_the_limits(tmp_path: Path) -> None:
    async with served(tmp_path, settings="execution: {max_concurrent_workflows: 1}\n") as server:
        await server.publish("one", ONE_STEP)
        await server.publish("busy", "name: Busy\nsteps:\n  - {id: s, type: transform, value: 1}\n")
        standing, queue = server.desk.services.standing, server.server.stage.queue
        client = server.as_("oscar")
        # Asked for without waking the queue, so that all are there when it looks.
        queue.poke = lambda: None  # type: ignore[method-assign]  # only this object's
        runs = {}
        for name, priority in (("low", -5), ("usual", 0), ("high", 5)):
            said = await client.post("/api/v1/runs", {"workflow": "one", "priority": priority})
            runs[said.document["run"]] = name
        ended = [await has_status(client, run, "succeeded") for run in runs]
        began = sorted(ended, key=lambda run: run["started"])
        assert {runs[each["run"]] for each in began} == {"low", "usual", "high"}
        assert await standing.starts(("queued",)) == []


async def left_running(folder: Path) -> str:
    async with served(folder) as server:
        await server.publish("slow", SLOW)
        client = server.as_("oscar")
        run: str = (await client.post("/api/v1/runs", {"workflow": "slow"})).document["run"]
        await has_status(client, run, "running")
    return run


async def test_the_next_server_goes_on_with_what_one_began(tmp_path: Path) -> None:
    run = await left_running(tmp_path)
    async with served(tmp_path) as server:

        async def owned() -> bool:
            return bool((await server.desk.summary(run)).owner)

        await until(owned)


async def test_where_the_settings_say_so_it_leaves_that_to_people(tmp_path: Path) -> None:
    run = await left_running(tmp_path)
    async with served(tmp_path, settings="serve: {resume: never}\n") as server:
        await server.publish("one", ONE_STEP)
        client = server.as_("oscar")
        assert (await client.post("/api/v1/runs?wait=30", {"workflow": "one"})).document["status"] == "succeeded"
        assert (await server.desk.summary(run)).owner == ""
        assert (await client.get(f"/api/v1/runs/{run}")).document["status"] == "interrupted"
        assert (await client.post(f"/api/v1/runs/{run}/resume")).document["became"] == "done"
        assert (await server.desk.summary(run)).owner != ""


async def test_two_servers_begin_each_start_once(tmp_path: Path) -> None:
    async with served(tmp_path) as first, serving(first.desk, Address(port=0)) as second:
        await first.publish("one", ONE_STEP)
        others = Client(second.port, first.tokens["oscar"])
        said = await asyncio.gather(
            *(
                (first.as_("oscar") if number % 2 else others).post(
                    "/api/v1/runs?wait=30", {"workflow": "one"}, idempotency_key=f"k{number // 2}"
                )
                for number in range(20)
            )
        )
        assert {each.document["status"] for each in said} == {"succeeded"}
        assert len({each.document["run"] for each in said}) == 10
        assert len((await others.get("/api/v1/runs?limit=100")).document["items"]) == 10


async def test_a_secret_is_not_kept_with_a_start(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        await server.publish("one", ONE_STEP)
        server.desk.services.secrets.set("DEPLOY", "c4n4ry-of-the-deploy-key")
        said = await server.as_("oscar").post(
            "/api/v1/runs", {"workflow": "one", "parameters": {"word": "x c4n4ry-of-the-deploy-key y"}}
        )
        assert said.status == 422
        assert b"c4n4ry" not in said.body
        assert await server.desk.services.standing.starts() == []


async def test_starts_are_listed_with_what_became_of_them(server: Served) -> None:
    oscar, standing = server.as_("oscar"), server.desk.services.standing
    await oscar.post("/api/v1/runs?wait=30", {"workflow": "one"}, idempotency_key="a")
    await standing.ask(Start("run:x:1", "run:x", "gone", by="olga", at=2.0, due=2.0))
    server.server.stage.queue.poke()

    async def refused() -> bool:
        return len((await server.as_("vera").get("/api/v1/starts?status=refused")).document["items"]) == 1

    await until(refused)
    (found,) = (await server.as_("vera").get("/api/v1/starts?cause=run:x")).document["items"]
    assert "never published" in found["why"]
    gone = (await server.as_("olga").get(f"/api/v1/runs/{found['run']}")).document
    assert (gone["status"], gone["failure"]["message"]) == ("failed", found["why"])
    first = (await server.as_("vera").get("/api/v1/starts?limit=1")).document
    second = (await server.as_("vera").get(f"/api/v1/starts?limit=1&cursor={first['next']}")).document
    assert {first["items"][0]["key"], second["items"][0]["key"]} == {"api:oscar:a", "run:x:1"}
    assert second["next"] is None
    assert [each["key"] for each in (await oscar.get("/api/v1/starts")).document["items"]] == ["api:oscar:a"]
