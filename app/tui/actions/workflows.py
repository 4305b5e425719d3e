"""The list of workflows, and the preview of one."""

from __future__ import annotations

from app.tui.actions.action import Action

WHERE = "workflows"
NONE = "no workflow here"

ACTIONS = (
    Action(
        WHERE,
        "run",
        ("r",),
        "run",
        "Run it: first its inputs and its plan are shown",
        ("runnable",),
        "it has errors, or another of its name is used",
        True,
    ),
    Action(WHERE, "filter", ("slash",), "filter", "Show those that have these words", bar=True, first=True),
    Action(
        WHERE, "validate", ("v",), "validate", "Read it again, and show what is wrong with it", ("file",), NONE, True
    ),
    Action(WHERE, "duplicate", ("D",), "duplicate", "Copy it into the project; asks for a name", ("file",), NONE, True),
    Action(
        WHERE,
        "compose_from",
        ("c",),
        "compose",
        "Write another one that begins as this does",
        ("readable",),
        "it cannot be read",
        True,
    ),
    Action(
        WHERE,
        "open_editor",
        ("E",),
        "$EDITOR",
        "Edit the file in your own editor",
        ("own file",),
        "it is built in: duplicate it first",
        True,
    ),
    Action(WHERE, "copy", ("y",), "copy", "Copy its name, a command, its file's path or text", ("file",), NONE),
    Action(WHERE, "pager", ("o",), "pager", "Open the file, the whole of it, in $PAGER", ("file",), NONE),
    Action(WHERE, "trust", ("t",), "trust", "Trust this workspace", ("untrusted",), "it is trusted already"),
    Action(WHERE, "zoom", ("z",), "zoom", "The preview over the whole screen, and back"),
    Action(WHERE, "next_tab", ("right", "l", "right_square_bracket"), "next tab", "Next tab of the preview"),
    Action(WHERE, "previous_tab", ("left", "h", "left_square_bracket"), "tab before", "Tab before of the preview"),
)
