"""notification steps: on the terminal, on the desktop, by mail and by webhook, with real servers and programs."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from skills.channels.channels import Channels
from skills.channels.model import Channel, Mail, Webhook
from skills.kinds.notification import Notification, NotificationFields
from skills.network.client import Client
from tests.support.catalogue import Listed
from tests.support.clocks import VirtualClock
from tests.support.contexts import Bench
from tests.support.smtp import MailServer
from tests.support.web import Says, Web, says
from workflows.breaker import Breakers
from workflows.errors import CallFailed, OutcomeUnknown

HOOK = "/services/T000/B000/very-secret-path"


def kind(
    configured: Mapping[str, Channel] | None = None,
    environ: Mapping[str, str] | None = None,
    allow: tuple[str, ...] = (),
) -> Notification:
    clock = VirtualClock()
    return Notification(Channels(configured or {}, Client(allow), Breakers(clock), clock, environ or {}))


def told(channel: str, text: str, tmp_path: Path | None = None, **secrets: str) -> Bench:
    return Bench(
        {"channel": channel, "text": text},
        {f"‹{name}›": value for name, value in secrets.items()},
        tmp_path or Path("."),
    )


async def test_the_terminal_shows_it_and_the_output_keeps_it() -> None:
    ctx = told("terminal", "All \x1b[2Jdone")
    output = await kind().run(ctx)
    assert output == {"channel": "terminal", "text": "All \N{REPLACEMENT CHARACTER}done", "delivered": True}
    assert ctx.streamed == ["All \N{REPLACEMENT CHARACTER}done\n"]
    assert [(key, effect) for key, _, effect in ctx.calls] == [("deliver", "pure")]


@pytest.mark.parametrize(("format_", "body"), [("plain", b"It is done"), ("slack", b'{"text": "It is done"}')])
async def test_a_webhook_gets_it_with_a_key(format_: Any, body: bytes) -> None:
    async with Web(lambda came: says("ok")) as web:
        team = Webhook(type="webhook", url=web.url + HOOK, format=format_)
        ctx = told("team", "It is done")
        output = await kind({"team": team}, allow=(web.host,)).run(ctx)
    assert output == {"channel": "team", "text": "It is done", "delivered": True}
    assert (web.came[0].method, web.came[0].path, web.came[0].body) == ("POST", HOOK, body)
    assert web.came[0].headers["idempotency-key"] == "key-1"
    assert ctx.calls[0][2] == "unsafe"
    assert "very-secret" not in repr(ctx.calls)


async def test_a_webhook_on_this_machine_is_refused_unless_it_is_allowed() -> None:
    async with Web(lambda came: says("ok")) as web:
        with pytest.raises(CallFailed) as caught:
            await kind({"team": Webhook(type="webhook", url=web.url + HOOK)}).run(told("team", "x"))
        assert web.connections == 0
    assert caught.value.failure.kind == "denied"


@pytest.mark.parametrize(
    ("answer", "error"),
    [(says("no", 404), CallFailed), (says("no", 500), CallFailed), (Says(raw=b""), OutcomeUnknown)],
)
async def test_no_failure_of_a_webhook_tells_its_url(answer: Says, error: type[Exception]) -> None:
    async with Web(lambda came: answer) as web:
        with pytest.raises(error) as caught:
            await kind({"team": Webhook(type="webhook", url=web.url + HOOK)}, allow=(web.host,)).run(told("team", "x"))
    assert web.host in str(caught.value)
    assert "very-secret" not in repr(caught.value.failure)  # type: ignore[attr-defined]  # both errors have one


async def test_secrets_arrive_and_stand_in_no_record() -> None:
    async with Web(lambda came: says("ok")) as web:
        ctx = told("team", "the key is ‹key›", key="s3cr3t-value")
        hook = Webhook(type="webhook", url=web.url + HOOK)
        output = await kind({"team": hook}, allow=(web.host,)).run(ctx)
    assert web.came[0].body == b"the key is s3cr3t-value"
    assert "s3cr3t" not in repr((ctx.calls, output, ctx.logged, ctx.streamed))


def mail_to(server: MailServer, *to: str, **more: Any) -> Mail:
    given = {"type": "mail", "host": "127.0.0.1", "port": server.port, "sender": "us@here.example", "security": "none"}
    return Mail(**{**given, "to": to or ("ada@there.example",), **more})


async def test_mail_is_sent() -> None:
    async with MailServer() as server:
        output = await kind({"mail": mail_to(server)}).run(told("mail", "Grüße\r\nBcc: x@y.example\n\nIt is done."))
    assert output["delivered"] is True
    sent = email.message_from_string(server.mails[0], policy=email.policy.default)
    assert (sent["From"], sent["To"], sent["Subject"]) == ("us@here.example", "ada@there.example", "Grüße")
    assert sent["Message-ID"] == "<key-1@understudy.invalid>"
    assert sent["Bcc"] is None
    assert "It is done." in server.mails[0]
    assert [line for line in server.commands if line.startswith("rcpt")] == ["rcpt TO:<ada@there.example>"]


async def test_addresses_that_the_server_refused_are_told() -> None:
    says_no = {"rcpt TO:<b@there.example>": "550 nobody"}
    async with MailServer(says_no) as server:
        output = await kind({"mail": mail_to(server, "a@there.example", "b@there.example")}).run(told("mail", "x"))
    assert (output["delivered"], output["refused"]) == (True, ["b@there.example"])


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ({"RCPT": "550 nobody"}, "business"),
        ({"RCPT": "450 later"}, "transient"),
        ({"MAIL": "550 not you"}, "business"),
        ({"DATA": "451 later"}, "transient"),
        ({".": "554 spam"}, "business"),
    ],
)
async def test_what_the_mail_server_refuses_was_not_sent(answers: dict[str, str], failure: str) -> None:
    async with MailServer(answers) as server:
        with pytest.raises(CallFailed) as caught:
            await kind({"mail": mail_to(server)}).run(told("mail", "x"))
    assert caught.value.failure.kind == failure


async def test_a_mail_server_that_hangs_up_at_the_end_leaves_it_unknown() -> None:
    async with MailServer({".": ""}) as server:
        with pytest.raises(OutcomeUnknown):
            await kind({"mail": mail_to(server)}).run(told("mail", "x"))


async def test_mail_is_not_sent_without_the_encryption_that_was_wanted() -> None:
    async with MailServer() as server:
        with pytest.raises(CallFailed) as caught:
            await kind({"mail": mail_to(server, security=None)}).run(told("mail", "x"))
    assert (caught.value.failure.kind, server.mails) == ("dependency", [])
    assert "security: none" in caught.value.hint


async def test_a_mail_server_that_is_not_there_sent_nothing() -> None:
    async with MailServer() as server:
        pass
    with pytest.raises(CallFailed) as caught:
        await kind({"mail": mail_to(server)}).run(told("mail", "x"))
    assert caught.value.failure.kind == "transient"


async def test_a_password_that_is_not_set_is_said() -> None:
    mail = Mail(
        type="mail", host="127.0.0.1", port=1, sender="a@b.c", to=("d@e.f",), user="me", password_env="MAIL_PASSWORD"
    )
    with pytest.raises(CallFailed) as caught:
        await kind({"mail": mail}).run(told("mail", "x"))
    assert (caught.value.failure.kind, "MAIL_PASSWORD" in caught.value.message) == ("authentication", True)


def desktop(folder: Path, script: str) -> dict[str, str]:
    """An environment whose `notify-send` is this script."""
    program = folder / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:/usr/bin:/bin", "DISPLAY": ":7", "SECRET": "x"}


async def test_the_desktop_is_told(tmp_path: Path) -> None:
    environ = desktop(tmp_path, 'printf "%s\\n" "$@" "$DISPLAY" "<$SECRET>" > said')
    output = await kind(environ=environ).run(told("desktop", "--urgent\n<b>It</b> & that", tmp_path))
    assert output["delivered"] is True
    said = (tmp_path / "said").read_text().splitlines()
    assert said == ["--app-name=Understudy", "--", "--urgent", "&lt;b&gt;It&lt;/b&gt; &amp; that", ":7", "<>"]


async def test_a_desktop_that_is_not_there_is_said(tmp_path: Path) -> None:
    for environ in ({"PATH": str(tmp_path)}, desktop(tmp_path, "echo no display >&2; exit 1")):
        with pytest.raises(CallFailed) as caught:
            await kind(environ=environ).run(told("desktop", "x", tmp_path))
        assert caught.value.failure.kind == "dependency"
        assert "another channel" in caught.value.hint


@pytest.mark.parametrize(
    ("channel", "hint"),
    [
        ("temr", "did you mean 'team'?"),
        ("termnal", "did you mean 'terminal'?"),
        ("xyz", "there are: terminal, desktop, team"),
    ],
)
def test_an_unknown_channel_is_found_before_the_run(channel: str, hint: str) -> None:
    team = Webhook(type="webhook", url="https://hooks.example.org/x")
    (finding,) = kind({"team": team}).check(NotificationFields(channel=channel, text="x"), Listed())
    assert (finding.code, finding.path) == ("unknown-channel", ("channel",))
    assert hint in finding.hint


def test_what_a_plan_and_an_approval_say_names_the_host_and_not_the_url() -> None:
    team = Webhook(type="webhook", url=f"https://hooks.example.org{HOOK}")
    described = kind({"team": team}).describe(NotificationFields(channel="team", text="x"), (), Listed())
    assert (described.effect, described.hosts) == ("unsafe", ("hooks.example.org",))
    assert kind().describe(NotificationFields(channel="terminal", text="x"), (), Listed()).effect == "pure"


async def test_an_approval_shows_the_text() -> None:
    team = Webhook(type="webhook", url=f"https://hooks.example.org{HOOK}")
    shown = await kind({"team": team}).show(told("team", "It is done"))
    assert (shown.title, shown.body) == ("Tell team", "It is done")
    assert json.dumps(dict(shown.facts)) == '{"channel": "team", "host": "hooks.example.org"}'
