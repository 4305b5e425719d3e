"""`unattended:` of a workflow, as written: who is told where a person is needed and none is there, and what counts when
nobody answers."""

from __future__ import annotations

from typing import ClassVar, Literal

from workflows.definition.fields import Definition, Duration, Name
from workflows.parts import Field


class Silence(Definition):
    """What no answer means, for each reason to ask. What is not said is the careful one."""

    noun: ClassVar[str] = "default"

    approval: Literal["deny", "approve"] = Field(
        default="deny", description="Of approvals; what cannot be undone and what an agent wants to do is denied."
    )
    question: Literal["fail"] | None = Field(
        default=None, description="Of questions without a default of their own: their step fails."
    )
    intervention: Literal["abort", "skip", "roll_back"] = Field(
        default="abort", description="Of failed steps that a person is asked about."
    )
    unknown: Literal["abort", "skip"] = Field(default="abort", description="Of calls that may have happened.")
    budget: Literal["abort", "skip"] = Field(default="abort", description="Of calls for which the budget has no room.")
    changed: Literal["abort", "use_new"] = Field(
        default="abort", description="Of steps whose skill or agent changed during the run."
    )


class Unattended(Definition):
    """What happens where a person is needed in a run that nobody attends."""

    noun: ClassVar[str] = "unattended block"

    channel: Name = Field(description="Where people are told: terminal, desktop, or a channel of the settings.")
    timeout: Duration = Field(description="How long an answer is waited for; then the default is taken.")
    default: Silence = Field(default_factory=Silence, description="What no answer means, by what was asked for.")
