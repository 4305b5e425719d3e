"""Alerts as a person deals with them: which there are, and that somebody has seen to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.monitoring.alerting import acknowledge, acknowledged
from workflows.errors import UnderstudyError
from workflows.unattended.values import Alert

if TYPE_CHECKING:
    from app.container import Services

RECENT = 30 * 86_400.0
"""Seconds for which alerts that are over are listed."""


async def listed(services: Services, *, ended: bool = False) -> list[Alert]:
    """Those that last, or with `ended` those of the last 30 days too, newest first. Raises StoreError.

    Looked at just before, so that none lasts whose cause is gone; nobody is told of what is found now.
    """
    if services.watching is not None:
        await services.watching.look(tell=False)
    return await services.standing.alerts(services.clock.now() - RECENT if ended else 0.0, lasting=not ended)


async def see_to(services: Services, named: Sequence[str], by: str) -> list[Alert]:
    """Acknowledge the alerts whose ids begin so, or `all` that last. Returns those that were not before.

    Raises UnderstudyError for one that there is not, or that may be several; then nothing is done.
    """
    lasting = await services.standing.alerts(lasting=True)
    found: dict[str, Alert] = {}
    for text in named:
        matching = [each for each in lasting if text == "all" or each.id.startswith(text)]
        if text != "all" and len(matching) != 1:
            which = "several alerts begin" if matching else "no alert that lasts begins"
            raise UnderstudyError(f"The id: {which} with '{text}'.", "`understudy alerts` lists them.")
        found |= {each.id: each for each in matching if not acknowledged(each)}
    now = services.clock.now()
    for alert in found.values():
        await services.standing.put_alert(acknowledge(alert, by, now))
    return list(found.values())
