"""What the language has and the engine does not do yet. Whoever builds it deletes its line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.definition.model import Workflow
from workflows.steps.kind import Finding

NOT_YET: Mapping[str, str] = {"budget": "a budget"}
"""Keys of the workflow, and what each would be."""


def check_runnable(workflow: Workflow) -> Iterator[Finding]:
    for key, what in NOT_YET.items():
        if getattr(workflow, key) is not None:
            message, hint = f"not runnable yet: {what}", "take it out to run the workflow now"
            yield Finding((key,), "not-runnable-yet", message, hint)
