"""A workflow before it is run, in lines: where it comes from, how it stands, what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from app.named_workflows import WorkflowFile
from app.present.figures import plural
from app.present.plan import shown_value
from app.present.status import Role
from workflows.definition.parameters import Parameter
from workflows.diagnostics import Diagnostic
from workflows.text import one_line

SOURCES: Mapping[str, str] = {"workspace": "project", "user": "yours", "built-in": "built in"}
"""What people call the places that workflows come from."""

LAST_GOOD = "the last good version still runs"
"""What is said of a file that was right before it was edited."""

Line = tuple[str, Role]
"""A line, and what its colour means."""


def short_path(path: Path) -> str:
    """A path as people write it."""
    try:
        below = path.relative_to(Path.home())
    except ValueError:
        return str(path)
    return f"~/{below}" if below.parts else "~"


def problem_of(file: WorkflowFile) -> Diagnostic | None:
    """The first thing that is wrong with a file as it lies there."""
    return next(iter((*file.newer, *file.errors)), None)


def problems_of(file: WorkflowFile) -> tuple[Diagnostic, ...]:
    """All that is to be said of the file's text as it lies there."""
    return file.newer or file.diagnostics


def text_of(file: WorkflowFile) -> str:
    """The text that lies there, whether it is right or not."""
    return file.written if file.newer else file.text


def runnable(file: WorkflowFile) -> bool:
    """Whether a run of it can be asked for by its name."""
    return file.workflow is not None and not file.errors and not file.shadowed


def state_line(file: WorkflowFile) -> Line:
    """How it stands, in one line."""
    first = problem_of(file)
    if first is None:
        warnings = len(file.diagnostics)
        return (f"✓ ok, {plural(warnings, 'warning')}" if warnings else "✓ ok"), "good"
    words = f"✗ line {first.line}: {one_line(first.message, 200)}"
    more = len(file.newer or file.errors) - 1
    return words + (f" (and {more} more)" if more > 0 else ""), "bad"


def input_lines(file: WorkflowFile) -> Iterator[tuple[str, str, str]]:
    """A name, what it must be, and what it is for, of each input."""
    for parameter in file.workflow.parameters if file.workflow else ():
        yield parameter.name, _wanted(parameter), parameter.description


def _wanted(parameter: Parameter) -> str:
    if parameter.enum:
        kind = "one of " + ", ".join(map(shown_value, parameter.enum))
    else:
        kind = f"{parameter.type} of {parameter.items}" if parameter.items else parameter.type
    if parameter.default is not None:
        return f"{kind} · {shown_value(parameter.default)} if not given"
    return f"{kind} · required" if parameter.required else f"{kind} · may be left out"
