"""A plan before anything runs: every step, who performs it and who takes over, what it touches, who decides."""

from __future__ import annotations

from collections.abc import Iterable

from app.present.figures import duration, plural
from app.present.run import SCHEMA_VERSION
from workflows.planning.plan import Plan, PlannedStep
from workflows.text import one_line, safe_json
from workflows.values import Json, canonical


def plan_document(plan: Plan, *, workflow: str, parameters: Json) -> Json:
    """The plan as JSON, with what it sums up to."""
    return safe_json(
        {
            "schema_version": SCHEMA_VERSION,
            "workflow": workflow,
            "parameters": parameters,
            "summary": {
                "steps": len(plan.steps),
                "gates": [step.id for step in plan.steps if _asks(step)],
                "unsafe": [step.id for step in plan.steps if step.effect == "unsafe"],
                "models": list(models_of(plan)),
                "hosts": list(_hosts(plan)),
            },
            "plan": plan.to_json(),
        }
    )


def plan_lines(plan: Plan, parameters: Json = None) -> Iterable[str]:
    """The plan as plain lines: the parameters, the steps by stage, and the sums at the end."""
    yield f"Plan of {one_line(plan.title, 100)}" + (f" {one_line(plan.version, 20)}" if plan.version else "")
    if isinstance(parameters, dict):
        for name, value in parameters.items():
            yield f"  {name} = {shown_value(value)}"
    wide = max((len(step.id) for step in plan.steps), default=0)
    for stage in plan.stages:
        yield f"{one_line(stage.name, 80)}" + (f" (parallel, {stage.width} at once)" if stage.width > 1 else "")
        for name in stage.steps:
            step = plan.by_id[name]
            yield f"  ○ {step.id:<{wide}}  {first_sentence(step.summary or step.kind)}"
            yield from (f"    {'':<{wide}}  {note}" for note in (*_given(step), *_notes(step)))
    gates = sum(_asks(step) for step in plan.steps)
    sums = [
        plural(len(plan.steps), "step"),
        plural(gates, "place where a person decides", "places where a person decides"),
    ]
    sums += [f"models: {', '.join(models)}"] if (models := models_of(plan)) else ["no model"]
    sums += [f"hosts: {', '.join(hosts)}"] if (hosts := _hosts(plan)) else []
    yield one_line(" · ".join(sums), 400)


def shown_value(value: Json) -> str:
    """A parameter's value on one line; null as not given."""
    if value is None:
        return "(not given)"
    return one_line(value, 160) or '""' if isinstance(value, str) else one_line(canonical(value), 160)


def first_sentence(text: str) -> str:
    """The first sentence of a description, on one line."""
    line = one_line(text, 400)
    end = line.find(". ")
    return one_line(line if end < 0 else line[: end + 1], 160)


def models_of(plan: Plan) -> tuple[str, ...]:
    """The models that the plan may ask, in the order of its steps."""
    return tuple(dict.fromkeys(model for step in plan.steps for use in step.uses for model in use.models))


def _hosts(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host for step in plan.steps for host in step.hosts))


def _asks(step: PlannedStep) -> bool:
    return step.approve or step.people


def _given(step: PlannedStep) -> Iterable[str]:
    """What the step is given, as it is written: the command, the path, the question. Expressions are still text."""
    fields = step.fields if isinstance(step.fields, dict) else {}
    given = fields.get("parameters") if step.kind == "skill" else fields
    for name, value in given.items() if isinstance(given, dict) else ():
        if value is None or name in ("agent", "fallback"):
            continue
        text = " ".join(map(str, value)) if name == "argv" and isinstance(value, list) else shown_value(value)
        yield one_line(f"{name}: {text}", 160)


def _notes(step: PlannedStep) -> Iterable[str]:
    if len(step.performers) > 1:
        yield f"understudies: {', '.join(step.performers[1:])}"
    for use in step.uses:
        parts = [f"{use.what} {use.name}", *use.models]
        if use.tools:
            parts.append(f"tools {', '.join(use.tools)}")
        if use.touches:
            parts.append(f"touches {', '.join(use.touches)}")
        if use.simulated:
            parts.append("no AI")
        if use.what == "agent" and not use.models:
            parts.append("no model is set, so it will fail")
        yield one_line(" · ".join(parts), 200)
    rules = []
    if step.after:
        rules.append(f"after {', '.join(step.after)}")
    if step.when:
        rules.append(f"when {step.when}")
    if step.retry.attempts > 1:
        rules.append(f"up to {step.retry.attempts} tries")
    if step.timeout is not None:
        rules.append(f"at most {duration(step.timeout)} each")
    if step.on_failure:
        rules.append(f"on failure {step.on_failure}")
    if rules:
        yield one_line(" · ".join(rules), 200)
    if _asks(step):
        yield "‖ a person decides before it acts" if step.approve else "‖ a person decides"
