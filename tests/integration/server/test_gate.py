"""The one gate: every call that there is, with everything that must not get through."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.server.address import Address
from app.server.api.calls import operations
from app.server.api.operation import FOR_CHANGES, Operation
from tests.support.server import USERS, Client, Served, served

RANK = {"viewer": 1, "operator": 2, "admin": 3}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(
        tmp_path_factory.mktemp("gate"), settings="serve: {calls_per_second: 100000, create: true}\n"
    ) as server:
        yield server


def every_call(server: Served) -> list[tuple[Operation, str]]:
    """All of them, with something in the place of each name in their paths."""
    return [(each, re.sub(r"\{\w+\}", "x", each.path)) for each in operations(server.server.stage)]


async def outcomes(server: Served, client: Client, **headers: str | None) -> dict[str, int]:
    return {
        f"{each.method} {path}": (await client.call(each.method, path, {}, **headers)).status
        for each, path in every_call(server)
    }


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_there_are_calls(server: Served) -> None:
    assert len(every_call(server)) >= 20


@pytest.mark.parametrize(
    "given",
    [
        *(None, "", "Bearer", "Bearer ", "Bearer us_x", "Bearer us_" + "A" * 43, "Basic YWRhOmFkYQ==", "Bearer é" * 3),
        "Bearer " + "0" * 64,
    ],
)
async def test_nobody_without_a_token_gets_anything(given: str | None, tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        for each, path in every_call(server):
            said = await server.nobody.call(each.method, path, {}, authorization=given)
            assert said.status in (401, 429), (each.name, said)
            assert said.headers["content-type"] == "application/problem+json"
            if said.status == 401:
                assert said.headers["www-authenticate"].startswith("Bearer")


async def test_a_digest_is_no_token(server: Served) -> None:
    (user, *_) = await server.desk.services.standing.users()
    said = await Client(server.server.port, user.token_digest).get("/api/v1/runs")
    assert said.status == 401


async def test_who_may_not_is_told_so(server: Served) -> None:
    for each, path in every_call(server):
        for name, (role, _) in USERS.items():
            said = await server.as_(name).call(each.method, path, {})
            of_all = each.name in ("getAnalytics", "getMetrics")  # they need to see everybody's runs besides
            refused = RANK[role] < RANK[each.role] or (of_all and role == "operator")
            assert (said.status == 403) == refused, (each.name, name, said)


HOSTS = [
    *("evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "127.0.0.1:{port}.evil.example", "evil.example:{port}"),
    *("127.0.0.1:{port}/api/v1/health/live?x=", "127.0.0.1:{port}@evil.example", "[::1", "127.0.0.1:{port}#", ""),
    *("127.0.0.1:{port}\\x", "LOCALHOST.:{port}", "127.0.0.1:0{port}"),
]


@pytest.mark.parametrize("host", HOSTS)
async def test_a_host_that_is_not_ours_gets_nothing(server: Served, host: str) -> None:
    found = await outcomes(server, server.as_("ada"), host=host.format(port=server.server.port))
    assert set(found.values()) == {400}


async def test_two_hosts_or_none_get_nothing(server: Served) -> None:
    client = server.as_("ada")
    both = f"127.0.0.1:{server.server.port}\r\nhost: 127.0.0.1:{server.server.port}"
    assert set((await outcomes(server, client, host=both)).values()) == {400}
    assert set((await outcomes(server, client, host=None)).values()) == {400}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:{port}", "http://localhost"])
async def test_pages_of_other_sites_get_nothing(server: Served, origin: str) -> None:
    found = await outcomes(server, server.as_("ada"), origin=origin.format(port=server.server.port))
    assert set(found.values()) == {403}


async def test_a_page_that_was_named_may_call(tmp_path: Path) -> None:
    async with served(tmp_path, Address(port=0, origins=("https://ours.example",))) as server:
        said = await server.as_("vera").get("/api/v1/runs", origin="https://ours.example")
        assert said.status == 200
        assert "access-control-allow-origin" not in said.headers


async def test_nothing_is_changed_by_get_nor_by_any_other_method(server: Served) -> None:
    paths: dict[str, set[str]] = {}
    for each, path in every_call(server):
        paths.setdefault(path, set()).add(each.method)
    for path, methods in paths.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"} - methods:
            said = await server.as_("ada").call(method, path, {})
            assert said.status == 405, (method, path, said)
            assert set(said.headers["allow"].split(", ")) == methods


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None, "", "text/json"],
)
async def test_only_json_changes_anything(server: Served, kind: str | None) -> None:
    for each, path in every_call(server):
        if each.method in FOR_CHANGES:
            said = await server.as_("ada").call(each.method, path, {}, content_type=kind)
            assert said.status == 415, (each.name, said)


async def test_a_body_that_is_too_large_is_not_read(server: Served) -> None:
    client = server.as_("ada")
    large = await client.call("POST", "/api/v1/runs", raw=b"{" + b" " * (1 << 20) + b"}")
    assert large.status == 413


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"nothing", b'{"workflow": NaN}', b"\xff\xfe{}", b"[" * 100_000, b'{"a": 1e999}']
)
async def test_a_body_that_is_no_object_says_what_is_wrong(server: Served, raw: bytes) -> None:
    said = await server.as_("ada").call("POST", "/api/v1/runs", raw=raw)
    assert said.status in (400, 422)
    assert said.document["detail"]
    assert said.document["code"] in ("malformed", "invalid")


async def test_too_many_calls_are_told_when_to_come_back(tmp_path: Path) -> None:
    async with served(tmp_path, settings="serve: {calls_per_second: 1}\n") as server:
        said = [await server.as_("vera").get("/api/v1/health/live") for _ in range(12)]
        assert {each.status for each in said} == {200, 429}
        refused = next(each for each in said if each.status == 429)
        assert int(refused.headers["retry-after"]) >= 1
        assert (await server.as_("ada").get("/api/v1/health/live")).status == 200  # each has an own allowance


async def test_no_cookie_no_page_nothing_kept(server: Served) -> None:
    for each, path in every_call(server):
        if each.name == "streamEvents":
            continue
        said = await server.as_("ada").call(each.method, path, {})
        assert "set-cookie" not in said.headers
        assert said.headers["cache-control"] == "no-store"
        assert said.headers["x-content-type-options"] == "nosniff"
        assert "server" not in said.headers


async def test_what_is_not_there_needs_a_token_too(server: Served) -> None:
    assert (await server.nobody.get("/api/v1/nothing")).status in (401, 429)
    assert (await server.as_("vera").get("/api/v1/nothing")).status == 404
    assert (await server.as_("vera").get("/api/v1/runs/")).status == 404
    assert (await server.as_("vera").get("//api/v1/runs")).status == 404


async def test_a_user_who_is_removed_calls_no_more(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        client = server.as_("vera")
        assert (await client.get("/api/v1/runs")).status == 200
        await server.desk.services.standing.remove_user("vera")
        async with asyncio.timeout(30):
            while (await client.get("/api/v1/health/live")).status == 200:
                await asyncio.sleep(0.1)
        assert (await client.get("/api/v1/health/live")).status == 401
