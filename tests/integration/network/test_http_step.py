"""http steps against real servers: what is sent, what comes out, and which failure is which."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skills.kinds.http import Http
from skills.network.client import Client
from tests.support.clocks import VirtualClock
from tests.support.contexts import Bench
from tests.support.web import Came, Says, Web, says
from workflows.breaker import Breakers
from workflows.errors import CallFailed, OutcomeUnknown

SECRET = "s3cr3t-value"
PLACEHOLDER = "‹secret:token›"


def given(url: str, method: str = "GET", body: Any = None, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"method": method, "url": url, "headers": named, "body": body}


def bench(url: str, method: str = "GET", body: Any = None, **headers: str) -> Bench:
    return Bench(given(url, method, body, **headers), {PLACEHOLDER: SECRET})


def http(web: Web, clock: VirtualClock | None = None, told: list[str] | None = None) -> Http:
    clock = clock or VirtualClock()
    heard = [] if told is None else told
    return Http(Client([web.host]), Breakers(clock, lambda transition: heard.append(str(transition))), clock)


async def test_json_comes_out_as_data() -> None:
    async with Web(lambda came: says('{"ok": true}', content_type="application/json")) as web:
        ctx = bench(f"{web.url}/health")
        output = await http(web).run(ctx)
    assert (output["status"], output["body"], output["url"]) == (200, {"ok": True}, f"{web.url}/health")
    assert output["headers"]["content-type"] == "application/json"
    assert [(key, effect) for key, _, effect in ctx.calls] == [("request", "pure")]
    assert "idempotency-key" not in web.came[0].headers


@pytest.mark.parametrize(
    ("method", "effect"),
    [
        ("HEAD", "pure"),
        ("OPTIONS", "pure"),
        ("PUT", "unsafe"),
        ("DELETE", "unsafe"),
        ("POST", "unsafe"),
        ("PATCH", "unsafe"),
    ],
)
async def test_what_changes_something_is_unsafe_and_has_a_key(method: str, effect: str) -> None:
    async with Web(lambda came: says()) as web:
        ctx = bench(web.url, method)
        await http(web).run(ctx)
    assert [call[2] for call in ctx.calls] == [effect]
    assert web.came[0].method == method
    assert web.came[0].headers.get("idempotency-key") == ("key-1" if effect == "unsafe" else None)


@pytest.mark.parametrize(
    ("body", "sent", "content_type"),
    [
        ("Grüße", "Grüße".encode(), "text/plain; charset=utf-8"),
        ({"a": ["ü", 1, None]}, '{"a": ["ü", 1, null]}'.encode(), "application/json"),
        (7, b"7", "application/json"),
        (False, b"false", "application/json"),
        (None, b"", None),
    ],
)
async def test_bodies_as_they_are_sent(body: Any, sent: bytes, content_type: str | None) -> None:
    async with Web(lambda came: says()) as web:
        await http(web).run(bench(web.url, "POST", body))
    assert web.came[0].body == sent
    assert web.came[0].headers.get("content-type") == content_type


async def test_the_steps_own_headers_win() -> None:
    async with Web(lambda came: says()) as web:
        await http(web).run(bench(web.url, "POST", {}, content_type="x/y", Idempotency_Key="mine", USER_AGENT="me"))
    headers = web.came[0].headers
    assert (headers["content-type"], headers["idempotency-key"], headers["user-agent"]) == ("x/y", "mine", "me")


async def test_secrets_are_sent_and_stand_in_no_record() -> None:
    async with Web(lambda came: says("thanks")) as web:
        url = f"{web.url}/?key={PLACEHOLDER}"
        ctx = bench(url, "POST", {"token": PLACEHOLDER}, Authorization=f"Bearer {PLACEHOLDER}")
        output = await http(web).run(ctx)
        shown = await http(web).show(ctx)
    came = web.came[0]
    assert came.path == f"/?key={SECRET}"
    assert came.headers["authorization"] == f"Bearer {SECRET}"
    assert json.loads(came.body) == {"token": SECRET}
    assert SECRET not in repr((ctx.calls, output, shown, ctx.logged, ctx.streamed))
    assert output["url"] == url


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-A", "a\r\nX-B: c"), ("X-A", "a\nb"), ("X-A", "☃"), ("X A", "a"), ("Host", "x"), ("X-A", None)],
)
async def test_headers_that_cannot_be_sent(name: str, value: Any) -> None:
    async with Web(lambda came: says()) as web:
        with pytest.raises(CallFailed) as caught:
            await http(web).run(Bench({**given(web.url), "headers": {name: value}}))
        assert web.connections == 0
    assert caught.value.failure.kind == "validation"


async def test_a_secret_that_cannot_be_sent_is_not_told() -> None:
    async with Web(lambda came: says()) as web:
        for field in ({"headers": {"X-A": PLACEHOLDER}}, {"url": PLACEHOLDER}, {"url": f"http://{PLACEHOLDER}/"}):
            ctx = Bench({**given(web.url), **field}, {PLACEHOLDER: f"{SECRET}\r\nX: y"})
            with pytest.raises(CallFailed) as caught:
                await http(web).run(ctx)
            assert caught.value.failure.kind == "validation"
            assert SECRET not in repr(caught.value.failure)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("status", "kind"), [(500, "transient"), (429, "rate_limited"), (401, "authentication"), (404, "business")]
)
async def test_an_answer_that_says_no_is_a_definite_failure(method: str, status: int, kind: str) -> None:
    async with Web(lambda came: says("no such thing", status, retry_after="9")) as web:
        with pytest.raises(CallFailed) as caught:
            await http(web).run(bench(f"{web.url}/x", method))
    failure = caught.value.failure
    assert (failure.kind, failure.retry_after) == (kind, 9.0)
    assert failure.detail == {"status": status, "body": "no such thing"}
    assert f"{method} {web.url}/x" in failure.message


async def test_a_lost_connection_is_an_unknown_outcome() -> None:
    async with Web(lambda came: Says(raw=b"")) as web:
        with pytest.raises(OutcomeUnknown):
            await http(web).run(bench(web.url, "POST"))


async def test_a_failure_behind_a_redirect_of_a_write_is_an_unknown_outcome() -> None:
    def behave(came: Came) -> Says:
        return says(status=303, location="/end") if came.path == "/" else says("broken", 500)

    async with Web(behave) as web:
        with pytest.raises(OutcomeUnknown) as caught:
            await http(web).run(bench(web.url, "POST"))
    assert "500" in caught.value.message


async def test_the_final_url_is_told_where_it_moved() -> None:
    async with Web(lambda came: says(status=302, location="/end") if came.path == "/" else says("there")) as web:
        output = await http(web).run(bench(web.url))
    assert (output["url"], output["body"]) == (f"{web.url}/end", "there")


async def test_a_host_that_fails_again_and_again_is_left_alone() -> None:
    clock = VirtualClock()
    well = False
    async with Web(lambda came: says(status=200 if well else 503)) as web:
        kind = http(web, clock, told := list[str]())
        for _ in range(5):
            with pytest.raises(CallFailed):
                await kind.run(bench(web.url))
        assert len(web.came) == 5
        with pytest.raises(CallFailed) as caught:
            await kind.run(bench(web.url))
        assert len(web.came) == 5
        assert (caught.value.failure.retry_after, "circuit open" in caught.value.message) == (60.0, True)
        well = True
        await clock.advance(60)
        await kind.run(bench(web.url))
    assert ["closed → open" in told[0], "open → half open" in told[1]] == [True, True]


async def test_what_is_shown_is_what_would_be_sent() -> None:
    shown = await Http().show(
        bench("https://api.example.org/x", "POST", {"a": 1}, Authorization=f"Bearer {PLACEHOLDER}")
    )
    assert shown.title == "POST https://api.example.org/x"
    assert shown.facts == {"host": "api.example.org"}
    assert shown.body.endswith(f'Authorization: Bearer {PLACEHOLDER}\n\n{{\n "a": 1\n}}')
    assert "Content-Type: application/json" in shown.body
