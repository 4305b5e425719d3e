"""The OpenAPI 3.1 document of the server, made of the very operations and models that check calls and answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.server.api.operation import FOR_CHANGES, JSON, Model, Nothing, Operation
from app.server.api.problems import MEDIA

REF = "#/components/schemas/{model}"
EVERYWHERE = (400, 401, 403, 405, 422, 429, 503)
"""Problems that any call may meet; those that change something also 408, 413 and 415."""

MEANINGS = {
    200: "As asked",
    201: "Made",
    202: "Accepted: it is kept, and will be done",
    400: "The Host, or the body, is not what it should be",
    401: "No token, or one that is not known",
    403: "The role, or the Origin, does not allow it",
    404: "There is no such thing, or it is not yours to see",
    405: "Not a method for this",
    408: "The body did not come in time",
    409: "It is not so any more, or was asked for otherwise",
    413: "Too large",
    415: "Not sent as JSON",
    422: "What was sent does not fit; `errors` says where",
    429: "Too many calls",
    503: "Not now; come back",
}


class WrongPart(Model):
    """One mistake in what was sent."""

    where: str
    what: str


class ProblemAnswer(Model):
    """What was wrong, where, and what to do next (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    where: str
    next: str
    errors: list[WrongPart]


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The document, as plain JSON values."""
    wanted: dict[tuple[type[BaseModel], Any], None] = {(ProblemAnswer, "serialization"): None}
    for each in operations:
        if each.body is not None:
            wanted[each.body, "validation"] = None
        for answer in each.answers.values():
            if answer is not None:
                wanted[answer, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Understudy",
            "version": version("understudy"),
            "description": "Workflows that run unattended. Times are ISO 8601 in UTC, durations seconds.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(each: Operation, references: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.summary,
        "tags": [each.tag],
        "description": f"Needs the role {each.role}.",
        "parameters": [*_in_path(each.path), *_in_query(each.query), *_in_header(each)],
        "responses": {},
    }
    for status, answer in each.answers.items():
        content = (
            {JSON: {"schema": references[answer, "serialization"]}}
            if answer
            else {each.media: {"schema": {"type": "string"}}}
        )
        made["responses"][str(status)] = {"description": MEANINGS[status], "content": content}
    more = (408, 413, 415) if each.method in FOR_CHANGES else ()
    problem = {MEDIA: {"schema": references[ProblemAnswer, "serialization"]}}
    for status in sorted({*EVERYWHERE, *more, *each.refuses} - set(each.answers)):
        made["responses"][str(status)] = {"description": MEANINGS[status], "content": problem}
    if each.method in FOR_CHANGES:
        schema = references[each.body, "validation"] if each.body else {"type": "object", "additionalProperties": False}
        made["requestBody"] = {"required": each.body is not None, "content": {JSON: {"schema": schema}}}
    return made


def _in_path(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)", path)
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]


def _in_query(model: type[BaseModel]) -> list[dict[str, Any]]:
    if model is Nothing:
        return []
    schema = model.model_json_schema(ref_template=REF)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": about.get("description", ""),
            "schema": {key: value for key, value in about.items() if key not in ("title", "description")},
        }
        for name, about in schema.get("properties", {}).items()
    ]


def _in_header(each: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": False, "description": about, "schema": {"type": "string"}}
        for name, about in each.takes.items()
    ]
