"""understudy doctor: what is right and wrong here, and what to do next."""

from __future__ import annotations

import os

import click

from app.cli.asking import agreed
from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here, open_desk, wait_for
from workflows.errors import CallFailed, UnderstudyError
from workflows.text import one_line, safe_json

GLYPHS = {"ok": ("✓", "good"), "note": ("!", "warning"), "bad": ("✗", "bad")}


@click.command("doctor")
@click.option("--model", metavar="NAME", help="Try one model instead: says first what that costs, and asks.")
@click.option("--yes", is_flag=True, help="With --model: do not ask whether it may cost that.")
@json_option
@plain_option
def command(model: str | None, yes: bool, as_json: bool, plain: bool) -> int:
    """Check Python, SQLite, folders, the journal, models, git, skills, agents and trust. Asks no model anything.

    With --model NAME, such as openai/gpt-4o, that model is asked one tiny question, so that you know that its key, its
    address and its name are right.
    """
    out = Output(plain=plain)
    if model is not None:
        return wait_for(_try(model, yes, as_json, out))
    if yes:
        raise click.UsageError("--yes goes with --model: nothing else here costs anything.")
    return wait_for(_doctor(as_json, out))


async def _try(name: str, yes: bool, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from app.present.run import SCHEMA_VERSION
    from app.trial import carry_out, propose_trial, without_key

    async with open_desk(journal="none") as desk:
        models = desk.services.models
        trial = await propose_trial(models, name)
        if (missing := await without_key(trial.model, models, desk.services.performers.keys)) is not None:
            raise CallFailed(missing)
        out.say(f"{trial.words()}.", "attention")
        if not yes and not agreed(out, "understudy doctor --model NAME --yes"):
            return Exit.NEEDS_PERSON
        tried = await carry_out(trial, models)
    code = Exit.OK if tried.works else Exit.SETUP
    hint = tried.failure.hint if tried.failure else ""
    if as_json:
        usage = tried.reply.usage if tried.reply else None
        document = {
            "model": trial.model,
            "works": tried.works,
            "at_most_usd": trial.at_most_usd,
            "seconds": round(tried.seconds, 3),
            "answer": one_line(tried.reply.text, 200) if tried.reply else None,
            "tokens_in": usage.tokens_in if usage else None,
            "tokens_out": usage.tokens_out if usage else None,
            "cost_usd": usage.cost_usd if usage else None,
            "failure": {"message": tried.failure.message, "hint": hint} if tried.failure else None,
        }
        out.document({"schema_version": SCHEMA_VERSION, **safe_json(document), "exit_code": int(code)})
        return code
    glyph, role = GLYPHS["ok" if tried.works else "bad"]
    # A failure names its model itself.
    out.print(f"{glyph} {trial.model} {tried.words()}" if tried.works else f"{glyph} {tried.words()}", role)
    if hint:
        out.print(f"  next: {hint}")
    return code


async def _doctor(as_json: bool, out: Output) -> int:
    from app import checkup
    from app.credentials import Credentials
    from app.failures import Exit
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION
    from app.settings import load_settings

    paths = here()
    found = list(checkup.check_machine(paths, os.environ))
    found += [finding async for finding in checkup.check_programs(os.environ)]
    model = ""
    try:
        model = load_settings(paths.config, os.environ).model
        async with open_desk(paths) as desk:
            found += checkup.check_workspace(desk)
            found += [finding async for finding in checkup.check_up(desk)]
    except UnderstudyError as error:
        found.append(checkup.broken(error))
    found += [
        finding async for finding in checkup.check_models(os.environ, model, Credentials(paths.config, os.environ))
    ]
    bad = [finding for finding in found if finding.grade == "bad"]
    code = Exit.SETUP if bad else Exit.OK
    if as_json:
        findings = [
            {name: getattr(finding, name) for name in ("topic", "grade", "text", "next", "command")}
            for finding in found
        ]
        out.document({"schema_version": SCHEMA_VERSION, "healthy": not bad, "findings": findings})
        return code
    for finding in found:
        glyph, role = GLYPHS[finding.grade]
        out.item(f"{glyph} {finding.topic:<11} ", finding.text, role if finding.grade != "ok" else "")
        if finding.next:
            out.item(f"{'':14}next: ", finding.next)
    out.say(f"{plural(len(bad), 'problem')}." if bad else "Nothing is wrong.", "bad" if bad else "good")
    return code
