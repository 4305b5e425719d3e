"""Whether a tool call may be made: by the rules, else by a person, who sees all that it would do, and why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from agents.definition import Agent
from agents.toolset import as_failure
from skills.declare import Context as SkillContext
from skills.invoke import Invoker
from skills.manifest import Skill
from skills.permissions.act import Act, act_of
from skills.permissions.decide import Decision, decide
from skills.permissions.patterns import FOR_THE_RUN, pattern_for
from skills.permissions.rules import Rule, parse_rule
from workflows.errors import CallFailed
from workflows.records import dataclass
from workflows.steps.context import OF_A_CALL, Context, Leave, Question
from workflows.text import one_line
from workflows.values import Json, canonical

RulesOf: TypeAlias = Callable[[Path], Sequence[Rule]]
"""Gives the rules that count in a workspace, by its folder. Raises UnderstudyError where they cannot be read."""

SkillContextOf: TypeAlias = Callable[[Context, str, str], SkillContext]
"""Gives what a skill is called with, from the step's context, the key of the call, and its idempotency key."""

Turn: TypeAlias = asyncio.Lock | asyncio.Semaphore
"""What a call waits for besides leave: that no other one is under way, or not too many."""

GO_ON = "Nothing was done. Go on without it."
"""What a model is told with a refusal."""

STRICTEST_FIRST = ("deny", "ask", "allow")

OURS = ("tool", "asked because", "rule from", "the agent says", "what", "who")
"""Facts of an approval that are ours to state: a tool's own preview says nothing under these names."""

SAID = 300
"""Characters of an agent's own words that an approval shows."""


class Refused(Exception):
    """A tool call is not made. `told` is what the model hears; `by` who declined it, empty where a rule did."""

    def __init__(self, told: str, by: str = "") -> None:
        super().__init__(told)
        self.told = told
        self.by = by


@dataclass(frozen=True)
class Gatekeeper:
    """Decides about the tool calls of one agent. The rules of those who handed its task over to it, `over`, bind it
    too: nobody may do through another what they may not do themselves."""

    agent: Agent
    rules: RulesOf
    invoker: Invoker
    skill_context: SkillContextOf
    over: tuple[Agent, ...] = ()

    async def permit(
        self,
        ctx: Context,
        key: str,
        skill: Skill,
        arguments: Json,
        said: str,
        turn: Turn,
        waits: Callable[[], None] = lambda: None,
    ) -> Leave:
        """The leave to make exactly this call: by a person, or by what made asking one needless. Raises Refused.

        `key` is the call's, `said` what the agent said with it. It is the call's `turn` then, which the caller ends:
        nobody keeps it while a person is asked, and `waits` is told before that. Whatever changed while a person
        thought about it or others had their turns, the rules, the file that would be replaced, the skill, is looked at
        again before the call is made.
        """
        entry, approved, begun, by_pattern = "", None, False, ""
        try:
            while True:
                # Anew each time: a path may lead elsewhere by now.
                act = act_of(skill, arguments, ctx.root, self.invoker.closed)
                decision = self._decide(ctx, act)
                if decision.verdict == "deny":
                    raise Refused(_denied(skill, decision))
                question = None
                if decision.verdict == "ask":
                    question = await self._question(ctx, key, skill, arguments, act, decision, said)
                if question is not None and question == approved and by_pattern:
                    # It is no longer in force, and what it answered may be another call than the one that was seen.
                    raise Refused(
                        f"{skill.name} was allowed for this run, and that was taken back. {GO_ON}", by_pattern
                    )
                if question is None or question == approved:
                    leave = Leave(entry, _allowed(decision) if question is None else "")
                    if begun:
                        return leave
                    waited, begun = turn.locked(), await turn.acquire()
                    if not waited:
                        return leave
                    continue
                if begun:
                    turn.release()
                    begun = False
                waits()
                answer = await ctx.ask(key + OF_A_CALL, question)
                if answer.choice not in ("approve", "allow_pattern"):
                    note = f": {one_line(answer.note, 500)}." if answer.note else "."
                    if answer.by == "default":
                        raise Refused(f"Nobody answered in time whether {skill.name} may do this. {GO_ON}", "nobody")
                    raise Refused(f"The user declined this call of {skill.name}{note} {GO_ON}", answer.by or "-")
                entry, approved = answer.entry, question
                by_pattern = (answer.by or "-") if answer.choice == "allow_pattern" else ""
        except BaseException as error:
            if begun:
                turn.release()
            if isinstance(error, CallFailed):  # its arguments cannot be: the model is told so
                raise Refused(as_failure(skill.name, error.failure)) from None
            raise

    def _decide(self, ctx: Context, act: Act) -> Decision:
        """The strictest that the rules of any of them say."""
        granted = [parse_rule("allow", pattern, FOR_THE_RUN, granted=True) for pattern in ctx.permits]
        rules = self.rules(ctx.root)
        decisions = (decide((*rules, *agent.rules, *granted), act) for agent in (self.agent, *self.over))
        return min(decisions, key=lambda decision: STRICTEST_FIRST.index(decision.verdict))

    async def _question(
        self, ctx: Context, key: str, skill: Skill, arguments: Json, act: Act, decision: Decision, said: str
    ) -> Question:
        preview = await self.invoker.preview(skill, arguments, self.skill_context(ctx, key, ""))
        facts = {
            "tool": f"{skill.name} ({skill.version}, {skill.scope}), {skill.effect}",
            "asked because": decision.why,
            **({"rule from": decision.source} if decision.rule else {}),
            **{name: text for name, text in preview.facts.items() if name not in OURS},
        }
        if said.strip():
            facts["the agent says"] = one_line(said, SAID)
        body = preview.body or json.dumps(arguments, indent=2, ensure_ascii=False, sort_keys=True)
        pattern = pattern_for(act)
        return Question(
            "approval",
            f"{self.agent.name} wants to use {skill.name}: {one_line(preview.title, 200)}",
            body,
            facts,
            ("approve", "allow_pattern", "deny") if pattern else ("approve", "deny"),
            language="diff" if skill.previews else "json",
            tool=skill.name,
            pattern=pattern,
            binds=[canonical(arguments), skill.digest, self.agent.digest, preview.binds],
        )


def _allowed(decision: Decision) -> str:
    """By which rule a call was allowed and where that stands, or why it needs none."""
    where = f", a rule of {decision.source}" if decision.rule and not decision.rule.granted else ""
    return one_line(f"{decision.why}{where}", 300)


def _denied(skill: Skill, decision: Decision) -> str:
    return f"{skill.name} is refused: {decision.why}. {GO_ON}"
