"""What tests of skills need: a context, a workspace with skill files, a call that is expected to fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from skills import Context
from skills.discover import BUILT_IN, workspace_folder
from skills.invoke import Invoker
from skills.process import environment
from skills.registry import Registry
from workflows.errors import CallFailed, Failure, OutcomeUnknown
from workflows.values import Json


def make_context(
    root: Path,
    *,
    key: str = "key-1",
    emit: Callable[[str], None] = lambda text: None,
    environ: Mapping[str, str] | None = None,
) -> Context:
    """A context for calls in the workspace `root`, with its backups beside the workspace."""
    root.mkdir(parents=True, exist_ok=True)
    backups = root.parent / f"{root.name}-backups"
    return Context(root, root, key, emit, environment(os.environ, environ), backups)


def write_skill(root: Path, name: str, source: str) -> Path:
    """A skill file `<name>.py` of the workspace."""
    path = workspace_folder(root).path / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    return path


def workspace_registry(root: Path, *, trusted: bool = True) -> Registry:
    """The built-in skills and the workspace's."""
    return Registry([BUILT_IN, workspace_folder(root)], lambda _: trusted)


class Caller:
    """Calls skills of one workspace by name."""

    def __init__(self, root: Path, *, registry: Registry | None = None) -> None:
        self.root = root
        self.emitted: list[str] = []
        self.context = make_context(root, emit=self.emitted.append)
        self.registry = registry or workspace_registry(root)
        self.invoker = Invoker(environment(os.environ), self.registry)

    async def __call__(self, skill: str, *, key: str = "", deadline: float | None = None, **arguments: Json) -> Json:
        context = self.context if not key else make_context(self.root, key=key, emit=self.emitted.append)
        return await self.invoker.invoke(self.registry.get(skill), arguments, context, timeout=deadline)

    async def failure(self, skill: str, *, deadline: float | None = None, **arguments: Json) -> Failure:
        """The definite failure that a call ends in."""
        with pytest.raises(CallFailed) as caught:
            await self(skill, deadline=deadline, **arguments)
        return caught.value.failure

    async def unknown(self, skill: str, *, deadline: float | None = None, **arguments: Json) -> Failure:
        """What is known of a call whose outcome is not."""
        with pytest.raises(OutcomeUnknown) as caught:
            await self(skill, deadline=deadline, **arguments)
        return caught.value.failure

    async def preview(self, skill: str, **arguments: Json):  # type: ignore[no-untyped-def]  # skills.Preview
        return await self.invoker.preview(self.registry.get(skill), arguments, self.context)
