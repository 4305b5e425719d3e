"""understudy mcp: the MCP servers that are configured here, and what was accepted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.ordered import Ordered
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for

if TYPE_CHECKING:
    from app.desk import Desk
    from skills.mcp.known import Known
    from skills.mcp.servers import Servers


@click.group("mcp", cls=Ordered, invoke_without_command=True, subcommand_metavar="[COMMAND]")
@click.pass_context
def command(ctx: click.Context) -> int:
    """List the MCP servers, look at one, try it, and accept its tools: they are skills then.

    Servers stand in .mcp.json, .understudy/mcp.json or mcp.json in your configuration folder.
    """
    return wait_for(_list(False, Output())) if ctx.invoked_subcommand is None else 0


@command.command("list")
@json_option
@plain_option
def list_servers(as_json: bool, plain: bool) -> int:
    """List the servers with their state. Starts none of them."""
    return wait_for(_list(as_json, Output(plain=plain)))


@command.command("show", short_help="Tell all of one server: what it starts, its tools, what changed.")
@click.argument("name")
@json_option
@plain_option
def show_server(name: str, as_json: bool, plain: bool) -> int:
    """Tell all that is known of a server: what it starts, its tools, what changed. Does not start it."""
    return wait_for(_show(name, as_json, Output(plain=plain)))


@command.command(
    "add",
    short_help="Write a server into .mcp.json. Starts nothing.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("name")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="URL | PROGRAM [ARGUMENT]...")
@click.option("--user", is_flag=True, help="For all your workspaces, and not only for this one.")
@json_option
@plain_option
def add(name: str, words: tuple[str, ...], user: bool, as_json: bool, plain: bool) -> int:
    """Write a server into .mcp.json of this folder, or with --user into your own file. Starts nothing.

    Options of ours come before NAME.
    """
    import shlex

    from app.cli.session import here
    from app.present.run import SCHEMA_VERSION
    from app.server_entries import add_server

    path, out = add_server(here(), name, shlex.join(words), user=user), Output(plain=plain)
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "name": name, "file": str(path)})
        return 0
    out.print(str(path))
    out.say(f"  next: understudy mcp accept {shlex.quote(name)}")
    return 0


@command.command("check")
@click.argument("name")
@json_option
@plain_option
def check_server(name: str, as_json: bool, plain: bool) -> int:
    """Start a server, list its tools, and end it. Calls no tool and accepts nothing."""
    return wait_for(_check(name, as_json, Output(plain=plain)))


@command.command("accept", short_help="Start a server, look at its tools, and accept them as skills.")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@plain_option
def accept_server(name: str, yes: bool, as_json: bool, plain: bool) -> int:
    """Start a server, look at its tools, and let steps and agents use them, as long as they stay what they are."""
    return wait_for(_accept(name, yes, as_json, Output(plain=plain)))


@command.command("forget")
@click.argument("name")
@json_option
@plain_option
def forget_server(name: str, as_json: bool, plain: bool) -> int:
    """Accept the tools of a server no longer."""
    return wait_for(_forget(name, as_json, Output(plain=plain)))


async def _list(as_json: bool, out: Output) -> int:
    from app.present import mcp as present
    from app.present.run import SCHEMA_VERSION
    from workflows.text import one_line

    async with open_desk(journal="none") as desk:
        servers = _servers(desk)
        problems = [each for each in desk.services.skills.snapshot.problems if each.code == "bad-mcp-server"]
        own = desk.services.paths.config / "mcp.json"
    if as_json:
        entries = [present.document(known) for known in servers.known]
        said = [f"{each.file}:{each.line}:{each.column}: {each.message}" for each in problems]
        out.document({"schema_version": SCHEMA_VERSION, "servers": entries, "problems": said})
        return 0
    if servers.known:
        out.table(
            ("SERVER", "FROM", "STATE", "TOOLS", "STARTS"),
            [
                (
                    known.name,
                    known.file.scope if known.file else "",
                    present.WORDS[known.state],
                    str(len(known.skills)) if known.state == "ready" else "–",
                    one_line(present.started(known), 60),
                )
                for known in servers.known
            ],
        )
        for known in servers.known:
            if known.why and known.state not in ("off", "hidden"):
                out.say(f"{known.name}: {one_line(known.why, 300)}", "attention")
                if known.hint:
                    out.say(f"  next: {one_line(known.hint, 300)}")
    for problem in problems:
        if not any(
            known.state == "broken" and known.file and str(known.file.path) == problem.file for known in servers.known
        ):
            out.say(f"✗ {problem.file}:{problem.line}:{problem.column}: {one_line(problem.message, 300)}", "bad")
            out.say(f"  next: {one_line(problem.hint or 'Mend the file.', 300)}")
    if not servers.known and not problems:
        out.say("There are no MCP servers here.")
        out.say(f"  next: write one into .mcp.json (for this folder) or {own} (for you), such as")
        out.say(f"        {present.EXAMPLE}")
        out.say("        then: understudy mcp accept time")
    return 0


async def _show(name: str, as_json: bool, out: Output) -> int:
    from app.present import mcp as present
    from app.present.run import SCHEMA_VERSION
    from workflows.text import one_line

    async with open_desk(journal="none") as desk:
        servers = _servers(desk)
        known = servers.get(name)
        log = servers.log_of(known.config) if known.config else None
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "server": present.document(known)})
        return 0
    out.print(f"{known.name} ({known.file.scope if known.file else ''}, {present.WORDS[known.state]})", "strong")
    if known.why:
        out.print(f"held back: {one_line(known.why, 300)}", "attention")
    if known.hint:
        out.print(f"next: {one_line(known.hint, 300)}")
    for line in present.entry_lines(known):
        out.print(line)
    if log and log.exists():
        out.print(f"log: {log}")
    _tell_tools(known, out)
    if known.pin and known.pin.offered:
        for line in present.change_lines(known, known.pin.offered):
            out.print(line)
    return 0


def _tell_tools(known: Known, out: Output) -> None:
    from app.present import mcp as present

    if known.skills:
        out.table(("SKILL", "EFFECT", "ITS OWN WORDS"), list(present.effects(known)))
    for refused in known.refused:
        out.say(f"✗ {refused.name} cannot be used: {refused.why}", "attention")


async def _check(name: str, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from app.present import mcp as present
    from app.present.run import SCHEMA_VERSION
    from app.servers import look, must_be_startable

    async with open_desk(journal="none") as desk:
        servers = _servers(desk)
        offer = (await look(servers, must_be_startable(servers.get(name)), desk.services.environ)).offer
        desk.services.skills.reload()
        known = servers.get(name)
    works = known.state == "ready"
    if as_json:
        entry = {"server": present.document(known), "about": dict(offer.about), "works": works}
        out.document({"schema_version": SCHEMA_VERSION, **entry})
        return Exit.OK if works else Exit.SETUP
    out.print(f"{known.name} starts and answers. {present.about(offer)}", "good")
    if works:
        _tell_tools(known, out)
        out.say("Its tools are those that were accepted.", "good")
        return Exit.OK
    for line in present.change_lines(known, offer):
        out.print(line)
    out.say(f"Held back: {known.why}.", "attention")
    out.say(f"  next: {known.hint}")
    return Exit.SETUP


async def _accept(name: str, yes: bool, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from app.present import mcp as present
    from app.present.run import SCHEMA_VERSION
    from app.servers import look, must_be_startable, was_told

    async with open_desk(journal="none") as desk:
        servers = _servers(desk)
        known = servers.get(name)
        config = must_be_startable(known)
        for line in present.start_lines(known):
            out.say(line)
        if not was_told(known) and not _agreed("Start it, to look at its tools?", yes, known, out):
            return _refused(out)
        seen = await look(servers, config, desk.services.environ)
        out.say(f"{present.about(seen.offer)}. What follows are its own words, not ours:")
        for line in present.change_lines(known, seen.offer):
            out.say(line)
        if not _agreed("Accept these tools?", yes, known, out):
            return _refused(out)
        await servers.accept(config, seen)
        desk.services.skills.reload()
        known = servers.get(name)
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "server": present.document(known)})
    else:
        out.say(f"{name} is accepted. Its tools are skills now:", "good")
        _tell_tools(known, out)
    return Exit.OK


async def _forget(name: str, as_json: bool, out: Output) -> int:
    from app.present.run import SCHEMA_VERSION
    from workflows.errors import UnderstudyError

    async with open_desk(journal="none") as desk:
        servers = _servers(desk)
        known = servers.get(name)
        if known.config is None:
            raise UnderstudyError(f"The entry of '{name}' cannot be read.", known.hint)
        there = servers.forget(known.config)
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "name": name, "forgotten": there})
    else:
        out.say(f"{name} is no longer accepted." if there else f"{name} was not accepted.")
    return 0


def _servers(desk: Desk) -> Servers:
    """The servers, their files read: that is done with the skills."""
    assert desk.services.skills is not None
    return desk.services.servers


def _agreed(question: str, yes: bool, known: Known, out: Output) -> bool:
    """Whether a person says yes. Ends the command where nobody is here to say it."""
    if yes:
        return True
    if not somebody_is_here():
        from app.failures import Exit

        out.say(f"Nobody is here to ask. Look at it, then: understudy mcp accept {known.name} --yes", "attention")
        raise SystemExit(Exit.NEEDS_PERSON)
    return click.confirm(question, default=False, err=True)


def _refused(out: Output) -> int:
    from app.failures import Exit

    out.say("Not accepted. Its tools are not used.")
    return Exit.CANCELLED
