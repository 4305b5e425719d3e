"""What a step with `cache` gave before: the key it is kept under, and looking it up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

from workflows.effects import Spending
from workflows.engine.scope import context, evaluate
from workflows.journal.port import Remembered, StoreError
from workflows.planning.likeness import meaning, references_of
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import holders, home_of
from workflows.secrets import hide
from workflows.steps.context import Context
from workflows.steps.kind import Reading, StepKind
from workflows.values import Json, digest

if TYPE_CHECKING:
    from workflows.engine.recorder import Recorder


async def key_of(kind: StepKind, ctx: Context, state: RunState, step: StepState, code: str) -> str:
    """The key of the step's output, with what its kind says that it depends on besides. Raises CallFailed."""
    outside = None
    if step.planned.remember is not None and isinstance(kind, Reading):
        outside = await kind.depends_on(ctx)
    return cache_key(state, step, code, outside)


def cache_key(state: RunState, step: StepState, code: str, outside: Json = None) -> str:
    """What the step's output depends on, as one digest: its kind, input, code and stated key. Empty without `cache`.

    `outside` is what it depends on that none of these hold, such as the content of files that its input names.
    Of a step that holds others it is all that these are, and what they read. What a demonstration gave is never taken
    for real. Raises ExpressionError where the key cannot be evaluated.
    """
    planned = step.planned
    if planned.remember is None:
        return ""
    performer = planned.performers[step.performer]
    models = planned.uses[step.performer].models if step.performer < len(planned.uses) else ()
    stated = evaluate(state, planned.remember.key, step)
    held = _held(state, step) if planned.holds_steps else None
    known = [planned.kind, hide(step.input), performer, code, stated, state.simulated, list(models), held]
    return digest(known if outside is None else [*known, outside])


def _held(state: RunState, step: StepState) -> Json:
    """What the steps inside depend on: their text, their code, and what they can read from outside."""
    planned, home = step.planned, home_of(state, step)
    items = tuple(_items_around(state, step))
    references = references_of(planned, [name for name, _ in items])
    read = {str(each.path[0]) if each.path else "" for each in references if each.root == "steps"}
    paths = home.plan.paths
    outside = sorted(id_ for id_ in (paths if "" in read else read) if planned.id not in (*paths.get(id_, ()), id_))
    return [
        meaning(planned),
        {use.reference: state.digests.get(use.reference, "") for inner in planned.nested for use in inner.uses},
        None if planned.child else hide(home.parameters),
        dict(state.environment),
        hide(context(state, home)),
        {id_: hide(evaluate(state, f"${{{{ steps.{id_} }}}}", step)) for id_ in outside},
        [hide(item) for _, item in items],
    ]


def _items_around(state: RunState, step: StepState) -> Iterator[tuple[str, Json]]:
    """The items that the step and those around it are done for, with the names that expressions have for them."""
    here = step
    for scope in holders(state, step.scope):
        owner = state.steps.get(scope.owner)
        if scope.kind == "each" and owner is not None and owner.planned.each is not None:
            yield owner.planned.each.name, here.item
        if owner is not None:
            here = owner


def worth_keeping(state: RunState, step: StepState) -> bool:
    """Whether nothing is lost where the output is taken and the step not done: all that it did was pure, or asking.

    Asking a model that costs nothing is asking too: it names no `model` to hold money back for, but has a usage.
    """
    inside = tuple(f"{step.id}{joint}" for joint in ("[", ">"))
    done = [step]
    if step.planned.holds_steps:
        done += [other for other in state.steps.values() if other.id.startswith(inside)]
    calls = [call for each in done for call in each.calls.values()]
    return all(call.effect == "pure" or call.model or call.usage is not None for call in calls)


def spent_on(state: RunState, step: StepState) -> Spending:
    """What a step cost in this run, with all that it holds."""
    if not step.planned.holds_steps:
        return step.spent
    inside = tuple(f"{step.id}{joint}" for joint in ("[", ">"))
    own = [other.spent for other in state.steps.values() if other.id == step.id or other.id.startswith(inside)]
    return reduce(Spending.and_, own, Spending())


def _anew(state: RunState, step: StepState) -> bool:
    """Whether a person wanted the step done in this run: all of it is to be fresh, or it begins at this step."""
    around = {step.id, *(scope.owner for scope in holders(state, step.scope))}
    return state.fresh or (bool(state.forked_from) and (not state.fork_at or state.fork_at in around))


async def recall(recorder: Recorder, step: StepState, key: str) -> Remembered | None:
    """What is remembered under the key and not too old; None where there is nothing, or it cannot be looked up.

    What somebody had done again is done: they did not want what it gave before. So it is in a fresh run.
    """
    done = any(attempt.status == "succeeded" for attempt in step.attempts)
    if not key or step.planned.remember is None or done or _anew(recorder.state, step):
        return None
    age = step.planned.remember.max_age
    since = 0.0 if age is None else recorder.clock.now() - age
    try:
        return await recorder.store.recall(key, since)
    except StoreError:
        return None  # doing the work anew is always right
