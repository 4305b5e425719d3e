"""A wrapper that leaves a model alone for a while when it failed again and again."""

from __future__ import annotations

from collections.abc import Callable

from agents.models.abilities import Abilities, abilities_of
from agents.models.port import Model, Reply, Request
from agents.models.prices import Prices
from agents.models.registry import Loadable, Quoting
from workflows.breaker import Breakers
from workflows.effects import Estimate


class Breaking:
    """Hands each request on, unless the circuit of its model's name is open: then nothing is sent.

    Raises CallFailed (transient) there, with the seconds until the next try; a fallback can take over at once.
    """

    def __init__(self, model: Model, breakers: Breakers) -> None:
        self._model = model
        self._breakers = breakers

    def load(self, model: str) -> None:
        """Let the wrapped model prepare itself, where it can."""
        if isinstance(self._model, Loadable):
            self._model.load(model)

    def abilities(self, model: str) -> Abilities:
        """What the wrapped model says of a name."""
        return abilities_of(self._model, model)

    def quote(self, request: Request) -> tuple[Request, Estimate]:
        """What the wrapped model says of the request."""
        return self._model.quote(request) if isinstance(self._model, Quoting) else Prices().bounded(request)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        with self._breakers.guard(f"model:{request.model}"):
            return await self._model.complete(request, on_text)
