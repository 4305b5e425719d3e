"""understudy skills: what steps and agents can call here, how to write it, and how to try it."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS: dict[str, str] = {
    "list": "List the skills.",
    "show": "Tell all of one skill.",
    "new": "Write the beginning of a skill.",
    "check": "Check skill files: every error with its line.",
    "try": "Call a skill once, outside of any run.",
}


class SkillCommands(click.Group):
    """A group whose commands are imported when they are called for. Any other word is the name of a skill to show."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = {"list": "listing", "try": "trial"}.get(cmd_name, cmd_name)
        command: click.Command = import_module(f"app.cli.skills.{module}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [word for word in args if not word.startswith("-")]
        listed = any(word == "--from" or word.startswith("--from=") for word in args[:1])
        if listed or (not words and not {"-h", "--help"} & set(args)):
            args = ["list", *args]
        elif words and words[0] not in COMMANDS:
            args = ["show", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command("skills", cls=SkillCommands, subcommand_metavar="[COMMAND]")
def command() -> None:
    """The skills that steps and agents can call here. Alone it lists them; with a name it shows that one."""
