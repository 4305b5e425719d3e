"""Type hints from a syntax tree: what each name was imported as, and which type an annotation means."""

from __future__ import annotations

import ast
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Literal, Optional, Union

from skills.declare import Context

SKILL = frozenset({"skills.skill", "skills.declare.skill"})
"""Full names of the decorator."""

_TYPES: dict[str, object] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list,
    "dict": dict,
    "typing.Any": Any,
    "typing.Literal": Literal,
    "typing.Optional": Optional,
    "typing.Union": Union,
    "pathlib.Path": Path,
    "workflows.values.Json": Any,
    "skills.Context": Context,
    "skills.declare.Context": Context,
}

_STAR = {"skills": ("Context", "Declared", "Preview", "SkillError", "skill")}


class Unreadable(Exception):
    """Something in a skill file that cannot be understood without running it, and where. Lines count from 1."""

    def __init__(self, message: str, hint: str, node: ast.AST) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line: int = getattr(node, "lineno", 0)
        self.column: int = getattr(node, "col_offset", -1) + 1


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Local name -> full name, for everything that the top level of a module imports."""
    names: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                if alias.name == "*":
                    names.update({name: f"{node.module}.{name}" for name in _STAR.get(node.module, ())})
                else:
                    names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def qualified(node: ast.expr, names: dict[str, str]) -> str:
    """The full name that a name or an attribute stands for; empty for any other expression."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = qualified(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def hint_of(node: ast.expr, names: dict[str, str]) -> Any:
    """The type that an annotation means. Raises Unreadable for one that skills do not know."""
    if isinstance(node, ast.Constant) and node.value is None:
        return type(None)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return hint_of(ast.parse(node.value, mode="eval").body, names)
        except SyntaxError:
            raise _unknown(node) from None
        except Unreadable as inner:  # its place is one within the text
            raise Unreadable(inner.message, inner.hint, node) from None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return hint_of(node.left, names) | hint_of(node.right, names)
    if isinstance(node, ast.Subscript):
        return _generic(node, names)
    found = _TYPES.get(qualified(node, names))
    if found is None or found in (Literal, Optional, Union):
        raise _unknown(node)
    return found


def _generic(node: ast.Subscript, names: dict[str, str]) -> Any:
    base = _TYPES.get(qualified(node.value, names))
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if base is Literal:
        try:
            return Literal[tuple(ast.literal_eval(entry) for entry in inner)]
        except (ValueError, TypeError):
            raise _unknown(node) from None
    members = [hint_of(entry, names) for entry in inner]
    if base is list and len(members) == 1:
        return list[members[0]]  # type: ignore[valid-type]  # a type made at run time, for schema_of
    if base is dict and len(members) == 2:
        return dict[members[0], members[1]]  # type: ignore[valid-type]  # a type made at run time, for schema_of
    if base is Optional and len(members) == 1:
        return members[0] | None
    if base is Union:
        return reduce(or_, members)
    raise _unknown(node)


def _unknown(node: ast.expr) -> Unreadable:
    hint = "use str, int, float, bool, list[…], dict[str, …], Literal[…], Path, Any, or one of them | None"
    return Unreadable(f"{ast.unparse(node)} is not a type that arguments can have", hint, node)
