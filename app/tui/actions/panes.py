"""Lists, panes of text, and what lies over a screen."""

from __future__ import annotations

from app.tui.actions.action import Action

ACTIONS = (
    Action("list", "cursor_down", ("j", "down"), "down", "Next line"),
    Action("list", "cursor_up", ("k", "up"), "up", "Line before"),
    Action("list", "page_down", ("pagedown",), "page down", "A page down"),
    Action("list", "page_up", ("pageup",), "page up", "A page up"),
    Action("list", "first", ("g", "home"), "top", "To the first line (gg works too)"),
    Action("list", "last", ("G", "end"), "end", "To the last line"),
    Action("list", "choose", ("enter",), "open", "Open what the cursor is on"),
    Action("graph", "cursor_down", ("j", "down"), "down", "To the layer below"),
    Action("graph", "cursor_up", ("k", "up"), "up", "To the layer above"),
    Action("graph", "cursor_left", ("h", "left"), "left", "To the step on the left"),
    Action("graph", "cursor_right", ("l", "right"), "right", "To the step on the right"),
    Action("graph", "first", ("home",), "top", "To the first step"),
    Action("graph", "last", ("G", "end"), "end", "To the last step"),
    Action("graph", "choose", ("enter",), "go to it", "Close the graph, with this step on view"),
    Action("graph", "leave", ("escape",), "list", "Back to the list of steps"),
    Action("text", "line_down", ("j", "down"), "down", "A line down"),
    Action("text", "line_up", ("k", "up"), "up", "A line up; new text no longer moves the view"),
    Action("text", "page_down", ("pagedown", "ctrl+d"), "page down", "A page down"),
    Action("text", "page_up", ("pageup", "ctrl+u"), "page up", "A page up"),
    Action("text", "top", ("g", "home"), "top", "To the beginning"),
    Action("text", "end", ("G", "end"), "end", "To the end, and follow what comes"),
    Action("modal", "dismiss", ("escape",), "close", "Close without doing anything"),
    Action("modal", "turn", ("f3",), "next tab", "The next tab of the box, where it has some"),
    Action(
        "modal",
        "also",
        ("f4",),
        "also",
        "Write what is edited to the workflow's file too, or only for this run",
    ),
    Action("modal", "submit", ("f5", "ctrl+enter"), "done", "Done, use this"),
)
