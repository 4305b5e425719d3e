"""What keys do on every screen."""

from __future__ import annotations

from app.tui.actions.action import EVERYWHERE, Action

ACTIONS = (
    Action(EVERYWHERE, "help", ("question_mark", "f1"), "help", "What the keys do here", bar=True),
    Action(EVERYWHERE, "palette", ("colon", "ctrl+p"), "palette", "Find any action or workflow by name", bar=True),
    Action(EVERYWHERE, "attend", ("exclamation_mark",), "needs you", "Go to the next thing that needs you"),
    Action(EVERYWHERE, "home", ("1",), "home", "Go to the first screen"),
    Action(EVERYWHERE, "workflows", ("2",), "workflows", "See all workflows: graph, YAML, inputs, runs"),
    Action(EVERYWHERE, "compose", ("3",), "compose", "Write a workflow: from a template, in your words"),
    Action(EVERYWHERE, "run", ("4",), "run", "Go to the run looked at last, else to the newest one"),
    Action(EVERYWHERE, "history", ("5",), "history", "See all runs"),
    Action(EVERYWHERE, "skills", ("6",), "skills", "See skills and agents: edit, check, try them"),
    Action(EVERYWHERE, "setup", ("7",), "setup", "See what is set up here: models, servers, rules, paths, keys"),
    Action(EVERYWHERE, "analytics", ("8",), "analytics", "See what runs came to: success, time, cost, errors"),
    Action(EVERYWHERE, "monitor", ("9",), "monitor", "See how all runs go just now: steps, queue, load, alerts"),
    Action(EVERYWHERE, "schedules", ("0",), "schedules", "See what starts by itself: next times, last runs, triggers"),
    Action(EVERYWHERE, "back", ("escape",), "back", "Go back to the screen before"),
    Action(EVERYWHERE, "quit", ("q", "ctrl+q", "ctrl+c"), "quit", "Go back, and from the first screen out", bar=True),
    Action(EVERYWHERE, "shell", ("ctrl+z",), "shell", "To the shell; `fg` comes back. Runs stand still meanwhile"),
    Action(EVERYWHERE, "theme", ("ctrl+t",), "theme", "Other colours: dark, light, the terminal's own"),
)
