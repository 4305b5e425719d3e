"""What is said of a model that was tried: that it works, or why it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.models.port import Reply, Request
from agents.models.registry import Models
from app.trial import carry_out, propose_trial
from workflows.effects import Estimate, Usage
from workflows.errors import CallFailed, Failure, FailureClass


class Priced:
    """A model of a known price that answers as told."""

    def __init__(self, usd: float | None, end: Reply | Failure) -> None:
        self.usd, self.end = usd, end

    def quote(self, request: Request) -> tuple[Request, Estimate]:
        return request, Estimate(20, request.max_tokens or 0, self.usd)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        if isinstance(self.end, Failure):
            raise CallFailed(self.end)
        return self.end


@pytest.mark.parametrize(
    ("usd", "words"), [(0.25, "costs $0.25 at most"), (0.0, "costs nothing"), (None, "what that costs is not known")]
)
async def test_the_price_is_said_first(usd: float | None, words: str) -> None:
    trial = await propose_trial(Models({"": Priced(usd, Reply("", Usage("m")))}), "gpt-4o")
    assert words in trial.words()
    assert trial.words().startswith("openai/gpt-4o ")


@pytest.mark.parametrize(("kind", "works"), [("authentication", False), ("transient", False), ("agent", True)])
async def test_a_failure_is_told_and_one_that_is_an_answer_works(kind: FailureClass, works: bool) -> None:
    models = Models({"": Priced(0.1, Failure(kind, "openai/x: so.", "Do this."))})
    tried = await carry_out(await propose_trial(models, "openai/x"), models)
    assert (tried.works, "openai/x: so." in tried.words()) == (works, True)


async def test_what_was_not_counted_is_unknown() -> None:
    models = Models({"": Priced(0.1, Reply("ready", Usage("openai/x")))})
    tried = await carry_out(await propose_trial(models, "openai/x"), models)
    assert "“ready” (? tokens in, ? out, $?)" in tried.words()
