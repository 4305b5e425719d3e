"""delay: wait for a time, or until one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from workflows.definition.durations import seconds
from workflows.definition.fields import Expression, WaitOrExpression
from workflows.errors import fail
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown
from workflows.values import Json


class DelayFields(Fields):
    noun: ClassVar[str] = "delay step"

    for_: WaitOrExpression | None = Field(default=None, key="for", description="How long.")
    until: Expression | None = Field(
        default=None, description="An ISO 8601 time with its zone, such as 2026-12-01T09:00:00Z."
    )

    def findings(self) -> Iterable[Finding]:
        if self.for_ is not None and self.until is not None:
            yield Finding(("until",), "conflict", "a delay step has 'for' or 'until', not both")
        if self.for_ is None and self.until is None:
            yield Finding((), "missing-key", "a delay step needs 'for' or 'until'")
        if self.until is not None and "${{" not in self.until:
            try:
                moment(self.until)
            except ValueError as error:
                yield Finding(("until",), "wrong-type", f"until must be a time, not '{self.until}': {error}")


class Delay(Alone):
    """Waits. After a crash only what is left of the time is waited for. Its output says until when."""

    name: ClassVar[str] = "delay"
    fields: ClassVar[type[Fields]] = DelayFields

    def describe(self, fields: DelayFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        if fields.until is not None:
            return Description(f"wait until {fields.until}")
        unit = f"{fields.for_:g} s" if isinstance(fields.for_, float) else str(fields.for_)
        return Description(f"wait {unit}")

    async def show(self, ctx: Context) -> Shown:
        given = ctx.input
        return Shown(
            f"{ctx.address}: wait " + (f"until {given['until']}" if given.get("until") else f"{given['for']} s")
        )

    async def run(self, ctx: Context) -> Json:
        until, span = ctx.input.get("until"), ctx.input.get("for")
        try:
            if until is not None:
                when = moment(str(until))
                await ctx.sleep_until("delay", when)
                return {"until": until}
            wait = seconds(str(span))
        except ValueError as error:
            raise fail("validation", f"The delay is not understood: {error}", "Mend `for` or `until`.") from error
        await ctx.sleep("delay", wait)
        return {"seconds": wait}


def moment(text: str) -> float:
    """Seconds since the epoch of an ISO 8601 time. Raises ValueError where it is none, or says no zone."""
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("write it as 2026-12-01T09:00:00Z") from None
    if time.tzinfo is None:
        raise ValueError("it says no time zone; add Z for UTC, or such as +01:00")
    return time.timestamp()
