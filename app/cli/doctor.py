"""understudy doctor: what is right and wrong here, and what to do next."""

from __future__ import annotations

import os

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here, open_desk, wait_for
from workflows.errors import UnderstudyError

GLYPHS = {"ok": ("✓", "good"), "note": ("!", "warning"), "bad": ("✗", "bad")}


@click.command("doctor")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """Check Python, SQLite, folders, the journal, models, git, skills, agents and trust. Asks no model anything."""
    return wait_for(_doctor(as_json, Output(plain=plain)))


async def _doctor(as_json: bool, out: Output) -> int:
    from app import checkup
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
    found += [finding async for finding in checkup.check_models(os.environ, model)]
    bad = [finding for finding in found if finding.grade == "bad"]
    code = Exit.SETUP if bad else Exit.OK
    if as_json:
        findings = [
            {"topic": finding.topic, "grade": finding.grade, "text": finding.text, "next": finding.next}
            for finding in found
        ]
        out.document({"schema_version": SCHEMA_VERSION, "healthy": not bad, "findings": findings})
        return code
    for finding in found:
        glyph, role = GLYPHS[finding.grade]
        out.print(f"{glyph} {finding.topic:<10} {finding.text}", role if finding.grade != "ok" else "")
        if finding.next:
            out.print(f"             next: {finding.next}")
    out.say(f"{plural(len(bad), 'problem')}." if bad else "Nothing is wrong.", "bad" if bad else "good")
    return code
