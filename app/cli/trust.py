"""understudy trust: let a workspace's own skills, agents and workflows act, after a look at what there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, somebody_is_here, wait_for
from workflows.text import safe_text

if TYPE_CHECKING:
    from app.desk import Desk


@click.command("trust")
@click.option("--revoke", is_flag=True, help="Trust it no longer.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@plain_option
def command(revoke: bool, yes: bool, as_json: bool, plain: bool) -> int:
    """Trust the workspace you are in: its skills may run, its agents may ask models. Before that they are only read."""
    return wait_for(_trust(revoke, yes, as_json, Output(plain=plain)))


def what_would_act(desk: Desk) -> Iterator[str]:
    """The files of a workspace that act once it is trusted."""
    from app.desk import FOR_AGENTS, OF_A_WORKSPACE

    root = desk.services.paths.root
    folders = [root / folder for folder in (*OF_A_WORKSPACE, FOR_AGENTS) if (root / folder).exists()]
    return _listed(root, folders)


def _listed(root: Path, folders: list[Path]) -> Iterator[str]:
    """Every file below the folders, cleaned. What a link stands for is named, since it is looked up at its end."""
    for folder in folders:
        for path in sorted((folder, *folder.rglob("*"))):
            if path.is_symlink():
                yield safe_text(f"{path.relative_to(root)} -> {path.resolve()} (a link: not followed out of here)")
            elif path.is_file():
                yield safe_text(str(path.relative_to(root)))


async def _trust(revoke: bool, yes: bool, as_json: bool, out: Output) -> int:
    from app.desk import OF_A_WORKSPACE
    from app.failures import Exit
    from app.present.run import SCHEMA_VERSION

    async with open_desk(journal="none") as desk:
        paths = desk.services.paths
        own = list(what_would_act(desk))
        if revoke:
            desk.services.trust.revoke(paths.root)
        elif not own:
            out.say(f"{paths.root} has neither {' nor '.join(OF_A_WORKSPACE)}: there is nothing to trust.")
        else:
            out.say(f"Trusting {paths.root} lets these files act as you, and what is changed in them later:")
            for line in own:
                out.say(f"  {line}")
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
