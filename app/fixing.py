"""From a failed run to a proposed change of its workflow: by rules, else by a model. Nothing is written here."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.drafting import Composer, Listener, Wishes
from app.drafts import read_draft
from composer.edit import EditRefused, apply
from composer.mending import account, failed_steps, failure_of, mends, went_wrong
from composer.versions import Version
from workflows.errors import UnderstudyError
from workflows.journal.port import Query
from workflows.records import dataclass

if TYPE_CHECKING:
    from app.desk import Desk
    from app.named_workflows import WorkflowFile
    from workflows.runs.state import RunState

LOOKED_AT = 50
"""Runs, the newest, among which one that failed is looked for."""

GONE = "gone"
"""The scope of a file that is not where it can be found: what would mend it is a workflow of its own."""

ENDED_WELL = ("succeeded", "cancelled", "pending")

ASKED = (
    "A run of this workflow failed. Change as little as possible so that what failed does not fail again; "
    "decline where the workflow is not at fault."
)


@dataclass(frozen=True)
class Fix:
    """A proposed text, and why. Without a text it is said why nothing is proposed. `notes` are worth knowing."""

    file: WorkflowFile
    text: str = ""
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    usd: float | None = 0.0


async def newest_failed(desk: Desk) -> str:
    """The id of the newest run in which a step failed, whatever came after it. Raises UnderstudyError for none."""
    for summary in await desk.runs(Query(limit=LOOKED_AT)):
        if summary.status not in ENDED_WELL and went_wrong(await desk.state(summary.run_id)):
            return summary.run_id
    raise UnderstudyError(
        f"None of the newest {LOOKED_AT} runs failed.", "Name an older run: `understudy runs --status failed`."
    )


async def propose_fix(desk: Desk, run: str, wishes: Wishes, listener: Listener) -> Fix:
    """What would mend the workflow of a run. Raises UnderstudyError where it did not fail, or is not to be found."""
    state = await desk.state(run)
    if not went_wrong(state):
        hint = f"`understudy show {state.run_id}` shows it; `understudy fix` alone takes the newest run that failed."
        raise UnderstudyError(f"Run {state.run_id} did not fail.", hint)
    file = await asyncio.to_thread(_file, desk, state)
    text = file.written or file.text
    since = "The workflow was changed since that run: what is proposed changes it as it is now."
    notes = () if text == state.source else (since,)
    if not wishes.model and (found := _by_rules(desk, state, file, text)) is not None:
        return Fix(file, *found, notes=notes)
    composer = Composer(desk, wishes)
    if not composer.model:
        return Fix(
            file, why=(_why(state), "No rule helps there, and no model is set that could be asked."), notes=notes
        )
    turned = await composer.mend(Version(text, file.stem, ""), ASKED, account(state), listener)
    if turned.version is None:
        why = turned.why or " ".join(turned.questions)
        return Fix(file, why=(_why(state), why), notes=(*notes, *turned.notes), usd=turned.usd)
    said = f"{composer.model} proposes this"
    return Fix(file, turned.version.text, (_why(state), said), (*notes, *turned.notes), turned.usd)


def _file(desk: Desk, state: RunState) -> WorkflowFile:
    """The workflow of a run as it is now: by its name, else by the file of that name where the run was, else as it was
    when the run began."""
    try:
        return desk.load(state.workflow)
    except UnderstudyError:
        beside = Path(state.root) / f"{state.workflow}.yaml"
        if not beside.is_file():
            if not state.source:
                raise
            return replace(read_draft(desk, state.workflow, state.source), scope=GONE)
        return desk.load(str(beside))


def _by_rules(desk: Desk, state: RunState, file: WorkflowFile, text: str) -> tuple[str, tuple[str, ...]] | None:
    """The text with what rules would change, and why; None where none would."""
    why = [_why(state)]
    after = text
    for mend in mends(state, _stand_ins(desk)):
        try:
            after = apply(after, list(mend.edits))
        except EditRefused:
            continue  # the step is not in the file any more, or is written so that it cannot be edited
        why.append(mend.why)
    return (after, tuple(why)) if after != text else None


def _stand_ins(desk: Desk) -> tuple[str, ...]:
    """Agents that need no key and no network: their answers are made from templates, and marked so."""
    agents, models = desk.services.agents.snapshot.agents, desk.services.models
    return tuple(name for name, agent in agents.items() if models.simulated(models.name_of(agent.model)))


def _why(state: RunState) -> str:
    failed = failed_steps(state)
    if not failed:
        assert state.failure is not None
        return f"the run failed ({state.failure.kind}): {state.failure.message}"
    step = failed[0]
    failure = failure_of(step)
    assert failure is not None
    return f"'{step.id}' failed ({failure.kind}): {failure.message}"
