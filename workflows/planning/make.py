"""make_plan(workflow): from the language to the plan. Pure: nothing runs, nothing is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from workflows.definition.model import Stage, Step, Workflow
from workflows.definition.modifiers import Retry
from workflows.expressions import compile_condition, compile_value
from workflows.planning.plan import OnFailure, Plan, PlannedStage, PlannedStep, RetryPolicy, Use
from workflows.steps.kind import Catalogue, Entry, StepKind

DEFAULT_WIDTH = 8
"""How many steps of a parallel stage run at once where `max_parallel` does not say."""

RETRY_AS_POLICY = RetryPolicy(attempts=3)
"""What `on_failure: retry` means for a step that has no `retry` of its own."""


def make_plan(workflow: Workflow, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> Plan:
    """The plan of a workflow that was validated. Every step comes after all that it waits for."""
    steps: list[PlannedStep] = []
    stages: list[PlannedStage] = []
    before: tuple[str, ...] = ()
    for stage in workflow.stages:
        planned = list(_plan_stage(stage, before, kinds, catalogue))
        ids = tuple(step.id for step in planned)
        width = (stage.max_parallel or DEFAULT_WIDTH) if stage.parallel else 1
        stages.append(PlannedStage(stage.name, ids, width))
        steps += planned
        before = ids or before
    return Plan(workflow.name, workflow.version, tuple(stages), tuple(steps), dict(workflow.outputs))


def _plan_stage(
    stage: Stage, before: tuple[str, ...], kinds: Mapping[str, StepKind], catalogue: Catalogue
) -> Iterator[PlannedStep]:
    siblings = [step.id for step in stage.steps]
    previous = before
    for step in stage.steps:
        planned = _plan_step(step, stage.name, kinds[step.type], catalogue)
        if stage.parallel:
            own = [other for other in siblings if other in step.needs or other in reads(step)]
            yield replace(planned, after=(*before, *own))
        else:
            yield replace(planned, after=previous)
            previous = (step.id,)


def reads(step: Step) -> Collection[str]:
    """The ids of the steps whose output the step's expressions read."""
    references = set(compile_value(step.fields.model_dump(mode="json", by_alias=True)).references)
    if step.when:
        references |= compile_condition(step.when).references
    return {str(found.path[0]) for found in references if found.root == "steps" and found.path}


def _plan_step(step: Step, stage: str, kind: StepKind, catalogue: Catalogue) -> PlannedStep:
    description = kind.describe(step.fields, step.fallback, catalogue)
    retry = step.retry
    policy = RetryPolicy() if retry is None else _policy(retry)
    if step.on_failure == "retry" and retry is None:
        policy = RETRY_AS_POLICY
    return PlannedStep(
        id=step.id,
        kind=step.type,
        title=step.name or step.id,
        stage=stage,
        fields=step.fields.model_dump(mode="json", by_alias=True),
        when=step.when or "",
        performers=kind.performers(step.fields, step.fallback),
        uses=tuple(_use(entry) for entry in description.uses),
        retry=policy,
        timeout=step.timeout,
        on_failure=_on_failure(step),
        approve=step.approve == "before",
        effect=step.effect,
        summary=description.summary,
        hosts=description.hosts,
        people=description.people,
    )


def _on_failure(step: Step) -> OnFailure:
    """`retry` is in the policy by now; rolling back cannot run yet, and validation has said so."""
    match step.on_failure:
        case "abort" | "continue" | "skip" | "ask":
            return step.on_failure
        case _:
            return ""


def _policy(retry: Retry) -> RetryPolicy:
    return RetryPolicy(
        attempts=retry.attempts,
        # What learns from history cannot run yet, and validation has said so.
        backoff="exponential" if retry.backoff == "adaptive" else retry.backoff,
        delay=retry.delay,
        max_delay=retry.longest_delay,
        jitter=retry.jitter,
        classes=retry.on,
    )


def _use(entry: Entry) -> Use:
    return Use(
        entry.what,
        entry.name,
        entry.digest,
        entry.models,
        entry.tools,
        tuple(sorted(entry.touches)),
        entry.simulated,
    )
