"""http: one request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from skills.network.addresses import refusal
from skills.network.client import Client, arrived
from skills.network.headers import headers_of, problem_of, with_key
from skills.network.port import Request
from skills.network.reading import body_of, failure_of, output_of, said
from skills.network.target import Target, constant_host, target_of
from workflows.breaker import Breakers
from workflows.clock import Clock, SystemClock
from workflows.definition.fields import Expression, Value
from workflows.effects import Effect
from workflows.errors import CallFailed, OutcomeUnknown, fail
from workflows.parts import Field
from workflows.secrets import hide
from workflows.steps.alone import Alone
from workflows.steps.context import Context, Result
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown
from workflows.text import one_line, safe_text
from workflows.values import Json

Method = Literal["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH"]

EFFECTS: Mapping[str, Effect] = {"GET": "pure", "HEAD": "pure", "OPTIONS": "pure"}
"""Methods that change nothing (RFC 9110, 9.2.1); the others are unsafe unless the step says otherwise."""

SHOWN_BODY = 200_000
"""Characters of a body that an approval shows."""


class HttpFields(Fields):
    noun: ClassVar[str] = "http step"

    method: Method = Field(default="GET", description="The request's method.")
    url: Expression = Field(description="Where to.")
    headers: Mapping[str, Expression] = Field(default_factory=dict, description="Header fields.")
    body: Value = Field(default=None, description="A text, or data that is sent as JSON.")


class Http(Alone):
    """Sends one request; gives {status, headers, body, url}. A status of 400 and more is a failure."""

    name: ClassVar[str] = "http"
    fields: ClassVar[type[Fields]] = HttpFields

    def __init__(
        self, client: Client | None = None, breakers: Breakers | None = None, clock: Clock | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._client = client or Client()
        self._breakers = breakers or Breakers(self._clock)

    def check(self, fields: HttpFields, catalogue: Catalogue) -> Iterable[Finding]:
        for name, value in fields.headers.items():
            if problem := problem_of(name, "" if "${{" in value else value):
                yield Finding(("headers", name), "wrong-value", problem)
        if not fields.url or "${{" in fields.url:
            return
        try:
            target = target_of(fields.url)
        except ValueError as error:
            yield Finding(("url",), "wrong-value", f"the URL {error}")
            return
        if why := self._refusal(target):
            hint = f"if it is meant: `network: {{allow_hosts: ['{target.host}:{target.port}']}}` in the settings"
            message = f"nothing will be sent to {target.host}: it is {why}"
            yield Finding(("url",), "refused-host", message, hint, warning=True)

    def performers(self, fields: HttpFields, fallback: Sequence[str]) -> tuple[str, ...]:
        """The host: what is learned about waiting is learned of it."""
        return (constant_host(fields.url),)

    def describe(self, fields: HttpFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        host = constant_host(fields.url)
        effect = EFFECTS.get(fields.method, "unsafe")
        return Description(f"{fields.method} {fields.url}", effect=effect, hosts=(host,) if host else ())

    async def show(self, ctx: Context) -> Shown:
        """The request as it would be sent, its secrets only named."""
        given = hide(ctx.input)
        body, kind = body_of(given["body"])
        lines = [f"{name}: {value}" for name, value in headers_of(given["headers"], kind)]
        text = "" if body is None else given["body"] if isinstance(given["body"], str) else _pretty(given["body"])
        shown = safe_text("\n".join([*lines, "", text]).strip(), limit=SHOWN_BODY)
        host = constant_host(str(given["url"])) or "not known before it is sent"
        return Shown(f"{given['method']} {one_line(str(given['url']), 300)}", shown, {"host": host}, language="http")

    async def run(self, ctx: Context) -> Json:
        """Send the request, once. Secrets are put in at the last moment and stand in no record."""
        given = ctx.input
        spec = {name: given[name] for name in ("method", "url", "headers", "body")}

        async def act(key: str) -> Result:
            return Result(await self._send(ctx, spec, key))

        return await ctx.call("request", spec, EFFECTS.get(spec["method"], "unsafe"), act, whole=True)

    async def _send(self, ctx: Context, spec: dict[str, Any], key: str) -> Json:
        request = _request(spec, ctx.reveal(spec), key)
        asked = f"{request.method} {one_line(str(spec['url']), 120)}"
        with self._breakers.guard(f"host:{request.target.authority}"):
            answer = await self._client.send(request)
            failure = failure_of(answer, asked, self._clock.now())
            if failure and answer.acted:
                raise OutcomeUnknown(arrived(failure))
            if failure:
                raise CallFailed(failure)
        ctx.log(f"{said(answer.status)}, {answer.size} bytes")
        moved = answer.target != request.target
        return output_of(answer, answer.target.url if moved else str(spec["url"]))

    def _refusal(self, target: Target) -> str:
        """Why a constant host will be refused, as far as its name tells."""
        if self._client.allows(target):
            return ""
        if target.host == "localhost" or target.host.endswith(".localhost"):
            return "this machine itself"
        why = refusal(target.host)
        return "" if why == "no address" else why


def _request(spec: Mapping[str, Any], given: Mapping[str, Any], key: str) -> Request:
    """The request with its secrets in it. Raises CallFailed (validation); no message holds what was revealed."""
    try:
        target = target_of(str(given["url"]))
    except ValueError as error:
        words = str(error) if given["url"] == spec["url"] else "cannot be used once its secret is put in"
        raise fail("validation", f"the URL {words}", "Look at the step's `url`.") from None
    for name, value in given["headers"].items():
        if problem := problem_of(name, value):
            raise fail("validation", problem, "Look at the step's `headers`.")
    try:
        body, kind = body_of(given["body"])
    except ValueError:
        raise fail(
            "validation", "the body cannot be sent: it is no text and no JSON", "Look at the step's `body`."
        ) from None
    headers = headers_of(given["headers"], kind)
    if given["method"] not in EFFECTS:
        headers = with_key(headers, key)
    return Request(given["method"], target, tuple(headers), body, secret=given["body"] != spec["body"])


def _pretty(value: Json) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
