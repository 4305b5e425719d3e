"""What is said of a draft on a terminal: how a model goes about it, the plan, the changes, the text, what to know."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.output import Output, diff_role
from app.present.money import price_words
from workflows.errors import UnderstudyError
from workflows.text import one_line, safe_text

if TYPE_CHECKING:
    from app.desk import Desk
    from app.named_workflows import WorkflowFile
    from composer.versions import Version, Versions
    from workflows.planning.plan import Plan

ROUNDS = "answer {} of at most 3"


class Narrator:
    """Tells, on stderr, how a model writes: what it is asked for and may cost, its text as it comes, what is wrong."""

    def __init__(self, out: Output, *, live: bool) -> None:
        self._out = out
        self._live = live and sys.stderr.isatty()
        self._left = ""

    def asking(self, model: str, round_: int, most_usd: float | None) -> None:
        which = f", {ROUNDS.format(round_)}" if round_ > 1 else ""
        self._out.say(f"Asking {model}{which} ({price_words(most_usd)}). Ctrl-C stops it; nothing is saved or run.")

    def text(self, delta: str) -> None:
        if not self._live:
            return
        *lines, self._left = (self._left + delta).split("\n")
        for line in lines:
            self._out.say(f"  │ {safe_text(line)}", "quiet")

    def judged(self, problems: Sequence[str]) -> None:
        if self._live and self._left:
            self._out.say(f"  │ {safe_text(self._left)}", "quiet")
        self._left = ""
        if problems:
            self._out.say("That will not do yet:", "attention")
            for problem in problems:
                self._out.say(f"  - {one_line(problem, 300)}")


def print_version(desk: Desk, versions: Versions, file: WorkflowFile, out: Output, *, text: bool = True) -> None:
    """The newest version, whole: how it was made, its plan, and its text where that is wanted."""
    from app.drafts import missing_for

    now = versions.now
    assert now is not None
    _print_head(now, file, out)
    plan = _plan(desk, file, out)
    if plan is not None and file.workflow is not None:
        out.print()
        for line in _plan_lines(desk, file, plan):
            out.folded(line, "strong" if not line.startswith(" ") else "attention" if "‖" in line else "")
        for lacking in missing_for(desk, file.workflow, plan):
            out.say(f"not set: {one_line(lacking.text, 200)}", "" if lacking.covered else "attention")
    if text:
        print_text(now, out)


def print_text(now: Version, out: Output) -> None:
    out.print("\nYAML", "strong")
    out.print(safe_text(now.text, max_line=None).rstrip("\n"))


def print_turn(
    desk: Desk, versions: Versions, file: WorkflowFile, out: Output, against: tuple[str, str] | None = None
) -> None:
    """What the newest version changes: of the text, and of the plan.

    `against` is a text that it is compared with, and what that is; else it is the version before.
    """
    from app.drafts import read_draft
    from app.present.differences import text_lines
    from app.present.plan_changes import plan_changes

    now = versions.now
    assert now is not None
    _print_head(now, file, out)
    before, what = against or versions.before
    out.print(f"\nChanges against {what or 'nothing'}", "strong")
    for line in text_lines(before, now.text):
        out.print(line, diff_role(line))
    plan = _plan(desk, file, out)
    earlier = read_draft(desk, now.name, before)
    if plan is None or earlier.workflow is None or earlier.errors:
        return
    try:
        changes = list(plan_changes(_plan_lines(desk, earlier), _plan_lines(desk, file, plan)))
    except UnderstudyError:
        return  # there was no plan before that this one could be compared with
    out.print("\nWhat changes in the plan" if changes else "\nThe plan stays as it is.", "strong")
    for line, role in changes:
        out.folded(line, role)


def _print_head(now: Version, file: WorkflowFile, out: Output) -> None:
    out.print(f"\n{now.name}: {one_line(file.workflow.name, 80) if file.workflow else 'not a workflow yet'}", "strong")
    out.print(f"  {one_line(now.made, 300)}")
    print_notes(now, out)


def _plan_lines(desk: Desk, file: WorkflowFile, plan: Plan | None = None) -> list[str]:
    """The plan of a draft, and what can be foreseen of it. Raises UnderstudyError where there is none."""
    from app.drafts import plan_of
    from app.foresight import foresee
    from app.present.foreseen import foreseen_lines
    from app.present.plan import plan_lines

    assert file.workflow is not None
    plan = plan or plan_of(desk, file.workflow)
    parameters = {each.name: each.default for each in file.workflow.parameters}
    estimate = desk.estimate(plan)
    foreseen = foresee(plan, desk.services.catalogue, parameters, (), estimate)
    return [*plan_lines(plan, parameters, estimate), *foreseen_lines(foreseen)]


def print_notes(version: Version, out: Output) -> None:
    for note in version.notes:
        out.say(f"  note: {one_line(note, 400)}", "attention")


def print_questions(questions: Sequence[str], out: Output) -> None:
    """What has to be known first: one question by itself, several with their numbers."""
    if len(questions) == 1:
        out.say(one_line(questions[0], 400), "attention")
        return
    out.say("First of all:", "attention")
    for number, question in enumerate(questions, 1):
        out.say(f"  {number}. {one_line(question, 400)}")


def _plan(desk: Desk, file: WorkflowFile, out: Output) -> Plan | None:
    from app.drafts import plan_of

    if file.workflow is None or file.errors:
        for found in file.errors:
            out.say(f"line {found.line}: {found.message}", "bad")
        return None
    try:
        return plan_of(desk, file.workflow)
    except UnderstudyError as error:
        out.say(f"No plan yet: {error.message} {error.hint}".rstrip(), "bad")
        return None
