"""A draft as constraints look at it, and what a constraint is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from composer.constraints.reading import Said
from composer.edit import Edit
from composer.evaluation.roles import has_role
from composer.evaluation.subject import Seen, Subject
from workflows.errors import UnderstudyError
from workflows.records import dataclass

ACTING = ("write", "deploy", "commit", "delete", "restore")
"""Roles of steps that change something outside."""


class CannotHold(UnderstudyError):
    """A demand that the workflow cannot meet, and why."""


@dataclass(frozen=True)
class Sketch:
    """A draft that is being changed, and the channels by which people can be told things here."""

    subject: Subject
    channels: frozenset[str] = frozenset({"terminal", "desktop"})

    def steps_that(self, *roles: str) -> list[Seen]:
        """Steps of the stages that act by themselves, with one of these roles."""
        return [
            seen
            for seen in self.subject.steps
            if seen.step.type in ("skill", "workflow", "http", "notification")
            and any(has_role(seen, role) for role in roles)
        ]


class Constraint(Protocol):
    """Something that a request demands of whatever is drafted."""

    @property
    def said(self) -> Said: ...

    @property
    def means(self) -> str:
        """What is demanded, plainly."""
        ...

    @property
    def assumed(self) -> str:
        """What was taken for granted in reading it; empty where nothing was."""
        ...

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        """What makes the draft so; nothing where it is so already. Raises CannotHold."""
        ...
