"""Strategies for workflows and for files that are nearly workflows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.kinds import all_kinds
from workflows.definition.model import (
    Block,
    Budget,
    ContextRules,
    ErrorHandler,
    Metadata,
    Schedule,
    Stage,
    Step,
    Template,
    Workflow,
)
from workflows.definition.modifiers import Action, Cache, Foreach, Notify, Retry, Verify
from workflows.definition.parameters import Parameter
from workflows.parts import changed, declared, part_of
from workflows.steps.decision import Branch
from workflows.values import Json

KINDS = all_kinds()
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40).map(lambda text: text.replace("${{", "{{"))
words = st.sampled_from(
    ["on", "NO", "1.10", "010", "~", "null", "true", "12:30", "<<", "- a", "a: b", "#", "x\ny\n", "${{ 1 }}"]
)
labels = st.one_of(texts, words)
plain_labels = labels.filter(lambda text: "${{" not in text)
names = st.from_regex(r"[a-z][a-z.\-]{0,10}", fullmatch=True)
ids = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
seconds = st.one_of(st.integers(1, 10**6).map(float), st.floats(0.01, 10**6).map(lambda value: round(value, 3)))
numbers = st.one_of(st.integers(-(2**63) + 1, 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
json_values: st.SearchStrategy[Json] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, labels),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(labels, inner, max_size=3)),
    max_leaves=6,
)
maps = st.dictionaries(labels, json_values, max_size=3)


def made(model: Any, /, **strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A model with some of these keys left out at random."""
    return st.fixed_dictionaries({}, optional=strategies).map(lambda values: part_of(model, values))


def needing(model: Any, given: dict[str, st.SearchStrategy[Any]], /, **optional: st.SearchStrategy[Any]) -> Any:
    return st.fixed_dictionaries(given, optional=optional).map(lambda values: part_of(model, values))


retries = made(
    Retry,
    max_attempts=st.integers(1, 9),
    backoff=st.sampled_from(["immediate", "fixed", "linear", "fibonacci", "adaptive"]),
    delay=st.one_of(st.just(0.0), seconds),
    jitter=st.booleans(),
    on=st.lists(st.sampled_from(["timeout", "business"]), max_size=2).map(tuple),
) | made(Retry, max_retries=st.integers(0, 9), max_delay=st.floats(1, 10**6).map(round).map(float))

schemas = st.sampled_from(
    [
        {},
        {"type": "string", "pattern": "^v[0-9]+$"},
        {"type": ["object", "null"], "required": ["no", "on"], "properties": {"no": {"$ref": "#/$defs/010"}},
         "$defs": {"010": {"enum": [1, "1", None]}}},
        {"anyOf": [True, {"not": {"minimum": 0.5}}], "additionalProperties": False},
    ]
)  # fmt: skip

conditions = st.sampled_from(["true", "1 < 2", "${{ 'a' in 'abc' }}", "run.id != 'x'"])

notices = st.one_of(
    st.booleans(),
    made(Notify, channel=names, when=st.sampled_from(["success", "failure"]), text=st.just("${{ error.message }}!")),
)


def actions(model: type[Action]) -> st.SearchStrategy[Any]:
    """One piece of work without an id: what undoes a step, or verifies it."""
    said: dict[str, st.SearchStrategy[Any]] = {"when": conditions, "timeout": seconds}
    if model is Verify:
        said |= {"happened": st.just("output == 1"), "result": st.one_of(json_values, st.just("${{ output }}"))}

    def action(kind: str) -> st.SearchStrategy[Any]:
        made: st.SearchStrategy[Any] = needing(model, {"type": st.just(kind), "fields": _fields(kind, 0)}, **said)
        return made

    return st.sampled_from(["http", "skill", "transform", "workflow"]).flatmap(action)


@st.composite
def steps(draw: st.DrawFn, depth: int = 1, block: bool = False) -> Step:
    """A step; in a `block` (rollback, finally) one that does not roll back."""
    kind = draw(st.sampled_from(sorted(set(KINDS) - (set() if depth else {"decision", "parallel"}))))
    fields = draw(_fields(kind, depth, block))
    ways = ["abort", "continue", "skip", "retry", "ask"]
    modifiers: dict[str, st.SearchStrategy[Any]] = {
        "name": labels,
        "when": conditions,
        "idle_timeout": seconds,
        "retry": retries,
        "on_failure": st.sampled_from(ways if block else [*ways, "rollback"]),
        "approve": st.just("before"),
        "foreach": needing(
            Foreach,
            {"in": st.lists(json_values, max_size=2)},
            **{"as": ids.map(lambda name: f"x{name}"), "max_parallel": st.integers(1, 9)},
        ),
        "verify": actions(Verify),
        "output_schema": schemas,
        "notify": notices,
    }
    if kind in ("agent", "transform") and draw(st.booleans()):
        modifiers["cache"] = st.one_of(st.booleans(), needing(Cache, {"key": json_values}, max_age=seconds))
    else:
        modifiers["effect"] = st.sampled_from(["pure", "idempotent", "unsafe"])
    if draw(st.booleans()):
        modifiers["undo"] = actions(Action)
    else:
        modifiers["irreversible"] = st.booleans()
    if kind == "agent":
        modifiers["fallback"] = st.lists(names, max_size=2).map(tuple)
    if "timeout" not in declared(type(fields)):
        modifiers["timeout"] = seconds
    chosen = draw(st.fixed_dictionaries({}, optional=modifiers))
    return part_of(Step, {"id": draw(ids), "type": kind, "fields": fields, **chosen})


def _fields(kind: str, depth: int, block: bool = False) -> st.SearchStrategy[Any]:
    model = KINDS[kind].fields
    inner = st.lists(steps(depth - 1, block), min_size=1, max_size=2).map(tuple) if depth else st.nothing()
    branches = needing(Branch, {"when": st.just("1 == 1"), "steps": inner})
    shapes: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "agent": ({"agent": names, "input": json_values}, {}),
        "approval": ({}, {"show": json_values, "timeout": seconds}),
        "decision": ({"branches": st.lists(branches, min_size=1, max_size=2).map(tuple)}, {"default": inner}),
        "delay": ({"for": st.one_of(seconds, st.just("${{ 1 + 2 }}"))}, {}),
        "http": (
            {"url": st.sampled_from(["https://example.org/a?b=c#d", "https://example.org/${{ run.id }}"])},
            {
                "method": st.sampled_from(["POST", "HEAD"]),
                "headers": st.dictionaries(st.sampled_from(["Accept", "on", "x-1.0"]), st.sampled_from(["*/*", "1.0"])),
                "body": json_values,
            },
        ),
        "notification": ({"channel": names, "text": labels}, {}),
        "parallel": ({"steps": inner}, {"wait_for": st.just("first")}),
        "question": ({"ask": labels}, {"schema": schemas, "timeout": seconds}),
        "skill": ({"skill": names}, {"parameters": maps}),
        "transform": ({"value": json_values}, {}),
        "workflow": ({"workflow": names}, {"parameters": maps}),
    }
    required, optional = shapes[kind]
    return needing(model, required, **optional)


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    """A stage; in a parallel one the last step may need the first."""
    held = draw(st.lists(steps(), min_size=1, max_size=3))
    extra = draw(st.fixed_dictionaries({}, optional={"parallel": st.booleans(), "max_parallel": st.integers(1, 9)}))
    if extra.get("parallel") and len(held) > 1 and draw(st.booleans()):
        held[-1] = changed(held[-1], needs=(held[0].id,))
    return part_of(Stage, {"name": draw(labels), "steps": tuple(held), **extra})


blocks = needing(Block, {"steps": st.lists(steps(0, block=True), min_size=1, max_size=2).map(tuple)})

handlers = st.one_of(
    needing(
        ErrorHandler,
        {"error": names, "action": st.sampled_from(["abort", "continue", "rollback", "compensate", "escalate"])},
        steps=st.lists(names, max_size=2).map(tuple),
        notify=notices,
    ),
    needing(
        ErrorHandler,
        {"error": st.sampled_from(["TimeoutError", "any"]), "action": st.just("retry")},
        max_retries=st.integers(0, 5),
        then=st.sampled_from(["rollback", "skip"]),
    ),
)

parameters = st.one_of(
    needing(
        Parameter, {"name": ids, "type": st.just("string")}, default=plain_labels, enum=st.just(()), description=labels
    ),
    needing(Parameter, {"name": ids, "type": st.just("number")}, default=numbers, required=st.booleans()),
    needing(Parameter, {"name": ids, "type": st.just("boolean")}, default=st.booleans()),
    needing(
        Parameter, {"name": ids, "type": st.just("array"), "items": st.just("string")}, default=st.lists(plain_labels)
    ),
    needing(Parameter, {"name": ids, "type": st.just("object")}, default=st.dictionaries(plain_labels, numbers)),
)
"""Defaults are constants."""

schedules = st.one_of(
    needing(
        Schedule, {"cron": st.sampled_from(["30 7 * * mon", "@daily"])}, timezone=st.sampled_from(["UTC", "Asia/Tokyo"])
    ),
    needing(
        Schedule,
        {"every": st.sampled_from([1.5, 600.0])},
        missed=st.sampled_from(["skip", "all", "all:5"]),
        overlap=st.sampled_from(["allow", "skip", "replace"]),
    ),
    needing(Schedule, {"at": st.just("2026-12-24 18:00")}),
)

workflows = needing(
    Workflow,
    {"name": labels, "stages": st.lists(stages(), min_size=1, max_size=3).map(tuple)},
    version=labels,
    description=labels,
    parameters=st.lists(parameters, max_size=3, unique_by=lambda parameter: parameter.name).map(tuple),
    env=st.lists(ids, max_size=2, unique=True).map(tuple),
    metadata=made(Metadata, author=labels, tags=st.lists(labels, max_size=2).map(tuple), retry_policy=retries),
    budget=needing(Budget, {"usd": st.sampled_from([0.5, 3.0])}, on_exceed=st.just("abort")),
    context=made(ContextRules, preserve=st.booleans(), merge_strategy=st.sampled_from(["shallow", "replace"])),
    timeout=seconds,
    schedule=st.one_of(schedules, st.lists(schedules, min_size=1, max_size=2).map(tuple)),
    max_parallel=st.integers(1, 99),
    error_handlers=st.lists(handlers, max_size=2).map(tuple),
    rollback=blocks,
    outputs=maps,
    template=needing(Template, {"for": labels}, requests=st.lists(labels, max_size=2).map(tuple)),
    **{"finally": blocks},
)
