"""How many tokens an agent may use for all turns of one step, and what it has used of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agents.models.accept import CUT
from agents.models.port import Reply, Request
from agents.trimming import ANSWER, about, tokens_of
from workflows.effects import Usage
from workflows.errors import CallFailed, fail
from workflows.values import canonical

LEAST = 16
"""Tokens below which no answer is asked for: some providers refuse to give a shorter one."""


class Allowance:
    """Counts what the turns of one agent use. What those it hands a task to use counts too: it is `above` theirs.

    `most` is how many tokens it may use in one step, read and written, None where nobody limits it. What a provider
    does not count, and what no AI wrote, is taken at its length, and never at nothing.
    """

    def __init__(self, agent: str, most: int | None, above: Allowance | None = None) -> None:
        self._agent = agent
        self._most = most
        self._above = above
        self._used = 0
        self._guessed = False

    def limited(self, request: Request) -> Request:
        """The request with its answer limited to what is left. Raises CallFailed (`agent`) where that is too little."""
        asks = about(request)
        for each in self._line():
            if each._most is None:
                continue
            room = each._most - each._used - asks
            if room < LEAST:
                raise each._over(f", and the next turn would read about {asks:,}")
            if room < (request.max_tokens or ANSWER):
                request = replace(request, max_tokens=room)
        return request

    def count(self, request: Request, usage: Usage | None, reply: Reply | None = None) -> None:
        """Count what a call used, as it is in its record; `usage` is None where it used nothing.

        Of one that failed, and that nobody counted, the answer is taken to have been as long as it could be.
        """
        if usage is None or (usage.simulated and reply is None):
            return
        counted_in, counted_out = (None, None) if usage.simulated else (usage.tokens_in, usage.tokens_out)
        read = about(request) if counted_in is None else counted_in
        longest = request.max_tokens or ANSWER
        written = counted_out if counted_out is not None else longest if reply is None else _length(reply)
        for each in self._line():
            each._used += read + written
            each._guessed = each._guessed or counted_in is None or counted_out is None

    def check(self) -> None:
        """Raises CallFailed (`agent`) where more was used than may be."""
        for each in self._line():
            if each._most is not None and each._used > each._most:
                raise each._over("")

    def explained(self, error: CallFailed, asked: Request, limited: Request) -> CallFailed:
        """The failure of a call; that an answer was cut is the allowance's doing where it had limited that."""
        detail = error.failure.detail
        ended = str(detail.get("finish_reason", "")).lower() if isinstance(detail, dict) else ""
        if limited.max_tokens == asked.max_tokens or ended not in CUT:
            return error
        tightest = min((each for each in self._line() if each._most is not None), key=lambda each: each._left)
        return CallFailed(tightest._over(", and its answer was cut there").failure, error.usage)

    @property
    def _left(self) -> int:
        return (self._most or 0) - self._used

    def _line(self) -> Iterator[Allowance]:
        each: Allowance | None = self
        while each is not None:
            yield each
            each = each._above

    def _over(self, what: str) -> CallFailed:
        used = f"{'about ' if self._guessed else ''}{self._used:,}"
        message = f"{self._agent} has used {used} of the {self._most:,} tokens that it may use in a step{what}."
        hint = "Raise `max_total_tokens` of the agent or of the step, or ask for less."
        return fail("agent", message, hint, tokens=self._used, most=self._most)


def _length(reply: Reply) -> int:
    """About how many tokens an answer has."""
    texts = [reply.text, *(call.name + canonical(call.arguments) for call in reply.tool_calls)]
    return sum(map(tokens_of, texts))
