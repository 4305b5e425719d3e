"""approval: a person says yes, or the run goes no further here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar, Literal

from workflows.definition.fields import Duration, Value
from workflows.errors import fail
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.context import Context, Question
from workflows.steps.kind import Catalogue, Description, Fields, Shown
from workflows.text import one_line
from workflows.values import Json


class ApprovalFields(Fields):
    noun: ClassVar[str] = "approval step"

    show: Value = Field(default=None, description="What the person is shown.")
    timeout: Duration | None = Field(
        default=None, description="How long an answer is waited for; then the default is taken."
    )
    default: Literal["approve", "deny"] | None = Field(
        default=None, description="What no answer means; deny where not said."
    )


class Approval(Alone):
    """Asks a person. Yes is its output (who, and their note); no is a failure that nothing retries."""

    name: ClassVar[str] = "approval"
    fields: ClassVar[type[Fields]] = ApprovalFields

    def describe(self, fields: ApprovalFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("a person approves", people=True)

    async def show(self, ctx: Context) -> Shown:
        body, language = _text(ctx.input.get("show"))
        return Shown(f"{ctx.address}: approval", body, language=language)

    async def run(self, ctx: Context) -> Json:
        given = ctx.input
        body, language = _text(given.get("show"))
        answer = await ctx.ask(
            "approval",
            Question(
                reason="approval",
                title=one_line(body, 100) or f"Approve {ctx.address}?",
                body=body,
                language=language,
                timeout=given.get("timeout"),
                # Without one, no answer means deny, and nobody waits for that.
                default=given.get("default") or "",
            ),
        )
        if answer.choice != "approve":
            note = f": {answer.note}" if answer.note else ""
            nobody = ": nobody answered in time" if answer.by == "default" else ""
            raise fail("denied", f"{ctx.address} was not approved{nobody or note}", by=answer.by)
        return {"approved": True, "by": answer.by, "note": answer.note}


def _text(show: Json) -> tuple[str, str]:
    """What is shown, as text, and its language."""
    if show is None:
        return "", ""
    return (show, "") if isinstance(show, str) else (json.dumps(show, indent=2, ensure_ascii=False), "json")
