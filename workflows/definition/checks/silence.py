"""What no answer means has an effect only where there is a time after which none is waited for."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition.outline import Outline
from workflows.steps.kind import Finding


def check_silence(whole: Outline) -> Iterator[Finding]:
    """Defaults of approvals and questions that nothing ever takes: neither the step nor the workflow has a timeout."""
    if whole.workflow.unattended is not None:
        return
    for placed in whole.placed:
        step = placed.step
        if step.type not in ("approval", "question") or getattr(step.fields, "timeout", None) is not None:
            continue
        if getattr(step.fields, "default", None) is not None:
            path = (*placed.path, "default")
            yield Finding(path, "no-effect", "default has no effect without timeout", warning=True)
