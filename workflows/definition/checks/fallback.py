"""A fallback is an agent that takes over from an agent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.definition.outline import Outline
from workflows.steps.kind import Finding, StepKind


def check_fallback(outline: Outline, kinds: Mapping[str, StepKind]) -> Iterator[Finding]:
    for placed in outline.placed:
        step = placed.step
        if not step.fallback or step.type not in kinds:
            continue
        performers = kinds[step.type].performers(step.fields, step.fallback)
        path = (*placed.path, "fallback")
        if not set(step.fallback) <= set(performers):
            message = f"a {step.type} step has no fallback: nobody could take it over"
            yield Finding(path, "conflict", message, "fallback names agents that take over from an agent")
            continue
        before = len(performers) - len(step.fallback)
        for index, name in enumerate(step.fallback):
            if name in performers[: before + index]:
                yield Finding((*path, index), "no-effect", f"'{name}' has had its turn already", warning=True)
