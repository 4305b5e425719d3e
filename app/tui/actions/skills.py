"""Skills and agents: the list, what is known of one, its file."""

from __future__ import annotations

from app.tui.actions.action import Action

NO_FILE = "it has no file of yours: n begins one"
EDITED = "a file is being edited: esc leaves it"
NOTHING = "nothing is chosen"

ACTIONS = (
    Action("skills", "new", ("n",), "new", "Begin a skill or an agent that works as it is", ("list",), EDITED, True),
    Action("skills", "edit", ("e",), "edit", "Edit its file here", ("own",), NO_FILE, True),
    Action("skills", "save", ("f5",), "save", "Save what is edited", ("editing",), "nothing is being edited", True),
    Action("skills", "outside", ("E",), "$EDITOR", "Edit its file in your own editor", ("own",), NO_FILE),
    Action(
        "skills",
        "validate",
        ("v",),
        "validate",
        "Check its file: every error and warning with its line",
        ("file",),
        "it has no file",
        True,
    ),
    Action(
        "skills",
        "try",
        ("T",),
        "try it",
        "Call the skill once, outside of any run",
        ("callable",),
        "it is nothing that can be called here",
        True,
    ),
    Action("skills", "trust", ("t",), "trust", "Trust this workspace", ("untrusted",), "it is trusted already"),
    Action("skills", "copy", ("y",), "copy", "Copy its name, a command, its file's path or text", ("entry",), NOTHING),
    Action(
        "skills", "pager", ("o",), "pager", "Open its file, the whole of it, in $PAGER", ("file",), "it has no file"
    ),
    Action(
        "skills",
        "filter",
        ("slash",),
        "filter",
        "Filter by words: of names, kinds, states",
        ("list",),
        EDITED,
        True,
        True,
    ),
    Action("skills", "zoom", ("z",), "zoom", "What is known of it fills the screen, or not", ("entry",), NOTHING),
    Action("skills", "next_tab", ("right", "l", "right_square_bracket"), "next tab", "Next tab"),
    Action("skills", "previous_tab", ("left", "h", "left_square_bracket"), "tab before", "Tab before"),
    Action("try", "run", ("f5", "r"), "try it", "Call it with these arguments", ("ready",), "it is being tried", True),
    Action("try", "stop", ("x",), "stop", "Stop the call", ("running",), "nothing is being tried", True),
    Action("try", "arguments", ("e",), "arguments", "Back to the arguments", ("arguments",), "it takes none", True),
)
