"""What the commands about schedules and about triggers say alike: a run is asked for, something is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.output import Output

if TYPE_CHECKING:
    from app.desk import Desk
    from workflows.unattended.values import Start


def served(desk: Desk) -> bool:
    """Whether a living server follows schedules and triggers here."""
    from app.server.presence import is_served

    return is_served(desk.services.paths.data)


def say_asked(start: Start, is_served: bool, as_json: bool, out: Output) -> int:
    """Say that a run is asked for, and what begins it."""
    from app.present.run import SCHEMA_VERSION
    from app.present.schedules import ONLY_SERVED

    if as_json:
        document = {"served": is_served, "run": start.run_id, "status": start.status}
        out.document({"schema_version": SCHEMA_VERSION, **document})
        return 0
    out.say(f"Run {start.run_id} of {start.workflow} is asked for.")
    if is_served:
        out.say(f"  next: `understudy attach {start.run_id}`, once it has begun")
    else:
        out.say(ONLY_SERVED, "attention")
    return 0


def say_removed(name: str, told: str, as_json: bool, out: Output) -> int:
    """Say what removing something of this name means."""
    from app.present.run import SCHEMA_VERSION

    if as_json:
        out.document({"schema_version": SCHEMA_VERSION, "id": name, "removed": True})
    else:
        out.say(told)
    return 0
