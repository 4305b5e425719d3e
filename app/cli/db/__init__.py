"""understudy db: the journal as a thing to look after."""

from __future__ import annotations

from typing import Any

import click

from app.cli.named import NamedThings

COMMANDS: dict[str, str] = {
    "list": "Show what is kept, for how long, and how much room it takes.",
    "check": "Look through the whole journal.",
    "backup": "Copy it into one file, while others may write.",
    "restore": "Put a backup in its place; what was there is kept.",
    "tidy": "Remove now what the rules of the settings no longer keep.",
    "vacuum": "Give room back that nothing uses any more.",
    "export": "Write runs as JSON lines.",
    "import": "Take the runs of an export into the history.",
}


class Upkeep(NamedThings):
    """A word that is no command is a mistake here: there is nothing to show by name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = next((word for word in args if not word.startswith("-")), "")
        if first and first not in COMMANDS:
            raise click.UsageError(f"There is no command 'db {first}'. `understudy db --help` lists them.", ctx)
        return super().parse_args(ctx, args)


@click.command(
    "db",
    cls=Upkeep,
    package="app.cli.db",
    lines=COMMANDS,
    modules={"list": "listing", "import": "importing"},
    subcommand_metavar="[COMMAND ...]",
)
def command(**_: Any) -> None:
    """Look after the journal, which holds all history: without a command, show what is kept and what it takes."""
