"""The table of all runs."""

from __future__ import annotations

from app.tui.actions.action import Action

NONE = "no run here"

ACTIONS = (
    Action(
        "history",
        "filter",
        ("slash",),
        "filter",
        "Filter: status:failed wf:release since:7d cost>0.1 text",
        bar=True,
        first=True,
    ),
    Action(
        "history", "again", ("r",), "run again", "Run again with the same inputs; the plan first", ("run",), NONE, True
    ),
    Action("history", "edits", ("R",), "with edits", "Run again with other inputs", ("run",), NONE),
    Action(
        "history",
        "compare",
        ("c",),
        "compare",
        "Mark a run; then, on another one, compare the two. On the marked run: no longer marked",
        ("run",),
        NONE,
        True,
    ),
    Action(
        "history",
        "fix",
        ("F",),
        "fix",
        "Propose a change of the workflow, from what failed: a diff on the compose screen, saved only by you",
        ("failed",),
        "no run here that failed",
        True,
    ),
    Action("history", "copy", ("y",), "copy", "Copy its id, a command, or all of it as JSON", ("run",), NONE, True),
    Action(
        "history",
        "delete",
        ("X",),
        "delete",
        "Forget the run with all that was recorded of it; asks first",
        ("deletable",),
        "no run here, or it is under way: cancel it first",
        True,
    ),
)
