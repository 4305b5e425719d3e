"""What is known of a model before it is asked: how much it can read, and whether it can see."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from workflows.records import dataclass


@dataclass(frozen=True)
class Abilities:
    """`window`: tokens that it can read; None where nobody knows. `sees`: it is known to take images.

    `shapes`: it is known to keep its answer to a JSON Schema.
    """

    window: int | None = None
    sees: bool = False
    shapes: bool = False


NOTHING_KNOWN = Abilities()


@runtime_checkable
class Able(Protocol):
    """A model that can say what one of its names is able to do."""

    def abilities(self, model: str) -> Abilities: ...


def abilities_of(answers: object, model: str) -> Abilities:
    """What `answers` says of the model with this full name."""
    return answers.abilities(model) if isinstance(answers, Able) else NOTHING_KNOWN
