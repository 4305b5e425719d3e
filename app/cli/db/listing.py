"""understudy db: what is kept, for how long, and how much room it takes."""

from __future__ import annotations

import time

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here, open_desk, wait_for


@click.command("list")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """Show what is kept, for how long, what would go now, and how much room it takes."""
    return wait_for(_list(as_json, Output(plain=plain)))


async def _list(as_json: bool, out: Output) -> int:
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION
    from app.retention import no_longer_kept, rule_lines
    from workflows.journal.sqlite.upkeep import CURRENT, sizes

    async with open_desk(journal="read") as desk:
        rules = desk.services.settings.history
        going = await no_longer_kept(desk.services.store, desk.services.standing, rules, time.time())
        taken = sizes(here().journal) if (here().journal / "journal.db").exists() else None
    folder, counts = str(here().journal), taken.runs if taken else {}
    if as_json:
        out.document(
            {
                "schema_version": SCHEMA_VERSION,
                "journal": folder,
                "schema": taken.schema if taken else CURRENT,
                "bytes": {"database": taken.database, "log": taken.log, "blobs": taken.blobs} if taken else None,
                "runs": dict(counts),
                "rules": dict(rule_lines(rules)),
                "not_kept": going,
            }
        )
        return 0
    out.print(f"{folder}, schema {taken.schema if taken else CURRENT}", "strong")
    if taken is None:
        out.print("nothing is kept yet")
    else:
        out.print(f"{_size(taken.database)} in the database, {_size(taken.log)} on its way into it")
        out.print(f"{_size(taken.blobs)} in large values beside it")
    total = sum(counts.values())
    by_status = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    out.print(plural(total, "run") + (f": {by_status}" if by_status else ""))
    out.print("\nWhat is kept", "strong")
    for what, long in rule_lines(rules):
        out.print(f"  {what}: {long}")
    out.print(f"{plural(len(going), 'run')} would go now" if going else "nothing would go now")
    return 0


def _size(taken: int) -> str:
    return f"{taken / 1_000_000:.1f} MB" if taken >= 100_000 else f"{taken / 1000:.1f} kB"
