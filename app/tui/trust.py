"""Asks, before anything of a workspace acts, whether it may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from app.paths import from_home
from app.present.figures import plural
from app.tui.background import in_background
from app.tui.modals.choices import Choices, Option
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.tui.app import UnderstudyApp


def ask_trust(app: UnderstudyApp, then: Callable[[], Awaitable[None]] | None = None) -> None:
    """Put the question on top. Until it is answered with yes, the workspace's files are listed and never run.

    `then` follows a yes.
    """
    folder, services = app.paths.workspace, app.desk.services
    counted = [plural(len(layers.paths("workspace")), layers.what) for layers in (services.skills, services.agents)]
    counted.append(plural(sum(1 for _ in (folder / "workflows").glob("*.y*ml")), "workflow"))
    text = (
        f"{from_home(str(folder))}\n{' · '.join(counted)}\n\n"
        "Skills are programs: trusted, they run with your rights. Look into the folder first if it is not yours."
    )
    options = (
        Option("trust", "t", "trust it", "its skills, agents and workflows may act from now on", deliberate=True),
    )

    async def answered(name: str | None) -> None:
        if name != "trust":
            return
        try:
            app.desk.trust()
        except UnderstudyError as error:
            app.tell_error(error)
            return
        if then is not None:
            await then()
        app.tell(f"Trusted: {from_home(str(app.paths.root))}")
        in_background(app, app.list_workflows, "workflows")

    app.push_screen(Choices("trust this workspace?", text, options), answered)
