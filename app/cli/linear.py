"""understudy --plain: what the first screen shows, as lines with numbers to choose from; no cursor ever moves."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from workflows.records import dataclass

if TYPE_CHECKING:
    from app.named_workflows import WorkflowFile
    from workflows.definition.parameters import Parameter
    from workflows.journal.port import Summary, Waiting

RECENT = 8
"""Runs that are looked back at and listed; `runs` has all."""

WORDS = {
    "r": ("runs", "all runs"),
    "s": ("stats", "what they came to"),
    "d": ("demo --plain", "the 60-second demo: no AI, no network"),
    "?": ("--help", "all commands"),
}
"""What is typed for what is not in the list: a command, and what it is."""


@dataclass(frozen=True)
class Entry:
    """One line that can be chosen: the command that it stands for, and what that must be told first."""

    text: str
    command: tuple[str, ...]
    asks: tuple[Parameter, ...] = ()


def linear() -> int:
    """List, let a person choose, do it, and list again, until they leave or the input ends."""
    from app.cli.main import run

    out = Output(plain=True)
    while True:
        entries = wait_for(_listed(out))
        out.print()
        out.print("   ".join(f"{key}  {what}" for key, (_, what) in WORDS.items()) + "   q  leave")
        chosen = _choose(entries, out)
        if chosen is None:
            return 0
        out.say(f"understudy {' '.join(chosen)}")
        run(chosen)


async def _listed(out: Output) -> list[Entry]:
    from workflows.journal.port import Query

    async with open_desk(journal="read") as desk:
        waiting = await desk.inbox()
        runs = {run.run_id: run for run in await desk.runs(Query(limit=30))}
        missing = tuple({entry.run_id for entry in waiting} - set(runs))
        if missing:
            runs |= {run.run_id: run for run in await desk.runs(Query(ids=missing, limit=len(missing)))}
        files = desk.workflows()
        out.print(f"understudy · {desk.services.paths.root}" + ("" if desk.trusted() else " · not trusted"))
    entries: list[Entry] = []
    for title, section in _sections(waiting, runs, files):
        out.print()
        out.print(title)
        for entry in section:
            entries.append(entry)
            out.print(f"{len(entries):>3}  {entry.text}")
    if not runs:
        out.print()
        out.print("No runs yet. d runs the demo.")
    return entries


def _sections(
    waiting: Sequence[Waiting], runs: dict[str, Summary], files: Sequence[WorkflowFile]
) -> Iterator[tuple[str, list[Entry]]]:
    """What needs a person, what is under way, what was run, what can be run; without those that are empty."""
    from app.present.grouping import going_on, looked_back_at

    listed = tuple(runs.values())
    going, recent = going_on(waiting, listed), looked_back_at(waiting, listed)[:RECENT]
    usable = [file for file in files if file.workflow is not None and not file.errors and not file.shadowed]
    sections = [
        (f"Needs you ({len(waiting)})", [_waiting(entry, runs[entry.run_id]) for entry in waiting]),
        ("Under way", [Entry(_line(run), _going_on(run)) for run in going]),
        ("Recent", [Entry(_line(run), _looking_back(run)) for run in recent]),
        ("Start", [_start(file) for file in usable]),
    ]
    return ((title, section) for title, section in sections if section)


def _waiting(entry: Waiting, run: Summary) -> Entry:
    from workflows.text import one_line

    words = one_line(f"{run.title or run.workflow}: {entry.title}", 100)
    return Entry(f"‖ {entry.reason}  {words}  {run.run_id}", _going_on(run))


def _going_on(run: Summary) -> tuple[str, ...]:
    """The command that takes part in a run: beside the process that has it, or here where none does."""
    return ("attach" if run.owner else "resume", run.run_id, "--plain")


def _looking_back(run: Summary) -> tuple[str, ...]:
    """What a run was, where it is over; one that was interrupted goes on."""
    return _going_on(run) if run.finished is None else ("show", run.run_id, "--plain")


def _line(run: Summary) -> str:
    from app.present.figures import ago
    from app.present.status import run_badge
    from workflows.text import one_line

    label = " · no AI" if run.simulated else ""
    title = one_line(run.title or run.workflow, 60)
    return f"{run_badge(run.status, len(run.inbox))}  {title}{label}  {run.run_id}  {ago(run.started, time.time())}"


def _start(file: WorkflowFile) -> Entry:
    from workflows.text import one_line

    assert file.workflow is not None  # only usable ones are listed
    # On a terminal a line stays one; whatever else reads it has room for more.
    room = get_terminal_size().columns - len(file.stem) - 8 if sys.stdout.isatty() else 80
    about = one_line(file.workflow.description or file.workflow.name, max(20, min(80, room)))
    return Entry(f"{file.stem}  {about}", ("run", file.stem, "--plain"), tuple(file.workflow.parameters))


def _choose(entries: Sequence[Entry], out: Output) -> tuple[str, ...] | None:
    """The command that a person chose; None to leave."""
    while True:
        text = _typed(_prompt(len(entries)), out)
        if text is None or text == "q":
            return None
        if text in WORDS:
            return tuple(WORDS[text][0].split())
        if text.isascii() and text.isdigit() and 0 < int(text) <= len(entries):
            entry = entries[int(text) - 1]
            if (given := _given(entry.asks, out)) is not None:
                return (*entry.command, *given)
            continue
        out.say("Nothing was chosen: type a number or a letter of the list. Enter alone chooses nothing.")


def _prompt(entries: int) -> str:
    if not entries:
        return "type a letter, then enter:"
    numbers = f"1-{entries}" if entries > 1 else "1"
    return f"choose {numbers} or a letter, then enter:"


def _given(asks: Sequence[Parameter], out: Output) -> list[str] | None:
    """The options for what a workflow takes; None where the input ends. Enter takes the default."""
    import json

    given: list[str] = []
    for parameter in asks:
        about = f" ({parameter.description})" if parameter.description else ""
        usual = "" if parameter.default is None else f" [{json.dumps(parameter.default, ensure_ascii=False)}]"
        text = _typed(f"{parameter.name}{about}{usual}:", out)
        if text is None:
            return None
        given += ["--input", f"{parameter.name}={text}"] if text else []
    return given


def _typed(prompt: str, out: Output) -> str | None:
    """A line that a person typed, None at the end of input."""
    out.say(prompt)
    text = sys.stdin.readline()
    return text.strip() if text else None
