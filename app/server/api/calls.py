"""All calls that there are, in one list: routes, gate and document are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.routing import Route

from app.server import answering, webhooks
from app.server.api import (
    creating,
    events,
    health,
    inbox,
    metrics,
    runs,
    schedules,
    starts,
    steering,
    steps,
    triggers,
    versions,
    workflows,
)
from app.server.api.guard import Guard
from app.server.api.openapi import document
from app.server.api.operation import Operation
from app.server.backstage import Backstage

PARTS = (
    workflows,
    versions,
    creating,
    runs,
    steering,
    steps,
    events,
    inbox,
    starts,
    schedules,
    triggers,
    health,
    metrics,
)


def operations(stage: Backstage) -> Sequence[Operation]:
    """Every call that needs a token."""
    described: list[Any] = []
    found = [each for part in PARTS for each in part.operations(stage)]
    found.append(health.document_operation(described))
    described.append(document(found))
    return found


def others(stage: Backstage, guard: Guard) -> Sequence[Route]:
    """What is called by whoever shows in another way who they are."""
    return (webhooks.route(stage, guard), *answering.routes(stage, guard))


def printed_document() -> Any:
    """The document of all calls, without a server: it depends on nothing that one has."""
    from typing import cast

    described = [each for part in PARTS for each in part.operations(cast(Backstage, None))]
    return document([*described, health.document_operation([])])
