"""understudy skills: what steps and agents can call here, how to write it, and how to try it."""

from __future__ import annotations

import click

from app.cli.named import NamedThings

COMMANDS: dict[str, str] = {
    "list": "List the skills.",
    "show": "Tell all of one skill.",
    "new": "Write the beginning of a skill.",
    "check": "Check skill files: every error with its line.",
    "try": "Call a skill once, outside of any run.",
}


@click.command(
    "skills",
    cls=NamedThings,
    package="app.cli.skills",
    lines=COMMANDS,
    modules={"list": "listing", "try": "trial"},
    subcommand_metavar="[NAME] | COMMAND ...",
)
def command() -> None:
    """The skills that steps and agents can call here. Alone it lists them; with a name it shows that one."""
