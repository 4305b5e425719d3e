"""understudy delete: forget runs, and all that was recorded of them: those named, or those chosen by age and status."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import here, open_desk, somebody_is_here, wait_for

if TYPE_CHECKING:
    from app.desk import Desk
    from app.retention import Choice, Chosen
    from workflows.values import Json


@click.command("delete")
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--older-than", metavar="AGE", help="Those that ended so long ago: 12h, 30d, 8w.")
@click.option(
    "--status",
    "statuses",
    metavar="STATUS",
    multiple=True,
    help="Those that ended so: failed,cancelled. May be given several times.",
)
@click.option("--workflow", metavar="NAME", help="Those of this workflow.")
@click.option("--dry-run", is_flag=True, help="Say which would go, and how much room they take. Nothing is deleted.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@plain_option
def command(
    runs: tuple[str, ...],
    older_than: str | None,
    statuses: tuple[str, ...],
    workflow: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    plain: bool,
) -> int:
    """Forget each RUN: its steps, outputs, costs, and what people answered. This cannot be taken back.

    Without RUN, those that all given options are true of. Runs that are not over are among them only where --status
    says `interrupted` or `paused`. What a process has, or what waits for a person, never is: name it.

    What the runs did outside stays. What other runs took over from them is kept with those. Published versions,
    schedules and triggers are not touched.
    """
    choice = _choice(older_than, statuses, workflow)
    if runs and choice:
        raise click.UsageError("Name runs, or choose them by --older-than, --status and --workflow: not both.")
    if not runs and choice is None:
        raise click.UsageError("Name a RUN, or say which: --older-than 30d, --status failed, --workflow NAME.")
    return wait_for(_delete(runs, choice, dry_run, yes, as_json, Output(plain=plain)))


def _choice(older_than: str | None, statuses: tuple[str, ...], workflow: str | None) -> Choice | None:
    """What the options choose; None where none is given. Raises click.UsageError."""
    from app.retention import OVER, Choice

    if older_than is None and not statuses and workflow is None:
        return None
    if workflow is not None and not workflow.strip():
        raise click.UsageError("--workflow is empty: name one.")
    status = dict.fromkeys(_status(each.strip()) for text in statuses for each in text.split(","))
    return Choice(tuple(status) or OVER, _age(older_than), (workflow or "").strip())


def _age(text: str | None) -> float | None:
    from app.present.periods import UNITS

    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    if found is None:
        raise click.UsageError(f"--older-than {text!r} is no age such as 12h, 30d or 8w.")
    return int(found[1]) * UNITS[found[2]]


def _status(text: str) -> str:
    from app.present.query import STATUSES
    from app.retention import LEFT, OVER
    from workflows.diagnostics import suggest

    if text in (*OVER, *LEFT):
        return text
    if text in STATUSES:
        raise click.UsageError(
            f"--status {text}: what is under way, or waits for a person, goes only by name: understudy delete RUN"
        )
    close = suggest(text, (*OVER, *LEFT))
    raise click.UsageError(f"--status {text!r}: {close or 'there are ' + ', '.join((*OVER, *LEFT))}")


async def _delete(
    runs: tuple[str, ...], choice: Choice | None, dry_run: bool, yes: bool, as_json: bool, out: Output
) -> int:
    from app.failures import Exit
    from app.present.deletion import deletions
    from app.present.figures import plural
    from app.retention import choose, forget

    async with open_desk() as desk:
        services = desk.services
        if choice is None:
            chosen = await _named(desk, runs, out)
        else:
            chosen = await choose(services.store, services.standing, choice, time.time())
        ids = [run.run_id for run in chosen.going]
        room = await asyncio.to_thread(_room, desk, ids) if choice is not None or dry_run else None
        if room is not None:
            tell = out.print if dry_run and not as_json else out.say
            for line in deletions(chosen.going, chosen.staying, room, time.time()):
                tell(line)
        gone: Sequence[str] = ()
        if ids and not dry_run:
            if not yes and not somebody_is_here():
                out.say("Nobody is here to ask: add --yes.", "attention")
                return Exit.NEEDS_PERSON
            if not yes and not click.confirm(f"Forget {plural(len(ids), 'run')} for good?", default=False, err=True):
                out.say("Nothing was deleted.")
                return Exit.CANCELLED
            if choice is not None:
                gone = await forget(services.store, services.spool, ids)
            else:
                for run in ids:
                    await desk.delete(run)
                gone = ids
    if as_json:
        out.document(_document(chosen, gone, room, dry_run))
    elif gone:
        out.say(f"Deleted {plural(len(gone), 'run')}.")
    elif dry_run and ids:
        out.say("Nothing was deleted: this was only a look.")
    return Exit.OK


async def _named(desk: Desk, runs: tuple[str, ...], out: Output) -> Chosen:
    """The runs that were named. Raises RunUnknown, RunOwned: then none goes."""
    from app.retention import Chosen, needed_by_others
    from workflows.journal.port import Query, RunOwned

    ids = tuple(dict.fromkeys([await desk.services.store.resolve(run) for run in runs]))
    found = {each.run_id: each for each in await desk.runs(Query(ids=ids, limit=len(ids)))}
    for run in ids:
        if owner := found[run].owner:
            raise RunOwned(run, owner)
    named = tuple(found[run] for run in ids)
    needed = await needed_by_others(desk.services.store, desk.services.standing, named)
    for each in named:
        over = "" if each.finished else ", which is not over and could not be gone on with"
        but = f"; but {needed[each.run_id]}" if each.run_id in needed else ""
        out.say(f"{each.run_id} of {each.workflow}, {each.status}{over}{but}")
    return Chosen(named)


def _room(desk: Desk, ids: Sequence[str]) -> int:
    """The bytes that runs take in the journal and beside it. Blocks."""
    from workflows.journal.sqlite.room import room_of

    return room_of(here().journal, ids) + sum(desk.services.spool.size(run) for run in ids) if ids else 0


def _document(chosen: Chosen, gone: Sequence[str], room: int | None, dry_run: bool) -> Json:
    from app.present.run import SCHEMA_VERSION

    return {
        "schema_version": SCHEMA_VERSION,
        "chosen": [run.run_id for run in chosen.going],
        "staying": [{"run": run.run_id, "why": why} for run, why in chosen.staying],
        "bytes": room,
        "dry_run": dry_run,
        "deleted": list(gone),
    }
