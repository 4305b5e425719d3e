"""understudy agents: who can perform agent steps here."""

from __future__ import annotations

import click

from app.cli.named import NamedThings

COMMANDS: dict[str, str] = {
    "list": "List the agents.",
    "show": "Tell all of one agent.",
    "new": "Write the beginning of an agent.",
}


@click.command(
    "agents",
    cls=NamedThings,
    package="app.cli.agents",
    lines=COMMANDS,
    modules={"list": "listing"},
    subcommand_metavar="[NAME] | COMMAND ...",
)
def command() -> None:
    """The agents that steps can ask here. Alone it lists them; with a name it shows that one."""
