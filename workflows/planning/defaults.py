"""What a plan gives to steps that do not say it themselves, and how wide it may be: set where it is run."""

from __future__ import annotations

from workflows.effects import Effect
from workflows.records import dataclass

OWN_TIME = ("delay",)
"""Kinds that wait for time itself: a limit of time would say nothing."""


@dataclass(frozen=True)
class Defaults:
    """`timeout` (seconds) and `retries` (the first try not counted) of steps that state none, `delay` seconds apart.

    Without `parallel` everything is done one at a time, in the order of the file.
    """

    timeout: float | None = None
    retries: int = 0
    parallel: bool = True
    delay: float = 1.0

    def width(self, written: int) -> int:
        """How many may be done at once where the file lets `written`."""
        return written if self.parallel else 1

    def timeout_of(self, kind: str, written: float | None, *, people: bool) -> float | None:
        """A step's timeout. People take the time they need."""
        return self.timeout if written is None and not people and kind not in OWN_TIME else written

    def retries_of(self, kind: str, effect: Effect | None, *, people: bool, irreversible: bool) -> int:
        """Repetitions of a step that states none.

        None of what is unsafe: a definite failure of that is repeated only where the file says so. An agent has no
        effect of its own; what it did is not done again when it is asked anew.
        """
        if people or irreversible or kind in OWN_TIME or effect == "unsafe" or (effect is None and kind != "agent"):
            return 0
        return self.retries


NONE = Defaults()
