"""Edits of workflow files: checked before anything is written, and kept so that each can be taken back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalogue import read_text
from app.drafts import write_whole
from app.named_workflows import WorkflowFile
from composer.edit import Edit, RemoveStep, apply, readers_of
from workflows.definition.parse import HERE_AND_NOW
from workflows.diagnostics import Diagnostic
from workflows.errors import UnderstudyError
from workflows.records import dataclass

if TYPE_CHECKING:
    from app.desk import Desk

KEPT = 20
"""Earlier texts of a file that are kept; the oldest ones go."""


@dataclass(frozen=True)
class Change:
    """What edits would make of a file. `reading` says who reads a step that goes, in words.

    `problems` are the errors that stand in its way; `diagnostics` all that is wrong with the new text.
    """

    path: Path
    before: str
    after: str
    diagnostics: tuple[Diagnostic, ...]
    problems: tuple[Diagnostic, ...]
    reading: tuple[str, ...] = ()
    readers: tuple[tuple[str, str], ...] = ()
    """What reads a step that goes: the id of a step and "", or "" and the name of an output."""
    going: tuple[str, ...] = ()


def propose_change(desk: Desk, file: WorkflowFile, edits: Sequence[Edit], to: Path | None = None) -> Change:
    """What these edits would make of a workflow, `to` as a new file. Raises EditRefused where they cannot be made."""
    before = file.written or file.text
    going = [edit.step for edit in edits if isinstance(edit, RemoveStep)]
    reads = [
        (id_, reader)
        for id_ in going
        for reader in readers_of(before, id_)
        if reader.text != id_ and reader.step not in going
    ]
    reading = [f"{_quoted(reader.step) or reader.path[0]} reads '{id_}': {reader.text}" for id_, reader in reads]
    change = proposed_text(desk, file, apply(before, edits), to, tuple(reading))
    outputs = (str(each.path[1]) if not each.step and each.path[0] == "outputs" else "" for _, each in reads)
    readers = zip((each.step for _, each in reads), outputs, strict=True)
    return replace(change, readers=tuple(dict.fromkeys(each for each in readers if any(each))), going=tuple(going))


def proposed_text(
    desk: Desk, file: WorkflowFile, after: str, to: Path | None = None, reading: tuple[str, ...] = ()
) -> Change:
    """What another text would make of a workflow. What is missing here and was before stands in nobody's way."""
    path = to or file.path
    parsed = desk.parse(after, path)
    known = {(each.code, each.message) for each in file.errors if each.code in HERE_AND_NOW}
    problems = tuple(each for each in parsed.errors if (each.code, each.message) not in known)
    return Change(path, "" if to else file.written or file.text, after, parsed.diagnostics, problems, reading)


def write_change(desk: Desk, change: Change) -> None:
    """Write a change, and keep what the file said before. Raises UnderstudyError where it is not what it was, comes
    with the program, has problems, or cannot be written."""
    if change.problems:
        raise UnderstudyError(f"{change.path.name} would have errors, so it was not written.")
    new = not change.before
    if not new and read_text(change.path) != change.before:
        raise UnderstudyError(f"{change.path.name} was changed by somebody meanwhile.", "Look at it, and try again.")
    try:
        if not new:
            _keep(desk, change)
        change.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(change.path, change.after, replace=not new)
    except FileExistsError:
        raise UnderstudyError(f"{change.path} is there already.", "Choose another name, or move it away.") from None
    except OSError as error:
        raise UnderstudyError(f"{change.path} cannot be written: {error.strerror}.", "Nothing was changed.") from None


def must_be_writable(desk: Desk, file: WorkflowFile) -> None:
    """Raises UnderstudyError for a workflow that comes with the program."""
    if file.scope == "built-in":
        raise UnderstudyError(
            f"'{file.stem}' comes with Understudy and cannot be changed.", "Add --as NAME: the result is then your own."
        )


def earlier_text(desk: Desk, file: WorkflowFile) -> tuple[Path, str]:
    """What the file said before its last change here, and where that is kept. Raises UnderstudyError where nothing is
    kept, or the file was changed otherwise since."""
    kept = _kept(desk, file.path)
    if not kept:
        raise UnderstudyError(
            f"No earlier text of {file.path.name} is kept.", "Only changes made by commands are kept."
        )
    now = file.written or file.text
    if _digest(now) != kept[-1].stem.split("-")[1]:
        raise UnderstudyError(
            f"{file.path.name} was changed since by other means, so nothing was taken back.",
            f"The earlier text is in {kept[-1]}.",
        )
    return kept[-1], read_text(kept[-1])


def take_back(desk: Desk, file: WorkflowFile) -> Change:
    """The change that puts back what the file said before. `write_back` makes it."""
    _, text = earlier_text(desk, file)
    return proposed_text(desk, file, text)


def write_back(desk: Desk, change: Change, file: WorkflowFile) -> None:
    """Put an earlier text back, whatever is wrong with it: it was there before."""
    kept, text = earlier_text(desk, file)
    try:
        write_whole(change.path, text, replace=True)
    except OSError as error:
        raise UnderstudyError(f"{change.path} cannot be written: {error.strerror}.", "Nothing was changed.") from None
    kept.unlink(missing_ok=True)


def _keep(desk: Desk, change: Change) -> None:
    kept = _kept(desk, change.path)
    for old in kept[: max(0, len(kept) + 1 - KEPT)]:
        old.unlink(missing_ok=True)
    number = int(kept[-1].stem.split("-")[0]) + 1 if kept else 1
    folder = _folder(desk, change.path)
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{number:06d}-{_digest(change.after)}.yaml"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(change.before.encode())


def _kept(desk: Desk, path: Path) -> list[Path]:
    folder = _folder(desk, path)
    found = folder.glob("*.yaml") if folder.is_dir() else ()
    return sorted(each for each in found if re.fullmatch(r"\d{6}-[0-9a-f]{16}", each.stem))


def _folder(desk: Desk, path: Path) -> Path:
    return desk.services.paths.data / "edits" / _digest(str(path.resolve()))


def _quoted(step: str) -> str:
    return f"'{step}'" if step else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
