"""Backups of an environment: made, verified, restored."""

import sys
from pathlib import Path

from skills import Context, SkillError, skill

# The project's own code, as the server and the build are: a skill file by itself imports installed packages only.
sys.path.append(str(Path(__file__).parents[2] / "ops"))
import backups  # found by the line above
from environments import Environment


class BackupError(SkillError):
    """A backup could not be made, or is damaged."""


class RestoreError(SkillError):
    """An environment could not be put back."""


@skill(effect="idempotent", touches=["reads", "writes"])
def backup_maker(context: Context, environment: str) -> dict:
    """Back up an environment while it is being used: its database, its release, and what it says of itself.

    Args:
        environment: `staging` or `production`.

    Returns: {backup_id, archive, digest, release, endpoint, files}: what is served, and where; null where nothing is.
    """
    backup_id = f"{environment}-{context.idempotency_key[:12]}"  # the same for each try
    try:
        made = backups.make(Environment(context.root, environment), backup_id, context.run_id)
    except (OSError, ValueError, backups.BadBackup) as error:
        raise BackupError(f"{environment} is not backed up: {error}") from error
    return _told(made)


@skill(effect="pure", touches=["reads"])
def backup_verifier(context: Context, backup_id: str) -> dict:
    """Read a backup whole: every digest, and the integrity of its database.

    Args:
        backup_id: Which one.
    """
    try:
        return _told(backups.verify(context.root, backup_id))
    except backups.BadBackup as error:
        raise BackupError(str(error)) from error


@skill(effect="idempotent", touches=["reads", "writes", "shell"])
def backup_restorer(context: Context, backup_id: str) -> dict:
    """Put an environment back to what it was when it was backed up, serve it, and check that it is the same.

    Args:
        backup_id: Which one.
    """

    def start(place: Environment, argv: list[str], log: Path) -> None:
        context.start_service(f"the server of {place.name}", argv, output=log)

    try:
        restored = backups.restore(context.root, backup_id, start)
    except (OSError, backups.BadBackup) as error:
        raise RestoreError(f"{backup_id} is not restored: {error}") from error
    serves = restored["release"] or "nothing"
    context.log(f"{restored['environment']} serves {serves} again, with its data of {restored['made']}")
    return _told(restored)


@skill(effect="idempotent", touches=["reads", "writes", "shell"])
def restore_backup(context: Context) -> dict:
    """Put back what this run has backed up last."""
    try:
        backup_id = backups.newest(context.root, context.run_id)
    except backups.BadBackup as error:
        raise RestoreError(str(error)) from error
    return backup_restorer(context, backup_id)


def _told(manifest: dict) -> dict:
    named = ("backup_id", "archive", "digest", "environment", "release", "endpoint", "made")
    return {**{name: manifest[name] for name in named}, "files": len(manifest["files"])}
