"""What was wrong with a call, as RFC 9457 has it: what, where, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.responses import Response

from workflows.errors import UnderstudyError
from workflows.journal.port import NotWaiting, RunUnknown, StorageFull, StoreError
from workflows.records import dataclass
from workflows.text import safe_text
from workflows.values import Json

MEDIA = "application/problem+json"

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""What every answer says: it is kept nowhere, is what it says it is, and is no page."""


@dataclass(frozen=True)
class Wrong:
    """One mistake in what was sent: `where`, such as `body.parameters.repo`, and `what`."""

    where: str
    what: str


class Problem(Exception):
    """A call that is refused. `code` is a stable word for programs."""

    def __init__(
        self,
        status: int,
        code: str,
        what: str,
        next_: str = "",
        *,
        where: str = "",
        wrong: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(what)
        self.status = status
        self.code = code
        self.what = what
        self.next = next_
        self.where = where
        self.wrong = tuple(wrong)
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer that says so."""
        document: dict[str, Json] = {
            "type": f"urn:understudy:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": safe_text(self.what),
            "where": safe_text(self.where),
            "next": safe_text(self.next),
            "errors": [{"where": safe_text(each.where), "what": safe_text(each.what)} for each in self.wrong],
        }
        body = json.dumps(document, ensure_ascii=True).encode()
        return Response(body, self.status, {**HEADERS, **self.headers}, MEDIA)


def problem_of(error: UnderstudyError) -> Problem:
    """A mistake that a person can act on, as the answer to a call."""
    said = error.message, error.hint
    if isinstance(error, RunUnknown):
        return Problem(404, "not-found", *said)
    if isinstance(error, NotWaiting):
        return Problem(409, "conflict", *said)
    if isinstance(error, StorageFull | StoreError):
        return Problem(503, "storage", *said, headers={"Retry-After": "5"})
    return Problem(422, "refused", *said)
