"""Workflows that are being written: checked and planned as they stand, and saved without anything being lost."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.desk import Desk
from app.named_workflows import WorkflowFile
from composer.draft import Here
from composer.search import Candidate
from skills.channels.channels import DESKTOP, TERMINAL
from workflows.definition.model import Workflow
from workflows.errors import UnderstudyError
from workflows.planning.make import make_plan
from workflows.planning.plan import Plan, PlannedStep, Use
from workflows.planning.secrets import secrets_of
from workflows.records import dataclass

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

WANTED = "A name has letters, digits, - and _, and begins with a letter or digit."


class Taken(UnderstudyError):
    """There is a file of this name, and nobody said that it may be replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already.", "Choose another name, or move it away.")
        self.path = path


def place_of(desk: Desk, name: str) -> Path:
    """Where the workspace keeps a workflow of this name. Raises UnderstudyError for what is no name."""
    if not NAME.fullmatch(name):
        raise UnderstudyError(f"'{name}' is no name for a workflow.", WANTED)
    folder = desk.services.paths.workspace / "workflows"
    short = folder / f"{name}.yml"
    return short if short.is_file() else folder / f"{name}.yaml"


def read_draft(desk: Desk, name: str, text: str) -> WorkflowFile:
    """A text as the workspace's workflow that it would be, with all that is wrong with it."""
    path = desk.services.paths.workspace / "workflows" / f"{name}.yaml"
    parsed = desk.parse(text, path)
    return WorkflowFile(name, path, "workspace", text, parsed.workflow, parsed.diagnostics)


def here_of(desk: Desk) -> Here:
    """What a draft is made for, at this desk."""

    def parse(text: str) -> Workflow | None:
        file = read_draft(desk, "draft", text)
        return None if file.errors else file.workflow

    return Here(parse, frozenset({TERMINAL, DESKTOP, *desk.services.settings.channels}))


def plan_of(desk: Desk, workflow: Workflow) -> Plan:
    """What a run would do, whatever its parameters are."""
    services = desk.services
    return make_plan(workflow, services.kinds, services.catalogue, services.settings.defaults)


def save(desk: Desk, name: str, text: str, *, replace: bool = False) -> Path:
    """Write a workflow of the workspace, whole or not at all. Raises Taken where it is there and is not to be
    replaced, and UnderstudyError where it cannot be written."""
    path = place_of(desk, name)
    try:
        _make(path.parent)
        write_whole(path, text, replace=replace)
    except FileExistsError:
        raise Taken(path) from None
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be written: {error.strerror}.", "Change to a folder that can.") from None
    return path


def _make(folder: Path) -> None:
    """Raises NotADirectoryError where it, or a folder above it, is a file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(error.errno, "a file stands where a folder should", str(folder)) from None


def write_whole(path: Path, text: str, *, replace: bool) -> None:
    """Write a file whole or not at all. Raises FileExistsError where it is there and is not to be replaced."""
    if not (replace and path.exists()):
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        return
    # A link is replaced, not followed: it may lead out of the workspace.
    number, beside = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".new", dir=path.parent)
    try:
        with open(number, "w", encoding="utf-8") as file:
            os.fchmod(number, path.stat().st_mode & 0o777)
            file.write(text)
            file.flush()
            os.fsync(number)
        os.replace(beside, path)
    finally:
        Path(beside).unlink(missing_ok=True)


def candidates(files: Iterable[WorkflowFile]) -> list[Candidate]:
    """The workflows that a request may mean: those that can be read and named."""
    return [
        Candidate(file.stem, file.workflow, file.text, file.scope)
        for file in files
        if file.workflow is not None and not file.errors and not file.shadowed
    ]


@dataclass(frozen=True)
class Lacking:
    """Something that is not set. With `covered`, a run gets along without it."""

    text: str
    covered: bool = False


def missing_for(desk: Desk, workflow: Workflow, plan: Plan) -> Iterator[Lacking]:
    """What is not set that a run would need: models and their keys, secrets, variables."""
    services = desk.services
    for step in plan.every:
        if step.kind == "agent" and not step.each:
            yield from _agents_of(desk, step)
    for name in secrets_of(plan):
        if services.secrets.get(name) is None:
            yield Lacking(f"the secret {name}: `understudy secrets set {name}`")
    for name in workflow.env:
        if name not in services.environ:
            yield Lacking(f"the variable {name}")


def _agents_of(desk: Desk, step: PlannedStep) -> Iterator[Lacking]:
    """Which of a step's agents cannot answer, and why; and who stands in."""
    reasons = {use.name: _why_silent(desk, use) for use in step.uses if use.what == "agent"}
    silent = {name: reason for name, reason in reasons.items() if reason}
    stand_in = next((name for name, reason in reasons.items() if not reason), "")
    for reason in dict.fromkeys(silent.values()):
        names = ", ".join(name for name, own in silent.items() if own == reason)
        then = f"; {stand_in} takes over" if stand_in else ""
        yield Lacking(f"{step.id}: {names} cannot answer: {reason}{then}", bool(stand_in))


def _why_silent(desk: Desk, use: Use) -> str:
    from agents.models.keys import Key, find_key  # providers are looked at for drafts alone

    models = desk.services.models
    if not use.models:
        return "no model is set (UNDERSTUDY_MODEL)"
    why = ""
    for model in use.models:
        found = None if models.simulated(model) else find_key(model, desk.services.environ)
        if found is None or isinstance(found, Key):
            return ""
        why = why or found.failure().message.rstrip(".")
    return why
