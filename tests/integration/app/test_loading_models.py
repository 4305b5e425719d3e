"""A run that may ask a real model has it loaded from its start, before any step asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agents.models.port import Reply, Request
from agents.models.registry import Models
from app.container import open_services
from app.desk import Desk
from app.paths import Paths

WORKFLOW = """
name: Asked later
steps:
  - id: said
    type: agent
    agent: writer
    input: hello
    approve: before
"""


class Slow:
    """A model that notes what it is told to load."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def load(self, model: str) -> None:
        self.loaded.append(model)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        raise AssertionError("nobody asks before a person has approved")


async def test_models_are_loaded_when_a_run_starts_and_when_it_goes_on(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "config", tmp_path / "data", tmp_path / "log", tmp_path / "ws")
    for folder in (paths.config / "agents", paths.config / "workflows", paths.root):
        folder.mkdir(parents=True)
    (paths.config / "agents" / "writer.md").write_text("---\nname: writer\ndescription: Writes.\n---\nWrite.\n")
    (paths.config / "workflows" / "later.yaml").write_text(WORKFLOW)
    slow = Slow()
    environ = {"PATH": "/usr/bin:/bin", "UNDERSTUDY_MODEL": "openai/gpt-4o"}

    async with open_services(paths, environ) as services:
        services.performers.models = Models({"": slow}, "openai/gpt-4o")
        desk = Desk(services)
        driver = await desk.start(desk.propose(desk.load("later"), {}), attended=False)
        assert slow.loaded == ["openai/gpt-4o"]
    async with open_services(paths, environ) as services:
        services.performers.models = Models({"": slow}, "openai/gpt-4o")
        desk = Desk(services)
        await desk.resume(driver.state.run_id, attended=False)
        assert slow.loaded == ["openai/gpt-4o"] * 2
