"""The demo's words, and the labelled script that stands in for a person where there is no terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.cli.asker import Reply
from app.demo.sample import keep_as_start, make_sample
from app.paths import WORKSPACE, find_paths
from app.present.figures import plural
from app.present.inquiry import Card
from app.present.labels import DEMO
from app.tui.demo import Demo, Lesson
from workflows.runs.state import RunState

WORKFLOW = "tour"

SCRIPTED = "demo script, not a person"
"""Who the journal says has answered."""

SKIP = "--skip=old-menu.md"

PARAMETERS = {"python": sys.executable}


LESSON = Lesson("todo-style", "todo_list", 'Turn the "- " in STYLE into "[ ] ", then f5 saves it.')
"""What is changed on the screens, once the run is over."""


def prepare() -> Demo:
    """The demo in a new folder of its own, for whoever shows it. Raises UnderstudyError."""
    folder = make_sample(os.environ)
    paths = replace(find_paths(os.environ, folder), root=folder)
    return Demo(paths, WORKFLOW, DEMO, PARAMETERS, hint, LESSON, used, partial(keep_as_start, folder))


def stand_in(card: Card) -> Reply | None:
    """The demo script's answer: approve the report; leave the old menu out where the link check fails."""
    if card.reason == "approval":
        return Reply("approve")
    if card.reason == "intervention" and card.step == "links":
        changed = json.loads(json.dumps(card.input))
        changed["parameters"]["argv"].append(SKIP)
        return Reply("edit", changed)
    return None


def tutor(card: Card) -> str:
    """What the demo suggests under a card."""
    if card.reason == "approval":
        return "this is the whole change; nothing is written before you approve it"
    if card.step == "links":
        return f"leave the old menu out: choose 2, then type  parameters.argv.3={SKIP}"
    return ""


def hint(card: Card) -> str:
    """The same for the screens, where a key does it."""
    if card.reason == "approval":
        return "nothing is written before you say so: a yes · d no · e edit"
    if card.step == "links":
        return f'e, make "docs" into "docs", "{SKIP}", then f5'
    return ""


def used(states: Sequence[RunState]) -> str:
    """What these runs used, counted. A step that a later run took over is counted where it was done."""
    uses = {use for state in states for step in state.steps.values() for use in step.planned.uses}
    skills = {use.name for use in uses if use.what == "skill"}
    asked = [inquiry.asked.reason for state in states for inquiry in state.inquiries.values()]
    told = [
        plural(len(skills - {LESSON.skill}), "built-in skill"),
        f"{len(skills & {LESSON.skill})} of the project's own",
        f"{plural(len({model for use in uses for model in use.models}), 'scripted model')} (no AI)",
        plural(asked.count("approval"), "approval"),
        plural(asked.count("intervention"), "intervention"),
    ]
    return f"You used {', '.join(told[:-1])} and {told[-1]}."


def opening(folder: Path) -> tuple[str, ...]:
    """What is said before the run."""
    return (
        f"{DEMO}: the two reviewers' words were written beforehand. All else is real: files, git, commands, failures,",
        "the diff to approve, and the history. No key, no network, no cost.",
        f"The sample project is in {folder}",
    )


def closing(folder: Path, state: RunState) -> tuple[str, ...]:
    """What is said after a run that succeeded."""
    return (used([state]), *leaving(folder, state.run_id))


def leaving(folder: Path, run: str = "last") -> tuple[str, ...]:
    """Where things are, and where to go from here."""
    return (
        f"  what happened:       understudy show {run}",
        f"  the sample project:  {folder}",
        f"  the workflow:        {folder / WORKSPACE / 'workflows' / 'tour.yaml'}",
        "  with a real model:   understudy doctor",
        "  with your own git:   understudy run release-notes",
    )
