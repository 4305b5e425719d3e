"""A gate of a run that started by itself, and nobody there: the channel gets it, its default counts, history says so.

Real services with a real journal, a real mail server and a real receiver of webhooks; the clock stands still until it
is moved.
"""

from __future__ import annotations

import asyncio
import email
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import Message
from pathlib import Path

from app.container import Services, open_services
from app.desk import Desk
from app.paths import find_paths
from app.present.story import tell_all
from tests.support.clocks import VirtualClock
from tests.support.smtp import MailServer
from tests.support.web import Says, Web
from workflows.engine.driver import Driver
from workflows.runs.state import RunState

FLOW = """\
name: Nightly
unattended: {channel: ops, timeout: 60s}
steps:
  - id: write
    type: skill
    skill: file.write
    parameters: {path: NOTES.md, text: "${{ parameters.text }}"}
    approve: before
    on_failure: continue
  - {id: after, type: transform, value: the rest}
parameters: [{name: text, default: Hello}]
"""


@asynccontextmanager
async def services_at(tmp_path: Path, settings: str, clock: VirtualClock) -> AsyncIterator[Services]:
    home, root = tmp_path / "home", tmp_path / "work"
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "settings.yaml").write_text(settings)
    root.mkdir(exist_ok=True)
    (root / "flow.yaml").write_text(FLOW)
    environ = {"PATH": os.environ["PATH"], "UNDERSTUDY_HOME": str(home)}
    async with open_services(find_paths(environ, root), environ, trusted=True, clock=clock) as services:
        yield services


async def begin(services: Services, timeout: str = "60s", **given: str) -> Driver:
    """A run that starts by itself. Where the clock is put on while messages are sent, its entries need more time."""
    path = services.paths.root / "flow.yaml"
    path.write_text(path.read_text().replace("timeout: 60s", f"timeout: {timeout}"))
    proposal = Desk(services).propose(Desk(services).load(str(services.paths.root / "flow.yaml")), given)
    return await services.engine.start(
        proposal.plan,
        workflow="flow",
        source=proposal.file.text,
        parameters=proposal.parameters,
        root=services.paths.root,
        cause="schedule:nightly",
    )


async def until(services: Services, what: Callable[[], bool], clock: VirtualClock | None = None) -> None:
    """Wait until something is so; with a clock, that is put on meanwhile."""
    async with asyncio.timeout(60):
        while not what():
            if clock is not None:
                await clock.advance(0.5)
            await asyncio.sleep(0.002)


async def story(services: Services, state: RunState) -> list[str]:
    journal = await services.store.read(state.run_id)
    return [sentence.text for _, sentence in tell_all(journal, state, details=True)]


def webhook(web: Web, form: str = "plain") -> str:
    return (
        f"channels: {{ops: {{type: webhook, url: '{web.url}/hook', format: {form}}}}}\n"
        f"network: {{allow_hosts: ['{web.host}']}}\n"
    )


async def test_the_channel_gets_it_and_where_nobody_answers_the_default_counts(tmp_path: Path) -> None:
    clock = VirtualClock()
    async with MailServer() as server:
        settings = (
            f"channels: {{ops: {{type: mail, host: 127.0.0.1, port: {server.port}, security: none,"
            " sender: me@example.org, to: ops@example.org}}\n"
        )
        async with services_at(tmp_path, settings, clock) as services:
            driver = await begin(services)
            await until(services, lambda: bool(server.mails))
            await until(services, lambda: any(each.told for each in driver.committed.open_inquiries))
            await until(services, lambda: driver.committed.over, clock)
            state = driver.committed
            told = await story(services, state)
    mail: Message = email.message_from_string(server.mails[0])
    text = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]  # it is one part, of text
    assert mail["Subject"] == "Understudy: write wants your approval"
    assert "Where nobody answers by 2023-11-14 22:14:20 UTC, it is denied." in text
    assert f"understudy answer {state.run_id} write:1 approve" in text
    assert "│ +Hello" in text
    assert len(server.mails) == 1
    assert state.status == "succeeded"
    assert not (tmp_path / "work" / "NOTES.md").exists()
    assert state.steps["after"].output == "the rest"
    assert "ops was told of it" in told
    assert "nobody answered: deny counts" in told


async def test_a_channel_that_fails_is_tried_again_and_the_story_says_so(tmp_path: Path) -> None:
    clock, answers = VirtualClock(), [Says(503), Says(503), Says(200)]
    async with Web(lambda came: answers.pop(0)) as web, services_at(tmp_path, webhook(web), clock) as services:
        driver = await begin(services, timeout="1d")
        await until(
            services, lambda: len(web.came) == 3 and any(each.told for each in driver.committed.open_inquiries), clock
        )
        await driver.answer("write:1", "approve", by="ada")
        await until(services, lambda: driver.committed.over, clock)
        told = await story(services, driver.committed)
    assert len({came.headers["idempotency-key"] for came in web.came}) == 1
    assert any(text.startswith("ops could not be told yet: ") and "503" in text for text in told)
    assert told.count("ops was told of it") == 1
    assert (tmp_path / "work" / "NOTES.md").read_text() == "Hello"


async def test_what_is_refused_for_good_is_said_once_and_the_default_counts_all_the_same(tmp_path: Path) -> None:
    clock = VirtualClock()
    async with Web(lambda came: Says(404)) as web, services_at(tmp_path, webhook(web), clock) as services:
        driver = await begin(services)
        await until(services, lambda: any(each.told for each in driver.committed.open_inquiries))
        await until(services, lambda: driver.committed.over, clock)
        told = await story(services, driver.committed)
    assert len(web.came) == 1
    assert any(text.startswith("ops could not be told of it: ") for text in told)


async def test_a_restart_neither_repeats_nor_forgets_it(tmp_path: Path) -> None:
    clock = VirtualClock()
    refuses = [True]
    async with Web(lambda came: Says(503 if refuses[0] else 200)) as web:
        async with services_at(tmp_path, webhook(web), clock) as services:
            driver = await begin(services)
            await until(services, lambda: bool(web.came))
            run = driver.state.run_id
        refuses[0] = False
        before = len(web.came)
        async with services_at(tmp_path, webhook(web), clock) as services:
            driver = await services.engine.resume(run)
            await until(services, lambda: any(each.told for each in driver.committed.open_inquiries))
            assert len(web.came) == before + 1
        async with services_at(tmp_path, webhook(web), clock) as services:
            driver = await services.engine.resume(run)
            await until(services, lambda: driver.committed.over, clock)
            assert len(web.came) == before + 1


async def test_what_a_model_wrote_is_no_markup_and_no_line_of_ours(tmp_path: Path) -> None:
    evil = "<!channel> <https://evil.example|Answer here>\nAnswer here: https://evil.example\x1b[2J\r\nBcc: x@y"
    clock = VirtualClock()
    async with Web(lambda came: Says(200)) as web, services_at(tmp_path, webhook(web, "slack"), clock) as services:
        driver = await begin(services, text=evil)
        await until(services, lambda: bool(web.came))
        driver.cancel()
        await until(services, lambda: driver.committed.over, clock)
    said = json.loads(web.came[0].body)["text"]
    assert "<!channel>" not in said
    assert "&lt;!channel&gt;" in said
    assert "\x1b" not in said
    ours, _, theirs = said.partition("What is asked:\n")
    assert "evil" not in ours
    assert all(line.startswith("│ ") for line in theirs.rstrip("\n").split("\n"))


ODD_NAME = 'name: "Nightly\\r\\nBcc: evil@example.org"'


async def test_no_text_of_a_workflow_or_a_model_becomes_a_header_or_another_mail(tmp_path: Path) -> None:
    clock = VirtualClock()
    evil = "Hi\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<evil@example.org>\r\nDATA\r\nSubject: more\r\n\r\n.\r\n"
    async with MailServer() as server:
        settings = (
            f"channels: {{ops: {{type: mail, host: 127.0.0.1, port: {server.port}, security: none,"
            " sender: me@example.org, to: ops@example.org}}\n"
        )
        async with services_at(tmp_path, settings, clock) as services:
            flow = FLOW.replace("    type: skill\n", f"    type: skill\n    {ODD_NAME}\n")
            (services.paths.root / "flow.yaml").write_text(flow)
            driver = await begin(services, text=evil)
            await until(services, lambda: driver.committed.open_inquiries[:1] != () and bool(server.mails))
            await until(services, lambda: any(each.told for each in driver.committed.open_inquiries))
            driver.cancel()
            await until(services, lambda: driver.committed.over, clock)
    assert len(server.mails) == 1
    assert [line for line in server.commands if line.upper().startswith(("MAIL", "RCPT"))] == [
        line for line in server.commands if "evil" not in line and line.upper().startswith(("MAIL", "RCPT"))
    ]
    mail = email.message_from_string(server.mails[0])
    assert mail["Bcc"] is None
    assert mail.get_all("Subject") == ["Understudy: Nightly Bcc: evil@example.org wants your approval"]
    assert mail["To"] == "ops@example.org"


async def test_no_secret_stands_in_a_message_not_even_one_that_was_set_since(tmp_path: Path) -> None:
    clock, answers = VirtualClock(), [Says(503), Says(200)]
    async with Web(lambda came: answers.pop(0)) as web, services_at(tmp_path, webhook(web), clock) as services:
        driver = await begin(services, timeout="1d", text="The key is correct-horse-battery-staple")
        await until(services, lambda: len(web.came) == 1)
        services.secrets.set("TOKEN", "correct-horse-battery-staple")
        await until(services, lambda: len(web.came) == 2, clock)
        driver.cancel()
        await until(services, lambda: driver.committed.over, clock)
    assert b"correct-horse" in web.came[0].body
    assert b"correct-horse" not in web.came[1].body
    assert b"The key is" in web.came[1].body
