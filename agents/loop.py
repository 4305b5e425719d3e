"""The agent loop: ask the model, do what it calls for, tell it, until it answers.

What comes next is decided by pure functions. Every model turn and every tool call is a call of the step's context, so
that it is journalled before it happens and never made twice; the assistant's message is the output of its turn and so
is durable before any of its tools runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.definition import Agent
from agents.models.port import Message, Reply, ToolCall
from agents.output import Unfit, read_output
from workflows.errors import CallFailed, Failure, fail
from workflows.records import dataclass
from workflows.values import Json

MISUSES = 2
"""Turns in a row in which a model may call for tools wrongly, and is told; after one more the agent has failed."""

REASKS = 2
"""How often a model is asked again for an answer that fits the output schema."""

MAX_CALLS = 16
"""Tool calls of one turn that are done; the rest are answered with a refusal."""


@dataclass(frozen=True)
class Talk:
    """A conversation that waits for the model. `turn` counts from 1; `misused` counts turns in a row."""

    messages: tuple[Message, ...]
    turn: int = 1
    misused: int = 0
    unfit: int = 0

    @property
    def heard(self) -> tuple[Message, ...]:
        """What the model has not answered yet."""
        after = max((i for i, message in enumerate(self.messages) if message.role == "assistant"), default=-1)
        return self.messages[after + 1 :]


@dataclass(frozen=True)
class Asked:
    """The model asks for tools."""

    talk: Talk
    calls: tuple[ToolCall, ...]


@dataclass(frozen=True)
class Done:
    """The model answered. `data` is the answer as JSON where there is an output schema."""

    text: str
    data: Json = None


@dataclass(frozen=True)
class ToolAnswer:
    """What the model is told in answer to a tool call. `misuse`: the call itself was wrong, and nothing was done.

    `beside` is what the project says of the files that it came to by this call.
    """

    text: str
    misuse: bool = False
    beside: tuple[str, ...] = ()


def after_reply(talk: Talk, reply: Reply, agent: Agent) -> Talk | Asked | Done:
    """What follows a model's reply. Raises CallFailed (`agent`) where the model may not be asked again."""
    said = replace(talk, messages=(*talk.messages, Message("assistant", reply.text, reply.tool_calls)))
    if reply.tool_calls:
        _limit_turns(talk, agent)
        return Asked(said, reply.tool_calls)
    if agent.output_schema is None:
        return Done(reply.text)
    try:
        return Done(reply.text, read_output(reply.text, agent.output_schema))
    except Unfit as unfit:
        if talk.unfit >= REASKS:
            message = f"{agent.name} gave no answer of the form asked for in {talk.unfit + 1} tries. {unfit}"
            raise fail("agent", message, "Look at the agent's output_schema, or give it another model.") from None
        _limit_turns(talk, agent)
        again = Message("user", f"{unfit} Answer again, with JSON alone.")
        return replace(said, messages=(*said.messages, again), turn=talk.turn + 1, misused=0, unfit=talk.unfit + 1)


def after_tools(asked: Asked, answers: Sequence[ToolAnswer], agent: Agent) -> Talk:
    """The conversation with the answers to its tool calls, in their order. Raises CallFailed (`agent`)."""
    talk = asked.talk
    wrong = [answer for answer in answers if answer.misuse]
    if wrong and talk.misused >= MISUSES:
        message = f"{agent.name} called for tools wrongly in {talk.misused + 1} turns in a row. {wrong[-1].text}"
        raise fail("agent", message, "Look at the agent's tools and prompt, or give it another model.")
    told = tuple(
        Message("tool", answer.text, tool_call_id=call.id) for call, answer in zip(asked.calls, answers, strict=True)
    )
    # No part of a result: what makes room in a long conversation cuts those.
    beside = "\n\n".join(text for answer in answers for text in answer.beside)
    said = (Message("user", beside),) if beside else ()
    misused = talk.misused + 1 if wrong else 0
    return replace(talk, messages=(*talk.messages, *told, *said), turn=talk.turn + 1, misused=misused)


def _limit_turns(talk: Talk, agent: Agent) -> None:
    if talk.turn >= agent.max_turns:
        message = f"{agent.name} came to no answer in {agent.max_turns} turn{'s' * (agent.max_turns != 1)}."
        raise fail("agent", message, "Raise the agent's max_turns, or ask for less.", turns=talk.turn)


def empty_answer(reply: Reply) -> CallFailed | None:
    """Why a reply cannot be used at all; None where it can."""
    if reply.text.strip() or reply.tool_calls:
        return None
    return CallFailed(Failure("agent", f"{reply.usage.model}: the answer is empty."), reply.usage)
