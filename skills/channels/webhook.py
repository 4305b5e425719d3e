"""Messages to a webhook. Its URL is a secret as a rule, so no message and no record holds it."""

from __future__ import annotations

from html import escape

from skills.channels.model import Webhook
from skills.network.client import Client
from skills.network.headers import headers_of, with_key
from skills.network.port import Request
from skills.network.reading import body_of, failure_of
from skills.network.target import Target, target_of
from workflows.errors import CallFailed


def host_of(webhook: Webhook) -> str:
    return target_of(webhook.url).authority


async def post(client: Client, webhook: Webhook, text: str, key: str, now: float, *, literal: bool = False) -> None:
    """Raises CallFailed and OutcomeUnknown as `Client.send` does, and CallFailed for a status of 400 and more.

    Of a `literal` text Slack and its kin take nothing for a mention or a link with another name: `&`, `<` and `>` are
    written as its documentation says (Formatting text for app surfaces: Escaping text).
    """
    if literal and webhook.format == "slack":
        text = escape(text, quote=False)
    body, content_type = body_of({"text": text} if webhook.format == "slack" else text)
    headers = with_key(headers_of({}, content_type), key)
    target: Target = target_of(webhook.url)
    answer = await client.send(Request("POST", target, tuple(headers), body, secret=True))
    if failure := failure_of(answer, f"the webhook at {target.authority}", now):
        raise CallFailed(failure)
