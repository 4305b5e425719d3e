"""What an expression reads, known before the run."""

from __future__ import annotations

from workflows.records import dataclass

ROOTS = ("parameters", "steps", "context", "env", "secrets", "item", "run", "output", "error")
"""The names that an expression can start with, as far as the place it stands in allows them."""


@dataclass(frozen=True)
class Reference:
    """`steps.log.output.commits[0]` reads `Reference("steps", ("log", "output", "commits", 0))`.

    A computed key ends the path: `steps[parameters.which].output` reads `Reference("steps", ())`, which means any of
    them, and `parameters.which`.
    """

    root: str
    path: tuple[str | int, ...] = ()
