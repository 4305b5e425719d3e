"""Real models, through litellm. The only file that imports it: late, beside the caller's loop, silent and offline."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from agents.models.abilities import NOTHING_KNOWN, Abilities
from agents.models.exchange import Exchange, too_late
from agents.models.keys import Key, Keys
from agents.models.port import Reply, Request
from agents.models.prices import Prices
from agents.models.pricing import is_local
from agents.models.side_loop import SideLoop
from workflows.clock import Clock
from workflows.effects import Estimate
from workflows.errors import CallFailed

ENVIRONMENT: Mapping[str, str] = {
    "LITELLM_MODE": "PRODUCTION",  # else a `.env` file of the working folder is read at import, with its addresses
    "PYTHON_DOTENV_DISABLED": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else prices are fetched at import
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOG": "CRITICAL",
}
GRACE = 2.0
"""Seconds after the deadline when a call is given up that does not even end at its deadline."""

BLOCKING = 5.0
"""Seconds for litellm's own synchronous requests. They hold up the side loop; litellm would let them take hours."""

_importing = threading.Lock()
"""The import changes the whole process, so it is guarded for the whole process."""


class LitellmModel:
    """Answers for every provider of `providers.py`.

    One request is one HTTP request: nothing is retried here. litellm runs on a loop of its own, because it blocks
    its loop at times: at the first call, and by synchronous requests of Ollama's adapter. The deadline is for the
    whole call but not for the import. `clock` is what Retry-After dates are compared with. `prices` says what calls
    may cost at worst, and what they did cost where litellm does not know; `able` what models can do, by full name.
    """

    def __init__(
        self,
        keys: Keys,
        clock: Clock,
        prices: Prices | None = None,
        able: Callable[[str], Abilities] = lambda model: NOTHING_KNOWN,
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._prices = prices or Prices()
        self._able = able
        self._side = SideLoop("litellm")
        self._litellm: Any = None

    async def warm(self) -> None:
        """Import litellm (2 to 9 seconds), beside the caller's loop. Nothing is sent anywhere."""
        if self._litellm is None:
            self._litellm = await self._side.run(_load)

    def load(self, model: str) -> None:
        """Begin the import, where this model could be called, and return at once: the first call then waits less."""
        if self._litellm is None and self._keys.at_hand(model):
            self._side.begin(_load)

    def abilities(self, model: str) -> Abilities:
        """What the model can do, as far as anybody knows before it is asked."""
        return self._able(model)

    def quote(self, request: Request) -> tuple[Request, Estimate]:
        """The request with its answer limited in length, and what it may use at most. One on this machine is free."""
        limited, estimate = self._prices.bounded(request)
        key = self._keys.find(request.model)
        if isinstance(key, Key) and is_local(key):
            return request, replace(estimate, usd=0.0)
        return limited, estimate

    async def aclose(self) -> None:
        """End the calls that run, and the thread they run in."""
        await self._side.aclose()

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        key = await asyncio.to_thread(self._keys.find, request.model)
        if not isinstance(key, Key):
            raise CallFailed(key.failure())
        await self.warm()
        hearer = _Hearer(on_text)
        exchange = Exchange(self._litellm, key, request, hearer.tell, self._clock, self._prices)
        try:
            async with asyncio.timeout(request.deadline + GRACE):
                reply = await self._side.run(exchange.hold)
        except TimeoutError:
            raise too_late(key.model, request.deadline) from None
        finally:
            hearer.open = False
        if hearer.error:
            raise hearer.error
        return reply


class _Hearer:
    """Hands text over to the loop it was made on. The first exception of `on_text` is kept; then it hears no more."""

    def __init__(self, on_text: Callable[[str], None]) -> None:
        self._on_text = on_text
        self._loop = asyncio.get_running_loop()
        self.open = True
        self.error: Exception | None = None

    def tell(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._hear, text)

    def _hear(self, text: str) -> None:
        if not self.open:
            return
        try:
            self._on_text(text)
        except Exception as error:  # the caller's own: raised where the caller waits, once the call is over
            self.error, self.open = error, False


async def _load() -> Any:
    """Import litellm so that it reads no `.env` file, fetches nothing and says nothing. Twice does no harm."""
    with _importing:
        os.environ.update(ENVIRONMENT)
        warnings.filterwarnings("ignore", module=r"(litellm|pydantic|openai)\b")
        import litellm

        litellm.suppress_debug_info = True
        litellm.telemetry = False
        litellm.disable_token_counter = True  # else missing usage is made up, and a tokenizer is fetched to do so
        litellm.disable_aiohttp_transport = True  # one transport for all, whose errors symptoms.py knows
        litellm.module_level_client = litellm.HTTPHandler(timeout=BLOCKING)
        for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
            logger = logging.getLogger(name)
            logger.handlers = [logging.NullHandler()]
            logger.propagate = False
        return litellm
