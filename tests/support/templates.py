"""Runs of the built-in templates, with all services as the application builds them, and a person who approves.

`python -m tests.support.templates` writes the table of docs/templates.md anew.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.container import BUILT_IN_WORKFLOWS, open_services
from app.desk import Desk
from app.paths import find_paths
from tests.support.openai_server import OpenAIServer
from workflows.definition.model import Workflow
from workflows.runs.state import RunState
from workflows.values import Json


async def run_template(
    root: Path,
    name: str,
    *,
    answer: str = "approve",
    settings: str = "",
    model: OpenAIServer | None = None,
    **given: object,
) -> RunState:
    """Run a template in the workspace `root` to its end. Approvals are answered so; what failed is given up.

    Without a `model` there is none, as on a machine that was never set up.
    """
    home = root.parent / "home"
    if settings:
        (home / "config").mkdir(parents=True, exist_ok=True)
        (home / "config" / "settings.yaml").write_text(settings)
    environ = {"PATH": os.environ["PATH"], "UNDERSTUDY_HOME": str(home)}
    if model:
        environ |= {"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": model.base_url}
        environ |= {"UNDERSTUDY_MODEL": "openai/gpt-4o"}
    async with open_services(find_paths(environ, root), environ) as services:
        news = asyncio.Event()
        services.bus.subscribe(lambda notice: news.set())
        desk = Desk(services)
        file = desk.load(name)
        assert file.diagnostics == (), file.diagnostics
        driver = await desk.start(desk.propose(file, given), attended=True)
        answered: set[str] = set()
        while not driver.committed.over:
            for inquiry in driver.committed.open_inquiries:
                if inquiry.asked.entry not in answered:
                    answered.add(inquiry.asked.entry)
                    choice = answer if inquiry.asked.reason == "approval" else "abort"
                    await driver.answer(inquiry.asked.entry, choice, by="ada")
            async with asyncio.timeout(120):
                await news.wait()
            news.clear()
        return await services.engine.finished(driver.state.run_id)


def outputs_of(state: RunState) -> dict[str, Json]:
    """The outputs of a run that came to its end."""
    lost = {name: step.attempts[-1].failure for name, step in state.steps.items() if step.attempts}
    assert state.status == "succeeded", (state.failure, {name: each for name, each in lost.items() if each})
    assert state.outputs is not None
    return dict(state.outputs)


def approvals(state: RunState) -> list[str]:
    """The steps that a person was asked about before they acted."""
    return [inquiry.asked.step for inquiry in state.inquiries.values() if inquiry.asked.reason == "approval"]


def library_table(workflows: Mapping[str, Workflow]) -> str:
    """The table of docs/templates.md."""
    lines = ["| template | for | parameters |", "|---|---|---|"]
    for name, workflow in sorted(workflows.items()):
        assert workflow.template
        given = ", ".join(f"**{each.name}**" if each.required else each.name for each in workflow.parameters)
        lines.append(f"| `{name}` | {workflow.template.for_} | {given} |")
    return "\n".join(lines) + "\n"


async def read_library(root: Path) -> dict[str, Workflow]:
    """The built-in templates by their names. Asserts that none has an error or a warning."""
    environ = {"PATH": os.environ["PATH"], "UNDERSTUDY_HOME": str(root / "home")}
    async with open_services(find_paths(environ, root), environ) as services:
        desk = Desk(services)
        files = [desk.load(path.stem) for path in sorted(BUILT_IN_WORKFLOWS.glob("*.yaml"))]
        assert {file.stem: file.diagnostics for file in files if file.diagnostics} == {}
        return {file.stem: file.workflow for file in files if file.workflow and file.workflow.template}


if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "templates.md"
    with tempfile.TemporaryDirectory() as folder:
        table = library_table(asyncio.run(read_library(Path(folder))))
    before, _, rest = page.read_text().partition("| template |")
    page.write_text(before + table + rest[rest.index("\n\n") + 1 :])
