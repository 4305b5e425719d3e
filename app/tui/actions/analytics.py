"""What runs came to."""

from __future__ import annotations

from app.tui.actions.action import Action

ACTIONS = (
    Action(
        "analytics", "longer", ("right_square_bracket", "right"), "longer", "A longer period: up to all runs", bar=True
    ),
    Action(
        "analytics", "shorter", ("left_square_bracket", "left"), "shorter", "A shorter period: down to today", bar=True
    ),
    Action(
        "analytics", "filter", ("slash",), "filter", "Only workflows with this text in their name", bar=True, first=True
    ),
)
