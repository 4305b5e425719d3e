"""understudy db check: is the journal whole?"""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here


@click.command("check")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """Look through the whole journal: the database, the order of every run's events, and each large value.

    It changes nothing, and others may use the journal. The exit code is 0 where it is whole and 4 where it is not.
    """
    from app.failures import Exit
    from app.present.run import SCHEMA_VERSION
    from workflows.journal.sqlite.upkeep import check

    folder, out = here().journal, Output(plain=plain)
    found = check(folder)
    code = Exit.SETUP if found else Exit.OK
    if as_json:
        document = {"journal": str(folder), "problems": list(found), "exit_code": int(code)}
        out.document({"schema_version": SCHEMA_VERSION, **document})
        return code
    for problem in found:
        out.print(problem, "bad")
    if found:
        out.say("Copy the folder before anything else. Then: understudy db restore FILE", "bad")
    else:
        out.print(f"{folder} is whole.", "good")
    return code
