"""understudy step: steps of a workflow's file added, taken out, set, moved and renamed, all else kept as it is."""

from __future__ import annotations

import click

from app.cli.named import NamedThings

COMMANDS: dict[str, str] = {
    "add": "Add a step.",
    "remove": "Take steps out; what reads them is shown.",
    "set": "Set fields of a step, or of the workflow.",
    "move": "Put a step elsewhere.",
    "rename": "Give a step another id, wherever it is named.",
    "parallel": "Let steps run at the same time.",
    "undo": "Take the last change of a workflow back.",
}


class Steps(NamedThings):
    """A word that is no command is a mistake here: there is nothing to list or show."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return click.Group.parse_args(self, ctx, args or ["--help"])


@click.command(
    "step",
    cls=Steps,
    package="app.cli.step",
    lines=COMMANDS,
    modules={"set": "setting"},
    subcommand_metavar="COMMAND ...",
)
def command() -> None:
    """Change the steps of a workflow's file. Comments and layout stay, and what names a step is kept right.

    The change is shown as a diff, checked, and written when you say yes; `step undo` takes it back.
    """
