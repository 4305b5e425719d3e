"""understudy skills try NAME: call a skill once, outside of any run."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for
from app.cli.skills.found import find_skill
from workflows.errors import CallFailed, UnderstudyError
from workflows.text import one_line, safe_text
from workflows.values import Json

if TYPE_CHECKING:
    from skills.declare import Preview
    from skills.manifest import Skill


@click.command("try")
@click.argument("name")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="An argument; may be given several times.")
@click.option("--yes", is_flag=True, help="Do not ask, whatever the skill may change.")
@json_option
@plain_option
def command(name: str, given: tuple[str, ...], yes: bool, as_json: bool, plain: bool) -> int:
    """Call the skill NAME once, in the workspace. What it returns goes to stdout, what it says meanwhile to stderr.

    A skill that may change something shows what it would do, and asks first. Nothing is kept in history.
    """
    return wait_for(_try(name, given, yes, as_json, Output(plain=plain)))


async def _try(name: str, given: tuple[str, ...], yes: bool, as_json: bool, out: Output) -> int:
    import json

    from app.failures import Exit
    from app.present.run import SCHEMA_VERSION
    from skills.declare import Context
    from skills.process import environment

    lines = _Lines(out)
    async with open_desk(journal="none") as desk:
        services = desk.services
        skill = find_skill(services, name)
        _must_be_callable(skill)
        arguments = _arguments(skill, given)
        root = services.paths.root
        context = Context(
            root=root,
            cwd=root,
            key=secrets.token_hex(16),
            emit=lines,
            environ=environment(services.environ),
            backups=services.paths.backups,
            log=lambda text: out.say(one_line(text, 400), "quiet"),
        )
        if (sandbox := services.performers.sandbox) is not None:
            context = replace(context, sandbox=partial(sandbox.confine, root, log=context.log))
        invoker = services.performers.invoker
        if skill.effect != "pure":
            _tell(skill, await invoker.preview(skill, arguments, context), out)
            if not yes and not somebody_is_here():
                out.say("Nobody is here to ask. If it may: the same command with --yes", "attention")
                return Exit.NEEDS_PERSON
            if not yes and not click.confirm("Do it?", default=False, err=True):
                out.say("Nothing was done.")
                return Exit.CANCELLED
        try:
            result = await invoker.invoke(skill, arguments, context)
        finally:
            lines.end()
    if as_json:
        out.document(
            {"schema_version": SCHEMA_VERSION, "skill": skill.name, "version": skill.version, "result": result}
        )
    else:
        out.print(result if isinstance(result, str) else json.dumps(result, indent=2, ensure_ascii=False))
    return Exit.OK


class _Lines:
    """Shows what a skill says line by line, in whatever pieces it comes."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._left = ""

    def __call__(self, text: str) -> None:
        *whole, self._left = (self._left + text).split("\n")
        for line in whole:
            self._out.say(safe_text(line))

    def end(self) -> None:
        """Show a last line that did not end."""
        if self._left:
            self("\n")


def _must_be_callable(skill: Skill) -> None:
    if not skill.trusted:
        raise UnderstudyError(
            f"{skill.name} belongs to a workspace that is not trusted.", "Look at its skills, then `understudy trust`."
        )
    if skill.unusable:
        hint = f"`understudy skills show {skill.name}` shows what an agent would read."
        raise UnderstudyError(f"{skill.name} cannot be tried: {skill.unusable}.", hint)


def _arguments(skill: Skill, given: tuple[str, ...]) -> Json:
    """What was given, typed by the skill's schema and checked. Raises UnderstudyError."""
    from skills.arguments import check
    from skills.typed import typed

    rules: Mapping[str, Json] = skill.parameters.get("properties", {})
    arguments: dict[str, Json] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"--set {text!r} is not NAME=VALUE.")
        arguments[name.strip()] = typed(rules.get(name.strip(), {}), value)
    try:
        check(skill, arguments)
    except CallFailed as error:
        stop = "" if error.hint.endswith("?") else "."
        usage = f"{error.hint}{stop} Give them as --set name=value." if error.hint else "Give it as --set name=value."
        raise UnderstudyError(f"{error.message}.", usage[0].upper() + usage[1:]) from None
    return arguments


def _tell(skill: Skill, preview: Preview, out: Output) -> None:
    """What it would do, and what it may touch."""
    touches = ", ".join(sorted(skill.touches)) or "nothing that it names"
    out.say(f"{preview.title}  ({skill.effect}; touches {touches})", "strong")
    for name, value in preview.facts.items():
        out.say(f"  {name}: {one_line(value, 400)}")
    for line in preview.body.splitlines():
        out.say(f"  {line}")
