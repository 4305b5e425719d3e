"""The table of all runs."""

from __future__ import annotations

from app.tui.actions.action import Action

ACTIONS = (
    Action("history", "filter", ("slash",), "filter", "Filter: status:failed wf:release text", bar=True),
    Action("history", "again", ("r",), "run again", "Run again with the same inputs", ("run",), "no run here", True),
)
