"""understudy skills try NAME: call a skill once, outside of any run."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for
from app.cli.skills.found import find_skill
from workflows.text import one_line, safe_text


@click.command("try")
@click.argument("name")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="An argument; may be given several times.")
@click.option("--yes", is_flag=True, help="Do not ask, whatever the skill may change.")
@json_option
@plain_option
def command(name: str, given: tuple[str, ...], yes: bool, as_json: bool, plain: bool) -> int:
    """Call the skill NAME once, in the workspace. What it returns goes to stdout, what it says meanwhile to stderr.

    A skill that may change something shows what it would do, and asks first; so does one that a permission rule asks
    about, and what a rule denies is not tried. Nothing is kept in history.
    """
    return wait_for(_try(name, given, yes, as_json, Output(plain=plain)))


async def _try(name: str, given: tuple[str, ...], yes: bool, as_json: bool, out: Output) -> int:
    import json

    from app.failures import Exit
    from app.present.run import SCHEMA_VERSION
    from app.tryout import carry_out, check_arguments, must_be_callable, propose_tryout, read_arguments

    lines = _Lines(out)
    async with open_desk(journal="none") as desk:
        services = desk.services
        skill = find_skill(services, name)
        must_be_callable(skill)
        arguments = read_arguments(skill, _texts(given))
        check_arguments(skill, arguments, "Give them as --set name=value.")
        tryout = await propose_tryout(services, skill, arguments)
        if tryout.why:
            title, *rest = tryout.lines()
            out.say(title, "strong")
            for line in rest:
                out.say(line)
            if not yes and not somebody_is_here():
                out.say("Nobody is here to ask. If it may: the same command with --yes", "attention")
                return Exit.NEEDS_PERSON
            if not yes and not click.confirm("Do it?", default=False, err=True):
                out.say("Nothing was done.")
                return Exit.CANCELLED
        try:
            result = await carry_out(services, tryout, lines, lambda text: out.say(one_line(text, 400), "quiet"))
        finally:
            lines.end()
    if as_json:
        out.document(
            {"schema_version": SCHEMA_VERSION, "skill": skill.name, "version": skill.version, "result": result}
        )
    else:
        out.print(result if isinstance(result, str) else json.dumps(result, indent=2, ensure_ascii=False))
    return Exit.OK


def _texts(given: tuple[str, ...]) -> dict[str, str]:
    texts = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"--set {text!r} is not NAME=VALUE.")
        texts[name.strip()] = value
    return texts


class _Lines:
    """Shows what a skill says line by line, in whatever pieces it comes."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._left = ""

    def __call__(self, text: str) -> None:
        *whole, self._left = (self._left + text).split("\n")
        for line in whole:
            # Apart from the result, which may be the same text.
            self._out.say(f"│ {safe_text(line)}", "quiet")

    def end(self) -> None:
        """Show a last line that did not end."""
        if self._left:
            self("\n")
