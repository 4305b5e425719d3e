"""Files near the limits of what is read: many of something, each of which could take a check too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflows.values import Json, canonical

MANY = 2_500
"""Steps, where they have nothing else, up to the most values of a file."""


def large_files(share: float = 1.0) -> dict[str, str]:
    """By what is large in them. `share` is of their size."""
    return {name: canonical(data) for name, data in _shapes(lambda number: int(number * share)).items()}


def _shapes(size: Callable[[int], int]) -> dict[str, Json]:
    own = "${{ steps.s0.output }}"
    return {
        "steps": _file([_step(n) for n in range(size(MANY))]),
        "steps that read another": _file([_step(n, **({"value": own * 5} if n else {})) for n in range(size(1200))]),
        "steps that need five each": _file([_step(n, needs=_before(n)) for n in range(size(MANY // 2))]),
        "one knot of steps": _file([_step(n, needs=[f"s{(n + 1) % size(1500)}"]) for n in range(size(1500))]),
        "many knots of steps": _file([_step(n, needs=[f"s{n ^ 1}"]) for n in range(size(1500))]),
        "steps that read nobody": _file([_step(n, value=f"${{{{ steps.no{n}.output }}}}") for n in range(size(MANY))]),
        "expressions that are none": _file([_step(n, value="${{ 1 + }} ${{ lenn(1) }}") for n in range(size(MANY))]),
        "unknown kinds": _file([_step(n, type=f"transfrom{n}") for n in range(size(MANY))]),
        "one id": _file([_step(0) for _ in range(size(MANY))]),
        "children": _file([{"id": f"s{n}", "type": "workflow", "workflow": "mutant"} for n in range(size(MANY))]),
        "cached blocks": _file(
            [{"id": f"b{n}", "type": "parallel", "cache": True, "steps": [_step(n)]} for n in range(size(1000))]
        ),
        "handlers": {
            **_file([_step(0)]),
            "error_handlers": [{"error": f"e{n}", "action": "abort", "steps": [f"no{n}"]} for n in range(size(1200))],
            "rollback": {"steps": [_step(n) for n in range(1, size(500))]},
        },
        "a schema and its value": _asked(
            {"anyOf": [{"items": {"pattern": "(a|b)*c"}}] * 300}, ["ab" * 20] * size(600)
        ),
        "a schema that doubles": _asked(
            {"$ref": "#/$defs/d0", "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
             | {"d40": {}}}, 1,
        ),
        "a list without doubles": _asked({"uniqueItems": True}, [{"a": n} for n in range(size(5000))]),
        "a flawed schema": _asked({"properties": {f"p{n}": {"typ": 1} for n in range(size(3000))}}, 1),
        "blocks in blocks": _file([_deep(12)]),
    }  # fmt: skip


def _file(steps: list[Json]) -> dict[str, Json]:
    return {"name": "x", "stages": [{"name": "s", "parallel": True, "steps": steps}]}


def _step(number: int, **more: Any) -> dict[str, Json]:
    return {"id": f"s{number}", "type": "transform", "value": 1, **more}


def _before(number: int) -> list[str]:
    return [f"s{other}" for other in range(max(0, number - 5), number)]


def _asked(schema: Json, default: Json) -> Json:
    return _file([{"id": "s", "type": "question", "ask": "?", "timeout": 1, "schema": schema, "default": default}])


def _deep(depth: int) -> dict[str, Json]:
    if not depth:
        return _step(0)
    return {"id": f"b{depth}", "type": "parallel", "foreach": {"in": [1]}, "steps": [_deep(depth - 1)]}
