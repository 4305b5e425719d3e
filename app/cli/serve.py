"""understudy serve: runs what was published, unattended: schedules, triggers, the queue, and a REST API."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from app.cli.output import Output
from app.cli.session import here, open_desk, wait_for

if TYPE_CHECKING:
    from app.server.address import Address
    from app.server.serve import Serving
    from workflows.unattended.values import Schedule


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it listens.")
@click.option("--port", default=8787, show_default=True, type=click.IntRange(0, 65535), help="0 is any that is free.")
@click.option(
    "--name", "names", multiple=True, metavar="HOST[:PORT]", help="What else it is called, as behind a proxy."
)
@click.option("--origin", "origins", multiple=True, metavar="URL", help="A site whose pages may call it.")
@click.option("--exposed", is_flag=True, help="Let other machines reach it: put TLS before it first.")
@click.option("--json", "as_json", is_flag=True, help="Log one JSON object a line.")
@click.option("--openapi", is_flag=True, help="Print the document of its calls, and end.")
@click.option("--install", is_flag=True, help="Show the systemd user unit, write it on your yes, and start it.")
@click.option("--uninstall", is_flag=True, help="Stop the unit and take it away.")
@click.option("--yes", is_flag=True, help="With --install and --uninstall: do it without asking.")
def command(
    host: str,
    port: int,
    names: tuple[str, ...],
    origins: tuple[str, ...],
    exposed: bool,
    as_json: bool,
    openapi: bool,
    install: bool,
    uninstall: bool,
    yes: bool,
) -> int:
    """Run what was published: schedules, triggers, the queue, and a REST API, on this machine only.

    It ends with Ctrl-C or SIGTERM; its runs stop in good order, and the next server goes on with them.
    Who may call it: `understudy user add NAME --role operator`.
    """
    from app.server.address import Address, must_be_meant

    address = Address(host, port, names, origins, exposed)
    must_be_meant(address)
    if install or uninstall:
        from app.server.unit import installed, uninstalled

        return installed(address, here(), yes, Output()) if install else uninstalled(yes, Output())
    if openapi:
        from app.server.api.calls import printed_document

        Output().document(printed_document())
        return 0
    return wait_for(_serve(address, as_json, Output()))


async def _serve(address: Address, as_json: bool, out: Output) -> int:
    from app.server.occurrences import follow_triggers
    from app.server.scheduler import follow_schedules
    from app.server.serve import serving

    beside = (follow_schedules, follow_triggers)

    tell = Teller(as_json, out)
    async with open_desk(hot=True) as desk, serving(desk, address, beside, tell.hear) as server:
        if not address.loopback:
            tell.say("exposed", f"{address.host} can be reached by other machines, and calls are not encrypted.")
        await _tell_start(server, tell)
        try:
            await asyncio.Event().wait()
        finally:
            tell.say("stopping", "Stopping: runs keep where they are, and the next server goes on with them.")
    return 0


async def _tell_start(server: Serving, tell: Teller) -> None:
    """The address, what is run here, and what is due next."""
    from app.present.figures import clock_time, timestamp

    stage = server.stage
    tell.say("listening", f"Listening on {server.url}", url=server.url)
    versions = {version.workflow for version in await stage.standing.versions() if version.status == "published"}
    names = ", ".join(sorted(versions)) or "nothing yet: `understudy publish WORKFLOW`"
    tell.say("published", f"Published: {names}", workflows=sorted(versions))
    for schedule, slot in await _next_due(server):
        when = timestamp(slot) or ""
        tell.say("due", f"Due next: {schedule.workflow} at {clock_time(slot)} ({schedule.id})", id=schedule.id, at=when)
    if queued := await stage.queue.waiting():
        tell.say("queued", f"Queued from before: {queued}", starts=queued)
    if not await stage.standing.users():
        tell.say("nobody", "Nobody may call it yet: `understudy user add NAME --role operator` prints a token.")


async def _next_due(server: Serving, most: int = 3) -> list[tuple[Schedule, float]]:
    """The next times at which schedules start something, soonest first."""
    from workflows.unattended.slots import following

    now = server.stage.clock.now()
    found: list[tuple[Schedule, float]] = []
    for schedule in await server.stage.standing.schedules():
        if not schedule.paused:
            with suppress(ValueError, LookupError):  # a zone that this machine does not have
                found += [(schedule, slot) for slot in following(schedule, now, most)]
    return sorted(found, key=lambda each: each[1])[:most]


class Teller:
    """What a server says: lines for people, or one JSON object a line. Both go to stderr: it has no result."""

    def __init__(self, as_json: bool, out: Output) -> None:
        self._as_json = as_json
        self._out = out

    def say(self, what: str, text: str, **facts: object) -> None:
        """One line. `what` is a stable word for programs."""
        if self._as_json:
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            self._out.say(json.dumps({"at": at, "what": what, "text": text, **facts}, ensure_ascii=True))
        else:
            self._out.say(f"{time.strftime('%H:%M:%S')}  {text}")

    def hear(self, notice: object) -> None:
        """Say that runs begin, wait for people, and end."""
        from workflows.bus import Committed
        from workflows.runs.events import Asked, RunStarted
        from workflows.text import one_line

        if not isinstance(notice, Committed):
            return
        state = notice.state
        if any(isinstance(recorded.event, RunStarted) for recorded in notice.events):
            cause = f" ({state.cause})" if state.cause else ""
            self.say(
                "begun", f"{state.workflow} · run {state.run_id} begun{cause}", run=state.run_id, cause=state.cause
            )
        for event in (recorded.event for recorded in notice.events):
            if isinstance(event, Asked) and not state.over:
                what = one_line(event.title, 160)
                how = f"`understudy answer {state.run_id}` lists the answers"
                text = f"{state.workflow} · run {state.run_id} waits for a person: {what}; {how}"
                self.say("waiting", text, run=state.run_id, entry=event.entry, reason=event.reason)
        if state.over:
            took = (state.ended or state.updated) - state.started
            self.say(
                "ended",
                f"{state.workflow} · run {state.run_id} {state.status} after {took:.1f} s",
                run=state.run_id,
                status=state.status,
                workflow=state.workflow,
                seconds=round(took, 3),
            )
