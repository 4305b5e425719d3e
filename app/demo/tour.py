"""The demo's words, and the labelled script that stands in for a person where there is no terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.cli.asker import Reply
from app.present.inquiry import Card
from app.present.labels import DEMO

WORKFLOW = "tour"

SCRIPTED = "demo script, not a person"
"""Who the journal says has answered."""

PARAMETERS = {"python": sys.executable}


def stand_in(card: Card) -> Reply | None:
    """The demo script's answer: approve the report; leave the old menu out where the link check fails."""
    if card.reason == "approval":
        return Reply("approve", note=SCRIPTED)
    if card.reason == "intervention" and card.step == "links":
        changed = json.loads(json.dumps(card.input))
        changed["parameters"]["argv"] += ["--skip", "old-menu.md"]
        return Reply("edit", changed, SCRIPTED)
    return None


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
        "You used 4 built-in skills, 1 scripted model (no AI), 1 approval and 1 intervention.",
        f"  what happened:       understudy show {run}",
        f"  what it wrote:       {folder / 'report.md'}",
        f"  the workflow:        {folder / '.understudy' / 'workflows' / 'tour.yaml'}",
        "  with a real model:   understudy doctor",
        "  with your own git:   understudy run release-notes",
    )
