"""A call that the server knows, as a value: its route, its gate, its checks and its place in the document."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.server.api.guard import Caller, Guard, Role, body_of, must_be, must_be_json
from app.server.api.problems import HEADERS, Problem, Wrong, problem_of
from workflows.errors import UnderstudyError
from workflows.records import dataclass

M = TypeVar("M", bound=BaseModel)
_log = logging.getLogger(__name__)

JSON = "application/json"
FOR_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Model(BaseModel):
    """What is sent, or answered. Unknown keys are errors; nothing of it changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


class Nothing(Model):
    """An empty object, or no query."""


@dataclass(frozen=True)
class Asked:
    """One call that was let in: who calls, and what was sent, checked."""

    caller: Caller
    path: Mapping[str, str]
    query: Any
    body: Any
    headers: Mapping[str, str]
    request: Request

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclass(frozen=True)
class Answered:
    """An answer with another status than usual, or with headers."""

    model: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Does: TypeAlias = Callable[[Asked], Awaitable[BaseModel | Answered | Response]]


@dataclass(frozen=True)
class Operation:
    """One method on one path. `answers` has the model of each status that is no problem; None is not JSON.

    `refuses` are the statuses of problems of its own, beside those that every call has.
    """

    name: str
    method: str
    path: str
    role: Role
    summary: str
    does: Does
    answers: Mapping[int, type[BaseModel] | None]
    tag: str = ""
    query: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    refuses: tuple[int, ...] = ()
    takes: Mapping[str, str] = field(default_factory=dict)
    """Headers of its own, and what each is for."""
    media: str = JSON


def application(operations: Sequence[Operation], guard: Guard, others: Sequence[Route] = ()) -> Starlette:
    """What answers calls. A path or a method that no operation has is refused behind the same gate."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routes = [Route(path, _Resource(methods, guard)) for path, methods in by_path.items()]

    async def nowhere(request: Request, error: Exception) -> Response:
        return await answered(request, lambda: _nowhere(request, guard))

    app = Starlette(routes=[*others, *routes], exception_handlers={404: nowhere})
    app.router.redirect_slashes = False
    return app


async def _nowhere(request: Request, guard: Guard) -> Response:
    await guard.admit(request)
    raise Problem(404, "not-found", "There is nothing here.", "GET /api/v1/openapi.json lists what there is.")


class _Resource:
    """All methods of one path."""

    def __init__(self, methods: Mapping[str, Operation], guard: Guard) -> None:
        self._methods = methods
        self._guard = guard

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        response = await answered(request, lambda: self._answer(request))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        caller = await self._guard.admit(request)
        operation = self._methods.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            allowed = ", ".join(sorted(self._methods))
            raise Problem(
                405, "wrong-method", f"{request.method} is not for this.", f"Use {allowed}.", headers={"Allow": allowed}
            )
        must_be(caller, operation.role)
        query = _checked(operation.query, _listed(request, operation.query), "query")
        body = None
        if operation.method in FOR_CHANGES:
            must_be_json(request)
            body = _read(operation.body or Nothing, await body_of(request))
        done = await operation.does(Asked(caller, request.path_params, query, body, request.headers, request))
        if isinstance(done, Response):
            done.headers.update(HEADERS)
            return done
        made = done if isinstance(done, Answered) else Answered(done, next(iter(operation.answers)))
        return Response(made.model.model_dump_json(), made.status, {**HEADERS, **made.headers}, JSON)


async def answered(request: Request, answer: Callable[[], Awaitable[Response]]) -> Response:
    """The answer, or what was wrong as a problem. Nobody is told what a fault of ours looks like."""
    try:
        return await answer()
    except Problem as problem:
        return problem.response()
    except UnderstudyError as error:
        return problem_of(error).response()
    except ClientDisconnect:
        return Response(status_code=400)  # nobody hears it
    except Exception:  # whatever it was, the server goes on, and tells its log alone
        _log.exception("a call failed: %s %s", request.method, request.scope.get("path", ""))
        return Problem(500, "fault", "Understudy has a fault; its log has the details.").response()


def _read(model: type[M], body: bytes) -> M:
    try:
        document = json.loads(body or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Problem(400, "malformed", "The body is not JSON.", "Send one JSON object.", where=where) from None
    if "\\u0000" in ascii(document) or _lone(document):
        raise Problem(422, "invalid", "The body holds a character that is no text.", "Leave out U+0000 and surrogates.")
    return _checked(model, document, "body")


def _lone(document: object) -> bool:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except (UnicodeEncodeError, ValueError, RecursionError):
        return True
    return False


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _listed(request: Request, model: type[BaseModel]) -> dict[str, Any]:
    """The query as values: a list where the model has one; of another that stands twice, none is the right one."""
    found: dict[str, Any] = {}
    for name in request.query_params:
        values = request.query_params.getlist(name)
        field_ = model.model_fields.get(name)
        listed = field_ is not None and "tuple" in str(field_.annotation)
        if len(values) > 1 and not listed:
            raise Problem(422, "invalid", f"{name} stands there more than once.", where=f"query.{name}")
        found[name] = values if listed else values[0]
    return found


def _checked(model: type[M], document: object, part: str) -> M:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        wrong = [
            Wrong(".".join(map(str, (part, *each["loc"]))), str(each["msg"]))
            for each in error.errors(include_url=False, include_context=False, include_input=False)[:20]
        ]
        raise Problem(
            *(422, "invalid", f"{wrong[0].where}: {wrong[0].what}", "Mend what `errors` lists."),
            where=wrong[0].where,
            wrong=wrong,
        ) from None
