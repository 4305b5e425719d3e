"""understudy skills list: what there is, where it comes from, and what is wrong with its files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, wait_for

if TYPE_CHECKING:
    from skills.manifest import Skill
    from skills.registry import Snapshot

MOST_NOTES = 5
"""Warnings that are shown one by one: folders of other programs can have many."""

SCOPES = ("built-in", "user", "workspace")


@click.command("list")
@click.option("--from", "scope", type=click.Choice(SCOPES), help="Only those from there.")
@json_option
@plain_option
def command(scope: str | None, as_json: bool, plain: bool) -> int:
    """List the skills: functions, declared commands, skill folders, and the tools of servers."""
    return wait_for(_list(scope, as_json, Output(plain=plain)))


async def _list(scope: str | None, as_json: bool, out: Output) -> int:
    from app.present.figures import plural
    from app.present.run import SCHEMA_VERSION
    from app.present.skills import document
    from workflows.diagnostics import render, to_json

    async with open_desk(journal="none") as desk:
        snapshot, paths = desk.services.skills.snapshot, desk.services.paths
    found = sorted(snapshot.skills.values(), key=lambda skill: skill.name)
    skills = [skill for skill in found if scope in (None, skill.scope)]
    said = (*snapshot.problems, *snapshot.notes)
    if as_json:
        out.document(
            {
                "schema_version": SCHEMA_VERSION,
                "skills": [document(skill) for skill in skills],
                "problems": [to_json(diagnostic) for diagnostic in said],
                "shadowed": [{"name": entry.hidden.name, "scope": entry.hidden.scope} for entry in snapshot.shadowed],
            }
        )
        return 0
    if skills:
        _table(skills, snapshot, out)
    for entry in snapshot.shadowed:
        if scope in (None, entry.hidden.scope, entry.by.scope):
            out.say(f"{entry.hidden.name} ({entry.hidden.scope}) is hidden by the one from {_place(entry.by)}")
    few = len(snapshot.notes) <= MOST_NOTES
    for diagnostic in said if few else snapshot.problems:
        out.say(render(diagnostic), "bad" if diagnostic.is_error else "warning")
    if not few:
        files = {note.file for note in snapshot.notes}
        warnings = f"{plural(len(snapshot.notes), 'warning')} in {plural(len(files), 'file')}"
        names = [skill.name for skill in found if str(skill.path) in files] or sorted(filter(None, files))
        out.say(
            f"{warnings}, all of them used; to see them: understudy skills check {' '.join(names[:MOST_NOTES])}",
            "warning",
        )
    if not any(skill.scope != "built-in" for skill in skills) and scope != "built-in":
        own = [str(paths.config / "skills"), str(paths.workspace / "skills")]
        where = own[0] if scope == "user" else own[1] if scope == "workspace" else f"{own[1]} or {own[0]}"
        out.say(f"None of your own yet. They go to {where}")
        out.say("  next: understudy skills new NAME")
    return 0


def _table(skills: Sequence[Skill], snapshot: Snapshot, out: Output) -> None:
    from app.present.skills import KINDS, state_words
    from workflows.text import one_line

    left_out = out.table(
        ("SKILL", "IS A", "FROM", "STATE", "EFFECT", "TOUCHES", "WHAT IT DOES"),
        [
            (
                skill.name,
                KINDS[skill.kind],
                skill.scope,
                state_words(skill, snapshot),
                "–" if skill.unusable else skill.effect,
                "–" if skill.unusable else ",".join(sorted(skill.touches)) or "–",
                one_line(skill.description, 90),
            )
            for skill in skills
        ],
        spare=("IS A", "TOUCHES", "FROM"),
        brief=True,
    )
    if left_out:
        out.say(f"More in a wider terminal ({', '.join(left_out)}), and with `understudy skills show NAME`.", "quiet")


def _place(skill: Skill) -> str:
    return str(skill.path.parent) if skill.path else skill.scope
