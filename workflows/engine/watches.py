"""What attempts wait for here: that something moves in what they hold, an answer, room in the budget."""

from __future__ import annotations

import asyncio

from workflows.runs import events as e
from workflows.runs.state import RunState


class Watches:
    """Of one run. `watched` has for each step that is watched how it stood when that began."""

    def __init__(self) -> None:
        self.watched: dict[str, tuple[str, asyncio.Future[None]]] = {}
        self._answers: dict[str, asyncio.Future[e.Answered]] = {}
        self._room: list[asyncio.Future[None]] = []

    def answer(self, state: RunState, entry: str) -> asyncio.Future[e.Answered]:
        """The answer to an entry, now or when it comes."""
        answer = state.inquiries[entry].answer
        future: asyncio.Future[e.Answered] = asyncio.get_running_loop().create_future()
        if answer is not None:
            future.set_result(answer)
        else:
            self._answers[entry] = future
        return future

    def answered(self, answer: e.Answered) -> None:
        """Somebody answered."""
        asking = self._answers.pop(answer.entry, None)
        if asking is not None and not asking.done():
            asking.set_result(answer)

    def room(self) -> asyncio.Future[None]:
        """Done when a call ends or a budget is raised."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._room.append(future)
        return future

    def make_room(self) -> None:
        """A call has ended, or a budget was raised."""
        waiting, self._room = self._room, []
        for room in waiting:
            if not room.done():
                room.set_result(None)

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
