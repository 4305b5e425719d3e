"""One table: every binding of every screen is in it, and everything in it is in help and palette."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from app.tui.actions import ACTIONS, EVERYWHERE, actions, find
from app.tui.app import UnderstudyApp
from app.tui.modals.frame import Modal
from app.tui.palette import ActionCommands
from app.tui.screens.analytics import AnalyticsScreen
from app.tui.screens.compare import CompareScreen
from app.tui.screens.compose import ComposeScreen
from app.tui.screens.form import FormScreen
from app.tui.screens.history import HistoryScreen
from app.tui.screens.home import HomeScreen
from app.tui.screens.monitor import MonitorScreen
from app.tui.screens.run import RunScreen
from app.tui.screens.schedules import SchedulesScreen
from app.tui.screens.setup import SetupScreen
from app.tui.screens.skills import SkillsScreen
from app.tui.screens.try_skill import TryScreen
from app.tui.screens.workflows import WorkflowsScreen
from app.tui.stage import Stage
from app.tui.widgets.gate import OFFERS
from app.tui.widgets.graph import Graph
from app.tui.widgets.rows import Rows
from app.tui.widgets.scrolled import Scrolled
from app.tui.widgets.tail import Tail
from tests.support.scripts import at_gate
from tests.support.stage import on_stage

OWNERS: dict[str, type[DOMNode]] = {
    EVERYWHERE: UnderstudyApp,
    "home": HomeScreen,
    "run": RunScreen,
    "history": HistoryScreen,
    "analytics": AnalyticsScreen,
    "monitor": MonitorScreen,
    "schedules": SchedulesScreen,
    "compare": CompareScreen,
    "form": FormScreen,
    "skills": SkillsScreen,
    "try": TryScreen,
    "setup": SetupScreen,
    "workflows": WorkflowsScreen,
    "compose": ComposeScreen,
    "list": Rows,
    "graph": Graph,
    "modal": Modal,
}
TAKEN_BY_TERMINALS = ("ctrl+b", "ctrl+a", "ctrl+s", "ctrl+q")


def own_bindings(owner: type[DOMNode]) -> Iterator[Binding]:
    for binding in owner.__dict__.get("BINDINGS", ()):
        assert isinstance(binding, Binding)
        yield binding


@pytest.mark.parametrize(("where", "owner"), [*OWNERS.items(), ("text", Tail), ("text", Scrolled)])
def test_all_bindings_come_from_the_table(where: str, owner: type[DOMNode]) -> None:
    known = {action.id: action for action in actions(where)}
    for binding in own_bindings(owner):
        assert binding.id in known
        assert binding.description
        name = known[binding.id].name
        checked = issubclass(owner, Stage | UnderstudyApp)
        assert hasattr(owner, f"do_{name}" if checked else f"action_{name}"), binding.id
    assert {binding.id for binding in own_bindings(owner)} == set(known)


def test_every_place_in_the_table_has_an_owner() -> None:
    assert {action.where for action in ACTIONS} == {*OWNERS, "text"}


def test_no_key_means_two_things_in_one_place() -> None:
    for where in OWNERS:
        keys = Counter(key for action in actions(where) for key in action.keys)
        assert [key for key, count in keys.items() if count > 1] == []
        if where not in ("list", "graph", "text", "modal", EVERYWHERE):
            shared = set(keys) & {key for action in actions(EVERYWHERE) for key in action.keys}
            assert shared == set(), f"{where} hides keys that work everywhere"


def test_every_action_is_described_and_says_why_it_is_not_legal() -> None:
    for action in ACTIONS:
        assert action.about
        assert action.label
        assert bool(action.needs) == bool(action.otherwise)
        assert action.keys[0] not in TAKEN_BY_TERMINALS
        assert not any(key.startswith(("alt+", "super+")) for key in action.keys)


def test_every_choice_of_a_card_is_an_action() -> None:
    for names in OFFERS.values():
        for name in names:
            assert f"choice:{name}" in find("run", name).needs


async def test_the_palette_holds_every_action_with_its_key(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await at_gate(house)
        provider = ActionCommands(house.app.screen)
        hits = [hit async for hit in provider.discover()]
        shown = "\n".join(str(hit.display) for hit in hits)
        for action in (*actions("run"), *actions(EVERYWHERE)):
            assert f"{action.key:>6}  {action.label:<14}  {action.about}" in shown


async def test_every_action_of_every_screen_can_be_called(tmp_path: Path) -> None:
    """No key ends in a fault, whatever the screen shows: with a gate, and then with nothing at all."""
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        for action in (*actions("run"), *actions("history")):
            screen = house.app.screen
            while isinstance(screen, Modal):
                await house.press("escape")
                screen = house.app.screen
            if action.where == "history" and not isinstance(screen, HistoryScreen):
                await house.press("5")
            await house.press(action.keys[0])
        assert house.app.is_running
        driver.cancel()
