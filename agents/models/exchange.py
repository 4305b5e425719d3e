"""One request to a provider, through litellm: sent, received delta by delta, and its answer accepted or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from agents.models.accept import accept
from agents.models.classify import classify
from agents.models.finish import Finish
from agents.models.keys import Key
from agents.models.port import Reply, Request
from agents.models.prices import Prices
from agents.models.pricing import usage_of
from agents.models.symptoms import Symptoms, symptoms_of
from agents.models.wire import Answer, format_of, messages_of, tools_of
from workflows.clock import Clock
from workflows.effects import Usage
from workflows.errors import CallFailed, Failure, FailureClass
from workflows.secrets import Redactor

AFTER_THE_END = 5.0
"""Seconds to wait for what follows a complete answer: its usage and the end of the stream."""

MAX_ANSWER = 4_000_000
"""Characters, of text and tool calls together."""

WORKED_ON = frozenset({None, 408, 504, 524})
"""Statuses that do not say that the provider did nothing: none at all, and those of a timeout on the way."""


class Exchange:
    """Runs on the loop that litellm runs on; `on_text` is called there.

    `idle` counts between two deltas, after the first: a model may think for as long as the deadline lets it.
    """

    def __init__(
        self,
        litellm: Any,
        key: Key,
        request: Request,
        on_text: Callable[[str], None],
        clock: Clock,
        prices: Prices,
    ) -> None:
        self._litellm = litellm
        self._key = key
        self._request = request
        self._on_text = on_text
        self._clock = clock
        self._prices = prices
        self._answer = Answer()
        self._finish = Finish()
        self._stream: Any = None

    async def hold(self) -> Reply:
        deadline = asyncio.timeout(self._request.deadline)
        try:
            async with deadline:
                with self._provider_at_fault():
                    self._stream = await self._litellm.acompletion(**_arguments(self._key, self._request))
                    await self._finish.watch(self._stream, self._key.model)
                await self._receive()
        except TimeoutError:
            if not deadline.expired():
                raise
            if self._finish.reason is None:
                raise too_late(self._key.model, self._request.deadline) from None
        finally:
            if self._stream is not None:
                await self._stream.aclose()
        usage = usage_of(self._litellm, self._key, self._stream.chunks, self._prices)
        return accept(self._answer, self._finish.reason, usage)

    async def _receive(self) -> None:
        idle = None
        while True:
            try:
                async with asyncio.timeout(idle if self._finish.reason is None else AFTER_THE_END):
                    with self._provider_at_fault():
                        chunk = await anext(self._stream, None)
            except (TimeoutError, CallFailed) as error:
                if self._finish.reason is not None:
                    return  # the answer is whole, however its connection ends
                if isinstance(error, CallFailed):
                    raise
                raise self._failed("timeout", f"no more text for {self._request.idle:g} s") from None
            if chunk is None:
                return
            for choice in chunk.choices[:1]:
                text = self._answer.add(choice.delta)
                if text:
                    self._on_text(text)
            if self._answer.size > MAX_ANSWER:
                raise self._failed("agent", f"the answer is longer than {MAX_ANSWER} characters")
            if getattr(chunk, "usage", None) is not None:
                return  # litellm's last word; asked for more, it would start to log, for Ollama by a blocking request
            idle = self._request.idle

    @contextmanager
    def _provider_at_fault(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # whatever litellm and its adapters may raise, it is a failed call
            symptoms = symptoms_of(error)
            redact = Redactor(self._key.secrets).redact
            symptoms = replace(symptoms, message=redact(symptoms.message), code=redact(symptoms.code))
            failure = classify(symptoms, self._key.model, self._clock.now())
            raise CallFailed(failure, Usage(self._key.model) if self._may_be_billed(symptoms) else None) from None

    def _may_be_billed(self, symptoms: Symptoms) -> bool:
        """Whether the provider may have worked for a failed call: not where it refused it, or never heard it."""
        if self._stream is not None or self._answer.size:
            return True
        return symptoms.name != "ConnectError" and symptoms.status in WORKED_ON

    def _failed(self, kind: FailureClass, words: str) -> CallFailed:
        model = self._key.model
        return CallFailed(Failure(kind, f"{model}: {words}.", detail={"model": model}), Usage(model))


def too_late(model: str, deadline: float) -> CallFailed:
    """The failure of a call that took too long. What it cost is unknown: the provider may have worked all the time."""
    failure = Failure("timeout", f"{model}: no complete answer within {deadline:g} s.", detail={"model": model})
    return CallFailed(failure, Usage(model))


def _arguments(key: Key, request: Request) -> dict[str, Any]:
    optional = {
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "tools": tools_of(request),
        "response_format": format_of(request),
    }
    return {
        **{name: secret.reveal() for name, secret in key.arguments.items()},
        **{name: value for name, value in optional.items() if value not in (None, [])},
        "model": key.model,
        "messages": messages_of(request),
        "stream": True,
        "stream_options": {"include_usage": True},
        "timeout": request.deadline + AFTER_THE_END,  # litellm's is for each read; ours, for the call, comes first
        "max_retries": 0,
        "num_retries": 0,
    }
