"""Brings alerts to channels, and says in words what they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from app.monitoring.alerting import run_of
from workflows.errors import UnderstudyError
from workflows.unattended.values import Alert
from workflows.values import Json

_log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds that a channel may take for a message."""


class Messenger(Protocol):
    """Whoever can bring a text to a channel, as `skills.channels` does."""

    async def deliver(self, name: str, text: str, key: str, cwd: Path) -> dict[str, Json]: ...


def message_of(alert: Alert) -> str:
    """What people are told."""
    run = run_of(alert)
    where = f"`understudy show {run}` tells what happened. " if run else ""
    return f"Alert ({alert.rule}): {alert.text}. {where}`understudy alerts` has all of them."


async def tell(alert: Alert, channels: Sequence[str], messenger: Messenger, folder: Path) -> None:
    """Bring the alert to these channels side by side. What a channel did not take is in the log, never raised."""

    async def one(channel: str) -> None:
        # The same telling has the same key, so that the other side can see a message that came twice.
        key = f"alert-{alert.id}-{alert.told or 0:.0f}"
        try:
            async with asyncio.timeout(PATIENCE):
                await messenger.deliver(channel, message_of(alert), key, folder)
        except (UnderstudyError, TimeoutError, OSError) as error:
            _log.warning("the alert %s did not get to the channel %s: %s", alert.id, channel, error)

    await asyncio.gather(*map(one, channels))
