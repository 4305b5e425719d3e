"""The tree that is walked: what an expression can be made of, and nothing else.

Jinja2's own tree is translated into this one when a text is compiled (`parse`), so an evaluation meets no node, name,
function or number of arguments that was not allowed before the run. `at` is an offset into the expression's text.
"""

from __future__ import annotations

from collections.abc import Callable

from workflows.records import dataclass
from workflows.values import Json


@dataclass(frozen=True)
class Node:
    at: int


@dataclass(frozen=True)
class Constant(Node):
    value: Json


@dataclass(frozen=True)
class Path(Node):
    """`steps.log.output.commits[0]`: a root and keys known beforehand. `places` are the keys' offsets."""

    root: str
    keys: tuple[str | int, ...]
    places: tuple[int, ...]


@dataclass(frozen=True)
class Member(Node):
    """Members of anything else, or with computed keys."""

    of: Node
    keys: tuple[Node, ...]


@dataclass(frozen=True)
class Slice(Node):
    of: Node
    start: Node | None
    stop: Node | None
    step: Node | None


@dataclass(frozen=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True)
class ObjectOf(Node):
    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True)
class Arithmetic(Node):
    """`first + a - b`, from the left: operators with their operands, each placed at its operand."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Sign(Node):
    operand: Node
    negative: bool


@dataclass(frozen=True)
class Concatenation(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Comparison(Node):
    """`first < a <= b`: every neighbouring pair must hold."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True)
class Logic(Node):
    """`a and b and c` (every) or `a or b or c`: the operand that decided, as in Jinja2 and Python."""

    operands: tuple[Node, ...]
    every: bool


@dataclass(frozen=True)
class Choice(Node):
    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class Parameter:
    """`accepts` is None where any data will do; `words` says what is wanted, for messages."""

    name: str
    accepts: frozenset[type] | None
    words: str
    required: bool
    default: Json


@dataclass(frozen=True)
class Function:
    name: str
    parameters: tuple[Parameter, ...]
    run: Callable[..., Json]


@dataclass(frozen=True)
class Call(Node):
    function: Function
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Default(Node):
    """`value | default(fallback)`; with `falsy` also for what counts as false."""

    value: Node
    fallback: Node
    falsy: Node


@dataclass(frozen=True)
class Defined(Node):
    value: Node
    expected: bool
