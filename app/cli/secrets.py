"""understudy secrets: what workflows read as `${{ secrets.NAME }}`. Values go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.ordered import Ordered
from app.cli.output import Output
from app.cli.unseen import read_value, refuse_arguments
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.secret_store import SecretStore


@click.group("secrets", cls=Ordered)
def command() -> None:
    """Keep the secrets of workflows, such as tokens: `${{ secrets.NAME }}`.

    The environment variable UNDERSTUDY_SECRET_NAME wins over what is kept here. No command prints a value.
    """


@command.command("list")
@json_option
@plain_option
def list_secrets(as_json: bool, plain: bool) -> int:
    """List the names of all secrets, and where each comes from."""
    from app.present.run import SCHEMA_VERSION
    from app.secret_store import PREFIX

    out, kept = Output(plain=plain), _store().kept()
    if as_json:
        entries = [{"name": each.name, "source": each.source, "shadowed": each.shadowed} for each in kept]
        out.document({"schema_version": SCHEMA_VERSION, "secrets": entries})
        return 0
    if not kept:
        out.say("There are no secrets.")
        out.say(f"  next: `understudy secrets set NAME`, or the environment variable {PREFIX}NAME")
        return 0
    out.table(
        ("SECRET", "FROM"),
        [
            (
                each.name,
                (f"{PREFIX}{each.name}" if each.source == "environment" else "the file")
                + (", not from the file" if each.shadowed else ""),
            )
            for each in kept
        ],
    )
    return 0


@command.command("set", context_settings={"allow_extra_args": True})
@click.argument("name")
@json_option
@plain_option
@click.pass_context
def set_secret(ctx: click.Context, name: str, as_json: bool, plain: bool) -> int:
    """Keep a secret, or change it. Its value is asked for, or read from stdin: never an argument, which others see."""
    from app.present.run import SCHEMA_VERSION
    from app.secret_store import LARGEST, PREFIX

    refuse_arguments(ctx, "value", "change the secret")
    out, store = Output(plain=plain), _store()
    known = {each.name: each for each in store.kept()}  # before the question: a file that cannot be used is told first
    store.set(name, read_value(name, 2 * LARGEST))
    shadowed = name in known and known[name].source == "environment"
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "name": name, "source": "file", "shadowed": shadowed})
    else:
        out.say(f"{name} is kept in {store.path}, which only you can read.")
    if shadowed:
        out.say(f"{PREFIX}{name} is set in the environment and wins over it.", "warning")
    return 0


@command.command("remove")
@click.argument("name")
@json_option
@plain_option
def remove_secret(name: str, as_json: bool, plain: bool) -> int:
    """Forget a secret. Runs that need it fail until it is set again."""
    from app.present.run import SCHEMA_VERSION
    from app.secret_store import PREFIX
    from workflows.diagnostics import suggest

    out, store = Output(plain=plain), _store()
    kept = {each.name: each for each in store.kept()}
    in_environment = name in kept and kept[name].source == "environment"
    if not store.remove(name):
        if in_environment:
            raise UnderstudyError(f"{name} comes from the environment.", f"Unset {PREFIX}{name} to remove it.")
        hint = suggest(name, kept) or "`understudy secrets list` shows what there is."
        raise UnderstudyError(f"There is no secret '{name}'.", hint)
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "name": name, "removed": True, "still_set": in_environment})
    else:
        out.say(f"{name} is removed.")
    if in_environment:
        out.say(f"{PREFIX}{name} is set in the environment and goes on being used.", "warning")
    return 0


def _store() -> SecretStore:
    import os

    from app.cli.session import here
    from app.secret_store import store_of

    return store_of(here().config, os.environ)
