"""Traces and metrics to an OpenTelemetry collector, over HTTP. The only file that imports opentelemetry.

It runs in a thread of its own, behind a queue that drops what it has no room for: a collector that is slow, wrong or
gone costs a run nothing.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping
from queue import Full, Queue

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanKind, Status, StatusCode

from app.telemetry.spans import HISTOGRAMS, RUN, Closed, Key, Measured, Opened, Told, Tracing
from workflows.bus import Committed, Notice

_log = logging.getLogger(__name__)

ROOM = 10_000
"""Commits that may wait to be told."""

PATIENCE = 3.0
"""Seconds that the end of a process waits for the collector."""


class _Ids(RandomIdGenerator):
    """The trace of a run has the same id in whichever process its spans are made."""

    trace = 0

    def generate_trace_id(self) -> int:
        return self.trace or super().generate_trace_id()


class Telemetry:
    """Subscribes to a bus. `endpoint` is the collector's address; headers and the rest are read from `OTEL_*`."""

    def __init__(self, endpoint: str, version: str, environ: Mapping[str, str]) -> None:
        base = endpoint.rstrip("/")
        given = {"service.version": version}
        if not environ.get("OTEL_SERVICE_NAME"):
            given["service.name"] = "understudy"
        resource = Resource.create(given)
        self._ids = _Ids()
        self._spans = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{base}/v1/traces")))
        self._tracer = self._spans.get_tracer("understudy", version)
        reader = PeriodicExportingMetricReader(
            OTLPMetricExporter(
                endpoint=f"{base}/v1/metrics", preferred_temporality={Histogram: AggregationTemporality.CUMULATIVE}
            )
        )
        self._metrics = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        meter = self._metrics.get_meter("understudy", version)
        self._histograms = {name: meter.create_histogram(name, *about) for name, about in HISTOGRAMS.items()}
        self._runs: dict[str, tuple[Tracing, dict[Key, Span]]] = {}
        self._queue: Queue[Committed | None] = Queue(ROOM)
        self._dropped = 0
        self._thread = threading.Thread(target=self._work, name="telemetry", daemon=True)
        self._thread.start()

    def notice(self, notice: Notice) -> None:
        """What the bus told. Never waits."""
        if isinstance(notice, Committed):
            try:
                self._queue.put_nowait(notice)
            except Full:
                self._dropped += 1

    def close(self) -> None:
        """Send what there is, as far as the collector takes it in a moment; what it does not is dropped."""
        end = threading.Thread(target=self._finish, name="telemetry end", daemon=True)
        end.start()
        end.join(PATIENCE)
        if self._dropped:
            _log.warning("%d commits were not told to the collector: it was too slow", self._dropped)

    def _finish(self) -> None:
        self._queue.put(None)
        self._thread.join()
        milliseconds = int(PATIENCE * 1000)
        self._spans.force_flush(milliseconds)
        self._metrics.force_flush(milliseconds)
        self._spans.shutdown()
        self._metrics.shutdown(milliseconds)

    def _work(self) -> None:
        while (notice := self._queue.get()) is not None:
            try:
                self._tell(notice)
            except Exception:  # telling of a run must not end with one event that it cannot tell
                _log.exception("an event could not be told to the collector")
        for run_id, (tracing, spans) in self._runs.items():
            for told in tracing.leave():
                self._put(run_id, told, spans)

    def _tell(self, notice: Committed) -> None:
        tracing, spans = self._runs.setdefault(notice.run_id, (Tracing(notice.run_id), {}))
        for recorded in notice.events:
            for told in tracing.tell(recorded, notice.state):
                self._put(notice.run_id, told, spans)
        if RUN not in spans:  # it is over, or this process has it no more
            del self._runs[notice.run_id]

    def _put(self, run_id: str, told: Told, spans: dict[Key, Span]) -> None:
        match told:
            case Opened():
                self._ids.trace = _number(run_id, 16)
                parent = spans.get(told.parent) if told.parent else None
                span = self._tracer.start_span(
                    told.name,
                    trace.set_span_in_context(parent) if parent else trace.set_span_in_context(trace.INVALID_SPAN),
                    SpanKind.CLIENT if told.client else SpanKind.INTERNAL,
                    dict(told.attributes),
                    start_time=_nanoseconds(told.at),
                )
                assert isinstance(span, Span)  # the SDK makes no other
                spans[told.key] = span
            case Closed():
                span = spans.pop(told.key)
                if told.name:
                    span.update_name(told.name)
                span.set_attributes(dict(told.attributes))
                if told.error:
                    span.set_attribute("error.type", told.error)
                    span.set_status(Status(StatusCode.ERROR))
                span.end(_nanoseconds(told.at))
            case Measured():
                self._histograms[told.name].record(told.value, dict(told.attributes))


def _number(text: str, size: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:size], "big")


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
