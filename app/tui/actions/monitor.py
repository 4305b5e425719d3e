"""How all runs go just now."""

from __future__ import annotations

from app.tui.actions.action import Action

ACTIONS = (
    Action(
        "monitor",
        "acknowledge",
        ("a",),
        "acknowledge",
        "Say that you have seen to the alerts that last: nobody is told of them again",
        needs=("alerts",),
        otherwise="no alert lasts that nobody has seen to",
        bar=True,
    ),
)
