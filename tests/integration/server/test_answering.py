"""Answering by link: what a person gets by the channel, opens, and answers; and all that others may try with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.answer_links import AnswerLinks, NoLink, Ticket
from app.server.address import Address
from tests.support.server import Said, Served, served
from tests.support.web import Says, Web
from workflows.runs.state import RunState
from workflows.unattended.values import Start

NIGHTLY = """
name: Nightly
parameters: [{name: text, default: Hello}]
unattended: {channel: ops, timeout: 1h}
steps:
  - {id: gate, type: approval, show: "${{ parameters.text }}"}
  - {id: which, type: question, ask: How many?, schema: {type: integer}, default: 1}
"""

ODD = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
REFUSED = (400, 401, 403, 404)


@dataclass
class Site:
    server: Served
    web: Web

    async def begun(self, text: str = "Hello") -> str:
        """The id of a run that started by itself."""
        start = Start("schedule:s:1", "schedule:s", "nightly", parameters={"text": text}, at=1.0, due=1.0)
        await self.server.desk.services.standing.ask(start)
        self.server.server.stage.queue.poke()
        await self.until(lambda: bool(self.web.came))
        return start.run_id

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not what():
                await asyncio.sleep(0.005)

    def link(self, number: int = 0) -> str:
        """The path of the link in a message."""
        found = re.search(r"^Answer here: (http\S+)$", self.web.came[number].body.decode(), re.MULTILINE)
        assert found is not None
        assert found[1].startswith(self.server.server.url)
        return found[1].removeprefix(self.server.server.url)

    async def look(self, path: str, **headers: str | None) -> Said:
        return await self.server.nobody.get(path, **headers)

    async def send(self, path: str, form: dict[str, str], **headers: str | None) -> Said:
        usual = {"content_type": "application/x-www-form-urlencoded", "origin": self.server.server.url}
        return await self.server.nobody.call("POST", path, raw=urlencode(form).encode(), **{**usual, **headers})

    async def state(self, run: str) -> RunState:
        return await self.server.server.stage.state(run)


def digest_in(page: Said) -> str:
    found = re.search(r'name="digest" value="([^"]*)"', page.body.decode())
    assert found is not None
    return unescape(found[1])


@asynccontextmanager
async def site_at(folder: Path, **more: Address) -> AsyncIterator[Site]:
    async with Web(lambda came: Says(200)) as web:
        settings = f"channels: {{ops: {{type: webhook, url: '{web.url}'}}}}\nnetwork: {{allow_hosts: ['{web.host}']}}\n"
        async with served(folder, settings=settings, **more) as server:
            await server.publish("nightly", NIGHTLY)
            yield Site(server, web)


async def test_a_person_answers_by_the_links_they_were_sent(tmp_path: Path) -> None:
    async with site_at(tmp_path) as site:
        run = await site.begun()
        page = await site.look(site.link())
        assert page.status == 200
        assert "wants your approval" in page.body.decode()
        sent = await site.send(site.link(), {"choice": "approve", "digest": digest_in(page), "note": "go"})
        assert (sent.status, sent.headers["location"]) == (303, site.link())
        await site.until(lambda: len(site.web.came) == 2)
        asked = await site.look(site.link(1))
        wrong = await site.send(site.link(1), {"choice": "answer", "digest": digest_in(asked), "value": "many"})
        assert wrong.status == 422
        await site.send(site.link(1), {"choice": "answer", "digest": digest_in(asked), "value": "3"})
        driver = site.server.server.stage.queue.driver(run)
        if driver is not None:
            await site.until(lambda: driver.committed.over)
        state = await site.state(run)
        assert (state.status, state.steps["which"].output) == ("succeeded", 3)
        assert [each.answer and each.answer.by for each in state.inquiries.values()] == ["the link to ops"] * 2


async def test_looking_changes_nothing_and_the_first_answer_counts(tmp_path: Path) -> None:
    async with site_at(tmp_path) as site:
        run = await site.begun()
        for _ in range(3):
            page = await site.look(site.link())
        head = await site.server.nobody.call("HEAD", site.link())
        assert (page.status, head.status) == (200, 200)
        assert (await site.state(run)).inquiries["gate:1"].open
        form = {"digest": digest_in(page)}
        sent = await asyncio.gather(
            *(site.send(site.link(), {**form, "choice": choice}) for choice in ["approve", "deny"] * 5)
        )
        assert {said.status for said in sent} == {303}
        await site.until(lambda: len(site.web.came) >= 1)
        state = await site.state(run)
        answer = state.inquiries["gate:1"].answer
        assert answer is not None
        late = await site.look(site.link())
        assert "It waits no more" in late.body.decode()
        assert "answered: " in late.body.decode()
        again = await site.send(site.link(), {**form, "choice": "deny"})
        assert again.status == 303
        assert (await site.state(run)).inquiries["gate:1"].answer == answer


async def test_what_a_model_wrote_does_nothing_on_the_page(tmp_path: Path) -> None:
    async with site_at(tmp_path) as site:
        await site.begun(ODD)
        page = await site.look(site.link())
        text = page.body.decode()
        assert "<script" not in text
        assert "<img" not in text
        assert "&lt;script&gt;" in text
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"


async def test_what_was_not_shown_or_not_offered_is_not_taken(tmp_path: Path) -> None:
    async with site_at(tmp_path) as site:
        run, path = await site.begun(), site.link()
        page = await site.look(path)
        form = {"choice": "approve", "digest": digest_in(page)}
        assert (await site.send(path, {**form, "digest": "0" * 64})).status == 422
        assert (await site.send(path, {**form, "choice": "abort"})).status == 422
        assert (await site.send(path, {**form, "choice": ""})).status == 422
        assert (await site.send(path, form, content_type="application/json")).status == 415
        assert (await site.send(path, form, content_type="text/plain")).status == 415
        assert (await site.send(path, form, origin="https://evil.example")).status == 403
        assert (await site.send(path, form, origin="null")).status == 403
        assert (await site.send(path, form, host="evil.example")).status == 400
        assert (await site.look(path, host="evil.example")).status == 400
        assert (await site.send(path, {**form, "note": "x" * 70_000})).status == 413
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            assert (await site.server.nobody.call(method, path, {})).status == 405
        body = urlencode(form).encode() + b"&choice=deny"
        sent = await site.server.nobody.call("POST", path, raw=body, content_type="application/x-www-form-urlencoded")
        assert sent.status == 400
        assert (await site.state(run)).inquiries["gate:1"].open


async def test_forged_and_changed_links_lead_nowhere(tmp_path: Path) -> None:
    async with site_at(tmp_path) as site:
        run = await site.begun()
        path = site.link()
        token = path.removeprefix("/answer/")
        said, _, signature = token.partition(".")
        ticket = AnswerLinks(site.server.desk.services.paths.data).read(token, 0)
        other = AnswerLinks(tmp_path / "elsewhere").token(ticket)
        forged = [
            *(said, f"{said}.", f".{signature}", f"{said}.{signature[:-1]}", f"{said}.{signature}A", f"{said}.AAAA"),
            *(f"{said}A.{signature}", f"{said}=.{signature}", f"{said}.{signature}=", f"{said}.{signature}.x", other),
            *("x", "%00", "é", "..%2f..%2fapi", "a" * 5000),
        ]
        for each in forged:
            page = await site.look("/answer/" + each)
            assert page.status in REFUSED, each
            sent = await site.send("/answer/" + each, {"choice": "approve", "digest": ""})
            assert sent.status in REFUSED, each
        assert (await site.look("/answer/")).status == 401
        assert (await site.state(run)).inquiries["gate:1"].open


def test_a_link_is_good_as_long_as_its_entry_waits_and_only_for_that(tmp_path: Path) -> None:
    links = AnswerLinks(tmp_path)
    ticket = Ticket("run", "gate:1", 10.5, 20.0, "ops")
    token = links.token(ticket)
    assert token == links.token(ticket) == AnswerLinks(tmp_path).token(ticket)
    assert AnswerLinks(tmp_path).read(token, 19.9) == ticket
    with pytest.raises(NoLink):
        links.read(token, 20.0)
    key = tmp_path / "answers.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["answers.key"]
    key.unlink()
    with pytest.raises(NoLink):
        AnswerLinks(tmp_path).read(token, 0)


async def test_of_two_servers_either_takes_the_answer_and_only_the_first_counts(tmp_path: Path) -> None:
    async with site_at(tmp_path) as site:
        run = await site.begun()
        path = site.link()
        async with served(tmp_path) as other:
            page = await site.look(path)
            form = {"digest": digest_in(page), "note": "by the other one"}
            kind = "application/x-www-form-urlencoded"
            sent = await asyncio.gather(
                *(
                    server.nobody.call(
                        "POST", path, raw=urlencode({**form, "choice": choice}).encode(), content_type=kind
                    )
                    for choice in ("approve", "deny")
                    for server in (site.server, other)
                )
            )
            assert {said.status for said in sent} == {303}
            driver = site.server.server.stage.queue.driver(run)
            assert driver is not None
            await site.until(lambda: not driver.committed.inquiries["gate:1"].open)
            answers = [
                each for each in await site.server.desk.services.store.read(run) if "Answered" in str(each.event)
            ]
            assert len(answers) == 1
