"""notification: a message to people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from workflows.definition.fields import Expression, Name
from workflows.steps.alone import Alone
from workflows.steps.kind import Catalogue, Description, Fields


class NotificationFields(Fields):
    noun: ClassVar[str] = "notification step"

    channel: Name = Field(description="Where to: terminal, desktop, mail, or a channel of the settings.")
    text: Expression = Field(description="What is said.")


class Notification(Alone):
    """Parsed and checked only."""

    name: ClassVar[str] = "notification"
    fields: ClassVar[type[Fields]] = NotificationFields
    runnable: ClassVar[bool] = False

    def describe(self, fields: NotificationFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description(f"tell {fields.channel}", effect="unsafe")
