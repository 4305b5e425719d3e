"""A workflow that is being written."""

from __future__ import annotations

from app.tui.actions.action import Action

WHERE = "compose"
NO_DRAFT = "there is no draft yet: f5 makes one"

ACTIONS = (
    Action(
        WHERE,
        "draft",
        ("f5", "ctrl+enter"),
        "draft",
        "Draft from the workflow that the cursor is on; from an edited text, the draft is that",
        ("found", "editing"),
        "no workflow here to draft from",
        True,
    ),
    Action(WHERE, "words", ("slash", "n"), "words", "Say what you want", first=True),
    Action(
        WHERE,
        "write",
        ("m",),
        "model",
        "Let the model that is set write what you said; it is checked, and nothing is saved",
        ("model",),
        "no model is set, or nothing was said",
        True,
    ),
    Action(
        WHERE,
        "turn",
        ("t",),
        "change",
        "Say what to change in the draft; u takes it back",
        ("draft",),
        NO_DRAFT,
        True,
    ),
    Action(WHERE, "discard", ("X",), "discard", "Drop the draft with all its versions", ("draft",), NO_DRAFT),
    Action(
        WHERE,
        "edit",
        ("e",),
        "edit",
        "Edit the draft's text here, with what is wrong with it",
        ("draft",),
        NO_DRAFT,
        True,
    ),
    Action(WHERE, "open_editor", ("E",), "$EDITOR", "Edit the draft in your own editor", ("draft",), NO_DRAFT),
    Action(WHERE, "save", ("s",), "save", "Save it in the project; asks for a name", ("draft",), NO_DRAFT, True),
    Action(
        WHERE,
        "save_and_run",
        ("r",),
        "save & run",
        "Save it, then show its inputs and its plan",
        ("right",),
        "there is no draft without errors",
        True,
    ),
    Action(
        WHERE,
        "next_problem",
        ("f8",),
        "next problem",
        "While the text is edited: to the next thing that is wrong",
        ("editing",),
        "nothing is edited",
        True,
    ),
    Action(WHERE, "undo", ("u",), "undo", "Back to the draft before", ("draft",), NO_DRAFT, True),
    Action(WHERE, "zoom", ("z",), "zoom", "The draft over the whole screen, and back"),
    Action(WHERE, "next_tab", ("right", "l", "right_square_bracket"), "next tab", "Next tab of the draft"),
    Action(WHERE, "previous_tab", ("left", "h", "left_square_bracket"), "tab before", "Tab before of the draft"),
)
