"""Attempts of steps that hold others wait here until something has moved in what they hold."""

from __future__ import annotations

import asyncio

from workflows.runs.state import RunState


class Watches:
    """For each step that is watched, how it stood when that began."""

    def __init__(self) -> None:
        self.watched: dict[str, tuple[str, asyncio.Future[None]]] = {}

    def moved(self, state: RunState, step: str) -> asyncio.Future[None]:
        """Done when the step begins or ceases to wait, or the scope of its steps is closed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.watched[step] = (_standing(state, step), future)
        return future

    def look(self, state: RunState, step: str) -> None:
        """Something happened to a step, which may have moved it and those that hold it."""
        while step and self.watched:
            before, moved = self.watched.get(step, ("", None))
            if moved is not None and _standing(state, step) != before:
                del self.watched[step]
                if not moved.done():
                    moved.set_result(None)
            step = state.scopes[state.steps[step].scope].owner


def _standing(state: RunState, step: str) -> str:
    scope = state.scopes.get(step)
    return f"{state.steps[step].status} {scope.status if scope else ''}"
