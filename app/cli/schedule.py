"""understudy schedule: when published workflows start by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import click

from app.cli.by_itself import say_asked, say_removed, served
from app.cli.options import json_option, plain_option, priority_option, read_inputs
from app.cli.ordered import Ordered
from app.cli.output import Output
from app.cli.session import open_desk, person, wait_for

if TYPE_CHECKING:
    from app.scheduling import Scheduling
    from workflows.unattended.values import Schedule


@click.group("schedule", cls=Ordered, invoke_without_command=True, subcommand_metavar="[COMMAND]")
@click.pass_context
def command(ctx: click.Context) -> int:
    """List when published workflows start by themselves; add, pause, resume and remove schedules.

    They run only while `understudy serve` runs. What a file says under `schedule:` counts once it is published.
    """
    return wait_for(_list(False, Output())) if ctx.invoked_subcommand is None else 0


@command.command("list")
@json_option
@plain_option
def list_schedules(as_json: bool, plain: bool) -> int:
    """List the schedules: the next three times, how the last one ended, and which version runs."""
    return wait_for(_list(as_json, Output(plain=plain)))


@command.command("show")
@click.argument("schedule")
@json_option
@plain_option
def show(schedule: str, as_json: bool, plain: bool) -> int:
    """Tell all of a schedule, with its last starts."""
    return wait_for(_show(schedule, as_json, Output(plain=plain)))


@command.command("add", short_help="Start a published workflow at certain times.")
@click.argument("workflow")
@click.option("--cron", metavar="LINE", default="", help="A line as in a crontab: '30 7 * * mon-fri'.")
@click.option("--every", metavar="DURATION", default="", help="The time from one start to the next: 30m, 2h.")
@click.option("--at", metavar="TIME", default="", help="Once: '2026-12-24 18:00'.")
@click.option("--zone", metavar="ZONE", default="", help="The time zone of the line or time; else this machine's.")
@click.option(
    "-i", "--input", "--param", "inputs", multiple=True, metavar="NAME=VALUE", help="What its runs are given."
)
@click.option("--missed", metavar="skip|latest|all[:N]", default="latest", help="What becomes of times missed.")
@click.option(
    "--overlap",
    type=click.Choice(["allow", "skip", "queue", "replace"]),
    default="queue",
    help="What is done when the run before is not over.",
)
@click.option("--name", default="", help="What it is called; else as the workflow.")
@click.option("--note", default="", help="A word about it.")
@priority_option
@json_option
@plain_option
def add(as_json: bool, plain: bool, every: str, inputs: tuple[str, ...], **wish: Any) -> int:
    """Start a published workflow at certain times. WORKFLOW is its name, or one version of it, such as nightly@3.

    \b
      understudy schedule add nightly --cron '30 7 * * mon-fri' --zone Europe/Madrid
      understudy schedule add watch --every 30m --missed skip --overlap skip
      understudy schedule add greet --at '2026-12-24 18:00' --input team=sales
    """
    from app.scheduling import Wish
    from workflows.definition.durations import seconds as read_duration

    workflow, _, number = wish.pop("workflow").partition("@")
    if number and not number.isdecimal():
        raise click.UsageError(f"'{number}' is no version of {workflow}: it is a number, such as {workflow}@3.")
    try:
        seconds = read_duration(every) if every else 0.0
    except ValueError as error:
        raise click.UsageError(f"--every '{every}' is no duration: {error}") from None
    asked = Wish(workflow, every=seconds, parameters=read_inputs(inputs), version=int(number or 0), **wish)
    return wait_for(_change(lambda scheduling: scheduling.add(asked), "is made", as_json, Output(plain=plain)))


@command.command("pause")
@click.argument("schedule")
@json_option
@plain_option
def pause(schedule: str, as_json: bool, plain: bool) -> int:
    """Let a schedule start nothing until it is resumed. Runs under way go on."""
    work = _change(lambda scheduling: scheduling.pause(schedule), "is paused", as_json, Output(plain=plain))
    return wait_for(work)


@command.command("resume")
@click.argument("schedule")
@json_option
@plain_option
def resume(schedule: str, as_json: bool, plain: bool) -> int:
    """Let a schedule start again, from now on. What was due meanwhile is not made up for."""
    work = _change(lambda scheduling: scheduling.resume(schedule), "counts again", as_json, Output(plain=plain))
    return wait_for(work)


@command.command("remove")
@click.argument("schedule")
@json_option
@plain_option
def remove(schedule: str, as_json: bool, plain: bool) -> int:
    """Forget a schedule. Its runs stay in the history."""
    return wait_for(_remove(schedule, as_json, Output(plain=plain)))


@command.command("run")
@click.argument("schedule")
@json_option
@plain_option
def run_now(schedule: str, as_json: bool, plain: bool) -> int:
    """Ask for one run now, with what the schedule gives; its times stay as they are."""
    return wait_for(_run(schedule, as_json, Output(plain=plain)))


async def _list(as_json: bool, out: Output) -> int:
    from app.present import schedules as present
    from app.present.run import SCHEMA_VERSION
    from app.scheduling import Scheduling

    async with open_desk(journal="read") as desk:
        found, is_served = await Scheduling(desk, person()).listed(), served(desk)
    if as_json:
        documents = [present.seen_document(seen) for seen in found]
        out.document({"schema_version": SCHEMA_VERSION, "served": is_served, "schedules": documents})
        return 0
    for seen in found:
        for label, text, role in present.seen_lines(seen):
            out.item(label, text, role)
    if not found:
        out.say("There are no schedules.")
        out.say("  next: `understudy schedule add WORKFLOW --cron '30 7 * * mon-fri'`, or `schedule:` in its file")
    elif not is_served:
        out.say(present.ONLY_SERVED, "attention")
    return 0


async def _show(name: str, as_json: bool, out: Output) -> int:
    from app.present import schedules as present
    from app.present.run import SCHEMA_VERSION
    from app.scheduling import Scheduling

    async with open_desk(journal="read") as desk:
        scheduling = Scheduling(desk, person())
        seen, is_served = await scheduling.show(name), served(desk)
        history = await scheduling.history(name)
    if as_json:
        document = present.seen_document(seen) | {
            "starts": [present.start_document(start, run) for start, run in history]
        }
        out.document({"schema_version": SCHEMA_VERSION, "served": is_served, "schedule": document})
        return 0
    for label, text, role in present.seen_lines(seen):
        out.item(label, text, role)
    for label, text in present.detail_lines(seen):
        out.item(label, text)
    for start, run in history:
        out.item("  - ", present.start_words(start, run, seen.schedule.timezone))
    if not is_served:
        out.say(present.ONLY_SERVED, "attention")
    return 0


async def _change(work: Callable[[Scheduling], Awaitable[Schedule]], done: str, as_json: bool, out: Output) -> int:
    from app.present import schedules as present
    from app.present.run import SCHEMA_VERSION
    from app.scheduling import Scheduling

    async with open_desk() as desk:
        scheduling = Scheduling(desk, person())
        seen, is_served = await scheduling.show((await work(scheduling)).id), served(desk)
    if as_json:
        document = present.seen_document(seen)
        out.document({"schema_version": SCHEMA_VERSION, "served": is_served, "schedule": document})
        return 0
    out.say(f"Schedule {seen.schedule.id} {done}.")
    for label, text, role in present.seen_lines(seen):
        out.item(label, text, role)
    if not is_served:
        out.say(present.ONLY_SERVED, "attention")
    return 0


async def _remove(name: str, as_json: bool, out: Output) -> int:
    from app.scheduling import Scheduling

    async with open_desk() as desk:
        schedule = await Scheduling(desk, person()).remove(name)
    told = f"Schedule {schedule.id} is removed: {schedule.workflow} does not start by it any more. Its runs stay."
    return say_removed(schedule.id, told, as_json, out)


async def _run(name: str, as_json: bool, out: Output) -> int:
    from app.scheduling import Scheduling

    async with open_desk() as desk:
        start, is_served = await Scheduling(desk, person()).run_now(name), served(desk)
    return say_asked(start, is_served, as_json, out)
