"""Whether anything is told to a collector, and by what. It is off unless an address is set."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from workflows.bus import Notice

_log = logging.getLogger(__name__)

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Teller(Protocol):
    """Whoever tells a collector."""

    @property
    def notice(self) -> Callable[[Notice], None]: ...

    def close(self) -> None: ...


def teller(environ: Mapping[str, str]) -> Teller | None:
    """Who tells the collector that the environment names; None where there is none, or it cannot be told.

    A run goes on without it, and the log says why.
    """
    endpoint = environ.get(ENDPOINT, "").strip()
    if not endpoint or environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    if (protocol := environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")) != "http/protobuf":
        _log.warning("nothing is told to %s: only http/protobuf is spoken here, not %s", endpoint, protocol)
        return None
    try:
        from importlib.metadata import version

        from app.telemetry.otel import Telemetry

        return Telemetry(endpoint, version("understudy"), environ)
    except ImportError as error:
        _log.warning("nothing is told to %s: install 'understudy[otel]' (%s)", endpoint, error)
    except Exception:  # whatever is wrong with it must not keep anything from running
        _log.exception("nothing is told to %s", endpoint)
    return None
