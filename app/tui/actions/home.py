"""The first screen."""

from __future__ import annotations

from app.tui.actions.action import Action

ACTIONS = (
    Action("home", "new", ("n",), "new run", "Say what you want, or choose a workflow", bar=True, first=True),
    Action("home", "demo", ("d",), "demo", "Run the demo: 60 seconds, no AI", ("demo",), "no demo here", True),
    Action("home", "trust", ("t",), "trust", "Trust this workspace", ("untrusted",), "it is trusted already"),
    Action(
        "home",
        "own",
        ("w",),
        "your workspace",
        "Leave the demo's workspace for the folder you started in",
        ("in demo",),
        "this is your workspace",
    ),
)
