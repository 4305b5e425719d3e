"""A workflow in plain words: what it does step by step, where a person decides, what can fail and what then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workflows.definition.model import Workflow
from workflows.definition.parameters import Parameter
from workflows.planning.plan import Block, Handler, Plan, PlannedStep
from workflows.records import dataclass
from workflows.text import one_line
from workflows.values import Json, canonical

WIDEST = 240
"""Characters of one sentence that quotes what somebody wrote."""

_FAILS: Mapping[str, str] = {
    "abort": "If it fails for good, {around} ends there.",
    "continue": "If it fails for good, the rest goes on without its result, and that is said.",
    "skip": "If it fails for good, it counts as left out and the rest goes on.",
    "ask": "If it fails for good, a person is asked what to do.",
    "rollback": "If it fails for good, all that was done is undone, the last first.",
}
"""What follows a step's last failure, where the step says so."""

_TOUCHES: Mapping[str, str] = {
    "reads": "reads files",
    "writes": "writes files",
    "shell": "starts programs",
    "network": "uses the network",
}

_HANDLED: Mapping[str, str] = {
    "abort": "the run ends",
    "continue": "the rest goes on without its result",
    "skip": "it counts as left out and the rest goes on",
    "rollback": "all that was done is undone, the last first, and what the rollback says is done",
    "compensate": "all that was done is undone, the last first",
    "escalate": "a person is asked",
    "": "what the step says for that case is done",
}


@dataclass(frozen=True)
class Sentence:
    """A line of an explanation. `depth` is how far inside of others it stands; 0 is a heading."""

    depth: int
    text: str


def explain(workflow: Workflow, plan: Plan, cost: str = "") -> tuple[Sentence, ...]:
    """What a workflow does, for somebody who has not read its file. `cost` says in words what a run may cost."""
    return tuple(_whole(workflow, plan, cost))


def _whole(workflow: Workflow, plan: Plan, cost: str) -> Iterator[Sentence]:
    about = f": {_sentence(workflow.description)}" if workflow.description else "."
    yield Sentence(0, f"{_shown(workflow.name)}{about}")
    yield from _given(workflow.parameters)
    yield Sentence(0, _heading(plan))
    yield from _work(plan, 1)
    yield from _failures(plan)
    if workflow.outputs:
        yield Sentence(0, f"At the end it gives back {_and(list(workflow.outputs))}.")
    yield from _people(plan)
    yield from _limits(workflow, plan, cost)


def _given(parameters: Sequence[Parameter]) -> Iterator[Sentence]:
    if not parameters:
        yield Sentence(0, "It needs nothing from you.")
        return
    yield Sentence(0, "You may give it:" if all(not each.required for each in parameters) else "You give it:")
    for each in parameters:
        what = f"{each.name}: {_sentence(each.description)}" if each.description else f"{each.name}."
        if each.required and each.default is None:
            what += " It has to be given."
        elif each.default not in (None, ""):
            what += f" Where you say nothing: {_quoted(each.default)}."
        if each.enum:
            what += f" One of {_or([_value(value) for value in each.enum])}."
        yield Sentence(1, what)


def _heading(plan: Plan) -> str:
    steps, stages = len(plan.steps), len(plan.stages)
    count = f"{steps} step{'s' if steps > 1 else ''}"
    return f"It does {count}, in {stages} stages, one after the other:" if stages > 1 else f"It does {count}:"


def _work(block: Block, depth: int) -> Iterator[Sentence]:
    """The stages of a block, and each step of them."""
    several = len(block.stages) > 1
    for number, stage in enumerate(block.stages, 1):
        together = len(stage.steps) > 1 and stage.width > 1
        if several or (together and depth == 1):
            how = f", at most {stage.width} steps at the same time" if together else ""
            yield Sentence(depth, f"{number}. {_shown(stage.name)}{how}:")
        for id_ in stage.steps:
            step = block.by_id[id_]
            yield from _step(step, depth + several, [each for each in step.after if each in stage.steps], together)


def _step(step: PlannedStep, depth: int, after: Sequence[str], together: bool) -> Iterator[Sentence]:
    one = step.each.step if step.each else step
    title = step.title or one.title
    name = f"{_shown(title)} ({step.id})" if title and title != step.id else step.id
    yield Sentence(depth, f"{name}: {_does(one)}")
    for text in (*_when(step, one, after, together), *_care(one), *_trouble(step, one)):
        yield Sentence(depth + 1, text)
    yield from _inside(one, depth + 1)


def _does(step: PlannedStep) -> str:
    fields = step.fields if isinstance(step.fields, dict) else {}
    match step.kind:
        case "agent":
            who = [_agent(step, name) for name in step.performers[: step.equals]]
            among = f"one of the agents {_or(who)}" if len(who) > 1 else f"the agent {who[0]}"
            return f"asks {among}."
        case "skill":
            skill = str(fields.get("skill", ""))
            return f"calls the skill {skill}: {_first(step.summary)}" if step.summary else f"calls the skill {skill}."
        case "approval":
            shown = fields.get("show")
            return f"waits for a person's yes{f': {_quoted(shown)}' if shown else '.'}"
        case "question":
            return f"asks a person: {_quoted(fields.get('ask'))}"
        case "transform":
            return "works a value out of what is there; it does nothing outside."
        case "workflow":
            return f"runs the workflow {fields.get('workflow', '')} as a part of this one:"
        case "parallel":
            first = "; the first that succeeds is enough" if fields.get("wait_for") == "first" else ""
            return f"does these at the same time{first}:"
        case "decision":
            return "does one of these, by the first condition that holds:"
        case _:
            return _first(step.summary or step.kind)


def _agent(step: PlannedStep, name: str) -> str:
    use = next((use for use in step.uses if use.what == "agent" and use.name == name), None)
    if use is None:
        return name
    if use.simulated:
        return f"{name} (no AI)"
    return f"{name} ({use.models[0]})" if use.models else f"{name} (no model is set for it)"


def _when(step: PlannedStep, one: PlannedStep, after: Sequence[str], together: bool) -> Iterator[str]:
    if condition := step.when or one.when:
        yield f"Only if {_shown(condition)}."
    if together and after:
        yield f"It waits for {_and(list(after))}."
    if step.each:
        width = f", {step.each.width} at a time" if step.each.width > 1 else ", one after the other"
        yield f"It is done once for each {step.each.name} of {_value(step.each.over)}{width}."


def _care(step: PlannedStep) -> Iterator[str]:
    if step.approve:
        yield "Before it acts, a person is shown exactly what it will do, and must say yes."
    if step.irreversible:
        yield "It cannot be undone."
    elif step.kind != "agent" and (step.effect or step.foreseen) == "unsafe":
        yield "It changes something outside: where it may have happened, it is not repeated before that is settled."
    if step.hosts:
        yield f"It talks to {_and(list(step.hosts))}."
    touched = list(dict.fromkeys(what for use in step.uses for what in use.touches))
    if touched:
        yield f"It {_and([_TOUCHES.get(what, what) for what in touched])}."
    asks = list(dict.fromkeys(what for use in step.uses for what in use.asks))
    if asks:
        yield f"It may ask you before it uses {_and(asks)}."
    if step.remember:
        yield "Where nothing it depends on changed, the result of an earlier run is taken."


def _trouble(step: PlannedStep, one: PlannedStep) -> Iterator[str]:
    tries = []
    if one.retry.attempts > 1:
        tries.append(f"it is tried up to {one.retry.attempts} times")
    if one.timeout is not None:
        tries.append(f"each try may take {_span(one.timeout)}")
    if tries:
        yield _capital(f"{' and '.join(tries)}.")
    understudies = one.performers[one.equals :]
    if one.kind == "agent" and understudies:
        yield f"If that fails, {', then '.join(understudies)} take{'s' if len(understudies) == 1 else ''} over."
    if one.on_failure:
        yield _FAILS[one.on_failure].format(around="what it is a part of" if step.each else "the run")
    if one.kind == "approval":
        yield "If the person says no, it fails, and nothing repeats it."
    if one.undo:
        yield f"If the run is rolled back, it is undone: {_first(one.undo.summary or one.undo.kind)}"
    if one.verify:
        yield "Where nobody knows whether it happened, it is looked up."
    if step.tell:
        ends = {"success": "when it succeeded", "failure": "when it failed"}.get(step.tell.when, "how it ended")
        yield f"Somebody is told {ends}."


def _inside(step: PlannedStep, depth: int) -> Iterator[Sentence]:
    for number, block in enumerate(step.inside):
        if step.kind == "decision":
            yield Sentence(depth, f"If {_shown(block.when)}:" if block.when else "Otherwise:" if number else "Always:")
            yield from _work(block, depth + 1)
        else:
            for id_ in (id_ for stage in block.stages for id_ in stage.steps):
                yield from _step(block.by_id[id_], depth, block.by_id[id_].after, True)
    if step.child is not None:
        yield from _work(step.child, depth)


def _failures(plan: Plan) -> Iterator[Sentence]:
    work = [step for step in plan.every if step.kind not in ("approval", "transform", "parallel", "decision")]
    if any(not step.on_failure and not step.holds_steps for step in work):
        yield Sentence(
            0,
            "Where a step fails for good and nothing else is said, a person is asked; with nobody there the run ends.",
        )
    if plan.handlers:
        yield Sentence(0, "When a step fails, and neither its tries nor who takes over helped:")
        for handler in plan.handlers:
            yield Sentence(1, _handler(handler))
    if plan.rollback:
        yield Sentence(0, "When the run is rolled back, this is done besides:")
        yield from _work(plan.rollback, 1)
    if plan.finally_:
        yield Sentence(0, "However it ends, this is done last:")
        yield from _work(plan.finally_, 1)


def _handler(handler: Handler) -> str:
    error = "any failure" if handler.error == "any" else _shown(handler.error)
    before = f"{_and([step.id for step in handler.block.steps])} first; then " if handler.block.steps else ""
    if handler.action == "retry":
        done = f"it is tried {handler.retries} more times, then {_HANDLED[handler.then]}"
    else:
        done = _HANDLED[handler.action]
    told = " Somebody is told." if handler.tell else ""
    return f"{_capital(error)}: {before}{done}.{told}"


def _people(plan: Plan) -> Iterator[Sentence]:
    gates = [step.id for step in plan.every if step.approve or step.people]
    final = [step.id for step in plan.every if step.irreversible]
    gates = list(dict.fromkeys(gates))
    if gates:
        yield Sentence(0, f"A person decides at {_and(gates)}; until then nothing of it is done.")
    else:
        yield Sentence(0, "Nothing in it waits for a person, unless something fails.")
    if final:
        yield Sentence(0, f"What cannot be undone: {_and(list(dict.fromkeys(final)))}.")


def _limits(workflow: Workflow, plan: Plan, cost: str) -> Iterator[Sentence]:
    if plan.timeout is not None:
        yield Sentence(0, f"A run may be at work for {_span(plan.timeout)} at most.")
    if plan.budget:
        end = "asks you before more" if plan.budget.on_exceed == "ask" else "ends before more"
        yield Sentence(0, f"It may spend ${plan.budget.usd:g} on models, and {end}.")
    if cost:
        yield Sentence(0, f"Cost: {_sentence(cost)}")
    if getattr(workflow, "schedule", None):
        yield Sentence(0, "It starts by itself once it is published to a server.")
    if (said := plan.unattended) is not None:
        until = f"{said.channel} is told, and after {_span(said.timeout)} without an answer its default counts"
        yield Sentence(0, f"Where it needs a person and nobody is there, {until}.")


def _span(seconds: float) -> str:
    for unit, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit and seconds % unit == 0:
            count = int(seconds // unit)
            return f"{count} {word}{'s' if count > 1 else ''}"
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def _sentence(text: str) -> str:
    line = one_line(text, WIDEST).strip()
    return line if line.endswith((".", "!", "?", "…", ":")) else f"{line}."


def _first(text: str) -> str:
    """The first sentence of a description."""
    line = one_line(text, 4000)
    end = line.find(". ")
    return _sentence(line if end < 0 else line[: end + 1])


def _quoted(value: Json) -> str:
    return f"“{_shown(value if isinstance(value, str) else canonical(value))}”"


def _shown(text: str) -> str:
    return one_line(text, WIDEST)


def _value(value: Json) -> str:
    return _shown(value) or "nothing" if isinstance(value, str) else one_line(canonical(value), WIDEST)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _or(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)
