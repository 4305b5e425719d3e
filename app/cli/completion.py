"""understudy completion SHELL: the script that completes commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the completion script of SHELL. For bash: understudy completion bash >> ~/.bashrc"""
    from app.cli.main import command as understudy

    found = get_completion_class(shell)
    assert found is not None, "click knows these shells"
    click.echo(found(understudy, {}, "understudy", "_UNDERSTUDY_COMPLETE").source())
    return 0
