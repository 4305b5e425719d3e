"""Running tests: each plays its recording on the workflow as it is now. Nothing real is called, and nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from app.desk import Desk, Proposal
from app.named_workflows import Invalid
from app.testing.case import RECORDING, SUFFIX, Case, read_case
from app.testing.judging import Problem, judge
from workflows.diagnostics import render
from workflows.errors import UnderstudyError
from workflows.planning.plan import Budget
from workflows.recordings import Difference, Played, Recording, play, read_recording
from workflows.records import dataclass
from workflows.runs.state import RunState

Verdict = Literal["passed", "failed", "broken"]
"""broken: the test itself, its recording or its workflow cannot be used."""

SKIPPED = frozenset({".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".mypy_cache"})

DEEPEST = 8
"""Folders below the one that is searched."""


@dataclass(frozen=True)
class Outcome:
    """How one test went. `recorded` is when its recording was made; `notes` are worth knowing and no failure."""

    path: Path
    verdict: Verdict
    problems: tuple[Problem, ...] = ()
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""
    workflow: str = ""
    recording: str = ""
    recorded: float | None = None
    seconds: float = 0.0
    state: RunState | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The test's name: the beginning of its file's."""
        return self.path.name.removesuffix(SUFFIX)


def find_cases(paths: Sequence[Path]) -> list[Path]:
    """The files of tests among these files, and in these folders at any depth. Raises UnderstudyError for others."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(_below(path, DEEPEST))
        elif path.is_file():
            found |= dict.fromkeys(_meant_by(path))
        else:
            hint = "Tests are files called NAME.test.yaml. Without a name, all below the workspace are played."
            raise UnderstudyError(f"There is no file, folder or workflow of yours called {path}.", hint)
    return list(found)


def _meant_by(path: Path) -> Iterator[Path]:
    """The test that a file is, or the tests of a workflow, which lie in the folder `tests/STEM` beside it."""
    if path.name.endswith(SUFFIX):
        yield path
    elif (
        path.name.endswith(RECORDING) and (test := path.with_name(path.name.removesuffix(RECORDING) + SUFFIX)).exists()
    ):
        yield test
    else:
        there = list(_below(path.parent / "tests" / path.stem, 1))
        if not there:
            hint = f"Make one: understudy run {path} --record"
            raise UnderstudyError(f"{path} is no test, and has none in tests/{path.stem} beside it.", hint)
        yield from there


def _below(folder: Path, deepest: int) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.name.endswith(SUFFIX) and entry.is_file():
            yield entry
        elif deepest and entry.is_dir() and not entry.is_symlink() and entry.name not in SKIPPED:
            yield from _below(entry, deepest - 1)


def propose(desk: Desk, case: Case, recording: Recording | None) -> Proposal:
    """What the workflow of a test would do now. Raises Invalid and UnderstudyError.

    It may be looked at whether the workspace is trusted or not, and whatever secrets are set: nothing is done.
    """
    written = case.workflow
    looks_like_a_path = written.endswith((".yaml", ".yml")) or "/" in written
    file = desk.load(str(case.path.parent / written) if looks_like_a_path else written)
    declared = {parameter.name for parameter in file.workflow.parameters} if file.workflow else set()
    recorded = recording.head.parameters if recording else {}
    # What a run was given and does not take any more shows in what it asks, not here.
    taken = {name: value for name, value in recorded.items() if name in declared and value is not None}
    proposal = desk.propose(file, taken if case.parameters is None else case.parameters, only_look=True)
    if file.errors:
        raise Invalid(file)
    # A budget of this user's settings says nothing of the workflow.
    own = file.workflow is not None and file.workflow.budget is not None
    budget = proposal.plan.budget if own else None
    match recording.head.allowed_usd if recording else None:
        case "none":
            budget = None
        case float() | int() as usd:
            budget = replace(budget, usd=max(budget.usd, usd)) if budget else Budget(usd)
    return replace(proposal, plan=replace(proposal.plan, budget=budget))


async def run_case(desk: Desk, path: Path) -> Outcome:
    """Play one test. Whatever is wrong with it is its outcome; nothing is raised for that."""
    began = time.perf_counter()
    try:
        case = read_case(path, desk.services.paths.root)
        recording = read_recording(case.recording)
        proposal = propose(desk, case, recording)
        played = await _play(desk, case, recording, proposal)
    except UnderstudyError as error:
        return Outcome(path, "broken", (Problem("", _words(error)),), hint=error.hint)
    differences = tuple(played.replay.differences)
    # What follows from a request that differs is no news.
    problems = () if differences else tuple(judge(played, case.expect, desk.services.catalogue))
    return Outcome(
        path,
        "failed" if problems or differences else "passed",
        problems,
        differences,
        tuple(_notes(played)),
        workflow=proposal.file.stem,
        recording=str(case.recording),
        recorded=recording.head.started,
        seconds=time.perf_counter() - began,
        state=played.state,
    )


async def _play(desk: Desk, case: Case, recording: Recording, proposal: Proposal) -> Played:
    services = desk.services
    return await play(
        recording,
        proposal.plan,
        services.kinds,
        source=proposal.file.text,
        parameters=proposal.parameters,
        root=services.paths.root,
        answers=case.answers,
        code=services.engine.code,
        redactor=services.secrets.redactor,
        label=label_of(recording),
    )


def _words(error: UnderstudyError) -> str:
    """What is wrong, with every diagnostic of a workflow."""
    diagnostics = error.diagnostics if isinstance(error, Invalid) else ()
    return "\n".join((error.message, *(render(found) for found in diagnostics if found.is_error)))


def label_of(recording: Recording) -> str:
    """What stands wherever a replayed run is shown."""
    day = datetime.fromtimestamp(recording.head.started, UTC).date().isoformat()
    return f"REPLAYED (recorded {day}; nothing was called)"


def _notes(played: Played) -> Iterator[str]:
    for refused in played.refused:
        yield f"an answer did not fit: {refused}"
    for step in played.replay.changed_code:
        yield f"the skill of {step} has changed since: its recorded answer was used"
    unused = played.replay.unused
    if unused and not played.replay.differences:
        named = ", ".join(dict.fromkeys(f"{each.step}/{each.key}" for each in unused))
        yield f"recorded and not called: {named}"
