"""understudy permissions: which rules count for agents' tools, what was allowed in a run, and taking it back."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, open_desk_of, person, wait_for


class _Permissions(click.Group):
    """Lists where the first word is no command: it is a run then."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args[:1] != ["--help"] and args[:1] != ["-h"] and not (args and args[0] in self.commands):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("permissions", cls=_Permissions, subcommand_metavar="[RUN] | revoke RUN NUMBER")
def command() -> None:
    """List the rules for what agents may do with their tools here; with RUN, also what was allowed in that run.

    \b
      understudy permissions                   the rules, and where each stands
      understudy permissions last              and what was allowed in the newest run
      understudy permissions revoke last 1     take back what has the number 1
    """


@command.command("list")
@click.argument("run", required=False)
@json_option
@plain_option
def list_rules(run: str | None, as_json: bool, plain: bool) -> int:
    """List the rules that count in this workspace; with RUN, those of its workspace and what was allowed in it."""
    return wait_for(_list(run, as_json, Output(plain=plain)))


@command.command("revoke", short_help="Take back what was allowed in RUN as NUMBER.")
@click.argument("run")
@click.argument("number", type=click.IntRange(min=1))
@json_option
@plain_option
def revoke(run: str, number: int, as_json: bool, plain: bool) -> int:
    """Take back what was allowed in RUN as NUMBER: from now on it is asked for again. Twice is once.

    Whichever process has the run, it takes this. What was done meanwhile stays done.
    """
    return wait_for(_revoke(run, number, as_json, Output(plain=plain)))


async def _list(run: str | None, as_json: bool, out: Output) -> int:
    from agents.team import DELEGATE
    from app.present.permissions import aimless, permit_lines, permits_document, rule_lines, rules_document
    from app.present.run import SCHEMA_VERSION
    from skills.folders.tools import READ, RUN

    async with open_desk(journal="none") if run is None else open_desk_of(run) as desk:
        services = desk.services
        rules, sandbox = services.performers.rulebook.rules(services.paths.root), services.settings.sandbox
        state = None if run is None else await desk.state(run)
        lost = aimless(rules, (*services.skills.snapshot.skills, READ, RUN, DELEGATE))
    if as_json:
        told = {} if state is None else {"run": state.run_id, "allowed": permits_document(state)}
        out.document(
            {
                "schema_version": SCHEMA_VERSION,
                "rules": rules_document(rules),
                "sandbox": sandbox,
                **told,
                "for_no_tool_here": [str(rule) for rule, _ in lost],
            }
        )
        return 0
    for line, role in rule_lines(rules, sandbox):
        out.print(line, role)
    for rule, meant in lost:
        out.say(f"‖ {rule.word} {rule.text} is for no tool that is here" + (f": {meant}" if meant else ""), "attention")
    for line, role in permit_lines(state) if state is not None else ():
        out.print(line, role)
    return 0


async def _revoke(run: str, number: int, as_json: bool, out: Output) -> int:
    from app.present.permissions import permits_document, revoked_line
    from app.present.run import SCHEMA_VERSION
    from app.steering import Steering

    async with open_desk() as desk:
        steered = await Steering(desk, person()).revoke(run, number)
    if as_json:
        allowed = permits_document(steered.state)
        document = {"run": steered.run_id, "became": steered.became, "allowed": allowed}
        out.document({"schema_version": SCHEMA_VERSION, **document})
        return 0
    out.say(revoked_line(steered, number))
    return 0
