"""One turn of a conversation, asked of the agent's first model, and of its next one where that cannot answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import field, replace

from agents.allowance import Allowance
from agents.loop import empty_answer
from agents.models.abilities import NOTHING_KNOWN, Abilities
from agents.models.classify import is_too_long
from agents.models.port import Model, Reply, Request, ToolCall
from agents.trimming import about, trimmed
from agents.voices import Voices
from workflows.effects import Estimate, Usage
from workflows.errors import CallFailed, Failure, FailureClass, OverBudget
from workflows.notes import note
from workflows.records import dataclass
from workflows.steps.context import Context, Result
from workflows.text import one_line
from workflows.values import Json

OF_THE_MODEL: frozenset[FailureClass] = frozenset(
    {"transient", "rate_limited", "timeout", "authentication", "dependency"}
)
"""Failures that say something of a model, its provider or its key, and nothing of what it was asked."""

UNMEASURED = 2000
"""Tokens that every model can read: nobody looks up how much one can for less."""


@dataclass(frozen=True)
class Turns:
    """Asks for turns. `names` are the models in the order in which they take over, by their full names.

    `costs` says whether asking one may cost something; `quote` what a request may cost at most, and gives the request
    with its answer limited to that. `abilities` is what is known of a model, `window` how many tokens a conversation
    may have at most whatever is known; the results of tools that `stays` names are never cut.
    """

    names: tuple[str, ...]
    model: Model
    costs: Callable[[str], bool]
    voices: Voices
    quote: Callable[[Request], tuple[Request, Estimate]] | None = None
    abilities: Callable[[str], Abilities] = lambda model: NOTHING_KNOWN
    window: int | None = None
    stays: Callable[[str], bool] = lambda tool: False
    load: Callable[[Request], Request] = lambda request: request
    """Reads what goes beside a request, once it is about to be sent."""
    under: str = ""
    """What the keys of its calls begin with: empty for the step's own agent, the place of the errand for others."""
    speaker: str = ""
    """Whose name stands before what is said; empty for the step's own agent."""
    allowance: Allowance = field(default_factory=lambda: Allowance("", None))

    def keys(self, turn: int) -> list[str]:
        """The keys of the calls by which this turn is asked of each model."""
        key = f"{self.under}turn{turn}"
        return [key if place == 0 else f"{key}/model{place + 1}" for place in range(len(self.names))]

    async def ask(
        self, ctx: Context, turn: int, spec: Json, request: Request, told: Json, digest: str, first: int = 0
    ) -> tuple[Reply, int]:
        """The reply, and the place of the model that gave it: it is asked first the next time.

        Each model that is asked is a call of its own. What was answered before a crash is not asked again, whichever
        model it was. Raises CallFailed with what went wrong with each, and OverBudget.
        """
        failed: list[Failure] = []
        keys = self.keys(turn)
        for key in keys:  # what earlier tries used that failed was used all the same
            if not ctx.made(key):
                self.allowance.count(request, ctx.used(key))
        begin = next((place for place, key in enumerate(keys) if ctx.made(key)), first)
        for place in (*range(begin, len(keys)), *range(begin)):
            name = self.names[place]
            if failed:
                note(f"{one_line(failed[-1].message, 200)} {name} takes over.")
            try:
                return await self._fitting(ctx, keys[place], spec, replace(request, model=name), told, digest), place
            except OverBudget:
                raise  # a person is asked whether to spend more
            except CallFailed as error:
                failed.append(error.failure)
                if not (error.failure.kind in OF_THE_MODEL or is_too_long(error.failure)):
                    break
        raise CallFailed(all_of(failed))

    async def _fitting(self, ctx: Context, key: str, spec: Json, request: Request, told: Json, digest: str) -> Reply:
        """The reply of one model. A conversation that is longer than it can read loses old tool results; where the
        model finds it too long all the same, it is asked once more with half of it."""
        if not ctx.made(key):
            request = self._cut(request, await self._window(request))
        try:
            return await self._ask(ctx, key, spec, request, told, digest)
        except CallFailed as error:
            half = self._cut(request, about(request) // 2) if is_too_long(error.failure) else request
            if half == request:
                raise
        return await self._ask(ctx, key, spec, half, told, digest)

    async def _window(self, request: Request) -> int | None:
        """How much the model can read, as far as anybody knows."""
        if not self.costs(request.model) or about(request) <= UNMEASURED:
            return self.window
        known = (await asyncio.to_thread(self.abilities, request.model)).window
        return min((window for window in (known, self.window) if window is not None), default=None)

    def _cut(self, request: Request, window: int | None) -> Request:
        """The request within a window; what had to be cut is told."""
        fits = trimmed(request, window, self.stays)
        if fits.cut or fits.shortened:
            note(f"{fits}.")
        return fits.request

    async def _ask(self, ctx: Context, key: str, spec: Json, asked: Request, told: Json, digest: str) -> Reply:
        request = limited = asked if ctx.made(key) else self.allowance.limited(asked)

        async def worst() -> Estimate:
            nonlocal request
            assert self.quote is not None
            request, estimate = await asyncio.to_thread(self.quote, request)
            return estimate

        async def act(_: str) -> Result:
            ctx.log(f"{key}: {request.model}")
            whole = await asyncio.to_thread(self.load, request) if _has_images(request) else request
            with self.voices.turn(self.speaker) as say:
                reply = await self.model.complete(whole, say)
            if failed := empty_answer(reply):
                raise failed
            return Result(_reply_json(reply), reply.usage)

        try:
            said = await ctx.call(
                key,
                spec,
                "idempotent",
                act,
                digest=digest,
                model=request.model if self.costs(request.model) else "",
                worst=worst if self.quote else None,
                told=told,
            )
        except OverBudget:
            raise  # nothing was asked
        except CallFailed as error:
            self.allowance.count(request, error.usage)
            raise self.allowance.explained(error, asked, limited) from None
        reply = _reply(said)
        self.allowance.count(request, ctx.used(key), reply)
        self.allowance.check()
        return reply


def _has_images(request: Request) -> bool:
    return any(message.images for message in request.messages)


def all_of(failed: Sequence[Failure]) -> Failure:
    """What several models failed with, as one failure: of the first class that a retry may cure, if there is one."""
    chosen = next((failure for failure in failed if failure.retryable), failed[0])
    if len(failed) == 1:
        return chosen
    return replace(chosen, message=" Then ".join(failure.message for failure in failed))


def _reply_json(reply: Reply) -> Json:
    calls = [
        {"id": call.id, "name": call.name, "arguments": call.arguments, "fault": call.fault}
        for call in reply.tool_calls
    ]
    return {
        "text": reply.text,
        "tool_calls": calls,
        "model": reply.usage.model,
        "simulated": reply.usage.simulated,
    }


def _reply(said: Json) -> Reply:
    """The reply that `_reply_json` wrote, of this run or of one before a crash. Its usage is counted already."""
    calls = tuple(ToolCall(**call) for call in said["tool_calls"])
    return Reply(said["text"], Usage(said["model"], simulated=said["simulated"]), calls)
