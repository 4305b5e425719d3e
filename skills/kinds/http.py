"""http: one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from workflows.definition.fields import Expression, Value
from workflows.effects import Effect
from workflows.steps.alone import Alone
from workflows.steps.kind import Catalogue, Description, Fields

Method = Literal["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH"]

EFFECTS: Mapping[str, Effect] = {"GET": "pure", "HEAD": "pure", "OPTIONS": "pure"}
"""Methods that change nothing (RFC 9110, 9.2.1); the others are unsafe unless the step says otherwise."""


class HttpFields(Fields):
    noun: ClassVar[str] = "http step"

    method: Method = Field("GET", description="The request's method.")
    url: Expression = Field(description="Where to.")
    headers: Mapping[str, Expression] = Field(default_factory=dict, description="Header fields.")
    body: Value = Field(None, description="A text, or data that is sent as JSON.")


class Http(Alone):
    """Parsed and checked only."""

    name: ClassVar[str] = "http"
    fields: ClassVar[type[Fields]] = HttpFields
    runnable: ClassVar[bool] = False

    def describe(self, fields: HttpFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description(f"{fields.method} {fields.url}", effect=EFFECTS.get(fields.method, "unsafe"))
