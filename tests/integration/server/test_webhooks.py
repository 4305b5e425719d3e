"""Deliveries: signed ones start one run each, whatever is sent again; all others start nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.server.signatures import new_secret, sign
from tests.support.server import ONE_STEP, Said, Served, served

ECHO = """
name: Echo
parameters:
  - {name: payload, type: object}
steps:
  - {id: say, type: transform, value: "${{ parameters.payload }}"}
outputs: {said: "${{ steps.say.output }}"}
"""
BODY = b'{"kind": "push",  "text": "${{ secrets.TOKEN }} {{ 1 + 1 }}"}'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as server:
        await server.publish("echo", ECHO)
        yield server


def now(server: Served) -> int:
    return int(server.desk.services.clock.now())


async def deliver(
    server: Served,
    secret: str,
    message: str = "msg_1",
    *,
    body: bytes = BODY,
    at: int | None = None,
    sent: bytes | None = None,
    to: str = "push",
    **headers: str | None,
) -> Said:
    at = now(server) if at is None else at
    signed: dict[str, str | None] = {
        "webhook_id": message,
        "webhook_timestamp": str(at),
        "webhook_signature": sign(secret, message, at, body),
    }
    return await server.nobody.call("POST", f"/hooks/{to}", raw=body if sent is None else sent, **{**signed, **headers})


async def test_a_signed_delivery_starts_a_run_that_gets_what_was_delivered_as_data(server: Served) -> None:
    _, secret = await server.hook("push", "echo")
    said = await deliver(server, secret)
    assert (said.status, said.document["new"]) == (202, True)
    run = said.document["run"]
    found = (await server.as_("ada").get(f"/api/v1/runs/{run}?wait=30")).document
    assert found["outputs"]["said"] == json.loads(BODY)  # nothing in it was evaluated
    assert found["start"]["cause"] == "webhook:push"
    (trigger,) = await server.desk.services.standing.triggers()
    assert trigger.count == 1


async def test_a_hundred_replays_start_one_run(server: Served) -> None:
    _, secret = await server.hook("push", "echo")
    at = now(server)
    said = await asyncio.gather(*(deliver(server, secret, at=at) for _ in range(100)))
    assert {each.status for each in said} == {202}
    (run,) = {each.document["run"] for each in said}
    assert sum(each.document["new"] for each in said) == 1
    assert [start.run_id for start in await server.desk.services.standing.starts()] == [run]
    assert (await server.desk.services.standing.triggers())[0].count == 1
    another = await deliver(server, secret, "msg_2")
    assert another.document["run"] != run


async def test_a_trigger_says_which_parameter_gets_it(server: Served) -> None:
    await server.publish("one", ONE_STEP)
    _, secret = await server.hook("push", "one", give="word")
    said = await deliver(server, secret, body=b'"coffee"')
    found = (await server.as_("ada").get(f"/api/v1/runs/{said.document['run']}?wait=30")).document
    assert found["outputs"] == {"said": "coffee"}


async def test_while_a_secret_is_changed_either_counts(server: Served) -> None:
    trigger, old = await server.hook("push", "echo")
    new = new_secret()
    server.desk.services.secrets.set("WEBHOOK_NEW", new)
    config = {"secret": "WEBHOOK_NEW", "secret_before": "WEBHOOK_PUSH"}
    await server.desk.services.standing.put_trigger(replace(trigger, config=config))
    assert (await deliver(server, old, "msg_1")).status == 202
    assert (await deliver(server, new, "msg_2")).status == 202


async def test_what_is_not_signed_as_it_must_be_starts_nothing(server: Served) -> None:
    _, secret = await server.hook("push", "echo")
    at, other = now(server), new_secret()
    refused = [
        await deliver(server, other),
        await deliver(server, secret, sent=BODY + b" "),
        await deliver(server, secret, sent=json.dumps(json.loads(BODY)).encode()),  # the same, written otherwise
        await deliver(server, secret, at=at - 301),
        await deliver(server, secret, at=at + 400),
        await deliver(server, secret, webhook_id=None),
        await deliver(server, secret, webhook_timestamp=None),
        await deliver(server, secret, webhook_signature=None),
        await deliver(server, secret, webhook_id="msg_9"),
        await deliver(server, secret, to="nothing"),
        await deliver(
            server, secret, webhook_signature=f"v1,AAAA\r\nwebhook-signature: {sign(secret, 'msg_1', at, BODY)}"
        ),
    ]
    assert [each.status for each in refused] == [401] * len(refused)
    # Nobody learns from the answer whether there is such a trigger, or what was wrong.
    assert len({each.body for each in refused}) == 1
    assert await server.desk.services.standing.starts() == []


async def test_without_a_secret_a_trigger_believes_nobody(server: Served) -> None:
    _, secret = await server.hook("push", "echo")
    server.desk.services.secrets.remove("WEBHOOK_PUSH")
    assert (await deliver(server, secret)).status == 401


async def test_the_gate_is_there_for_deliveries_too(server: Served) -> None:
    trigger, secret = await server.hook("push", "echo")
    assert (await deliver(server, secret, host="evil.example")).status == 400
    assert (await deliver(server, secret, origin="https://evil.example")).status == 403
    assert (await deliver(server, secret, content_type="text/plain")).status == 415
    assert (await deliver(server, secret, body=b"{" + b" " * (1 << 20) + b"}")).status == 413
    assert (await deliver(server, secret, body=b"not json")).status == 400
    assert (await server.nobody.get("/hooks/push")).status == 405
    await server.desk.services.standing.put_trigger(replace(trigger, paused=True))
    assert (await deliver(server, secret)).status == 409
    assert await server.desk.services.standing.starts() == []
