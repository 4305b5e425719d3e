"""What starts by itself: schedules and triggers."""

from __future__ import annotations

from app.tui.actions.action import Action

NONE = "nothing here"

ACTIONS = (
    Action(
        "schedules",
        "pause",
        ("p",),
        "pause",
        "Let it start nothing until it is resumed; resume one that is paused",
        ("standing",),
        NONE,
        True,
    ),
    Action("schedules", "now", ("n",), "run now", "Ask for one run now, with what it gives", ("standing",), NONE, True),
    Action("schedules", "remove", ("X",), "remove", "Forget it; its runs stay. Asks first", ("standing",), NONE, True),
)
