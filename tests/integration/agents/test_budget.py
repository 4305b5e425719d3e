"""A budget over real HTTP: what providers count, do not count, or never come to count."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agents.models.litellm_model import LitellmModel
from agents.models.price_list import PriceList
from agents.models.prices import Prices, flat
from agents.models.registry import Models
from tests.support.openai_faults import FAULTS
from tests.support.openai_server import Behaviour, OpenAIServer, answer
from tests.support.real_models import LocalKeys
from tests.support.troupe import Troupe
from workflows.clock import SystemClock
from workflows.planning.plan import Budget, Plan
from workflows.runs.purse import Purse
from workflows.runs.state import RunState

PRICES = Prices({"openai/priced": flat(100.0, 100.0)}, None, PriceList().price)

USED = 19 * 100 / 1e6
"""What the server's answers cost at these prices: it counts 12 tokens in and 7 out."""


@asynccontextmanager
async def troupe_of(
    tmp_path: Path, prices: Prices, *behaviours: Behaviour
) -> AsyncIterator[tuple[Troupe, OpenAIServer]]:
    (tmp_path / "work").mkdir()
    async with OpenAIServer(*behaviours) as server:
        keys = LocalKeys({"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": server.base_url})
        model = LitellmModel(keys, SystemClock(), prices)
        troupe = Troupe(tmp_path / "work", models=Models({"": model}))
        try:
            yield troupe, server
        finally:
            await troupe.close()
            await model.aclose()


def within(plan: Plan, usd: float) -> Plan:
    return replace(plan, budget=Budget(usd, "abort"))


async def run(troupe: Troupe, usd: float, model: str = "openai/priced", **more: object) -> tuple[RunState, Purse]:
    troupe.agent(model=model, **more)
    driver = await troupe.start(within(troupe.plan(), usd))
    state = await troupe.engine.finished(driver.state.run_id)
    return state, state.purses[""]


async def test_what_the_provider_counts_takes_the_place_of_the_worst(tmp_path: Path) -> None:
    async with troupe_of(tmp_path, PRICES, answer("Hello")) as (troupe, server):
        state, purse = await run(troupe, 5.0)
        assert state.status == "succeeded", state.failure
        assert purse.spent == pytest.approx(USED)
        assert not purse.at_most
        (call,) = state.steps["ask"].calls.values()
        assert call.reserved_usd is not None
        assert 0.8 < call.reserved_usd < 1.0, "some tokens in, and 8,192 out"
        assert server.requests[0].body["max_tokens"] == 8192, "the provider is told what was held back for"


async def test_an_agent_that_says_less_has_less_held_back(tmp_path: Path) -> None:
    async with troupe_of(tmp_path, PRICES, answer("Hello")) as (troupe, server):
        state, _ = await run(troupe, 0.2, max_tokens=100)
        assert state.status == "succeeded", state.failure
        assert server.requests[0].body["max_tokens"] == 100


async def test_the_list_of_prices_counts_where_nothing_is_set(tmp_path: Path) -> None:
    async with troupe_of(tmp_path, PRICES, answer("Hello")) as (troupe, _):
        state, purse = await run(troupe, 5.0, "openai/gpt-4o")
        assert state.status == "succeeded", state.failure
        assert purse.spent == pytest.approx((8 * 2.5 + 4 * 1.25 + 7 * 10) / 1e6), "cached tokens are cheaper"


@pytest.mark.parametrize("behaviour", ["no usage", "cut off"])
async def test_what_nobody_counts_stays_at_its_worst(tmp_path: Path, behaviour: str) -> None:
    said = answer("Hello", usage=None) if behaviour == "no usage" else FAULTS["stream-reset"]
    async with troupe_of(tmp_path, PRICES, said) as (troupe, _):
        state, purse = await run(troupe, 5.0)
        (call,) = state.steps["ask"].calls.values()
        assert state.status == ("succeeded" if behaviour == "no usage" else "failed")
        assert purse.spent == call.reserved_usd
        assert purse.at_most


async def test_a_refused_call_costs_nothing(tmp_path: Path) -> None:
    async with troupe_of(tmp_path, PRICES, FAULTS["401"]) as (troupe, _):
        state, purse = await run(troupe, 5.0)
        assert (state.status, purse.spent, purse.at_most) == ("failed", 0.0, False)


async def test_a_model_without_a_price_is_not_asked(tmp_path: Path) -> None:
    async with troupe_of(tmp_path, PRICES, answer("Hello")) as (troupe, server):
        state, purse = await run(troupe, 5.0, "openai/unpriced")
        assert state.failure is not None
        assert state.failure.kind == "budget"
        assert "No price of openai/unpriced is known" in state.failure.message
        assert (server.requests, purse.spent) == ([], 0.0)


async def test_unknown_models_count_by_the_worst_price_that_is_set(tmp_path: Path) -> None:
    prices = replace(PRICES, unknown=flat(50.0, 200.0))
    async with troupe_of(tmp_path, prices, answer("Hello")) as (troupe, _):
        state, purse = await run(troupe, 5.0, "openai/unpriced")
        assert state.status == "succeeded", state.failure
        assert purse.spent == pytest.approx((12 * 50 + 7 * 200) / 1e6)
        assert purse.at_most
        assert not state.spent.cost_known, "what it did cost is not known all the same"
