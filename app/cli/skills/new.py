"""understudy skills new NAME: the beginning of a skill, which can be called at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from app.beginnings import Sort


@click.command("new")
@click.argument("name")
@click.option("--python", "kind", flag_value="python", default="python", help="A function in a Python file (usual).")
@click.option("--command", "kind", flag_value="command", help="A program with its arguments, in a YAML file.")
@click.option("--folder", "kind", flag_value="folder", help="A folder with a SKILL.md: instructions for agents.")
@click.option("--user", is_flag=True, help="For all your workspaces, and not only for this one.")
@json_option
@plain_option
def command(name: str, kind: Sort, user: bool, as_json: bool, plain: bool) -> int:
    """Write the beginning of the skill NAME into the workspace, or with --user into your configuration folder.

    What is written works as it is. Nothing that is there already is replaced.
    """
    return wait_for(_new(name, kind, user, as_json, Output(plain=plain)))


async def _new(name: str, kind: Sort, user: bool, as_json: bool, out: Output) -> int:
    from app.beginnings import begin, must_be_a_name
    from app.present.run import SCHEMA_VERSION

    must_be_a_name(kind, name)  # said before anything is opened
    async with open_desk(journal="none") as desk:
        begun = begin(desk, kind, name, user=user)
    if as_json:
        files = [str(path) for path in begun.files]
        said = {"name": name, "kind": kind, "files": files, "trusted": begun.trusted}
        out.document({"schema_version": SCHEMA_VERSION, **said})
        return 0
    for path in begun.files:
        out.print(str(path))
    if begun.hides:
        out.say(f"It takes the place of the {begun.hides} skill of that name.")
    if not begun.trusted:
        out.say("The workspace is not trusted, so its skills are listed and not run.", "attention")
        out.say("  next: understudy trust")
    elif kind == "folder":
        out.say(f"  next: write the instructions, then name it in an agent: skills: [{name}]")
    else:
        out.say(f"  next: understudy skills try {name}")
    return 0
