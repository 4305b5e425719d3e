"""What a workflow needs, before it is started."""

from __future__ import annotations

from app.tui.actions.action import Action

ACTIONS = (
    Action("form", "start", ("f5", "r"), "start", "Start the run", ("startable",), "an input is not right yet", True),
    Action("form", "edit", ("e",), "inputs", "Back to the inputs", ("inputs",), "it takes no inputs", True),
)
