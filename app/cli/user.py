"""understudy user: who may call the server, and what each may do. A token is shown once; only its digest is kept."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import click

from app.cli.options import json_option, plain_option
from app.cli.ordered import Ordered
from app.cli.output import Output
from app.cli.session import open_desk, person, wait_for
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from workflows.unattended.port import Standing
    from workflows.unattended.values import User

ROLES = ("viewer", "operator", "admin")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")

role_option = click.option(
    "--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What the user may do."
)
sees_option = click.option(
    "--sees", type=click.Choice(("own", "all")), help="Whose runs the user sees; admins see all in any case."
)


@click.group("user", cls=Ordered)
def command() -> None:
    """Keep who may call `understudy serve`.

    viewer looks; operator also starts, answers and cancels; admin also publishes, schedules and changes users.
    """


@command.command("add")
@click.argument("name")
@role_option
@sees_option
@json_option
@plain_option
def add(
    name: str,
    role: Literal["viewer", "operator", "admin"],
    sees: Literal["own", "all"] | None,
    as_json: bool,
    plain: bool,
) -> int:
    """Let NAME call the server, and print the token: once, here."""
    if not NAME.fullmatch(name):
        raise UnderstudyError(f"{name!r} is no name of a user.", "Use letters, digits, '_', '-' and '.', at most 64.")
    out = Output(plain=plain)

    async def work(standing: Standing) -> int:
        from app.server.tokens import digest_of, new_token
        from workflows.unattended.values import User

        if any(user.name == name for user in await standing.users()):
            raise UnderstudyError(f"There is a user {name}.", f"`understudy user token {name}` gives a new token.")
        token = new_token()
        await standing.put_user(User(name, role, digest_of(token), time.time(), person(), sees or "own"))
        _show_token(name, role, token, as_json, out)
        return 0

    return wait_for(_with_standing(work))


@command.command("list")
@json_option
@plain_option
def list_users(as_json: bool, plain: bool) -> int:
    """List who may call the server."""
    out = Output(plain=plain)

    async def work(standing: Standing) -> int:
        from app.present.figures import ago, timestamp
        from app.present.run import SCHEMA_VERSION

        users = await standing.users()
        if as_json:
            entries = [
                {
                    "name": user.name,
                    "role": user.role,
                    "sees": _sees(user),
                    "created": timestamp(user.created),
                    "by": user.by,
                }
                for user in users
            ]
            out.document({"schema_version": SCHEMA_VERSION, "users": list(entries)})
        elif users:
            rows = [(user.name, user.role, _sees(user), ago(user.created, time.time()), user.by) for user in users]
            out.table(("USER", "ROLE", "SEES", "ADDED", "BY"), rows)
        else:
            out.say("Nobody may call the server yet.")
            out.say("  next: `understudy user add NAME --role operator`")
        return 0

    return wait_for(_with_standing(work))


@command.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@sees_option
@json_option
@plain_option
def change_role(
    name: str,
    role: Literal["viewer", "operator", "admin"],
    sees: Literal["own", "all"] | None,
    as_json: bool,
    plain: bool,
) -> int:
    """Change what NAME may do, and whose runs NAME sees."""
    out = Output(plain=plain)

    async def work(standing: Standing) -> int:
        from app.present.run import SCHEMA_VERSION

        user = await _user(standing, name)
        user = await standing.put_user(replace(user, role=role, sees=sees or user.sees))
        if as_json:
            out.document({"schema_version": SCHEMA_VERSION, "name": name, "role": role, "sees": _sees(user)})
        else:
            out.say(f"{name} is {role} now, and sees {'all runs' if _sees(user) == 'all' else 'own runs'}.")
        return 0

    return wait_for(_with_standing(work))


@command.command("token")
@click.argument("name")
@json_option
@plain_option
def new_token_of(name: str, as_json: bool, plain: bool) -> int:
    """Give NAME a new token. The one before is good for nothing from then on."""
    out = Output(plain=plain)

    async def work(standing: Standing) -> int:
        from app.server.tokens import digest_of, new_token

        user, token = await _user(standing, name), new_token()
        await standing.put_user(replace(user, token_digest=digest_of(token)))
        _show_token(name, user.role, token, as_json, out)
        return 0

    return wait_for(_with_standing(work))


@command.command("remove")
@click.argument("name")
@json_option
@plain_option
def remove(name: str, as_json: bool, plain: bool) -> int:
    """Let NAME call no more. Runs that NAME started stay."""
    out = Output(plain=plain)

    async def work(standing: Standing) -> int:
        from app.present.run import SCHEMA_VERSION

        await _user(standing, name)
        await standing.remove_user(name)
        if as_json:
            out.document({"schema_version": SCHEMA_VERSION, "name": name, "removed": True})
        else:
            out.say(f"{name} is removed; a server knows it within a second.")
        return 0

    return wait_for(_with_standing(work))


async def _with_standing(work: Callable[[Standing], Awaitable[int]]) -> int:
    async with open_desk() as desk:
        return await work(desk.services.standing)


async def _user(standing: Standing, name: str) -> User:
    from workflows.diagnostics import suggest

    users = {user.name: user for user in await standing.users()}
    if name not in users:
        raise UnderstudyError(
            f"There is no user {name!r}.", suggest(name, users) or "`understudy user list` shows who there is."
        )
    return users[name]


def _sees(user: User) -> str:
    return "all" if user.role == "admin" else user.sees


def _show_token(name: str, role: str, token: str, as_json: bool, out: Output) -> None:
    from app.present.run import SCHEMA_VERSION

    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "name": name, "role": role, "token": token})
        return
    out.print(token)
    out.say(f"That is the token of {name} ({role}). It is shown this once; keep it where others cannot read it.")
    out.say('  use it: curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8787/api/v1/runs')
