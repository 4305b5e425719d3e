"""understudy agents new NAME: the beginning of an agent, which can be asked at once where there is a model."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("new")
@click.argument("name")
@click.option("--user", is_flag=True, help="For all your workspaces, and not only for this one.")
@json_option
@plain_option
def command(name: str, user: bool, as_json: bool, plain: bool) -> int:
    """Write the beginning of the agent NAME into the workspace, or with --user into your configuration folder.

    Nothing that is there already is replaced.
    """
    return wait_for(_new(name, user, as_json, Output(plain=plain)))


async def _new(name: str, user: bool, as_json: bool, out: Output) -> int:
    from app.beginnings import begin, must_be_a_name
    from app.present.run import SCHEMA_VERSION

    must_be_a_name("agent", name)  # said before anything is opened
    async with open_desk(journal="none") as desk:
        begun = begin(desk, "agent", name, user=user)
    (path,) = begun.files
    if as_json:
        said = {"name": name, "files": [str(path)], "trusted": begun.trusted}
        out.document({"schema_version": SCHEMA_VERSION, **said})
        return 0
    out.print(str(path))
    if begun.hides:
        out.say(f"It takes the place of the {begun.hides} agent of that name.")
    if not begun.trusted:
        out.say("The workspace is not trusted, so its agents are listed and never asked.", "attention")
        out.say("  next: understudy trust")
    else:
        out.say(f"  next: write its prompt, look at it with `understudy agents show {name}`, then name it in a step:")
        out.say(f"        {{id: ask, type: agent, agent: {name}, input: …}}")
    return 0
