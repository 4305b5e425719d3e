"""A collector that takes traces and metrics over OTLP/HTTP, and decodes them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def plain(attributes: Any) -> dict[str, Any]:
    """OTLP's attributes as Python has them."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


class Collector:
    """What came in: spans, and the metrics of the newest export. `status` is what it answers."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.asked = 0
        self.spans: list[Any] = []
        self.resources: list[dict[str, Any]] = []
        self.metrics: dict[str, list[tuple[dict[str, Any], int, float]]] = {}
        self.bodies: list[bytes] = []
        self.address = ""

    def take(self, path: str, body: bytes) -> None:
        self.bodies.append(body)
        if path == "/v1/traces":
            for one in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append(plain(one.resource.attributes))
                self.spans += [span for scope in one.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        points = [(plain(p.attributes), p.count, p.sum) for p in metric.histogram.data_points]
                        self.metrics[metric.name] = points
        else:
            raise AssertionError(path)

    def named(self, beginning: str) -> list[Any]:
        """The spans whose name begins so."""
        return [span for span in self.spans if span.name.startswith(beginning)]


@contextmanager
def collecting(status: int = 200) -> Iterator[Collector]:
    """A collector on a port of its own, for as long as the block lasts."""
    collector = Collector(status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.asked += 1
            if collector.status == 200:
                zipped = self.headers.get("Content-Encoding") == "gzip"
                collector.take(self.path, gzip.decompress(body) if zipped else body)
            self.send_response(collector.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        collector.address = f"http://127.0.0.1:{server.server_port}"
        yield collector
        server.shutdown()
