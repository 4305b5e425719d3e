"""understudy skills new NAME: the beginning of a skill, which can be called at once."""

from __future__ import annotations

import re
from pathlib import Path

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for
from workflows.errors import UnderstudyError


@click.command("new")
@click.argument("name")
@click.option("--python", "kind", flag_value="python", default="python", help="A function in a Python file (usual).")
@click.option("--command", "kind", flag_value="command", help="A program with its arguments, in a YAML file.")
@click.option("--folder", "kind", flag_value="folder", help="A folder with a SKILL.md: instructions for agents.")
@click.option("--user", is_flag=True, help="For all your workspaces, and not only for this one.")
@json_option
@plain_option
def command(name: str, kind: str, user: bool, as_json: bool, plain: bool) -> int:
    """Write the beginning of the skill NAME into the workspace, or with --user into your configuration folder.

    What is written works as it is. Nothing that is there already is replaced.
    """
    return wait_for(_new(name, kind, user, as_json, Output(plain=plain)))


async def _new(name: str, kind: str, user: bool, as_json: bool, out: Output) -> int:
    from app.present.run import SCHEMA_VERSION
    from skills.discover import NAME
    from skills.folders.front import name_flaws

    if kind == "folder" and (flaws := name_flaws(name)):
        usual = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "my-skill"
        raise UnderstudyError(f"'{name}' is no name for a skill folder: {flaws[0]}.", f"Such as: {usual}")
    if not NAME.fullmatch(name) and kind != "folder":
        raise UnderstudyError(
            f"'{name}' is no name for a skill.", "Letters, digits, _ and -, in parts joined by dots: notes.add"
        )
    async with open_desk(journal="none") as desk:
        services = desk.services
        known = services.skills.snapshot.skills.get(name)
        folder = (services.paths.config if user else services.paths.workspace) / "skills"
        if known is not None and known.scope == ("user" if user else "workspace"):
            raise UnderstudyError(
                f"There is a skill '{name}' already: {known.path}", "Choose another name, or edit it."
            )
        written = _write(folder, name, kind)
        trusted = user or services.trusted(services.paths.root)
    if as_json:
        files = [str(path) for path in written]
        out.document({"schema_version": SCHEMA_VERSION, "name": name, "kind": kind, "files": files, "trusted": trusted})
        return 0
    for path in written:
        out.print(str(path))
    if known is not None:
        out.say(f"It takes the place of the {known.scope} skill of that name.")
    if not trusted:
        out.say("The workspace is not trusted, so its skills are listed and not run.", "attention")
        out.say("  next: understudy trust")
    elif kind == "folder":
        out.say(f"  next: write the instructions, then name it in an agent: skills: [{name}]")
    else:
        out.say(f"  next: understudy skills try {name}")
    return 0


def _write(folder: Path, name: str, kind: str) -> list[Path]:
    """Write the files. Raises UnderstudyError where one is there already, or cannot be written."""
    from app.cli.skills.beginnings import COMMAND, PYTHON, function_of
    from skills.folders.write import write_folder

    stem = name.replace(".", "_")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if kind == "folder":
            return write_folder(folder, name)
        path = folder / (f"{stem}.yaml" if kind == "command" else f"{stem}.py")
        text = COMMAND if kind == "command" else PYTHON
        with open(path, "x", encoding="utf-8") as file:
            file.write(text.replace("NAME", name).replace("FUNCTION", function_of(name)))
        return [path]
    except FileExistsError as error:
        raise UnderstudyError(f"{error.filename} is there already.", "Choose another name, or edit it.") from None
    except OSError as error:
        raise UnderstudyError(f"{error.filename} cannot be written: {error.strerror}.", "Choose --user?") from None
