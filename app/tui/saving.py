"""Saves a draft: asks for its name, names the file, and replaces or keeps errors only where somebody says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from app.drafts import Taken, place_of, save
from app.named_workflows import WorkflowFile
from app.present.differences import text_lines
from app.present.figures import plural
from app.present.workflow_page import short_path
from app.tui.modals.choices import Choices, Option
from app.tui.modals.entry import Entry
from app.tui.modals.json_editor import Edited
from app.tui.stage import Stage
from workflows.values import Json

Then = Callable[[str], Awaitable[None]]
"""What is done with the name that it was saved under."""


def ask_and_save(stage: Stage, file: WorkflowFile, name: str, then: Then) -> None:
    """Ask what has to be asked, and save the text of the file."""
    if not file.errors:
        _ask_name(stage, file, name, then)
        return
    first = file.errors[0]
    text = f"line {first.line}: {first.message}\n\nSaved like this it is listed as ✗, and cannot be run."
    option = Option("save", "w", "write it all the same", "to be mended later", deliberate=True)

    async def answered(choice: str | None) -> None:
        if choice:
            _ask_name(stage, file, name, then)

    stage.ask(Choices(f"it has {plural(len(file.errors), 'error')}", text, (option,)), answered)


def _ask_name(stage: Stage, file: WorkflowFile, name: str, then: Then) -> None:
    desk = stage.understudy.desk
    folder = short_path(desk.services.paths.workspace / "workflows")

    def written(given: str) -> Json:
        try:
            save(desk, given.strip(), file.text)
        except Taken:
            return {"taken": given.strip()}
        return {"saved": given.strip()}

    async def named(result: Edited | None) -> None:
        if result is None:
            return
        if taken := result.value.get("taken"):
            _ask_to_replace(stage, file, taken, then)
        else:
            await then(result.value["saved"])

    stage.ask(
        Entry("save the draft", f"Saved as {folder}/NAME.yaml", "a name", written, initial=name, hint="save it"), named
    )


def _ask_to_replace(stage: Stage, file: WorkflowFile, name: str, then: Then) -> None:
    desk = stage.understudy.desk
    path = place_of(desk, name)
    there = path.read_text(encoding="utf-8", errors="replace")
    lines = text_lines(there, file.text)
    added, gone = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    text = f"{short_path(path)}\n\nReplaced by the draft: {plural(added, 'line')} added, {gone} gone."
    option = Option("replace", "o", "overwrite it", "what it says now is gone", deliberate=True)
    other = Option("other", "n", "another name", "nothing is replaced")

    async def answered(choice: str | None) -> None:
        if choice == "replace":
            save(desk, name, file.text, replace=True)
            await then(name)
        elif choice == "other":
            _ask_name(stage, file, name, then)

    stage.ask(Choices("there is a file of this name", text, (option, other)), partial(answered))
