"""Every screen and every box has been looked at, at both sizes: empty, at work and with an error, where it has such.

A new screen, box or state is written down here, and a test keeps its pictures.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TUI = HERE.parents[1] / "app" / "tui"
SIZES = ("140x40", "80x24")

SCREENS = {
    "HomeScreen": ("home-empty", "home", "home-error"),
    "WorkflowsScreen": ("workflows-empty", "workflows", "workflows-error"),
    "ComposeScreen": ("compose-empty", "compose", "compose-error"),
    "RunScreen": (
        *(
            "run-not_begun",
            "run-menu",
            "run-streaming",
            "run-child",
            "run-reviews",
            "run-graph",
            "run-copying",
            "run-interrupted",
        ),
        *("run-retrying", "run-stalled", "run-stuck", "run-unknown", "run-whole"),
        *("run-at_gate", "run-question", "run-all_choices", "run-failed", "run-rolled_back"),
    ),
    "HistoryScreen": (
        *("history-empty", "history", "history-error", "history-nothing", "history-problem", "history-marked"),
        "history-delete",
    ),
    "CompareScreen": ("compare-same", "compare", "compare-error"),
    "SkillsScreen": ("skills-empty", "skills", "skills-error", "skills-editing"),
    "TryScreen": ("try", "skills-tried", "try-error"),
    "SetupScreen": ("setup-empty", "setup", "setup-error"),
    "AnalyticsScreen": ("analytics-empty", "analytics", "analytics-error"),
    "MonitorScreen": ("monitor-empty", "monitor", "monitor-error"),
    "SchedulesScreen": ("schedules-empty", "schedules", "schedules-error", "schedules-remove"),
    "FormScreen": ("form-empty", "form", "form-error"),
}
"""The states of each screen: with nothing to show, at work, with what went wrong; then what else it can look like."""

BOXES = {
    "ActionCommands": ("palette-empty", "palette"),
    "Choices": ("trust", "copy", "leaving", "history-delete", "schedules-remove"),
    "Entry": ("entry", "entry-error"),
    "FindStep": ("run-finding",),
    "Help": ("help-empty", "help"),
    "StepEditor": ("edit", "edit-error", "run-editing"),
    "Masked": ("masked", "masked-error"),
    "Pick": ("pick",),
    "Reason": ("reason",),
    "Whole": ("whole",),
}
"""The same of what lies over screens; one that can show no error has no such state."""


def stages_and_modals() -> set[str]:
    """The names of the classes in `app/tui` that are shown: those that nothing else there is made from."""
    bases: dict[str, set[str]] = {}
    for path in TUI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                names = {re.split(r"[\[.]", ast.unparse(base))[0] for base in node.bases}
                bases[node.name] = names
    found = {"Stage", "Modal", "Provider"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return {name for name in found if name in bases and not any(name in above for above in bases.values())}


def test_every_screen_and_box_is_in_the_table() -> None:
    assert stages_and_modals() == {*SCREENS, *BOXES}


def test_every_screen_has_the_three_states() -> None:
    assert {name for name, states in SCREENS.items() if len(states) < 3} == set()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [*SCREENS, *BOXES])
def test_each_state_was_looked_at(name: str, size: str) -> None:
    for state in {**SCREENS, **BOXES}[name]:
        path = HERE / "snapshots" / f"{state}-{size}.txt"
        assert path.exists(), f"no picture of {name} in the state {state} at {size}"
        text = path.read_text(encoding="utf-8")
        columns, rows = map(int, size.split("x"))
        assert text.strip(), path.name
        assert len(text.splitlines()) <= rows, path.name
        assert max(map(len, text.splitlines())) <= columns, path.name


def test_every_picture_is_there_at_both_sizes() -> None:
    found = {tuple(path.stem.rsplit("-", 1)) for path in (HERE / "snapshots").iterdir()}
    states = {state for state, _ in found}
    assert {(state, size) for state in states for size in SIZES} - found == set()
