"""What a model may not write, though the language has it: acts behind a person's back, and anything it was not given.

Each rule has its reason in the sentence that it gives. A person may write all of this by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from composer.generate.programs import programs_of, wrong_with_program, wrong_with_variables
from composer.generate.reaching import texts, wrong_with_host, wrong_with_paths, wrong_with_text
from workflows.definition.checks.expressions import Reading, compile_all
from workflows.definition.model import Step, Workflow
from workflows.definition.outline import outline
from workflows.definition.reader import Reader
from workflows.effects import Effect
from workflows.nodes import Document
from workflows.parts import data_of
from workflows.steps.kind import Catalogue, StepKind
from workflows.text import one_line
from workflows.values import Json

MOST_STEPS = 60

MOST_TRIES, MOST_AT_ONCE = 10, 64
"""Tries of a step, and items at once, that nobody has to ask for."""

_RANK: Mapping[Effect, int] = {"pure": 0, "idempotent": 1, "unsafe": 2}


def violations(
    workflow: Workflow, given: str, kinds: Mapping[str, StepKind], catalogue: Catalogue, models: Collection[str] = ()
) -> Iterator[str]:
    """What of a model's draft is refused, each as a sentence. `given` is all that the person said or wrote before,
    `models` are those that may be named."""
    whole = outline(workflow)
    if len(whole.placed) > MOST_STEPS:
        yield f"it has {len(whole.placed)} steps; a draft has {MOST_STEPS} at most"
    if workflow.template is not None:
        yield "it calls itself a template (`template:`): only a person makes one"
    readings, _ = compile_all(whole, Reader(Document("", "", (), None), kinds).slots)
    yield from _unasked(workflow, readings, given)
    yield from _texts_of(workflow, given)
    defaults = {each.name: each.default for each in workflow.parameters}
    for placed in whole.placed:
        model = str(getattr(placed.step.fields, "model", None) or "")
        if model and model not in models and model not in given:
            yield f"step '{placed.step.id}': it names the model {one_line(model, 60)}, which nobody named here"
        for problem in _of_step(placed.step, given, defaults, kinds, catalogue):
            yield f"step '{placed.step.id}': {problem}"


def _unasked(workflow: Workflow, readings: Sequence[Reading], given: str) -> Iterator[str]:
    names = {
        str(reading.reference.path[0]) if reading.reference.path else "all of them"
        for reading in readings
        if reading.reference.root == "secrets"
    }
    for name in sorted(names):
        if name not in given:
            yield f"it reads the secret {one_line(name, 60)}, which the person did not name"
    for name in workflow.env:
        if name not in given:
            yield f"it reads the variable {one_line(name, 60)}, which the person did not name"


def _texts_of(workflow: Workflow, given: str) -> Iterator[str]:
    """What is only a text, and defaults that no step may make anything of that nobody named."""
    named = {"name": workflow.name, "description": workflow.description}
    named |= {f"output '{one_line(name, 40)}'": name for name in workflow.outputs}
    for what, text in named.items():
        if "${{" in (text or ""):
            yield f"its {what} holds an expression, and that is only a text"
    for parameter in workflow.parameters:
        for text in texts(parameter.default):
            for problem in wrong_with_text(text, given):
                yield f"parameter '{parameter.name}': {problem}"


def _of_step(
    step: Step, given: str, defaults: Mapping[str, Json], kinds: Mapping[str, StepKind], catalogue: Catalogue
) -> Iterator[str]:
    yield from _effect(step, kinds, catalogue)
    yield from _amounts(step, given)
    if "${{" in (step.name or ""):
        yield "its name holds an expression, and a name is only a text"
    for part in (step, step.undo, step.verify):
        if part is None:
            continue
        fields: Json = data_of(part.fields)
        entry = catalogue.find("skill", str(fields.get("skill"))) if part.type == "skill" else None
        for argv in programs_of(fields, entry):
            # What another skill is told to run may come of a step; a person sees it before: it has a gate, as below.
            if not (isinstance(argv, str) and entry is not None and entry.name != "command"):
                yield from wrong_with_program(argv)
        if entry is not None:
            yield from wrong_with_variables(fields)
            yield from wrong_with_paths(fields, entry, defaults, given)
        yield from wrong_with_host(fields if part.type == "http" else fields.get("parameters"), given)
        for text in texts(fields):
            yield from wrong_with_text(text, given)
        if part.type == "approval" and fields.get("default") == "approve":
            yield "it opens by itself where nobody answers: a gate waits, or its default is deny"


def _amounts(step: Step, given: str) -> Iterator[str]:
    tries = step.retry.attempts if step.retry is not None else 1
    if tries > MOST_TRIES and str(tries) not in given and str(tries - 1) not in given:
        yield f"it is tried {tries} times, and nobody asked for so many: {MOST_TRIES} at most"
    at_once = step.foreach.max_parallel if step.foreach is not None else 1
    if at_once > MOST_AT_ONCE and str(at_once) not in given:
        yield f"it does {at_once} items at once, and nobody asked for so many: {MOST_AT_ONCE} at most"


def _effect(step: Step, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> Iterator[str]:
    if step.effect is None:
        return
    known = kinds[step.type].describe(step.fields, step.fallback, catalogue).effect
    if known is not None and _RANK[step.effect] < _RANK[known]:
        yield f"it says `effect: {step.effect}`, and what it does is {known}; take the line out"


def ungated(workflow: Workflow, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> Iterator[str]:
    """Ids of steps that may do harm when repeated, or start a program that the draft names, and act without a person's
    yes. What only tells people is left out."""
    for placed in outline(workflow).placed:
        step = placed.step
        if step.approve or step.irreversible or step.type == "notification":
            continue
        effect = step.effect or kinds[step.type].describe(step.fields, step.fallback, catalogue).effect
        fields: Json = data_of(step.fields)
        entry = catalogue.find("skill", str(fields.get("skill"))) if step.type == "skill" else None
        if effect == "unsafe" or any(True for _ in programs_of(fields, entry)):
            yield step.id
