"""Values that nobody may see: asked for, or read from stdin, and never an argument, which the shell keeps."""

from __future__ import annotations

import sys

import click


def refuse_arguments(ctx: click.Context, what: str, remedy: str) -> None:
    """Raise click.UsageError where a value was given as an argument. `remedy`: now that it is out."""
    if ctx.args:
        raise click.UsageError(
            f"The {what} is no argument: others can see those, and your shell keeps them. Leave it out: it is asked "
            f"for, or read from stdin. Then {remedy} where you have it from.",
            ctx,
        )


def read_value(name: str, most: int) -> str:
    """The value as it was typed, or at most so many characters of stdin. What is no text is a NUL, which none takes."""
    if sys.stdin.isatty():
        return str(click.prompt(f"Value of {name}", hide_input=True, confirmation_prompt=False, err=True))
    try:
        text = sys.stdin.read(most)
    except UnicodeDecodeError:
        return "\0"
    # One line end is the shell's; any other belongs to the value.
    return text.removesuffix("\n").removesuffix("\r")
