"""What a model may not write, though the language has it: acts behind a person's back, and anything it was not given.

Each rule has its reason in the sentence that it gives. A person may write all of this by hand.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

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

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "fish", "csh", "tcsh", "cmd", "powershell", "pwsh", "busybox"})
WRAPPERS = frozenset({"env", "sudo", "doas", "nohup", "xargs", "time", "nice", "timeout", "setsid", "watch", "exec"})
"""Programs that start another one, which is looked at then."""

INTERPRETERS = re.compile(r"(?:python|perl|ruby|node|php|lua|osascript)[\d.]*")
INLINE = frozenset({"-c", "-e", "-E", "-r", "--eval", "/c", "-Command", "-EncodedCommand"})

PRIVATE = re.compile(
    r"(?:^|[/\\~])\.(?:ssh|aws|gnupg|kube|netrc|npmrc|pypirc|docker|git-credentials|env)(?:[/\\.]|$)"
    r"|id_(?:rsa|ed25519|ecdsa)|/etc/(?:shadow|passwd|sudoers)|(?:^|/)credentials(?:\.|$)|\.pem$|/proc/",
    re.IGNORECASE,
)
"""Where keys and passwords lie. Whoever means such a file says so."""

_INNARDS = re.compile(r"\$\{\{.*?__\w+__", re.DOTALL)

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
    for placed in whole.placed:
        model = str(getattr(placed.step.fields, "model", None) or "")
        if model and model not in models and model not in given:
            yield f"step '{placed.step.id}': it names the model {one_line(model, 60)}, which nobody named here"
        for problem in _of_step(placed.step, given, kinds, catalogue):
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


def _of_step(step: Step, given: str, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> Iterator[str]:
    yield from _effect(step, kinds, catalogue)
    for part in (step, step.undo, step.verify):
        if part is None:
            continue
        fields: Json = data_of(part.fields)
        argv = _argv(fields)
        if argv is not None:
            yield from _command(argv)
        for text in _texts(fields):
            if _INNARDS.search(text):
                yield f"{one_line(text, 60)!r} reaches for what no expression has"
            if PRIVATE.search(text) and text not in given:
                yield f"it names {one_line(text, 60)!r}, where keys and passwords lie; the person did not name it"


def _effect(step: Step, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> Iterator[str]:
    if step.effect is None:
        return
    known = kinds[step.type].describe(step.fields, step.fallback, catalogue).effect
    if known is not None and _RANK[step.effect] < _RANK[known]:
        yield f"it says `effect: {step.effect}`, and what it does is {known}; take the line out"


def _argv(fields: Json) -> Any:
    """The program and its arguments that a step runs; None where it runs none that the draft names."""
    parameters = fields.get("parameters") if isinstance(fields, Mapping) else None
    return parameters.get("argv") if isinstance(parameters, Mapping) else None


def _command(argv: Any) -> Iterator[str]:
    if not isinstance(argv, (list, tuple)) or not argv or "${{" in str(argv[0]):
        yield "the program is not written out: `argv` is a list that begins with the program's name"
        return
    words = [str(word) for word in argv]
    while len(words) > 1 and PurePosixPath(words[0]).name in WRAPPERS:
        words = words[1:]
        while words and (words[0].startswith("-") or "=" in words[0] or words[0].isdigit()):
            words = words[1:]
    program = PurePosixPath(words[0]).name.lower().removesuffix(".exe") if words else ""
    if program in SHELLS:
        yield f"it runs a shell ({program}): name the program itself and its arguments"
    elif INTERPRETERS.fullmatch(program) and any(word in INLINE for word in words[1:]):
        yield f"it runs code that stands in the draft ({program}): use a skill, or a program that is there"
    elif program in ("curl", "wget", "nc", "ncat", "ssh", "scp"):
        yield f"it reaches other machines by {program}, unseen by the plan: use an http step or web.page"


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def ungated(workflow: Workflow, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> Iterator[str]:
    """Ids of steps that may do harm when repeated, tell nobody but people, and act without a person's yes."""
    for placed in outline(workflow).placed:
        step = placed.step
        if step.approve or step.irreversible or step.type == "notification":
            continue
        effect = step.effect or kinds[step.type].describe(step.fields, step.fallback, catalogue).effect
        if effect == "unsafe":
            yield step.id


def weakened(before: Workflow, after: Workflow, given: str) -> Iterator[str]:
    """What the person had and the new draft has not: gates, budgets, limits. Taking those away is for the person."""
    was = {placed.step.id: placed.step for placed in outline(before).placed}
    now = {placed.step.id: placed.step for placed in outline(after).placed}
    for id_, step in was.items():
        other = now.get(id_)
        if other is None:
            if (step.irreversible or step.approve or step.type == "approval") and id_ not in given:
                yield f"the gate of '{id_}' is gone: it stays unless the person takes it out"
            continue
        if step.irreversible and not other.irreversible:
            yield f"step '{id_}' is no longer `irreversible`: it still is"
        if step.approve and not (other.approve or other.irreversible):
            yield f"step '{id_}' no longer has `approve: before`"
        for key in ("undo", "verify"):
            if getattr(step, key) is not None and getattr(other, key) is None:
                yield f"step '{id_}' no longer has `{key}`"
    if before.budget is not None:
        if after.budget is None:
            yield f"the budget of ${before.budget.usd:g} is gone"
        elif after.budget.usd > before.budget.usd and f"{after.budget.usd:g}" not in given:
            yield f"the budget went from ${before.budget.usd:g} to ${after.budget.usd:g}"
