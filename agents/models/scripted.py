"""The scripted model: answers written down beforehand, for labelled demos and for tests. No AI, no cost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from agents.models.abilities import Abilities
from agents.models.port import Reply, Request, ToolCall
from agents.models.script import Script, Turn
from workflows.clock import Clock
from workflows.effects import Usage
from workflows.errors import CallFailed, Failure
from workflows.records import dataclass


@dataclass(frozen=True)
class ScriptedModel:
    """Plays scripts, each found by its full model name, such as `demo/scripted` or `scripted/reviewer`.

    Which turn answers follows from the request alone, so a resumed conversation goes on where it stopped: the first
    turn whose `match` stands in the last message; if there is none, of the turns without `match` the one that comes
    after as many answers as the conversation has. Delays are slept on the clock and count against the limits.
    """

    find: Callable[[str], Script | None]
    clock: Clock

    def abilities(self, model: str) -> Abilities:
        """Whatever is asked, the script has its answer."""
        return Abilities(sees=True)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        script = self.find(request.model)
        if script is None:
            hint = "Give the agent a script, or another model."
            raise CallFailed(Failure("dependency", f"{request.model}: there is no such script.", hint))
        turn = _turn(script, request)
        limits = _Limits(request, self.clock)
        for delta in _deltas(turn):
            await limits.wait(turn.delay)
            on_text(delta)
        if turn.fail is not None:
            raise CallFailed(turn.fail, free(request.model))
        return Reply(turn.text, free(request.model), _named(turn.tool_calls, request))


def free(model: str) -> Usage:
    """The usage of an answer that no AI wrote: nothing, and known to be nothing."""
    return Usage(model, tokens_in=0, tokens_out=0, cost_usd=0.0, simulated=True)


def _turn(script: Script, request: Request) -> Turn:
    last = request.messages[-1].content if request.messages else ""
    for turn in script.turns:
        if turn.match and turn.match in last:
            return turn
    in_order = [turn for turn in script.turns if not turn.match]
    said = sum(message.role == "assistant" for message in request.messages)
    if said >= len(in_order):
        message = (
            f"{request.model}: the script has {len(in_order)} answers in order and is asked for number {said + 1}."
        )
        raise CallFailed(Failure("agent", message, "Add a turn to the script."))
    return in_order[said]


def _deltas(turn: Turn) -> list[str]:
    size = turn.chunk or len(turn.text) or 1
    return [turn.text[start : start + size] for start in range(0, len(turn.text), size)]


def _named(calls: tuple[ToolCall, ...], request: Request) -> tuple[ToolCall, ...]:
    """The calls, each with an id: one that is not taken in the conversation, where the script gives none."""
    taken = {call.id for message in request.messages for call in message.tool_calls} | {call.id for call in calls}
    free_ids = (name for number in count(1) if (name := f"call_{number}") not in taken)
    return tuple(call if call.id else ToolCall(next(free_ids), call.name, call.arguments) for call in calls)


class _Limits:
    """The request's deadline and idle limit, kept on the clock."""

    def __init__(self, request: Request, clock: Clock) -> None:
        self._request = request
        self._clock = clock
        self._started = clock.monotonic()

    async def wait(self, seconds: float) -> None:
        """Sleep for the seconds, or until a limit is reached: then raise CallFailed."""
        left = self._request.deadline - (self._clock.monotonic() - self._started)
        limit = min(left, self._request.idle)
        if seconds > 0:
            await self._clock.sleep(max(0.0, min(seconds, limit)))
        if seconds > limit:
            words = "no complete answer" if left <= self._request.idle else "no more text"
            length = self._request.deadline if left <= self._request.idle else self._request.idle
            raise CallFailed(Failure("timeout", f"{self._request.model}: {words} within {length:g} s."))
