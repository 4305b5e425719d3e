"""A group of commands about things that have names: alone it lists them, and any other word is a name to show."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class NamedThings(click.Group):
    """Its commands are imported from `package` when they are called for; `lines` are their lines in the help."""

    def __init__(self, *, package: str, lines: Mapping[str, str], modules: Mapping[str, str], **rest: Any) -> None:
        """`modules` names the modules of commands that are called otherwise."""
        super().__init__(**rest)
        self._package, self._lines, self._modules = package, lines, modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lines)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lines:
            return None
        command: click.Command = import_module(f"{self._package}.{self._modules.get(cmd_name, cmd_name)}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [word for word in args if not word.startswith("-")]
        listed = any(word == "--from" or word.startswith("--from=") for word in args[:1])
        if listed or (not words and not {"-h", "--help"} & set(args)):
            args = ["list", *args]
        elif words and words[0] not in self._lines:
            args = ["show", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lines.items()))
