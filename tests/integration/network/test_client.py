"""The client against real servers: what is never connected to, what a redirect may lead to, what a failure means."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest

from skills.network.client import Client
from skills.network.port import Answer, Request
from skills.network.target import target_of
from tests.support.web import Cable, Came, Names, Says, Web, certificate_for, says
from workflows.errors import CallFailed, OutcomeUnknown

PUBLIC = "93.184.216.34"


def asked(url: str, method: str = "GET", body: bytes | None = None, secret: bool = False, **headers: str) -> Request:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request(method, target_of(url), named, body, secret)


def echo(came: Came) -> Says:
    return says(f"{came.method} {came.path}".encode() + b" " + came.body)


async def failed(client: Client, request: Request) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await client.send(request)
    return caught.value


async def unknown(client: Client, request: Request) -> OutcomeUnknown:
    with pytest.raises(OutcomeUnknown) as caught:
        await client.send(request)
    return caught.value


async def test_a_host_that_the_settings_allow_is_reached() -> None:
    async with Web(echo) as web:
        answer = await Client([web.host]).send(asked(f"{web.url}/a?b=c", "POST", b"data", X_Own="1"))
    assert (answer.status, answer.body) == (200, b"POST /a?b=c data")
    came = web.came[0].headers
    assert (came["host"], came["content-length"], came["x-own"]) == (web.host, "4", "1")
    assert not {"cookie", "authorization", "transfer-encoding"} & came.keys()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "localhost", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_without_that_nothing_is_connected_to(host: str) -> None:
    async with Web(echo) as web:
        error = await failed(Client(), asked(f"http://{host}:{web.port}/"))
        assert web.connections == 0
    assert error.failure.kind == "denied"
    assert "allow_hosts" in error.failure.hint


async def test_proxies_and_netrc_of_the_environment_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with Web(echo) as web, Web(echo) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        await Client([web.host]).send(asked(web.url))
        assert proxy.connections == 0
    assert "authorization" not in web.came[0].headers


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    names = Names(api_example_org=[[PUBLIC], ["127.0.0.1"]])
    async with Web(echo) as web:
        cable = Cable(web.port)
        await Client(resolve=names, connector=cable).send(asked("http://api.example.org/"))
    assert cable.asked == [(PUBLIC, 80)]
    assert names.asked == ["api.example.org"]
    assert web.came[0].headers["host"] == "api.example.org"


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], [PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], ["::1", PUBLIC], ["x"]]
)
async def test_a_name_with_one_bad_address_is_refused_whole(answers: list[str]) -> None:
    async with Web(echo) as web:
        cable = Cable(web.port)
        error = await failed(Client(resolve=Names(a_b=[answers]), connector=cable), asked("http://a.b/"))
    assert (cable.asked, error.failure.kind) == ([], "denied")


async def test_a_name_that_changes_between_two_hops_is_checked_again() -> None:
    """DNS rebinding: the first answer is public, the next one is this machine."""
    names = Names(a_b=[[PUBLIC], ["127.0.0.1"]])
    async with Web(lambda came: says(status=302, location="http://a.b/again")) as web:
        cable = Cable(web.port)
        error = await failed(Client(resolve=names, connector=cable), asked("http://a.b/"))
        assert web.connections == 1
    assert (cable.asked, error.failure.kind) == ([(PUBLIC, 80)], "denied")


async def test_a_bad_address_is_tried_after_which_the_next_is() -> None:
    class Half(Cable):
        async def connect_tcp(self, host, port, *more, **named):  # type: ignore[no-untyped-def]  # as Cable has it
            if host == PUBLIC:
                import httpcore

                raise httpcore.ConnectError
            return await super().connect_tcp(host, port, *more, **named)

    async with Web(echo) as web:
        cable = Half(web.port)
        answer = await Client(resolve=Names(a_b=[[PUBLIC, "8.8.8.8"]]), connector=cable).send(asked("http://a.b/"))
    assert (answer.status, cable.asked) == (200, [("8.8.8.8", 80)])


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/secret",
        "http://localhost:{port}/secret",
        "http://[::1]:{port}/secret",
        "http://2130706433:{port}/",
        "//127.1:{port}/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
async def test_a_redirect_to_this_machine_is_refused(location: str) -> None:
    async with (
        Web(echo) as inside,
        Web(lambda came: says(status=302, location=location.format(port=inside.port))) as web,
    ):
        error = await failed(Client([f"127.0.0.1:{web.port}"]), asked(web.url))
        assert inside.connections == 0
    assert error.failure.kind == "denied"


@pytest.mark.parametrize("location", ["ftp://a.b/", "file:///etc/passwd", "http://u:p@a.b/", "http://a.b:0/"])
async def test_a_redirect_to_what_is_no_place_is_refused(location: str) -> None:
    async with Web(lambda came: says(status=302, location=location)) as web:
        error = await failed(Client([web.host]), asked(web.url))
    assert error.failure.kind == "business"


def turning(status: int) -> Web:
    return Web(lambda came: says(status=status, location="/end") if came.path == "/" else echo(came))


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "GET", "GET"),
        (302, "POST", "GET"),
        (301, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (302, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (308, "DELETE", "DELETE"),
    ],
)
async def test_what_a_redirect_makes_of_a_method(status: int, method: str, then: str) -> None:
    body = None if method in ("GET", "HEAD") else b"data"
    async with turning(status) as web:
        answer = await Client([web.host]).send(asked(web.url, method, body, Content_Type="x/y", Authorization="me"))
    last = web.came[-1]
    assert (last.method, last.path, answer.target.path) == (then, "/end", "/end")
    assert last.body == (body or b"" if then == method else b"")
    assert ("content-type" in last.headers) == (then == method)
    assert last.headers["authorization"] == "me"
    assert answer.acted is (then != method)


async def test_another_origin_gets_no_key() -> None:
    async with Web(echo) as other, Web(lambda came: says(status=307, location=f"{other.url}/")) as web:
        client = Client([web.host, other.host])
        await client.send(
            asked(web.url, "POST", b"x", Authorization="a", Cookie="b", X_Api_Key="c", Accept="d", Idempotency_Key="e")
        )
    headers = other.came[0].headers
    assert not {"authorization", "cookie", "x-api-key"} & headers.keys()
    assert (headers["accept"], headers["idempotency-key"], other.came[0].body) == ("d", "e", b"x")


async def test_another_origin_gets_no_body_that_holds_a_secret() -> None:
    async with Web(echo) as other, Web(lambda came: says(status=307, location=f"{other.url}/")) as web:
        error = await failed(Client([web.host, other.host]), asked(web.url, "POST", b"x", secret=True))
        assert other.connections == 0
    assert error.failure.kind == "denied"


async def test_redirects_end() -> None:
    async with Web(lambda came: says(status=302, location="/again")) as web:
        error = await failed(Client([web.host]), asked(web.url))
        assert len(web.came) == 6
    assert "more than 5" in error.message


async def test_what_fails_after_a_request_had_its_effect_is_unknown() -> None:
    async with Web(lambda came: says(status=303, location="http://127.0.0.1:1/")) as web:
        error = await unknown(Client([web.host]), asked(web.url, "POST", b"x"))
    assert error.failure.kind == "denied"


async def test_cookies_are_not_kept() -> None:
    async with Web(
        lambda came: says(status=302, location="/", set_cookie="a=b") if came.path != "/" else echo(came)
    ) as web:
        client = Client([web.host])
        await client.send(asked(f"{web.url}/x"))
        await client.send(asked(f"{web.url}/x"))
    assert all("cookie" not in came.headers for came in web.came)


async def test_a_refused_connection_sent_nothing() -> None:
    async with Web(echo) as web:
        pass
    error = await failed(Client([web.host]), asked(web.url, "POST", b"x"))
    assert error.failure.kind == "transient"
    assert "refused" in error.message


async def test_a_name_that_is_not_found_sent_nothing() -> None:
    error = await failed(Client(resolve=Names()), asked("http://nowhere.example/", "POST", b"x"))
    assert (error.failure.kind, "nowhere.example" in error.message) == ("transient", True)


@pytest.mark.parametrize(
    "raw",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", b"nonsense\r\n\r\n"],
)
async def test_a_connection_lost_after_sending_leaves_the_outcome_unknown(raw: bytes) -> None:
    async with Web(lambda came: Says(raw=raw)) as web:
        error = await unknown(Client([web.host]), asked(web.url, "POST", b"x"))
        assert len(web.came) == 1
    assert error.failure.kind == "transient"


async def test_a_silent_server_leaves_the_outcome_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skills.network.wire.IDLE", 0.1)
    hanging = asyncio.Event()

    async def hang(came: Came) -> Says:
        await hanging.wait()
        return says()

    async with Web(hang) as web:
        error = await unknown(Client([web.host]), asked(web.url))
        hanging.set()
    assert error.failure.kind == "timeout"


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    async with Web(lambda came: says(gzip.compress(b"\0" * 60_000_000, 9), content_encoding="gzip")) as web:
        error = await unknown(Client([web.host]), asked(web.url))
    assert error.failure.kind == "resource"


async def test_a_long_answer_keeps_its_beginning() -> None:
    async with Web(lambda came: says(b"x" * 2_000_000)) as web:
        answer: Answer = await Client([web.host]).send(asked(web.url))
    assert (len(answer.body), answer.size) == (1024 * 1024, 2_000_000)


async def test_tls_keeps_the_name_while_the_address_was_checked(tmp_path: Path) -> None:
    server, trusting = certificate_for("api.example.org", tmp_path)
    async with Web(echo, server) as web:
        cable = Cable(web.port)
        client = Client(resolve=Names(api_example_org=[[PUBLIC]]), connector=cable, tls=trusting)
        answer = await client.send(asked("https://api.example.org/x"))
    assert (answer.body, web.names, cable.asked) == (b"GET /x ", ["api.example.org"], [(PUBLIC, 443)])


async def test_a_certificate_of_another_name_or_of_nobody_sends_nothing(tmp_path: Path) -> None:
    server, trusting = certificate_for("api.example.org", tmp_path)
    async with Web(echo, server) as web:
        for host, tls in (("other.example.org", trusting), ("api.example.org", None)):
            names = Names(**{host.replace(".", "_"): [[PUBLIC]]})
            client = Client(resolve=names, connector=Cable(web.port), tls=tls)
            error = await failed(client, asked(f"https://{host}/", "POST", b"x"))
            assert error.failure.kind == "transient"
            assert "certificate" in error.message.lower()
        assert web.came == []
