"""Whether a model's answer may be shown as a draft: read, checked, held against the rules, and played through."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from composer.generate.keeping import unasked_start, weakened
from composer.generate.policy import ungated, violations
from composer.generate.prompting import Brief
from composer.generate.reply import Answer, Unusable, read_answer
from composer.outputs import misread
from composer.rehearsal import rehearse
from workflows.definition.dump import dump
from workflows.definition.model import Workflow
from workflows.definition.parse import Parsed
from workflows.diagnostics import Diagnostic
from workflows.errors import UnderstudyError
from workflows.planning.plan import Plan
from workflows.records import dataclass
from workflows.steps.kind import Catalogue, StepKind
from workflows.text import one_line

MOST_PROBLEMS = 12
"""That are told at once: mending those often mends the others."""


@dataclass(frozen=True)
class Checks:
    """What a draft is held against. `parse` knows what exists here, `plan` makes the plan of what it read."""

    parse: Callable[[str], Parsed]
    plan: Callable[[Workflow], Plan]
    kinds: Mapping[str, StepKind]
    catalogue: Catalogue


@dataclass(frozen=True)
class Verdict:
    """What came of one answer. Without `problems` it can be shown; `doubts` are worth one more try, and then told."""

    answer: Answer = Answer()
    workflow: Workflow | None = None
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


async def judge(said: str, brief: Brief, checks: Checks) -> Verdict:
    """Judge one answer. Never raises for what it says."""
    try:
        answer = read_answer(said)
    except Unusable as error:
        return Verdict(problems=(f"{error.why}{'; ' + error.hint if error.hint else ''}",))
    if not answer.text:
        return Verdict(answer)
    parsed = checks.parse(answer.text)
    workflow = parsed.workflow
    if workflow is None or not parsed.valid:
        return Verdict(answer, problems=tuple(map(_sentence, parsed.errors))[:MOST_PROBLEMS])
    if answer.as_data:
        answer = Answer(dump(workflow))
    problems = tuple(_beyond(workflow, brief, checks))[:MOST_PROBLEMS]
    if problems:
        return Verdict(answer, workflow, problems)
    try:
        plan = checks.plan(workflow)
    except UnderstudyError as error:
        return Verdict(answer, workflow, (f"{error.message} {error.hint}".strip(),))
    played = await rehearse(plan, workflow, checks.kinds, brief.inventory)
    notes = tuple(f"line {found.line}: {found.message}" for found in parsed.diagnostics if not found.is_error)
    return Verdict(answer, workflow, doubts=played.problems[:MOST_PROBLEMS], notes=notes)


def _beyond(workflow: Workflow, brief: Brief, checks: Checks) -> list[str]:
    """What is wrong beyond what the language says."""
    given = f"{brief.request}\n{brief.before}\n" + "\n".join(brief.demands)
    before = checks.parse(brief.before).workflow if brief.before else None

    def wrong_with(one: Workflow) -> list[str]:
        return [
            *violations(one, given, checks.kinds, checks.catalogue, brief.inventory.models),
            *map(str, misread(one, checks.kinds, brief.inventory)),
        ]

    # What a person's own draft had before is theirs.
    theirs = wrong_with(before) if before is not None else []
    found = [problem for problem in wrong_with(workflow) if problem not in theirs]
    if before is not None:
        found += weakened(before, workflow, brief.request)
    found += unasked_start(before, workflow, "\n".join((brief.request, *brief.demands)))
    open_before = set(ungated(before, checks.kinds, checks.catalogue)) if before is not None else set()
    for id_ in ungated(workflow, checks.kinds, checks.catalogue):
        if id_ not in open_before:
            found.append(f"step '{id_}' acts, and nobody can say what repeating it does: give it `approve: before`")
    return found


def _sentence(found: Diagnostic) -> str:
    shown = f" in `{one_line(found.source_line, 120)}`" if found.source_line.strip() else ""
    hint = f"; {found.hint}" if found.hint else ""
    return one_line(f"line {found.line}: {found.message}{shown}{hint}", 400)
