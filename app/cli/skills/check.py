"""understudy skills check [PATH…]: every error of skill files, with its line."""

from __future__ import annotations

import click

from app.cli.checked import tell_checked
from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH|NAME]...")
@json_option
@plain_option
def command(paths: tuple[str, ...], as_json: bool, plain: bool) -> int:
    """Check skills: Python files, YAML files of commands, skill folders, folders of any of these, or names.

    Without any, all of the workspace and of yours. Folders with a SKILL.md are held to the Agent Skills specification.
    Nothing is run. Exits with 2 where there are errors.
    """
    return wait_for(_check(paths, as_json, Output(plain=plain)))


async def _check(paths: tuple[str, ...], as_json: bool, out: Output) -> int:
    from app.checking import check_skills, own_folders

    async with open_desk(journal="none") as desk:
        found = check_skills(desk, paths or own_folders(desk))
    if not found and not paths and not as_json:
        out.say("There are no skills of your own to check. `understudy skills new NAME` writes one.")
        return 0
    return tell_checked([(str(path), said) for path, said in found], as_json, out)
