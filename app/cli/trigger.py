"""understudy trigger: what starts published workflows when something happens."""

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
    from app.triggering import Triggering
    from workflows.unattended.values import Trigger


@click.group("trigger", cls=Ordered, invoke_without_command=True, subcommand_metavar="[COMMAND]")
@click.pass_context
def command(ctx: click.Context) -> int:
    """List what starts published workflows when something happens; add, pause, resume, remove and fire triggers.

    They work only while `understudy serve` runs.
    """
    return wait_for(_list(False, Output())) if ctx.invoked_subcommand is None else 0


@command.command("list")
@json_option
@plain_option
def list_triggers(as_json: bool, plain: bool) -> int:
    """List the triggers: what each waits for, how often it started something, and how the last one ended."""
    return wait_for(_list(as_json, Output(plain=plain)))


@command.command("add", short_help="Start a published workflow when something happens.")
@click.argument("workflow")
@click.option("--webhook", is_flag=True, help="When a signed message comes. The secret is shown once.")
@click.option("--file", "glob", metavar="GLOB", help="When a file changes: 'inbox/*.csv', 'src/**/*.py'.")
@click.option("--after", metavar="WORKFLOW[:STATUS]", help="When a run of it is over, or ended so: build:failed.")
@click.option("--manual", is_flag=True, help="Only when a person fires it.")
@click.option(
    "-i", "--input", "--param", "inputs", multiple=True, metavar="NAME=VALUE", help="What its runs are given."
)
@click.option("--give", metavar="NAME", default="", help="The parameter that is given the path, run or message.")
@click.option("--name", default="", help="What it is called.")
@click.option("--note", default="", help="A word about it.")
@priority_option
@json_option
@plain_option
def add(
    workflow: str,
    webhook: bool,
    glob: str | None,
    after: str | None,
    manual: bool,
    inputs: tuple[str, ...],
    as_json: bool,
    plain: bool,
    **wish: Any,
) -> int:
    """Start a published workflow when something happens. WORKFLOW is its name, or one version, such as nightly@3.

    \b
      understudy trigger add import --file 'inbox/*.csv' --give path
      understudy trigger add report --after build:failed --give run
      understudy trigger add deploy --webhook --name push
    """
    from app.triggering import TriggerWish

    chosen = [(kind, about) for kind, about in (("file", glob), ("run", after)) if about is not None]
    chosen += [(kind, "") for kind, given in (("webhook", webhook), ("manual", manual)) if given]
    if len(chosen) != 1:
        raise click.UsageError("Say what starts it: one of --webhook, --file, --after and --manual.")
    name, _, number = workflow.partition("@")
    if number and not number.isdecimal():
        raise click.UsageError(f"'{number}' is no version of {name}: it is a number, such as {name}@3.")
    ((kind, about),) = chosen
    asked: Any = {"kind": kind, "about": about, "parameters": read_inputs(inputs), "version": int(number or 0)}
    return wait_for(_add(TriggerWish(name, **asked, **wish), as_json, Output(plain=plain)))


@command.command("pause")
@click.argument("trigger")
@json_option
@plain_option
def pause(trigger: str, as_json: bool, plain: bool) -> int:
    """Let a trigger start nothing until it is resumed. Runs under way go on."""
    return wait_for(_change(lambda each: each.pause(trigger), "is paused", as_json, Output(plain=plain)))


@command.command("resume")
@click.argument("trigger")
@json_option
@plain_option
def resume(trigger: str, as_json: bool, plain: bool) -> int:
    """Let a trigger start again, from now on. What happened meanwhile starts nothing."""
    return wait_for(_change(lambda each: each.resume(trigger), "counts again", as_json, Output(plain=plain)))


@command.command("remove")
@click.argument("trigger")
@json_option
@plain_option
def remove(trigger: str, as_json: bool, plain: bool) -> int:
    """Forget a trigger, and the secret of a webhook. Its runs stay in the history."""
    return wait_for(_remove(trigger, as_json, Output(plain=plain)))


@command.command("fire")
@click.argument("trigger")
@json_option
@plain_option
def fire(trigger: str, as_json: bool, plain: bool) -> int:
    """Ask for one run now, with what the trigger gives."""
    return wait_for(_fire(trigger, as_json, Output(plain=plain)))


async def _list(as_json: bool, out: Output) -> int:
    from app.present import triggers as present
    from app.present.run import SCHEMA_VERSION
    from app.present.schedules import ONLY_SERVED
    from app.triggering import Triggering
    from app.zone import machine_zone

    async with open_desk(journal="read") as desk:
        found, is_served = await Triggering(desk, person()).listed(), served(desk)
        zone = machine_zone(desk.services.environ)
    if as_json:
        documents = [present.trigger_document(seen) for seen in found]
        out.document({"schema_version": SCHEMA_VERSION, "served": is_served, "triggers": documents})
        return 0
    for seen in found:
        for label, text, role in present.trigger_lines(seen, zone):
            out.item(label, text, role)
    if not found:
        out.say("There are no triggers.")
        out.say("  next: `understudy trigger add WORKFLOW --file 'inbox/*.csv'`, --after, --webhook or --manual")
    elif not is_served:
        out.say(ONLY_SERVED, "attention")
    return 0


async def _add(wish: Any, as_json: bool, out: Output) -> int:
    from app.present import triggers as present
    from app.present.run import SCHEMA_VERSION
    from app.present.schedules import ONLY_SERVED
    from app.triggering import Triggering
    from app.zone import machine_zone

    async with open_desk() as desk:
        triggering = Triggering(desk, person())
        trigger, secret = await triggering.add(wish)
        seen, is_served = await triggering.show(trigger.id), served(desk)
        zone = machine_zone(desk.services.environ)
    if as_json:
        document = present.trigger_document(seen) | ({"secret": secret} if secret else {})
        out.document({"schema_version": SCHEMA_VERSION, "served": is_served, "trigger": document}, reveal=True)
        return 0
    out.say(f"Trigger {trigger.id} is made.")
    for label, text, role in present.trigger_lines(seen, zone):
        out.item(label, text, role)
    if secret:
        out.say(f"Its secret, shown this once, signs messages to {present.webhook_path(trigger)} (Standard Webhooks):")
        out.reveal(secret)
    if not is_served:
        out.say(ONLY_SERVED, "attention")
    return 0


async def _change(work: Callable[[Triggering], Awaitable[Trigger]], done: str, as_json: bool, out: Output) -> int:
    from app.present import triggers as present
    from app.present.run import SCHEMA_VERSION
    from app.triggering import Triggering

    async with open_desk() as desk:
        triggering = Triggering(desk, person())
        seen = await triggering.show((await work(triggering)).id)
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "trigger": present.trigger_document(seen)})
        return 0
    out.say(f"Trigger {seen.trigger.id} {done}.")
    return 0


async def _remove(name: str, as_json: bool, out: Output) -> int:
    from app.triggering import Triggering

    async with open_desk() as desk:
        trigger = await Triggering(desk, person()).remove(name)
    told = f"Trigger {trigger.id} is removed: it starts {trigger.workflow} no more. Its runs stay."
    return say_removed(trigger.id, told, as_json, out)


async def _fire(name: str, as_json: bool, out: Output) -> int:
    from app.triggering import Triggering

    async with open_desk() as desk:
        start, is_served = await Triggering(desk, person()).fire(name), served(desk)
    return say_asked(start, is_served, as_json, out)
