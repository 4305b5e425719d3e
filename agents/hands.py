"""What an agent does with its tools: each call of a turn is made, refused, or told what is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any, Protocol, TypeVar

from agents.definition import Agent
from agents.gatekeeper import GO_ON, Gatekeeper, Refused, SkillContextOf
from agents.loop import MAX_CALLS, Asked, Talk, ToolAnswer
from agents.models.port import Message, ToolCall
from agents.order import Order
from agents.project import Folders
from agents.team import Errand, Team
from agents.toolset import Toolset, as_data, as_failure
from agents.voices import Voices
from skills.invoke import Invoker
from skills.manifest import Skill
from skills.permissions.act import act_of
from workflows.errors import CallFailed, OutcomeUnknown, OverBudget
from workflows.notes import note
from workflows.records import dataclass
from workflows.steps.context import Context, Leave, Result
from workflows.text import one_line
from workflows.values import Json, canonical, digest

TOOL_SECONDS = 120.0
"""Seconds for one call of a tool that has no `timeout` of its own."""

MOST_TOOL_SECONDS = 3600.0
SPARE_SECONDS = 10.0
"""What a tool gets besides its own timeout, to end in good order."""

LOOKING = 8
"""Calls that change nothing and are made at once."""

T = TypeVar("T")


class Memory:
    """What one step keeps besides what was said, for all who talk in it: the digests of declined calls, whose turn it
    is to act, how many may look at once, and who is heard. What is said goes to `show` as it comes."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self.voices = Voices(show)
        self.declined: set[str] = set()
        self.acting = asyncio.Lock()
        self.looking = asyncio.Semaphore(LOOKING)


class Talker(Protocol):
    """Whoever does an errand."""

    async def hold(self, ctx: Context, given: Json, opening: Message) -> Json:
        """Talk until there is an answer. Raises CallFailed."""
        ...


@dataclass(frozen=True)
class Hands:
    """Makes the tool calls of one agent. `under` is what their keys begin with.

    `begin` makes the conversation of a member of its team, at a place under which its calls are journalled.
    """

    agent: Agent
    toolset: Toolset
    invoker: Invoker
    skill_context: SkillContextOf
    gatekeeper: Gatekeeper
    team: Team
    begin: Callable[[Agent, str], Talker]
    memory: Memory
    folders: Folders
    under: str = ""

    async def use(self, ctx: Context, asked: Asked) -> Sequence[ToolAnswer]:
        """All tool calls of a turn. What changes nothing is done side by side, after what acts before it; the rest one
        at a time, in order. What waits for a person keeps none of them from its turn."""
        turn, said = f"{self.under}turn{asked.talk.turn}", asked.talk.messages[-1].content
        meant = [self._meant(n, call, asked.talk) for n, call in enumerate(asked.calls, start=1)]
        order = Order([isinstance(each, Skill) and each.effect != "pure" for each in meant])

        async def use(place: int) -> ToolAnswer:
            key, call, skill = f"{turn}/tool{place + 1}", asked.calls[place], meant[place]
            try:
                if isinstance(skill, Skill) and skill.effect == "pure":
                    await order.wait(place)
                return await self._use_tool(ctx, key, call, skill, said, lambda: order.let_by(place))
            finally:
                order.let_by(place)

        return await _together([use(place) for place in range(len(meant))])

    async def _use_tool(
        self,
        ctx: Context,
        key: str,
        call: ToolCall,
        skill: Skill | Errand | str,
        said: str,
        waits: Callable[[], None],
    ) -> ToolAnswer:
        """One tool call. Wrong and refused ones are journalled too: what a model tried to do is part of the story."""
        spec = {"tool": call.name, "arguments": call.arguments}
        if isinstance(skill, Errand):
            return self._answer(call, await self._hand_over(ctx, key, spec, skill), "")
        # By its own name: models may use either.
        asked_for = digest([skill if isinstance(skill, str) else skill.name, call.arguments])

        async def tell(text: str, **more: Json) -> Json:
            async def act(idempotency_key: str) -> Result:
                ctx.log(f"{one_line(call.name, 64)}: {one_line(text, 200)}")
                return Result({"text": text, **more})

            return await ctx.call(key, spec, "pure", act)

        if isinstance(skill, str):
            return self._answer(call, await tell(skill, misuse=True), asked_for)
        async with AsyncExitStack() as stack:

            async def permit() -> Leave:
                if asked_for in self.memory.declined:
                    raise Refused(f"The user declined exactly this call of {skill.name} before. {GO_ON}")
                turn = self.memory.looking if skill.effect == "pure" else self.memory.acting
                leave = await self.gatekeeper.permit(ctx, key, skill, call.arguments, said, turn, waits)
                stack.callback(turn.release)
                return leave

            async def act(idempotency_key: str) -> Result:
                ctx.log(f"{skill.name} {one_line(canonical(call.arguments), 200)}")
                text = await self._invoke(ctx, skill, call.arguments, key, idempotency_key)
                beside = self._beside(ctx, skill, call.arguments)
                return Result({"text": text, "misuse": False, **({"beside": beside} if beside else {})})

            try:
                known = await ctx.call(key, spec, skill.effect, act, digest=skill.digest, permit=permit)
            except Refused as refused:
                known = await tell(refused.told, misuse=False, declined=bool(refused.by))
        return self._answer(call, known, asked_for)

    def _meant(self, n: int, call: ToolCall, talk: Talk) -> Skill | Errand | str:
        """What a call asks for, or what is wrong with it, for the model."""
        if n > MAX_CALLS:
            return f"One turn has at most {MAX_CALLS} calls."
        if not call.fault and any(other.fault for other in talk.messages[-1].tool_calls):
            # Where a part of a message is broken, the rest of it may not be what was meant.
            return "Nothing was done: another call of the same message cannot be read. Make both calls again."
        return self.team.find(call, talk.messages) or self.toolset.find(call)

    async def _hand_over(self, ctx: Context, key: str, spec: Json, errand: Errand) -> Json:
        """An errand. All that it does are calls of their own; what came of it is journalled as this one."""
        text = "" if ctx.made(key) else await self._errand(ctx, f"{key}/{errand.agent.name}/", errand)

        async def act(_: str) -> Result:
            return Result({"text": text, "misuse": False})

        return await ctx.call(key, spec, "pure", act)

    async def _errand(self, ctx: Context, under: str, errand: Errand) -> str:
        """What the model is told of an errand. That another agent failed is an answer too."""
        name, source = errand.agent.name, f"agent {errand.agent.name}"
        if not ctx.made(f"{under}turn1"):
            note(f"{self.agent.name} hands over to {name}: {one_line(errand.task, 200)}")
        try:
            output = await self.begin(errand.agent, under).hold(ctx, errand.task, Message("user", errand.task))
        except OverBudget:
            raise  # a person is asked whether to spend more
        except CallFailed as error:
            note(f"{name} failed: {one_line(error.message, 200)}")
            return as_failure(source, error.failure)
        ctx.log(f"{name}: {one_line(output['text'], 200)}")
        return as_data(source, output.get("data", output["text"]))

    async def _invoke(self, ctx: Context, skill: Skill, arguments: Json, call: str, key: str) -> str:
        """What the model is told. A failed tool is an answer too: the model may find another way.

        Raises OutcomeUnknown where something unsafe may have happened: that is for a person to say, not for a model.
        """
        context = self.skill_context(ctx, call, key)
        try:
            output = await self.invoker.invoke(skill, arguments, context, timeout=seconds_for(skill, arguments))
        except (CallFailed, OutcomeUnknown) as error:
            if isinstance(error, OutcomeUnknown) and skill.effect == "unsafe":
                raise
            ctx.log(f"{skill.name} failed: {one_line(error.message, 200)}")
            return as_failure(skill.name, error.failure)
        return output if skill.instructs and isinstance(output, str) else as_data(skill.name, output)

    def _beside(self, ctx: Context, skill: Skill, arguments: Json) -> Json:
        """What the project says of the files that a call came to: {folder: text}, of those the agent knows not yet."""
        try:
            paths = act_of(skill, arguments, ctx.root).paths
        except CallFailed:  # it leads elsewhere by now
            return {}
        found = self.folders.of(paths)
        for each in found:
            note(f"{self.agent.name} {each.said}" if each.told else each.said)
        return {each.folder: each.told for each in found if each.told}

    def _answer(self, call: ToolCall, known: Json, asked_for: str) -> ToolAnswer:
        """What the model is told, from what is journalled; of a call that was in doubt a person may have typed that."""
        if not isinstance(known, dict) or not isinstance(known.get("text"), str) or "misuse" not in known:
            return ToolAnswer(as_data(call.name, known))
        if known.get("declined"):
            self.memory.declined.add(asked_for)
        beside = known.get("beside", {})
        self.folders.heard(beside)
        return ToolAnswer(known["text"], known["misuse"], tuple(beside.values()))


def seconds_for(skill: Skill, arguments: Json) -> float:
    """Seconds that a call of a tool may take: what it was called with where it has a `timeout`, and a little more."""
    rule = skill.parameters.get("properties", {}).get("timeout", {})
    stated = arguments.get("timeout", rule.get("default") if isinstance(rule, dict) else None)
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return TOOL_SECONDS
    return max(0.0, min(stated, MOST_TOOL_SECONDS)) + SPARE_SECONDS


async def _together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order. The first that fails ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
