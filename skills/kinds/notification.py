"""notification: a message to people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from skills.channels.channels import TERMINAL, Channels
from workflows.definition.fields import Expression, Name
from workflows.diagnostics import suggest
from workflows.effects import Effect
from workflows.errors import fail
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.context import Context, Result
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown
from workflows.text import safe_text
from workflows.values import Json

LONGEST = 20_000
"""Characters of a message."""


class NotificationFields(Fields):
    noun: ClassVar[str] = "notification step"

    channel: Name = Field(description="Where to: terminal, desktop, mail, or a channel of the settings.")
    text: Expression = Field(description="What is said.")


class Notification(Alone):
    """Tells somebody something; gives {channel, text, delivered}. Without channels only the language is checked."""

    name: ClassVar[str] = "notification"
    fields: ClassVar[type[Fields]] = NotificationFields

    def __init__(self, channels: Channels | None = None) -> None:
        self._channels = channels

    def check(self, fields: NotificationFields, catalogue: Catalogue) -> Iterable[Finding]:
        if self._channels is None or not fields.channel or fields.channel in self._channels.names:
            return
        names = self._channels.names
        hint = (
            suggest(fields.channel, names) or f"there are: {', '.join(names)}; others are `channels:` of the settings"
        )
        yield Finding(("channel",), "unknown-channel", f"there is no channel '{fields.channel}'", hint)

    def describe(self, fields: NotificationFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        host = self._channels.host(fields.channel) if self._channels else ""
        return Description(f"tell {fields.channel}", effect=_effect(fields.channel), hosts=(host,) if host else ())

    async def show(self, ctx: Context) -> Shown:
        """What would be said, and where."""
        channel = str(ctx.input["channel"])
        host = self._channels.host(channel) if self._channels else ""
        facts = {"channel": channel, **({"host": host} if host else {})}
        return Shown(f"Tell {channel}", safe_text(str(ctx.input["text"]), limit=LONGEST), facts)

    async def run(self, ctx: Context) -> Json:
        """Deliver the message, once."""
        if self._channels is None:
            raise fail("dependency", "there are no channels here")
        channels, channel, written = self._channels, str(ctx.input["channel"]), str(ctx.input["text"])

        async def act(key: str) -> Result:
            text = safe_text(str(ctx.reveal(written)), limit=LONGEST)
            output = await channels.deliver(channel, text, key, ctx.root, lambda transition: ctx.log(str(transition)))
            shown = safe_text(written, limit=LONGEST)
            if channel == TERMINAL:
                ctx.stream(shown + "\n")
            return Result({**output, "text": shown})

        return await ctx.call("deliver", {"channel": channel, "text": written}, _effect(channel), act, whole=True)


def _effect(channel: str) -> Effect:
    return "pure" if channel == TERMINAL else "unsafe"
