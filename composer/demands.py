"""What a request demands of a draft, and what came of it."""

from __future__ import annotations

from workflows.records import dataclass


@dataclass(frozen=True)
class Demand:
    """Something that the request demands of whatever is drafted, such as a gate or a budget, and what came of it.

    `said` are the request's words, `means` says it plainly, `how` what was done for it, or why it could not be.
    `changed`: the draft is another one for it.
    """

    said: str
    means: str
    held: bool
    how: str = ""
    changed: bool = False
