"""Holding the conversation of one agent step: what agents.loop decides, done through the step's context."""

from __future__ import annotations

from agents.definition import Agent
from agents.hands import Hands
from agents.loop import REASKS, Asked, Done, Talk, after_reply, after_tools
from agents.models.port import Message, Reply, Request
from agents.output import demand
from agents.project import Project
from agents.toolset import DATA_NOTE, Toolset
from agents.turns import Turns
from workflows.notes import note
from workflows.records import dataclass
from workflows.steps.context import Context
from workflows.text import one_line
from workflows.values import Json, digest


@dataclass(frozen=True)
class Conversation:
    """One agent, with all that it needs to perform one step, or an errand that another one gave it in that step."""

    agent: Agent
    turns: Turns
    toolset: Toolset
    hands: Hands
    project: Project = Project()

    async def hold(self, ctx: Context, given: Json, opening: Message) -> Json:
        """Talk until there is an answer. `given` is the step's input, `opening` how the model is told of it.

        Raises CallFailed: what a model call raised, or `agent` where the model answers, but not with what was asked.
        """
        for refusal in self.toolset.refused.values():
            ctx.log(f"tool {refusal.tool} is refused: {refusal.why}")
        if self.project.said and not ctx.made(f"{self.turns.under}turn1"):
            note(f"{self.agent.name} {self.project.said}" if self.project.told else self.project.said)
        talk, place = Talk((Message("system", self._system()), opening)), 0
        while True:
            reply, place = await self._turn(ctx, talk, given, place)
            match after_reply(talk, reply, self.agent):
                case Done() as done:
                    return self._output(done, reply)
                case Asked() as asked:
                    talk = after_tools(asked, await self.hands.use(ctx, asked), self.agent)
                case Talk() as talk:
                    self._tell_of_reask(ctx, talk)

    def _tell_of_reask(self, ctx: Context, talk: Talk) -> None:
        """Said once: another answer costs another turn, and the story says why there was one."""
        if not any(ctx.made(key) for key in self.turns.keys(talk.turn)):
            why = one_line(talk.messages[-1].content, 200)
            note(f"{self.agent.name} is asked again, {talk.unfit} of {REASKS} times: {why}")

    async def _turn(self, ctx: Context, talk: Talk, given: Json, place: int) -> tuple[Reply, int]:
        """One model turn, of the model at `place` first. Its spec has what is new in it: turns before have the rest."""
        if talk.turn == 1:
            heard: Json = given
        else:
            heard = [{"role": message.role, "content": message.content} for message in talk.heard]
        spec = {"agent": self.agent.name, "heard": heard}

        told = self._told() if talk.turn == 1 else None
        return await self.turns.ask(ctx, talk.turn, spec, self._request(talk), told, self.agent.digest, place)

    def _told(self) -> Json:
        """What the model hears with every turn, for the record. A default model is no part of what the agent says."""
        tools = [
            {"name": spec.name, "description": spec.description, "parameters": digest(spec.parameters)}
            for spec in self.toolset.specs
        ]
        limits = {"temperature": self.agent.temperature, "max_tokens": self.agent.max_tokens}
        told = {
            "model": list(self.agent.models) if self.agent.fallback_models else self.agent.model or "default",
            "instructions": self._system(),
            "tools": tools,
        }
        return {**told, **{name: limit for name, limit in limits.items() if limit is not None}}

    def _request(self, talk: Talk) -> Request:
        return Request(
            model=self.turns.names[0],
            messages=talk.messages,
            tools=self.toolset.specs,
            temperature=self.agent.temperature,
            max_tokens=self.agent.max_tokens,
            deadline=self.agent.turn_timeout,
            idle=self.agent.idle_timeout,
        )

    def _system(self) -> str:
        parts = [self.agent.prompt]
        if self.toolset.guide:
            parts.append(self.toolset.guide)
        if self.toolset.specs:
            parts.append(DATA_NOTE)
        if self.project.told:
            parts.append(self.project.told)
        if self.agent.output_schema is not None:
            parts.append(demand(self.agent.output_schema))
        return "\n\n".join(parts)

    def _output(self, done: Done, last: Reply) -> Json:
        output = {
            "text": done.text,
            "model": last.usage.model,
            "agent": self.agent.name,
            "simulated": last.usage.simulated,
        }
        return output if self.agent.output_schema is None else {**output, "data": done.data}
