"""The one table of what keys do. Bindings, key bar, help, menu and palette are made from it.

Each screen has a file here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from textual._context import active_app
from textual.binding import Binding, BindingType

from app.tui.actions import (
    analytics,
    compare,
    compose,
    everywhere,
    form,
    history,
    home,
    monitor,
    panes,
    run,
    schedules,
    setup,
    skills,
    workflows,
)
from app.tui.actions.action import EVERYWHERE, Action, shown_key

__all__ = ["ACTIONS", "EVERYWHERE", "Action", "actions", "bindings", "find", "in_effect", "known", "shown_key"]

ACTIONS: tuple[Action, ...] = (
    *everywhere.ACTIONS,
    *panes.ACTIONS,
    *home.ACTIONS,
    *run.ACTIONS,
    *history.ACTIONS,
    *compare.ACTIONS,
    *analytics.ACTIONS,
    *monitor.ACTIONS,
    *form.ACTIONS,
    *workflows.ACTIONS,
    *skills.ACTIONS,
    *setup.ACTIONS,
    *compose.ACTIONS,
    *schedules.ACTIONS,
)


class Remapped(Protocol):
    """An app whose actions may have other keys than those in the table, by their ids."""

    own_keys: Mapping[str, tuple[str, ...]]


def in_effect(action: Action) -> Action:
    """The action with the keys that it has in the app at work."""
    app: Remapped | None = active_app.get(None)  # type: ignore[assignment]  # the one kind of app there is here
    keys = app.own_keys.get(action.id) if app is not None else None
    return replace(action, keys=keys) if keys else action


def actions(*where: str) -> Iterator[Action]:
    """The actions of these places, in the order of the table, with the keys that they have now."""
    return (in_effect(action) for action in ACTIONS if action.where in where)


def find(where: str, name: str) -> Action:
    """One action, with the keys that it has now. Raises KeyError where there is none."""
    for action in ACTIONS:
        if action.where == where and action.name == name:
            return in_effect(action)
    raise KeyError(f"{where}.{name}")


def known(where: str, name: str) -> bool:
    """Whether there is such an action."""
    return any(action.where == where and action.name == name for action in ACTIONS)


def bindings(*where: str, checked: bool = False, without: Collection[str] = ()) -> list[BindingType]:
    """The bindings of these places, for a class's BINDINGS. Checked ones go through `action_act`, which asks here.

    `without` are keys that mean something else where the class is used.
    """
    return [
        Binding(
            ",".join(key for key in action.keys if key not in without),
            f"act({action.name!r})" if checked else action.name,
            action.label,
            show=action.bar,
            id=action.id,
            priority=action.first,
        )
        for action in ACTIONS
        if action.where in where
    ]
