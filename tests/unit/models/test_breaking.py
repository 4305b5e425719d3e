"""A model that failed again and again is left alone, and only that one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.models.breaking import Breaking
from agents.models.port import Message, Reply, Request
from agents.models.registry import Loadable, Models
from tests.support.clocks import VirtualClock
from workflows.breaker import Breakers
from workflows.effects import Usage
from workflows.errors import CallFailed, FailureClass, fail


class Ill:
    """Fails for one model's name, answers for all others."""

    def __init__(self, kind: FailureClass = "transient") -> None:
        self.kind = kind
        self.asked: list[str] = []
        self.loaded: list[str] = []

    def load(self, model: str) -> None:
        self.loaded.append(model)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        self.asked.append(request.model)
        on_text("so far")
        if request.model == "openai/ill":
            raise fail(self.kind, "overloaded")
        return Reply("here", Usage(request.model))


def request(model: str) -> Request:
    return Request(model, (Message("user", "?"),))


async def failing(model: Breaking, times: int) -> CallFailed:
    for _ in range(times):
        with pytest.raises(CallFailed) as caught:
            await model.complete(request("openai/ill"), lambda text: None)
    return caught.value


async def test_an_ill_model_is_left_alone_and_others_are_not() -> None:
    clock, ill = VirtualClock(), Ill()
    model = Breaking(ill, Breakers(clock))
    error = await failing(model, 7)
    assert len(ill.asked) == 5
    assert (error.failure.kind, error.failure.retry_after, error.usage) == ("transient", 60.0, None)
    assert "model:openai/ill" in error.message
    texts: list[str] = []
    assert (await model.complete(request("openai/well"), texts.append)).text == "here"
    assert texts == ["so far"]
    await clock.advance(60)
    await failing(model, 2)
    assert ill.asked.count("openai/ill") == 6


@pytest.mark.parametrize("kind", ["authentication", "validation", "agent", "dependency"])
async def test_what_the_model_says_about_the_request_opens_nothing(kind: FailureClass) -> None:
    ill = Ill(kind)
    await failing(Breaking(ill, Breakers(VirtualClock())), 12)
    assert len(ill.asked) == 12


def test_what_it_wraps_can_still_prepare_itself() -> None:
    ill = Ill()
    model = Breaking(ill, Breakers(VirtualClock()))
    assert isinstance(model, Loadable)
    Models({"": model}).load("openai/gpt-4o")
    assert ill.loaded == ["openai/gpt-4o"]
