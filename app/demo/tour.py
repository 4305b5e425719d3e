"""The demo's words, and the labelled script that stands in for a person where there is no terminal."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from app.cli.asker import Reply
from app.demo.sample import make_sample
from app.paths import WORKSPACE, find_paths
from app.present.inquiry import Card
from app.present.labels import DEMO
from app.tui.demo import Demo

WORKFLOW = "tour"

SCRIPTED = "demo script, not a person"
"""Who the journal says has answered."""

SKIP = "--skip=old-menu.md"

PARAMETERS = {"python": sys.executable}


def prepare() -> Demo:
    """The demo in a new folder of its own, for whoever shows it. Raises UnderstudyError."""
    folder = make_sample(os.environ)
    return Demo(replace(find_paths(os.environ, folder), root=folder), WORKFLOW, DEMO, PARAMETERS)


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


def opening(folder: Path) -> tuple[str, ...]:
    """What is said before the run."""
    return (
        f"{DEMO}: the two reviewers' words were written beforehand. All else is real: files, git, commands, failures,",
        "the diff to approve, and the history. No key, no network, no cost.",
        f"The sample project is in {folder}",
    )


def closing(folder: Path, run: str) -> tuple[str, ...]:
    """What is said after a run that succeeded."""
    return (
        "You used 5 built-in skills, 1 scripted model (no AI), 1 approval and 1 intervention.",
        *leaving(folder, run),
    )


def leaving(folder: Path, run: str = "last") -> tuple[str, ...]:
    """Where things are, and where to go from here."""
    return (
        f"  what happened:       understudy show {run}",
        f"  the sample project:  {folder}",
        f"  the workflow:        {folder / WORKSPACE / 'workflows' / 'tour.yaml'}",
        "  with a real model:   understudy doctor",
        "  with your own git:   understudy run release-notes",
    )
