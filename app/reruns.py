"""Running a run again from one of its steps: what a person asks for becomes a proposal, to be looked at or begun."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Literal

from app.desk import budget_of
from app.disclosure import refuse_in_run
from app.present.carried import Carried, changed, read_carried
from workflows.definition.model import Workflow
from workflows.definition.parameters import bind
from workflows.definition.parse import parse
from workflows.diagnostics import suggest
from workflows.engine.driver import Driver
from workflows.engine.fork import Edit, Fork, fork
from workflows.errors import UnderstudyError
from workflows.planning.likeness import environment_of
from workflows.planning.plan import Plan
from workflows.records import dataclass
from workflows.runs.state import RunState, StepState
from workflows.secrets import hide, names_in, put_back
from workflows.text import one_line, safe_json
from workflows.values import Json

if TYPE_CHECKING:
    from app.desk import Desk, Proposal
    from app.named_workflows import WorkflowFile

SETTABLE = ("output", "input")


@dataclass(frozen=True)
class Wanted:
    """What a person asks for. `at` is a step's address, empty for the beginning of the run.

    `sets` are `output=VALUE`, `input=VALUE` or `input.key=VALUE` of that step, `inputs` other parameters of the run,
    `workflow` names a file, or a published version, whose text counts in the place of what the run began with. `budget`
    is in US dollars.
    """

    at: str = ""
    sets: tuple[str, ...] = ()
    inputs: Mapping[str, Json] = field(default_factory=dict)
    workflow: str = ""
    budget: float | Literal["none"] | None = None
    fresh: bool = False
    """Whether nothing is taken from a cache."""
    by: str = ""


@dataclass(frozen=True)
class Rerun:
    """A run that could begin where another one stood: nothing has happened yet. `changed` is code that is new since."""

    origin: RunState
    fork: Fork
    workflow: str
    source: str
    plan: Plan
    parameters: Json
    environment: Mapping[str, str]
    changed: tuple[str, ...]
    fresh: bool = False
    version: str = ""
    """The published version whose text it has, where another one than the other run's was asked for."""


async def propose(desk: Desk, run: str, wanted: Wanted) -> Rerun:
    """The new run that is asked for. Raises UnderstudyError where there is no such step, or it cannot begin so."""
    origin = await desk.state(run)
    workflow, source, plan, version = origin.workflow, origin.source, origin.plan, ""
    if wanted.workflow:
        proposal, version = await _proposed(desk, origin, wanted)
        workflow, source, plan = proposal.file.stem, proposal.file.text, proposal.plan
        parameters, environment = proposal.parameters, proposal.environment
    else:
        plan = replace(plan, budget=budget_of(wanted.budget, plan.budget))
        parameters = _parameters(desk, origin, wanted.inputs)
        environ = desk.services.environ
        read = {name: environ[name] for name in environment_of(plan) if name in environ}
        environment = {name: environ.get(name, before) for name, before in origin.environment.items()} | read
    edit = edit_of(origin, wanted)
    desk.must_hold_no_secret(edit and edit.value)
    refuse_in_run(desk.services.secrets.redactor, {}, parameters, environment)
    begun = fork(origin, wanted.at, plan, parameters, edit, environment)
    to_do = replace(plan, steps=tuple(step for step in plan.steps if begun.fates[step.id].lot != "reused"))
    desk.must_have_secrets(to_do)
    changed_code = _changed_code(desk, origin, to_do)
    return Rerun(origin, begun, workflow, source, plan, parameters, environment, changed_code, wanted.fresh, version)


async def _proposed(desk: Desk, origin: RunState, wanted: Wanted) -> tuple[Proposal, str]:
    """What the text that is named would do now, and the published version that it is, empty where it is a file."""
    from app.publishing import desk_of, propose_version, reference_of, version_of

    reference = reference_of(wanted.workflow)
    if reference is None:
        file = desk.load(wanted.workflow)
        return desk.propose(file, _given(file, origin, wanted), budget=wanted.budget), ""
    version = await version_of(desk.services.standing, *reference)
    kept = desk_of(desk, version)
    given = _given(kept[1], origin, wanted)
    return propose_version(desk, version, given, budget=wanted.budget, kept=kept), version.name


def _given(file: WorkflowFile, origin: RunState, wanted: Wanted) -> dict[str, Json]:
    """The parameters of the other run that the text still has, and those that are given anew."""
    declared = {each.name for each in file.workflow.parameters} if file.workflow else set[str]()
    still = {key: value for key, value in (origin.parameters or {}).items() if key in declared}
    return {**still, **wanted.inputs}


async def begin(desk: Desk, rerun: Rerun, *, attended: bool) -> Driver:
    """Begin it; it is durable and on its way on return."""
    driver = await desk.services.engine.fork(
        rerun.origin,
        rerun.fork,
        rerun.plan,
        workflow=rerun.workflow,
        source=rerun.source,
        parameters=rerun.parameters,
        environment=rerun.environment,
        attended=attended,
        fresh=rerun.fresh,
        version=rerun.version,
    )
    desk.load_models(rerun.plan)
    return driver


def _changed_code(desk: Desk, origin: RunState, to_do: Plan) -> tuple[str, ...]:
    used = dict.fromkeys(use.reference for step in to_do.every for use in step.uses)
    known = (name for name in used if name in origin.digests)
    return tuple(name for name in known if desk.services.engine.code(name) != origin.digests[name])


def _parameters(desk: Desk, origin: RunState, given: Mapping[str, Json]) -> Json:
    if not given:
        return origin.parameters
    return bind(_written(desk, origin).parameters, {**(origin.parameters or {}), **given})


def _written(desk: Desk, origin: RunState) -> Workflow:
    """The workflow as it was written when the run began."""
    services = desk.services
    workflow = parse(origin.source, f"{origin.workflow}.yaml", services.kinds, services.catalogue).workflow
    if workflow is None:
        raise UnderstudyError(
            f"The text that run {origin.run_id} began with cannot be read here, so its inputs cannot be changed.",
            f"Take the present one: --workflow {origin.workflow}",
        )
    return workflow


def edit_of(origin: RunState, wanted: Wanted) -> Edit | None:
    """What the `--set` options come to. Raises UnderstudyError, saying what can be set and how."""
    if not wanted.sets:
        return None
    if not wanted.at:
        raise UnderstudyError("--set is for the step that the new run begins at.", "Name it: --from ADDRESS")
    parts = [_part(text) for text in wanted.sets]
    kinds = {what for what, _, _ in parts}
    step = origin.steps.get(wanted.at)
    if kinds == {"output"} and len(parts) == 1 and not parts[0][1]:
        schema = step.planned.output_schema if step else None
        carried = Carried("output", "the step's output", schema=schema, plain=True)
        return Edit("output", read_carried(carried, parts[0][2]), wanted.by)
    if kinds == {"input"}:
        return Edit("input", _input(origin, step, parts), wanted.by) if step else None
    raise UnderstudyError(
        "A step either stands with one output or begins with another input.",
        "Give one --set output=VALUE, or any number of --set input.key=VALUE.",
    )


def _part(text: str) -> tuple[str, str, str]:
    """`input.a.b=1` as input, a.b and 1."""
    path, equals, value = text.partition("=")
    what, _, rest = path.strip().partition(".")
    if not equals or what not in SETTABLE:
        close = suggest(what, SETTABLE) if equals else ""
        raise UnderstudyError(
            f"--set {one_line(text, 80)!r} is not output=VALUE, input=VALUE or input.key=VALUE.",
            f"{close[0].upper()}{close[1:]}" if close else "Such as: --set output='{\"rows\": 3}'",
        )
    return what, rest, value


def _input(origin: RunState, step: StepState, parts: list[tuple[str, str, str]]) -> Json:
    """The step's input with the changes, in which the secrets that people see by name count again."""
    value = safe_json(hide(step.input))
    if value is None:
        return None  # it will be said that there is none to change
    for _, key, given in parts:
        whole = given if not key else f"{key}={given}"
        try:
            if not key and not given.lstrip().startswith("{"):
                raise ValueError("an input is a JSON object")
            value = changed(value, whole)
        except ValueError as error:
            raise UnderstudyError(
                f"--set {one_line(f'input.{key}' if key else 'input', 80)}: {error}.",
                _where_it_is(value, key)
                or f"Its input in run {origin.run_id}: {one_line(json.dumps(value, ensure_ascii=False), 200)}",
            ) from None
    return put_back(value, origin.nonce, names_in(step.input, origin.nonce))


def _where_it_is(value: Json, key: str) -> str:
    """What a key was meant to be that stands among the parameters, where it was looked for above them."""
    parameters = value.get("parameters") if isinstance(value, dict) else None
    inside = isinstance(parameters, dict) and key.partition(".")[0] in parameters
    return f"Did you mean input.parameters.{one_line(key, 80)}?" if inside else ""
