"""The desks of one server: a run works in the folder that its workflow was published from, with services of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from app.desk import Desk
from workflows.bus import Bus


class Desks:
    """By folder. `own` is that of the folder the server was started in; others open when they are first needed."""

    def __init__(self, own: Desk, stack: AsyncExitStack, opened: Callable[[Bus], None]) -> None:
        self.own = own
        self._stack = stack
        self._opened = opened
        self._others: dict[Path, Desk] = {}
        self._opening = asyncio.Lock()
        opened(own.services.bus)

    def __iter__(self) -> Iterator[Desk]:
        yield self.own
        yield from self._others.values()

    async def at(self, root: str) -> Desk:
        """The desk of a folder. Raises UnderstudyError where it cannot be used."""
        from app.container import open_services

        services = self.own.services
        folder = Path(root) if root else services.paths.root
        if folder == services.paths.root:
            return self.own
        async with self._opening:
            if folder not in self._others:
                paths = replace(services.paths, root=folder)
                made = await self._stack.enter_async_context(
                    open_services(paths, services.environ, hot=True, clock=services.clock)
                )
                self._others[folder] = Desk(made)
                self._opened(made.bus)
        return self._others[folder]

    def having(self, run_id: str) -> Desk | None:
        """The desk whose engine drives a run now."""
        return next((desk for desk in self if run_id in desk.services.engine.drivers), None)
