"""`tls.certificate`: how long a host's certificate is good for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from skills import Context, SkillError, skill
from skills.network.addresses import refusal
from skills.network.port import look_up
from workflows.values import Json

_SECONDS = 15.0


class CertificateExpires(SkillError):
    """A certificate that is good for less time than was asked for."""


@skill(name="tls.certificate", effect="pure", touches=["network"])
async def certificate(context: Context, host: str, days: int = 14) -> dict[str, Json]:
    """Look at the certificate of a public host: who it is for, who gave it, and how many days it is good for.

    One that is not trusted, is for another name, or is good for less than `days` is a failure.

    Args:
        host: The host, with or without `https://`, a path, or a port (443 if there is none).
        days: How many days it has to be good for at least.

    Returns: {host, port, subject, issuer, until, days_left}.
    """
    name, port = _host(host)
    try:
        addresses = await look_up(name, port)
    except OSError as error:
        raise SkillError(f"there is no host {name}: {error.strerror or error}", "", "transient") from None
    address = next((each for each in addresses if not refusal(each)), None)
    if address is None:
        raise SkillError(f"{name} is {refusal(addresses[0])}", "only hosts of the public internet are asked", "denied")
    return await look_at(name, port, address, ssl.create_default_context(), days)


async def look_at(name: str, port: int, address: str, trusted: ssl.SSLContext, days: int) -> dict[str, Json]:
    """The same, of an address. Raises SkillError."""
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(address, port, ssl=trusted, server_hostname=name)
    except ssl.SSLCertVerificationError as error:
        raise CertificateExpires(f"the certificate of {name} is not good: {error.verify_message}", "") from None
    except (OSError, TimeoutError) as error:
        reason = str(error) or f"no answer within {_SECONDS:g} s"
        raise SkillError(f"no connection to {name}:{port}: {reason}", "", "transient") from None
    found: Mapping[str, Any] = writer.get_extra_info("peercert") or {}
    writer.transport.abort()
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC)
    left = (until - datetime.now(UTC)).days
    result: dict[str, Json] = {
        "host": name,
        "port": port,
        "subject": _named(found.get("subject", ())),
        "issuer": _named(found.get("issuer", ())),
        "until": until.isoformat(),
        "days_left": left,
    }
    if left < days:
        message = f"the certificate of {name} is good for {left} more days, until {until:%Y-%m-%d}"
        raise CertificateExpires(message, f"wanted are at least {days}", "business", **result)
    return result


def _host(text: str) -> tuple[str, int]:
    rest = text.strip().partition("://")[2] or text.strip()
    name, _, port = rest.partition("/")[0].partition(":")
    if not name or (port and not (port.isdigit() and int(port) < 65536)):
        raise SkillError(f"'{text[:80]}' is no host", "such as example.org or example.org:8443", "validation")
    return name.lower(), int(port or 443)


def _named(parts: Any) -> str:
    said = {key: value for part in parts for key, value in part}
    return str(said.get("commonName") or said.get("organizationName") or "")
