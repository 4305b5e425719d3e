"""Metrics as Prometheus reads them: the text format, version 0.0.4. Pure.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Literal

from workflows.records import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_IN_LABEL = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_IN_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})


@dataclass(frozen=True)
class Point:
    """One value of a metric, and what tells it from the others."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """A metric with its values. A counter's name ends in `_total`; durations are seconds, sizes bytes."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    points: tuple[Point, ...]


def exposition(metrics: Iterable[Metric]) -> str:
    """The metrics' text, each with its HELP and TYPE. One without values is left out.

    Raises ValueError for a name that Prometheus would not take, and for two metrics, or two values, that are called
    the same: a scrape with either is refused whole.
    """
    lines, seen = list[str](), set[str]()
    for metric in metrics:
        if not _METRIC.fullmatch(metric.name) or metric.name in seen:
            raise ValueError(f"{metric.name!r} is no name of a metric, or is there twice")
        seen.add(metric.name)
        points = [f"{metric.name}{_labels(point.labels)}" for point in metric.points]
        if len(set(points)) < len(points):
            raise ValueError(f"{metric.name!r} has two values with the same labels")
        if points:
            lines += [f"# HELP {metric.name} {metric.help.translate(_IN_HELP)}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [f"{name} {_number(point.value)}" for name, point in zip(points, metric.points, strict=True)]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    for name in labels:
        if not _LABEL.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a label")
    # A lone surrogate, which a file name may hold, has no bytes in UTF-8.
    written = (f'{name}="{_sendable(value).translate(_IN_LABEL)}"' for name, value in sorted(labels.items()))
    return f"{{{','.join(written)}}}" if labels else ""


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))
