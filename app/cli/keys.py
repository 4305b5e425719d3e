"""understudy keys: the keys of models, kept where only you can read them. Values go in and never come out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.ordered import Ordered
from app.cli.output import Output
from app.cli.unseen import read_value, refuse_arguments
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.credentials import Credentials


@click.group("keys", cls=Ordered)
def command() -> None:
    """Keep the keys of models, such as OPENAI_API_KEY, in a file that only you can read.

    A variable of the environment wins over the file, and the file over the desktop's keyring. No command prints a key.
    """


@command.command("list")
@json_option
@plain_option
def list_keys(as_json: bool, plain: bool) -> int:
    """List the keys that are kept, and where.

    `understudy doctor` shows those of the environment too.
    """
    from app.present.run import SCHEMA_VERSION

    out, credentials = Output(plain=plain), _credentials()
    kept = credentials.kept()
    if as_json:
        entries = [{"name": each.name, "place": each.place, "shadowed": each.shadowed} for each in kept]
        out.document({"schema_version": SCHEMA_VERSION, "keys": entries, "file": str(credentials.path)})
        return 0
    for each in kept:
        out.print(each.words(credentials.path))
    if not kept:
        out.say("No keys are kept.")
        out.say("  next: understudy keys set OPENAI_API_KEY (or another provider's)")
    return 0


@command.command("set", context_settings={"allow_extra_args": True})
@click.argument("name")
@json_option
@plain_option
@click.pass_context
def set_key(ctx: click.Context, name: str, as_json: bool, plain: bool) -> int:
    """Keep a key, or change it. It is asked for, or read from stdin: never an argument, which others see."""
    from app.credentials import must_be_a_name
    from app.present.run import SCHEMA_VERSION

    refuse_arguments(ctx, "key", "make a new key")
    out, credentials = Output(plain=plain), _credentials()
    must_be_a_name(name)
    credentials.keep(name, read_value(name, 1 << 16))
    shadowed = bool(os.environ.get(name, "").strip())
    if as_json:
        document = {"name": name, "file": str(credentials.path), "shadowed": shadowed}
        out.document({"schema_version": SCHEMA_VERSION, **document})
    else:
        out.say(f"{name} is kept in {credentials.path}, which only you can read. It was not tested.")
    if shadowed:
        out.say(f"{name} is set in the environment and wins over it.", "warning")
    return 0


@command.command("remove")
@click.argument("name")
@json_option
@plain_option
def remove_key(name: str, as_json: bool, plain: bool) -> int:
    """Forget a key. What the environment and the keyring have stays there."""
    from app.present.run import SCHEMA_VERSION

    out, credentials = Output(plain=plain), _credentials()
    if not credentials.forget(name):
        raise UnderstudyError(f"{name} is not kept in {credentials.path}.", "`understudy keys list` shows what is.")
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "name": name, "removed": True})
    else:
        out.say(f"{name} is removed.")
    return 0


def _credentials() -> Credentials:
    from app.cli.session import here
    from app.credentials import Credentials

    return Credentials(here().config, os.environ)
