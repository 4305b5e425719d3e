"""Step kinds: the port that each fills, and those that need neither a model nor a skill."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.steps.kind import StepKind


def built_in() -> tuple[StepKind, ...]:
    """This layer's kinds. Skills and agents add theirs."""
    # Imported here: a kind may hold steps, so it needs the language's model, which needs the port in this package.
    from workflows.steps.approval import Approval
    from workflows.steps.decision import Decision
    from workflows.steps.delay import Delay
    from workflows.steps.parallel import Parallel
    from workflows.steps.question import AskQuestion
    from workflows.steps.transform import Transform
    from workflows.steps.workflow import ChildWorkflow

    return (Approval(), Decision(), Delay(), Parallel(), AskQuestion(), Transform(), ChildWorkflow())
