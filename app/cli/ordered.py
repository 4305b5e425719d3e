"""A group of commands that are listed in the order in which they stand in its file, which is the one people need."""

from __future__ import annotations

import click


class Ordered(click.Group):
    """click's own sorts them by their letters."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)
