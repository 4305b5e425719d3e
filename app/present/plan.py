"""A plan before anything runs: every step at every depth, who performs it, what it touches, where a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from app.present.figures import duration, plural
from app.present.money import ENDINGS
from app.present.planned import asks, channel_of, effect_of, every_step
from app.present.run import SCHEMA_VERSION
from workflows.money import money
from workflows.planning.plan import Block, Budget, Handler, Plan, PlannedStep
from workflows.planning.secrets import secrets_of
from workflows.text import one_line, safe_json
from workflows.values import Json, canonical

if TYPE_CHECKING:
    from app.estimate import Estimate

SHOWS = 160
"""Characters of a line about a step."""


def plan_document(plan: Plan, *, workflow: str, parameters: Json, estimate: Estimate | None = None) -> Json:
    """The plan as JSON, with what it sums up to. Steps inside others are named by the way to them: `each>order`."""
    return safe_json(
        {
            "schema_version": SCHEMA_VERSION,
            "workflow": workflow,
            "parameters": parameters,
            "summary": {**_summary(plan), **({"estimate": _estimate(estimate)} if estimate else {})},
            "plan": plan.to_json(),
        }
    )


def _estimate(estimate: Estimate) -> Json:
    """US dollars for one call of each agent; null where a price is not known."""
    return {
        "calls": estimate.calls,
        "at_most_usd": None if estimate.unknown else round(estimate.usd, 6),
        "known_at_most_usd": round(estimate.usd, 6),
        "unknown_prices": list(estimate.unknown),
        "for_each_item": estimate.items,
    }


def _summary(plan: Plan) -> dict[str, Json]:
    every = every_step(plan)
    uses = [use for step in every.values() for use in step.uses]

    def named(what: str) -> list[str]:
        return list(dict.fromkeys(use.name for use in uses if use.what == what))

    return {
        "steps": len(plan.steps),
        "steps_at_every_depth": _work(every),
        "gates": [path for path, step in every.items() if asks(step)],
        "unsafe": [path for path, step in every.items() if effect_of(step) == "unsafe"],
        "irreversible": [path for path, step in every.items() if step.irreversible],
        "undone_on_rollback": [path for path, step in every.items() if step.undo],
        "models": list(models_of(plan)),
        "agents": named("agent"),
        "skills": named("skill"),
        "workflows": named("workflow"),
        "hosts": list(_hosts(plan)),
        "secrets": list(secrets_of(plan)),
        "notifications": list(_channels(plan)),
        "budget": {"usd": plan.budget.usd, "on_exceed": plan.budget.on_exceed} if plan.budget else None,
    }


def plan_lines(plan: Plan, parameters: Json = None, estimate: Estimate | None = None) -> Iterator[str]:
    """The plan as plain lines: the parameters, the steps by stage with what they hold, and the sums at the end."""
    yield f"Plan of {one_line(plan.title, 100)}" + (f" {one_line(plan.version, 20)}" if plan.version else "")
    if isinstance(parameters, dict):
        for name, value in parameters.items():
            yield f"  {name} = {shown_value(value)}"
    yield from _workflow(plan, "")
    yield sum_words(plan)
    yield from (one_line(line, 400) for line in _money(plan.budget, estimate))


def _money(budget: Budget | None, estimate: Estimate | None) -> Iterator[str]:
    """What the run may spend, and what one call of each agent comes to at worst."""
    if budget is None and (estimate is None or not estimate.calls):
        return
    parts = [f"budget {money(budget.usd)}, {ENDINGS[budget.on_exceed]}" if budget else "no budget"]
    if estimate is not None and estimate.calls:
        each = ", for each item" if estimate.items else ""
        known = estimate.calls if estimate.usd else 0
        if known:
            parts.append(f"one call of each agent{each}: {money(estimate.usd)} at most")
        if estimate.unknown:
            names = ", ".join(estimate.unknown)
            first = {"ask": "you are asked before its first call", "abort": "it ends before its first call"}
            what = f" ({first[budget.on_exceed]})" if budget else ""
            parts.append(f"what {names} costs is not known{what}")
        if budget is not None and estimate.usd > budget.usd:
            parts.append("more than the budget, at worst")
    yield " · ".join(parts)


def cost_words(plan: Plan, estimate: Estimate) -> str:
    """What a run may cost, on one line."""
    return one_line(" ".join(_money(plan.budget, estimate)), 400) or "no model is asked, so it costs nothing"


def sum_words(plan: Plan) -> str:
    """What a plan comes to, on one line: steps, decisions, what is unsafe, models, hosts, secrets."""
    return one_line(" · ".join(_sums(plan)), 600)


def _sums(plan: Plan) -> Iterator[str]:
    every = every_step(plan)
    yield plural(_work(every), "step")
    gates = sum(asks(step) for step in every.values())
    yield plural(gates, "place where a person decides", "places where a person decides")
    if any(use.asks for step in every.values() for use in step.uses):
        yield "agents may ask besides"
    if unsafe := sum(effect_of(step) == "unsafe" for step in every.values()):
        yield f"{unsafe} unsafe"
    if irreversible := sum(step.irreversible for step in every.values()):
        yield f"{irreversible} irreversible"
    yield f"models: {', '.join(models)}" if (models := models_of(plan)) else "no model"
    if hosts := _hosts(plan):
        yield f"hosts: {', '.join(hosts)}"
    if secrets := secrets_of(plan):
        yield f"secrets: {', '.join(secrets)}"
    if channels := _channels(plan):
        yield f"tells: {', '.join(channels)}"


def _work(every: Mapping[str, PlannedStep]) -> int:
    """How many steps there are; what is only done about one (undoing, finding out, telling) is part of it."""
    return sum("~" not in path for path in every)


def _workflow(plan: Plan, indent: str) -> Iterator[str]:
    """A workflow's stages, then what is done about failures and at its end."""
    yield from _stages(plan, indent, named=not indent or len(plan.stages) > 1)
    limits = []
    if plan.timeout is not None:
        limits.append(f"at most {duration(plan.timeout)} at work")
    if plan.max_parallel is not None:
        limits.append(f"at most {plural(plan.max_parallel, 'step')} at once")
    if limits:
        yield f"{indent}limits: {' · '.join(limits)}"
    if plan.handlers:
        yield f"{indent}when a step fails"
        for handler in plan.handlers:
            yield f"{indent}  ◆ {_handler(handler)}"
            yield from _block(handler.block, f"{indent}    ")
            if handler.tell:
                yield f"{indent}    {_telling(handler.tell.step, handler.tell.when)}"
    for name, block in (("rollback, after undoing", plan.rollback), ("finally, at every end", plan.finally_)):
        if block is not None:
            yield f"{indent}{name}"
            yield from _block(block, f"{indent}  ")


def _handler(handler: Handler) -> str:
    words = f"{one_line(handler.error, 60)}: {handler.action}"
    if handler.action == "retry":
        words += f", {plural(handler.retries, 'time')}" + (f", then {handler.then}" if handler.then else "")
    return words


def _stages(block: Block, indent: str, *, named: bool) -> Iterator[str]:
    wide = max((len(step.id) for step in block.steps), default=0)
    for stage in block.stages:
        if named:
            at_once = f" (parallel, {stage.width} at once)" if stage.width > 1 else ""
            yield f"{indent}{one_line(stage.name, 80)}{at_once}"
        for name in stage.steps:
            yield from _step(block.by_id[name], indent + "  " * named, wide)


def _block(block: Block, indent: str) -> Iterator[str]:
    yield from _stages(block, indent, named=False)


def _step(step: PlannedStep, indent: str, wide: int) -> Iterator[str]:
    """A step with what is known of it, and below it what it holds."""
    one = step.each.step if step.each else step
    yield f"{indent}○ {step.id:<{wide}}  {first_sentence(one.summary or one.kind)}"
    below = f"{indent}  {'':<{wide}}  "
    if step.title not in ("", step.id):
        yield one_line_at(below, f"“{step.title}”")
    if step.each:
        over = shown_value(step.each.over)
        at_once = f", {step.each.width} at once" if step.each.width > 1 else ", one after the other"
        yield one_line_at(below, f"for each {step.each.name} of {over}{at_once}")
    yield from (one_line_at(below, note) for note in (*_given(one), *_notes(step, one)))
    inner = f"{indent}    "
    for number, block in enumerate(one.inside):
        if one.kind == "decision":
            yield one_line_at(inner, f"when {block.when}" if block.when else "otherwise" if number else "always")
            yield from _block(block, inner + "  ")
        else:
            yield from _block(block, inner)
    if one.child is not None:
        yield from _workflow(one.child, inner)


def one_line_at(indent: str, text: str) -> str:
    """The text on one line behind the indent."""
    return indent + one_line(text, SHOWS)


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
    uses = [use for step in every_step(plan).values() for use in step.uses]
    return tuple(dict.fromkeys(model for use in uses for model in use.models))


def _hosts(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host for step in every_step(plan).values() for host in step.hosts))


def _channels(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(channel_of, every_step(plan).values()))))


NOT_GIVEN = frozenset({"agent", "fallback", "workflow", "branch"})
"""Fields that say who does it, which is told elsewhere."""


def _given(step: PlannedStep) -> Iterable[str]:
    """What the step is given, as it is written: the command, the path, the question. Expressions are still text."""
    fields = step.fields if isinstance(step.fields, dict) else {}
    given = fields.get("parameters") if step.kind in ("skill", "workflow") else fields
    for name, value in given.items() if isinstance(given, dict) else ():
        if value in (None, [], {}) or name in NOT_GIVEN or (step.kind == "parallel" and value == "all"):
            continue
        if step.kind == "http" and name in ("method", "url"):
            continue  # the summary is made of them
        text = " ".join(map(str, value)) if name == "argv" and isinstance(value, list) else shown_value(value)
        yield f"{name}: {text}"


def _notes(step: PlannedStep, one: PlannedStep) -> Iterator[str]:
    """What else is known of a step. `one` is what is done for each item, where there are any, else the step itself."""
    if one.equals > 1:
        equals, how = ", ".join(one.performers[: one.equals]), one.allocate.replace("_", " ")
        yield f"one of {equals} ({how})"
    if len(one.performers) > one.equals:
        yield f"understudies: {', '.join(one.performers[one.equals :])}"
    for use in one.uses:
        parts = [f"{use.what} {use.name}", *use.models]
        if use.asks:  # before what it may do without: a long line is cut
            parts.append(f"may ask you about {', '.join(use.asks)}")
        if use.tools:
            parts.append(f"tools {', '.join(use.tools)}")
        if use.touches:
            parts.append(f"touches {', '.join(use.touches)}")
        if use.simulated:
            parts.append("no AI")
        if use.what == "agent" and not use.models:
            parts.append("no model is set, so it will fail")
        yield " · ".join(parts)
    if one.hosts:
        yield f"host {', '.join(one.hosts)}"
    rules = [f"after {', '.join(step.after)}"] if step.after else []
    if when := one.when or step.when:
        rules.append(f"when {when}")
    if one.retry.attempts > 1:
        rules.append(f"up to {one.retry.attempts} tries")
    if one.timeout is not None:
        rules.append(f"at most {duration(one.timeout)} each")
    if one.idle_timeout is not None:
        rules.append(f"at most {duration(one.idle_timeout)} idle")
    if one.on_failure:
        rules.append(f"on failure {one.on_failure}")
    if rules:
        yield " · ".join(rules)
    yield from _safety(one)
    if step.tell:
        yield _telling(step.tell.step, step.tell.when)
    if asks(one):
        yield "‖ a person decides before it acts" if one.approve else "‖ a person decides"


def _safety(step: PlannedStep) -> Iterator[str]:
    """How sure one can be: what repeating does, what takes it back, what finds out, what is remembered."""
    effects: Mapping[str | None, str] = {"unsafe": "unsafe: not repeated where it may have happened"}
    if words := effects.get(effect_of(step)):
        yield words
    if step.irreversible:
        yield "irreversible: it cannot be undone"
    if step.undo:
        yield f"undo: {_action(step.undo)}"
    if step.verify:
        yield f"verify, where nobody knows whether it happened: {_action(step.verify.step)}"
    if step.remember:
        age = f" of the last {duration(step.remember.max_age)}" if step.remember.max_age is not None else ""
        yield f"cache: taken from an earlier run{age} where nothing changed"


def _action(step: PlannedStep) -> str:
    given = ", ".join(_given(step))
    return first_sentence(step.summary or step.kind) + (f" ({given})" if given else "")


def _telling(step: PlannedStep, when: str) -> str:
    ends = {"success": "when it succeeds", "failure": "when it fails"}.get(when, "how it ended")
    return f"tells {channel_of(step)} {ends}"
