"""A draft that a model writes on its screen, behind real HTTP: it streams, it is stopped, it is changed and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.tui.screens.compose import ComposeScreen
from tests.support.openai_server import Behaviour, Exchange, OpenAIServer, answer
from tests.support.stage import House, lines_of, on_stage
from tests.support.wrong_drafts import GOOD, fenced

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")

REQUEST = "zebras"


@asynccontextmanager
async def composing(tmp: Path, *behaviours: Behaviour) -> AsyncIterator[tuple[House, OpenAIServer]]:
    async with OpenAIServer(*behaviours) as server:
        environ = {
            "UNDERSTUDY_MODEL": "openai/gpt-4o",
            "OPENAI_API_KEY": "sk-test-0123456789abcdef",
            "OPENAI_BASE_URL": server.base_url,
        }
        async with on_stage(tmp, (140, 40), environ, played=False) as house:
            await house.press("3")
            await house.until(lambda: isinstance(house.app.screen, ComposeScreen))
            yield house, server


async def say(house: House) -> None:
    await house.press(*REQUEST)
    await house.shows("m lets openai/gpt-4o write it.")
    await house.press("down", "m")


async def test_it_streams_is_changed_by_words_undone_and_kept(tmp_path: Path) -> None:
    async with composing(tmp_path, answer(fenced(GOOD))) as (house, server):
        await say(house)
        await house.shows("draft 1 · read-and-note")
        await house.shows("Written by a model.")
        await house.shows("it cost")
        await house.press("t")
        await house.shows("change the draft")
        await house.press(*"retry the log twice", "enter")
        await house.shows("draft 2 · read-and-note")
        await house.shows("max_retries: 2")
        await house.press("t", *"undo that", "enter")
        await house.shows("draft 1 · read-and-note")
        assert len(server.requests) == 1
        assert not (tmp_path / "project" / ".understudy").exists()
    async with composing(tmp_path, answer("unused")) as (house, server):
        await house.shows("draft 1 · read-and-note")
        await house.press("X")
        await house.shows("drop the draft?")
        await house.press("d")
        await house.shows("No draft yet.")
        assert server.requests == []


async def test_escape_stops_it_and_nothing_of_it_stays(tmp_path: Path) -> None:
    async def half(exchange: Exchange) -> None:
        await exchange.start_stream()
        await exchange.delta({"content": "```yaml\nname: Half a draft\nsteps:\n"})
        await exchange.hang()

    async with composing(tmp_path, half) as (house, server):
        await say(house)
        await house.shows("name: Half a draft")
        await house.shows("at most · esc stops it")
        await house.press("escape")
        await house.shows("No draft yet.")
        async with asyncio.timeout(60):
            await server.hung_up.wait()
        assert "Half a draft" not in lines_of(house.app)
