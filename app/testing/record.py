"""Where recordings go, and the first test that stands beside one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from app.desk import Desk
from app.named_workflows import WorkflowFile
from app.testing.case import RECORDING, SUFFIX
from app.testing.judging import names_of
from workflows.errors import UnderstudyError
from workflows.recordings import Recording, recording_of, write_recording
from workflows.records import dataclass
from workflows.runs.state import RunState
from workflows.text import one_line

SHORT = 200
"""Characters of an output that a first test states; of a longer one it states nothing."""


@dataclass(frozen=True)
class Written:
    """A recording that was written. `test` is None where there was a test already."""

    recording: Path
    test: Path | None
    calls: int


async def record(
    desk: Desk, run: str, folder: Path | None = None, name: str = "", workflow: WorkflowFile | None = None
) -> Written:
    """Write a recording of a run that is over, and a first test beside it. Raises UnderstudyError.

    `folder`: where, by default `tests/STEM` beside the workflow. An existing recording of that `name` is replaced.
    `workflow` is its file, by default what its name means here.
    """
    run_id = await desk.services.store.resolve(run)
    recording = recording_of(run_id, await desk.journal(run_id), desk.services.secrets.redactor, version("understudy"))
    allowed = allowed_beside(desk, await desk.state(run_id), recording)
    recording = replace(recording, head=replace(recording.head, allowed_usd=allowed))
    file = workflow or _workflow(desk, recording.head.workflow)
    folder = folder or folder_of(desk, file)
    path = folder / f"{name or _free_name(folder, recording.head.workflow)}{RECORDING}"
    test = path.with_name(path.name.removesuffix(RECORDING) + SUFFIX)
    try:
        write_recording(recording, path, desk.services.secrets.redactor)
        new = _write_new(test, "\n".join((*first_test(recording, _named(file, test)), "")))
    except OSError as error:
        raise UnderstudyError(f"The recording cannot be written: {error}", "Name another folder.") from error
    return Written(path, test if new else None, len(recording.exchanges))


def allowed_beside(desk: Desk, state: RunState, recording: Recording) -> float | Literal["none"] | None:
    """The limit of money that a run had beside its text (`--budget`), in US dollars; None where it was its text's own.

    One that a person gave when asked is not meant: whoever plays the recording is asked, and answers, in the same way.
    """
    written = desk.parse(state.source, Path(f"{state.workflow}.yaml")).workflow
    if written is None or any(one.reason == "budget" for one in recording.consulted):
        return None
    purse, stated = state.purses.get(""), written.budget.usd if written.budget else None
    if (purse.limit if purse else None) == stated:
        return None
    return purse.limit if purse else "none"


def _write_new(path: Path, text: str) -> bool:
    """Write a file where there is none; whether there was none. A link that leads to nothing is one too."""
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def folder_of(desk: Desk, file: WorkflowFile) -> Path:
    """Where the tests of a workflow lie: beside it, or in the workspace where it is a built-in one."""
    beside = desk.services.paths.root if file.scope == "built-in" else file.path.parent
    folder = beside / "tests" / file.stem
    if not folder.resolve().is_relative_to(beside.resolve()):
        message = f"Nothing is recorded: {folder} leads elsewhere through a link, to {folder.resolve()}."
        raise UnderstudyError(message, "Say yourself where it goes: --record DIR, or --to DIR.")
    return folder


def _workflow(desk: Desk, stem: str) -> WorkflowFile:
    """The file that a run's workflow most likely came from: one in the working folder, or one that can be named."""
    for name in (f"{stem}.yaml", f"{stem}.yml", stem):
        try:
            return desk.load(name)
        except UnderstudyError:
            continue
    raise UnderstudyError(f"There is no workflow '{stem}' here.", "Say which file it is: --workflow FILE")


def _free_name(folder: Path, stem: str) -> str:
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next((name for name in names if not (folder / f"{name}{RECORDING}").exists()), stem)


def _named(file: WorkflowFile, test: Path) -> str:
    if file.scope == "built-in":
        return file.stem
    return Path(os.path.relpath(file.path.resolve(), test.parent.resolve())).as_posix()


def first_test(recording: Recording, workflow: str) -> Iterator[str]:
    """The lines of a test that the recorded run passes."""
    head = recording.head
    yield "# Checked by `understudy test`: the recording beside it is played again, offline and for nothing."
    yield f"workflow: {_yaml(workflow)}"
    yield "expect:"
    yield f"  status: {head.status}"
    outputs = head.outputs if isinstance(head.outputs, dict) else {}
    short = {name: value for name, value in outputs.items() if len(json.dumps(value)) <= SHORT}
    if short:
        yield "  outputs:"
        yield from (f"    {_yaml(name)}: {_exactly(value)}" for name, value in short.items())
    left = [name for name in outputs if name not in short]
    if left:
        yield f"  # outputs that are too long to state here: {', '.join(map(_plain, left))}"
    names = list(dict.fromkeys(name for exchange in recording.exchanges for name in names_of(exchange)))
    if names:
        yield "  calls:"
        yield f"    used: [{', '.join(map(_yaml, names))}]"


def _exactly(value: object) -> str:
    from app.testing.expected import WORDS

    words = isinstance(value, dict) and value and value.keys() <= set(WORDS)
    return _yaml({"equals": value} if words else value)


def _yaml(value: object) -> str:
    """The value in YAML's flow style, which JSON is. Names that need no quotes have none."""
    if isinstance(value, str) and value and value.replace("_", "a").replace(".", "a").replace("/", "a").isalpha():
        return (
            value if value.lower() not in ("true", "false", "null", "nan", "inf", ".nan", ".inf") else json.dumps(value)
        )
    text = json.dumps(value, ensure_ascii=False)
    return _NOT_IN_FILES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_NOT_IN_FILES = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
"""Characters that a file of ours has only as escapes."""


def _plain(name: str) -> str:
    return one_line(name, 60)
