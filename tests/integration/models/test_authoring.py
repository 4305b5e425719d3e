"""A draft written by a model behind real HTTP: as it streams, when it ends badly, when it is stopped, what it cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.container import open_services
from app.desk import Desk
from app.drafting import Composer, Wishes, version_of
from app.drafts import read_draft
from app.paths import find_paths
from tests.support.openai_faults import FAULTS
from tests.support.openai_server import Behaviour, Exchange, OpenAIServer, answer
from tests.support.wrong_drafts import GOOD, fenced, steps

REQUEST = "quarterly zebra census of the commits"

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")


class Told:
    def __init__(self) -> None:
        self.asked: list[float | None] = []
        self.heard: list[str] = []
        self.problems: list[tuple[str, ...]] = []
        self.first = asyncio.Event()

    def asking(self, model: str, round_: int, most_usd: float | None) -> None:
        self.asked.append(most_usd)

    def text(self, delta: str) -> None:
        self.heard.append(delta)
        self.first.set()

    def judged(self, problems: Sequence[str]) -> None:
        self.problems.append(tuple(problems))


@asynccontextmanager
async def composing(
    folder: Path, *behaviours: Behaviour, key: bool = True, **wishes: object
) -> AsyncIterator[tuple[Composer, OpenAIServer, Desk]]:
    async with OpenAIServer(*behaviours) as server:
        environ = {
            "HOME": str(folder),
            "UNDERSTUDY_HOME": str(folder / "state"),
            "UNDERSTUDY_MODEL": "openai/gpt-4o",
            "OPENAI_BASE_URL": server.base_url,
            **({"OPENAI_API_KEY": "sk-test-0123456789abcdef"} if key else {}),
        }
        async with open_services(find_paths(environ, folder), environ, journal="none") as services:
            desk = Desk(services)
            yield Composer(desk, Wishes("openai/gpt-4o", **wishes)), server, desk  # type: ignore[arg-type]  # as the test says them


def is_empty(folder: Path) -> bool:
    return not [path for path in folder.rglob("*") if path.is_file() and "state" not in path.parts]


async def test_it_streams_is_kept_to_a_schema_and_its_cost_is_known(tmp_path: Path) -> None:
    async with composing(tmp_path, answer(fenced(GOOD))) as (composer, server, _):
        told = Told()
        found = await composer.draft(REQUEST, told)
    assert (found.text, found.origin, found.match) == (GOOD, "model", None)
    assert len(told.heard) > 20
    assert "".join(told.heard) == fenced(GOOD)
    assert found.usd is not None
    assert 0 < found.usd < 0.001
    assert told.asked[0] is not None
    assert told.asked[0] > found.usd
    body = server.requests[0].body
    assert body["response_format"]["json_schema"]["strict"] is False
    assert body["max_tokens"] == 8000
    system, user = body["messages"]
    assert "git.log(" in system["content"]
    assert REQUEST in user["content"]
    assert is_empty(tmp_path)


async def test_what_is_wrong_goes_back_to_the_model_and_both_answers_are_paid_for(tmp_path: Path) -> None:
    wrong = steps("{id: a, type: skill, skill: git.blame_everyone}")
    async with composing(tmp_path, answer(wrong), answer(fenced(GOOD))) as (composer, server, _):
        told = Told()
        found = await composer.draft(REQUEST, told)
        asked = server.requests[1].body["messages"]
    assert found.text == GOOD
    assert [message["role"] for message in asked] == ["system", "user", "assistant", "user"]
    assert "git.blame_everyone" in asked[-1]["content"]
    assert len(told.problems) == 2
    assert found.usd is not None
    assert found.usd > 0.0001


@pytest.mark.parametrize("fault", ["401", "500", "tcp-reset", "length", "empty-body"])
async def test_where_a_model_fails_it_is_done_without_one_and_said(tmp_path: Path, fault: str) -> None:
    async with composing(tmp_path, FAULTS[fault]) as (composer, _, _):
        found = await composer.draft(REQUEST, Told())
    assert found.origin != "model"
    assert any("gpt-4o" in note for note in found.notes)
    assert any("without a model" in note for note in found.notes)


async def test_without_a_key_nothing_is_sent(tmp_path: Path) -> None:
    async with composing(tmp_path, key=False) as (composer, server, _):
        found = await composer.draft(REQUEST, Told())
        assert server.requests == []
    assert any("key" in note.lower() for note in found.notes), found.notes


async def test_an_answer_that_never_ends_is_broken_off(tmp_path: Path) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.start_stream()
        while not exchange.gone.is_set():
            await exchange.delta({"content": "name: again and again\n" * 50})
            await asyncio.sleep(0)

    async with composing(tmp_path, endless) as (composer, server, _):
        found = await composer.draft(REQUEST, Told())
        async with asyncio.timeout(30):
            await server.hung_up.wait()
    assert any("broken off" in note for note in found.notes)
    assert found.usd is None  # nobody counted it


async def test_stopping_it_hangs_up_and_leaves_nothing(tmp_path: Path) -> None:
    async def half(exchange: Exchange) -> None:
        await exchange.start_stream()
        await exchange.delta({"content": "```yaml\nname: Half"})
        await exchange.hang()

    async with composing(tmp_path, half) as (composer, server, _):
        told = Told()
        drafting = asyncio.create_task(composer.draft(REQUEST, told))
        async with asyncio.timeout(30):
            await told.first.wait()
            drafting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await drafting
            await server.hung_up.wait()
    assert is_empty(tmp_path)


async def test_what_may_cost_more_than_was_said_is_not_asked(tmp_path: Path) -> None:
    async with composing(tmp_path, answer(fenced(GOOD)), most_usd=0.001) as (composer, server, _):
        found = await composer.draft(REQUEST, Told())
        assert server.requests == []
    assert any("$0.001" in note for note in found.notes), found.notes


async def test_a_provider_that_takes_no_schema_is_asked_without(tmp_path: Path) -> None:
    async def picky(exchange: Exchange) -> None:
        wants = exchange.received.body.get("response_format")
        await (FAULTS["400"] if wants else answer(fenced(GOOD)))(exchange)

    async with composing(tmp_path, picky) as (composer, server, _):
        found = await composer.draft(REQUEST, Told())
        assert len(server.requests) == 2
    assert found.text == GOOD


async def test_questions_and_a_refusal_are_handed_on(tmp_path: Path) -> None:
    asks = fenced("questions: [Which zebras?, 'When?', 'Where?', 'And why?']")
    async with composing(tmp_path, answer(asks)) as (composer, _, _):
        found = await composer.draft(REQUEST, Told())
        assert (found.text, found.questions) == ("", ("Which zebras?", "When?", "Where?"))
    async with composing(tmp_path, answer(fenced("declined: There is no skill for zebras."))) as (composer, _, _):
        found = await composer.draft(REQUEST, Told())
        assert found.text == ""
        assert any("no skill for zebras" in note for note in found.notes)


async def test_a_turn_keeps_what_was_written_around_it(tmp_path: Path) -> None:
    before = GOOD.replace("  - {id: note", "  # the writer is cheap\n  - {id: note")
    changed = GOOD.replace("limit: 20", "limit: 50")
    async with composing(tmp_path, answer(fenced(before)), answer(fenced(changed))) as (composer, server, desk):
        found = await composer.draft(REQUEST, Told())
        version = version_of(found, read_draft(desk, "draft", found.text).workflow)
        turned = await composer.turn(version, "look at more of the past", Told())
        assert "# the writer is cheap" in server.requests[1].body["messages"][1]["content"]
    assert turned.version is not None
    assert turned.version.text == before.replace("limit: 20", "limit: 50")


async def test_what_was_demanded_is_in_the_draft_whatever_the_model_made_of_it(tmp_path: Path) -> None:
    request = f"{REQUEST} in NOTES.md, ask me before you write, at most 30 cents"
    open_ = GOOD.replace("    approve: before\n", "") + "budget: {usd: 90}\n"
    async with composing(tmp_path, answer(fenced(open_))) as (composer, _, _):
        found = await composer.draft(request, Told())
    assert "approve: before" in found.text
    assert "usd: 0.3" in found.text
    assert all(demand.held for demand in found.demands)
    assert is_empty(tmp_path)
