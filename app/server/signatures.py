"""Signatures of webhooks, by the Standard Webhooks specification: who knows the secret sent these very bytes, now."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
VERSION = "v1"
TOLERANCE = 300.0
"""Seconds that a delivery's time may be off ours, either way."""

SEVERAL = 16
"""Signatures that are looked at: a sender that changes its secret sends two."""

LONGEST = 256
"""Characters that a delivery's id may have."""


class Unsigned(Exception):
    """A delivery that is not to be believed. The text says why, for our log: the sender is told no details."""


def new_secret() -> str:
    """A secret for a trigger: 256 bits, as the specification writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, delivery: str, timestamp: int, body: bytes) -> str:
    """The signature of a delivery, as its header has it. Raises ValueError for what is no secret."""
    return f"{VERSION},{base64.b64encode(_digest(_key(secret), delivery, str(timestamp), body)).decode()}"


def verify(known: Iterable[str], delivery: str, timestamp: str, signatures: str, body: bytes, now: float) -> str:
    """The id of a delivery that was signed with one of these secrets. `body` is what came, byte for byte.

    `now` is seconds since the epoch. Raises Unsigned.
    """
    if not delivery or not timestamp or not signatures:
        raise Unsigned("a header of webhook-id, webhook-timestamp, webhook-signature is missing")
    if len(delivery) > LONGEST or not (delivery.isascii() and delivery.isprintable()) or "." in delivery:
        raise Unsigned("the id is no id")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Unsigned("the time is not a number of seconds")
    if abs(now - int(timestamp)) > TOLERANCE:
        raise Unsigned("the time is more than five minutes off")
    given = [_decoded(part) for part in signatures.split(" ")[:SEVERAL]]
    matches = False
    for secret in known:
        try:
            expected = _digest(_key(secret), delivery, timestamp, body)
        except ValueError:
            continue
        for one in given:
            # All are compared, whichever matches, so that the time tells nothing.
            matches |= hmac.compare_digest(expected, one)
    if not matches:
        raise Unsigned("no signature is right")
    return delivery


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not base64") from None
    if len(key) < 16:
        raise ValueError("it is too short to be a secret")
    return key


def _digest(key: bytes, delivery: str, timestamp: str, body: bytes) -> bytes:
    return hmac.digest(key, f"{delivery}.{timestamp}.".encode() + body, "sha256")


def _decoded(signature: str) -> bytes:
    """A signature's bytes; none for those of a version that we do not know."""
    version, _, text = signature.partition(",")
    if version != VERSION:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
