"""Deliveries of webhooks: whoever knows a trigger's secret starts its workflow, once for each message.

The bytes that came are checked before they are parsed. Whatever keeps them from being checked, nothing starts. What
they say is data from outside: it is the parameter `payload`, and nothing of it is evaluated.
"""

from __future__ import annotations

import json
import logging

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.server.api.guard import Guard, body_of, must_be_json
from app.server.api.operation import Model, answered
from app.server.api.problems import HEADERS, Problem
from app.server.backstage import Backstage
from app.server.signatures import Unsigned, verify
from workflows.errors import UnderstudyError
from workflows.unattended.values import Start, Trigger, start_for
from workflows.values import Json

PATH = "/hooks/{trigger}"
PAYLOAD = "payload"
"""The parameter that gets what was delivered, where the trigger's `give` names no other and the workflow has it."""

LARGEST = 1 << 20
_log = logging.getLogger(__name__)


class Delivered(Model):
    """The delivery is kept. `new` is false where it came before."""

    run: str
    new: bool


def secrets_of(trigger: Trigger) -> tuple[str, ...]:
    """The names of the secrets that count: `secret`, and while it is changed for another also `secret_before`."""
    return tuple(str(trigger.config[key]) for key in ("secret", "secret_before") if trigger.config.get(key))


def route(stage: Backstage, guard: Guard) -> Route:
    """The one way in that needs no token: the signature takes its place."""

    async def call(request: Request) -> Response:
        return await answered(request, lambda: _delivered(request, stage, guard))

    return Route(PATH, call, methods=["POST"])


async def _delivered(request: Request, stage: Backstage, guard: Guard) -> Response:
    guard.stranger(request)
    must_be_json(request)
    body = await body_of(request, LARGEST)
    known_as = [each for each in await stage.standing.triggers() if each.id == request.path_params["trigger"]]
    trigger = known_as[0] if known_as and known_as[0].kind == "webhook" else None
    secrets = stage.desk.services.secrets
    known = [found.reveal() for name in secrets_of(trigger) if (found := secrets.get(name))] if trigger else []
    given = [request.headers.getlist(f"webhook-{name}") for name in ("id", "timestamp", "signature")]
    delivery, timestamp, signatures = (values[0] if len(values) == 1 else "" for values in given)
    try:
        message = verify(known, delivery, timestamp, signatures, body, stage.clock.now())
    except Unsigned as why:
        _log.warning("a delivery to %r was refused: %s", request.path_params["trigger"][:60], why)
        raise Problem(401, "unsigned", "This delivery is not signed as it must be.") from None
    assert trigger is not None  # without one no secret is known
    if trigger.paused:
        raise Problem(409, "paused", f"The trigger {trigger.id} is paused.", "Deliver it again when it is not.")
    payload = _payload(body)
    stage.desk.must_hold_no_secret(payload)
    start, new = await _ask(stage, trigger, message, payload)
    if new:
        stage.queue.poke()
    answer = Delivered(run=start.run_id, new=new)
    return Response(answer.model_dump_json(), 202, HEADERS, "application/json")


async def _ask(stage: Backstage, trigger: Trigger, message: str, payload: Json) -> tuple[Start, bool]:
    parameters: dict[str, Json] = dict(trigger.parameters)
    try:
        version = await stage.versions.of(trigger.workflow, trigger.version)
        workflow = stage.versions.workflow_of(version)
        given = str(trigger.config.get("give") or PAYLOAD)
        if workflow is not None and any(each.name == given for each in workflow.parameters):
            parameters[given] = payload
    except UnderstudyError:
        pass  # the start is kept all the same, and it will say why it was refused
    start = start_for(trigger, f"webhook:{trigger.id}", message, stage.clock.now(), parameters=parameters)
    return await stage.standing.ask(start)


def _payload(body: bytes) -> Json:
    try:
        found: Json = json.loads(body)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise Problem(400, "malformed", "The body is not JSON.", "Send one JSON document.") from None
    return found
