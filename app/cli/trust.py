"""understudy trust: let a workspace's own skills, agents and workflows act, after a look at what there is."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for


@click.command("trust")
@click.option("--revoke", is_flag=True, help="Trust it no longer.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@plain_option
def command(revoke: bool, yes: bool, as_json: bool, plain: bool) -> int:
    """Trust the workspace you are in: its skills may run, its agents may ask models. Before that they are only read."""
    return wait_for(_trust(revoke, yes, as_json, Output(plain=plain)))


async def _trust(revoke: bool, yes: bool, as_json: bool, out: Output) -> int:
    from app.failures import Exit
    from app.present.run import SCHEMA_VERSION

    async with open_desk() as desk:
        paths = desk.services.paths
        files = sorted(path for path in paths.workspace.rglob("*") if path.is_file()) if not revoke else []
        if revoke:
            desk.services.trust.revoke(paths.root)
        elif not paths.workspace.is_dir():
            out.say(f"{paths.root} has no .understudy folder: there is nothing to trust.")
        else:
            out.say(f"Trusting {paths.root} lets these files act as you:")
            for path in files:
                out.say(f"  {path.relative_to(paths.root)}")
            if not yes and not somebody_is_here():
                out.say("Nobody is here to ask. Look at them, then: understudy trust --yes", "attention")
                return Exit.NEEDS_PERSON
            if not yes and not click.confirm("Trust it?", default=False, err=True):
                out.say("Not trusted. Nothing of it acts.")
                return Exit.CANCELLED
            desk.trust()
        trusted = desk.trusted() and not revoke
    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "workspace": str(paths.root), "trusted": trusted})
    else:
        out.say(f"{paths.root} is {'trusted' if trusted else 'not trusted'}.")
    return Exit.OK
