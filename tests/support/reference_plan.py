"""The reference plan of tests that cut runs off: every kind of trouble, in small kinds of a world of their own."""

from __future__ import annotations

from typing import Any

from tests.support.plans import Deed, Doing, step
from workflows.effects import Usage
from workflows.errors import fail
from workflows.planning.plan import Plan, PlannedStage, RetryPolicy
from workflows.steps.context import Context, Result


def reference_plan() -> Plan:
    """Every kind of trouble: order and side by side, retry, an understudy, a gate, a question, timers, unsafe acts."""
    gather = (
        step("look", "do", stage="gather"),
        step("send", "unsafe", stage="gather"),
        step("flaky", "do", stage="gather", retry=RetryPolicy(3, "immediate")),
        step("count", "do", stage="gather", after=("look",), fields={"n": "${{ steps.look.output.did }}"}),
    )
    before = tuple(each.id for each in gather)
    write = (
        step("wait", "delay", stage="write", after=before, fields={"for": 0.01}),
        step("talk", "talk", stage="write", after=("wait",), performers=("lead", "understudy")),
        step("never", "do", stage="write", after=("talk",), when="parameters.go"),
        step("gate", "unsafe", stage="write", after=("never",), approve=True),
        step("ask", "ask", stage="write", after=("gate",)),
        step("lossy", "do", stage="write", after=("ask",), on_failure="continue"),
        step("last", "unsafe", stage="write", after=("lossy",), fields={"said": "${{ steps.talk.output.text }}"}),
    )
    stages = (
        PlannedStage("gather", before, 3),
        PlannedStage("write", tuple(each.id for each in write), 1),
    )
    return Plan(
        stages, gather + write, title="Reference", version="1", outputs={"said": "${{ steps.last.output.did }}"}
    )


class Talking(Doing):
    """Like an agent: three calls in a row, the first performer failing after two of them."""

    name = "talk"

    def performers(self, fields: Any, fallback: Any) -> tuple[str, ...]:
        return ("lead", "understudy")

    async def run(self, ctx: Context) -> Any:
        for turn in (1, 2, 3):

            async def act(key: str, turn: int = turn) -> Result:
                await self.world.acts["talk"](Deed(f"talk/turn{turn}", ctx.performer, key, ctx.input))
                if turn == 3 and ctx.performer == "lead":
                    raise fail("authentication", "the lead has lost its voice")
                return Result({"text": f"turn {turn}"}, Usage("demo/scripted", 10, 5, cost_usd=0.01))

            output = await ctx.call(f"turn{turn}", {"turn": turn}, "idempotent", act)
        return output
