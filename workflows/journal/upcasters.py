"""How events of older releases are read today. An entry is added whenever an event's `version` rises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from workflows.values import Json

Upcaster: TypeAlias = Callable[[dict[str, Json]], tuple[str, int, dict[str, Json]]]
"""Takes an old body; returns the type, version and body of its next shape (which may be old too)."""

UPCASTERS: Mapping[tuple[str, int], Upcaster] = MappingProxyType({})
"""(type, version) as it was written → the step towards today's. Nothing has changed since 0.1.0."""
