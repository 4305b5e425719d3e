"""Two runs beside each other."""

from __future__ import annotations

from app.tui.actions.action import Action

ACTIONS = (
    Action("compare", "first", ("a",), "open a", "Open the first run", bar=True),
    Action("compare", "second", ("b",), "open b", "Open the second run", bar=True),
    Action("compare", "swap", ("s",), "swap", "Make the second run the first one", bar=True),
)
