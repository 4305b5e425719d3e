"""What else can be asked of a server: workflows, versions, schedules, triggers, figures, health, the document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.server.api.calls import operations, printed_document
from tests.support.server import ONE_STEP, Served, served


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as server:
        await server.publish("one", ONE_STEP)
        yield server


async def test_health_and_the_document(server: Served) -> None:
    client = server.as_("vera")
    assert (await client.get("/api/v1/health/live")).document["status"] == "live"
    assert (await client.get("/api/v1/health/ready")).document == {"status": "ready", "queued": 0, "under_way": 0}
    document = (await client.get("/api/v1/openapi.json")).document
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/runs/{run}/steps/{step}" in document["paths"]
    assert (await client.get("/api/v1/analytics?period=7d")).document["statistics"]["runs"] == 0
    assert (await client.get("/api/v1/analytics?period=x")).status == 422
    assert (await server.as_("oscar").get("/api/v1/analytics")).status == 403


async def test_workflows_and_versions(server: Served) -> None:
    client = server.as_("vera")
    (found,) = (await client.get("/api/v1/workflows")).document["items"]
    assert (found["workflow"], found["status"], found["newest"]) == ("one", "published", 1)
    assert found["parameters"][0]["name"] == "word"
    (version,) = (await client.get("/api/v1/workflows/one/versions")).document["items"]
    assert version["number"] == 1
    assert (await client.get("/api/v1/workflows/one/versions/1")).document["text"] == ONE_STEP
    for path in ("nothing", "one/versions/2", "one/versions/x", "nothing/versions"):
        assert (await client.get(f"/api/v1/workflows/{path}")).status == 404


async def test_schedules_are_made_looked_at_and_removed(server: Served) -> None:
    ada = server.as_("ada")
    wanted = {"workflow": "one", "cron": "30 7 * * mon-fri", "timezone": "Europe/Madrid", "name": "mornings"}
    assert (await server.as_("oscar").post("/api/v1/schedules", wanted)).status == 403
    made = await ada.post("/api/v1/schedules", wanted)
    assert (made.status, made.headers["location"]) == (201, "/api/v1/schedules/mornings")
    assert len(made.document["next"]) == 3
    assert (await ada.post("/api/v1/schedules", {**wanted, "cron": "every day"})).status == 422
    assert (await ada.post("/api/v1/schedules/mornings/pause")).document["paused"] is True
    assert (await ada.post("/api/v1/schedules/mornings/resume")).document["paused"] is False
    start = (await ada.post("/api/v1/schedules/mornings/run")).document
    assert (await ada.get(f"/api/v1/runs/{start['run']}?wait=30")).document["status"] == "succeeded"
    (listed,) = (await server.as_("vera").get("/api/v1/schedules")).document["items"]
    assert listed["id"] == "mornings"
    assert (await ada.call("DELETE", "/api/v1/schedules/mornings", {})).status == 200
    assert (await ada.get("/api/v1/schedules/mornings")).status == 404


async def test_a_workflow_is_published_by_an_admin_and_archived(server: Served) -> None:
    ada, folder = server.as_("ada"), server.desk.services.paths.config / "workflows"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(ONE_STEP)
    assert (await ada.get("/api/v1/workflows/mine")).document["status"] == "unpublished"
    assert (await server.as_("oscar").post("/api/v1/workflows/mine/versions")).status == 403
    assert (await ada.post("/api/v1/workflows/mine/versions", {"note": "first"})).status == 201
    assert (await ada.post("/api/v1/workflows/mine/versions")).status == 200  # it is just this already
    assert (await ada.post("/api/v1/workflows/nothing/versions")).status == 404
    assert (await ada.post("/api/v1/runs?wait=30", {"workflow": "mine"})).document["status"] == "succeeded"
    assert (await ada.post("/api/v1/workflows/mine/versions/1/archive")).document["status"] == "archived"
    assert (await ada.post("/api/v1/runs", {"workflow": "mine"})).status == 422


async def test_metrics_are_what_prometheus_reads(server: Served) -> None:
    await server.as_("oscar").post("/api/v1/runs?wait=30", {"workflow": "one"})
    said = await server.as_("vera").get("/api/v1/metrics")
    assert said.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'understudy_runs_ended{status="succeeded",workflow="one"} 1' in said.body.decode()
    assert (await server.as_("oscar").get("/api/v1/metrics")).status == 403


async def test_triggers_are_made_fired_and_removed(server: Served) -> None:
    ada, wanted = server.as_("ada"), {"workflow": "one", "kind": "webhook", "name": "push", "give": "word"}
    made = await ada.post("/api/v1/triggers", wanted)
    assert (made.status, made.headers["location"]) == (201, "/api/v1/triggers/push")
    secret = made.document["secret"]
    assert secret.startswith("whsec_")
    start = (await server.as_("oscar").post("/api/v1/triggers/push/fire")).document
    assert (await ada.get(f"/api/v1/runs/{start['run']}?wait=30")).document["status"] == "succeeded"
    found = await ada.get("/api/v1/triggers/push")
    assert (found.document["count"], found.document["last_status"]) == (1, "succeeded")
    assert secret.encode() not in found.body
    assert (await ada.post("/api/v1/triggers/push/pause")).document["paused"] is True
    assert (await ada.post("/api/v1/triggers/push/resume")).document["paused"] is False
    assert [each["id"] for each in (await ada.get("/api/v1/triggers")).document["items"]] == ["push"]
    assert (await ada.call("DELETE", "/api/v1/triggers/push", {})).status == 200
    assert (await ada.get("/api/v1/triggers/push")).status == 404


async def test_a_workflow_is_made_by_a_call_only_where_the_settings_say_so(server: Served, tmp_path: Path) -> None:
    wanted = {"name": "made", "text": ONE_STEP}
    refused = await server.as_("ada").post("/api/v1/workflows", wanted)
    assert (refused.status, refused.document["code"]) == (403, "forbidden")
    async with served(tmp_path / "other", settings="serve: {create: true}\n") as other:
        ada = other.as_("ada")
        assert (await other.as_("oscar").post("/api/v1/workflows", wanted)).status == 403
        assert (await ada.post("/api/v1/workflows", wanted)).status == 201
        assert (await ada.get("/api/v1/workflows/made")).document["status"] == "unpublished"
        assert (await ada.post("/api/v1/workflows", wanted)).status == 409
        broken = await ada.post(
            "/api/v1/workflows", {"name": "x", "text": "name: X\nsteps:\n  - {id: a, type: tranform}\n"}
        )
        assert broken.status == 422
        assert broken.document["errors"][0]["where"].startswith("body.text, line 3")
        for name in ("../x", "a/b", "x.yaml", "-x", "\u0430"):
            assert (await ada.post("/api/v1/workflows", {"name": name, "text": ONE_STEP})).status == 422


async def test_the_document_and_the_routes_agree(server: Served) -> None:
    document = (await server.as_("vera").get("/api/v1/openapi.json")).document
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    known = {(each.method, each.path) for each in operations(server.server.stage)}
    assert known == described
    assert document["security"] == [{"token": []}]
    names = [about["operationId"] for methods in document["paths"].values() for about in methods.values()]
    assert len(set(names)) == len(names)
    assert printed_document() == document
