"""Jinja2's tree into ours: the allow-list of what an expression may be, with all that can be known before the run."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

from jinja2 import nodes as jinja

from workflows.expressions import nodes
from workflows.expressions.calls import bind_call, bind_test, check_function
from workflows.expressions.data import word
from workflows.expressions.errors import Refusal, did_you_mean
from workflows.expressions.functions import FUNCTIONS
from workflows.expressions.paths import Parsed
from workflows.expressions.references import ROOTS, Reference
from workflows.expressions.tokens import MAX_DEPTH, parse
from workflows.expressions.work import MAX_INTEGER

MAX_NODES = 500

_SIGNS: dict[type[jinja.Node], str] = {
    jinja.Add: "+",
    jinja.Sub: "-",
    jinja.Mul: "*",
    jinja.Div: "/",
    jinja.FloorDiv: "//",
    jinja.Mod: "%",
}

_SURROGATES = range(0xD800, 0xE000)


def parse_expression(source: str, roots: Collection[str]) -> Parsed:
    """One expression as a tree that may be walked, and what it reads. Places count from its start. Raises Refusal."""
    translation = _Translation(roots)
    tree = translation.node(parse(source), 1)
    return Parsed(tree, frozenset(translation.references), translation.size)


class _Translation:
    """From Jinja2's nodes to ours. What `_TRANSLATIONS` does not name is refused."""

    def __init__(self, roots: Collection[str]) -> None:
        self.roots = roots
        self.references: set[Reference] = set()
        self.size = 0

    def node(self, node: jinja.Node, depth: int) -> nodes.Node:
        self.count(node.lineno)
        if depth > MAX_DEPTH:
            raise Refusal(f"nested deeper than {MAX_DEPTH}", at=node.lineno)
        translate = _TRANSLATIONS.get(type(node))
        if translate is None:
            what, hint = _REFUSED.get(type(node), (type(node).__name__.lower(), ""))
            raise Refusal(f"{what} cannot be used in an expression", hint, node.lineno)
        return translate(self, node, depth)

    def count(self, at: int) -> None:
        self.size += 1
        if self.size > MAX_NODES:
            raise Refusal(f"an expression of more than {MAX_NODES} parts", "do this in a skill", at)

    def optional(self, node: jinja.Node | None, depth: int) -> nodes.Node | None:
        return None if node is None else self.node(node, depth)

    def several(self, found: Collection[jinja.Node], depth: int) -> tuple[nodes.Node, ...]:
        return tuple(self.node(node, depth) for node in found)

    def constant(self, node: jinja.Const, depth: int) -> nodes.Node:
        value = node.value
        if type(value) is int and value > MAX_INTEGER:
            raise Refusal("the number is too large: whole numbers have 64 bits", at=node.lineno)
        if type(value) is float and not math.isfinite(value):
            raise Refusal("the number is too large", at=node.lineno)
        if type(value) is str and any(ord(character) in _SURROGATES for character in value):
            raise Refusal("half a character (a lone surrogate) in a text", at=node.lineno)
        return nodes.Constant(node.lineno, value)

    def name(self, node: jinja.Name, depth: int) -> nodes.Node:
        if node.name == "null":
            return nodes.Constant(node.lineno, None)
        return self.path(node.name, node.lineno, ())

    def path(self, root: str, at: int, keys: tuple[nodes.Constant, ...]) -> nodes.Path:
        if root not in self.roots:
            raise self.unknown(root, at)
        static = tuple(key.value for key in keys)
        self.references.add(Reference(root, static))
        return nodes.Path(at, root, static, tuple(key.at for key in keys))

    def unknown(self, name: str, at: int) -> Refusal:
        known = sorted(self.roots)
        if name in ROOTS:
            return Refusal(f"`{name}` cannot be used here", f"what can: {', '.join(known)}", at)
        if name in FUNCTIONS:
            return Refusal(f"`{name}` is a function", f"call it: {name}(…)", at)
        return Refusal(f"there is no `{name}`", did_you_mean(name, known) or f"there are: {', '.join(known)}", at)

    def members(self, node: jinja.Getattr | jinja.Getitem, depth: int) -> nodes.Node:
        """A whole chain of keys at once, so that a long path is not a deep one."""
        chain: list[jinja.Getattr | jinja.Getitem] = []
        base: jinja.Node = node
        while isinstance(base, jinja.Getattr) or (isinstance(base, jinja.Getitem) and not _is_slice(base)):
            chain.insert(0, base)
            base = base.node
        if not chain:
            return self.cut(node, depth)
        keys = [self.key(link, depth + 1) for link in chain]
        if not isinstance(base, jinja.Name) or base.name == "null":
            return nodes.Member(node.lineno, self.node(base, depth + 1), tuple(keys))
        static = next((i for i, key in enumerate(keys) if not isinstance(key, nodes.Constant)), len(keys))
        path = self.path(base.name, base.lineno, tuple(key for key in keys[:static] if isinstance(key, nodes.Constant)))
        return nodes.Member(node.lineno, path, tuple(keys[static:])) if keys[static:] else path

    def key(self, link: jinja.Getattr | jinja.Getitem, depth: int) -> nodes.Node:
        if isinstance(link, jinja.Getattr):
            self.count(link.lineno)
            return nodes.Constant(link.lineno + 1, link.attr)
        key = self.node(link.arg, depth)
        if isinstance(key, nodes.Sign) and isinstance(key.operand, nodes.Constant) and type(key.operand.value) is int:
            key = nodes.Constant(key.at, -key.operand.value if key.negative else key.operand.value)
        if isinstance(key, nodes.Constant) and type(key.value) not in (str, int):
            raise Refusal(f"a key is text or a whole number, not {word(key.value)}", at=key.at)
        return key

    def cut(self, node: jinja.Getattr | jinja.Getitem, depth: int) -> nodes.Node:
        assert isinstance(node, jinja.Getitem)
        assert isinstance(node.arg, jinja.Slice)
        of = self.node(node.node, depth + 1)
        bounds = [self.optional(bound, depth + 1) for bound in (node.arg.start, node.arg.stop, node.arg.step)]
        return nodes.Slice(node.lineno, of, *bounds)

    def a_list(self, node: jinja.List, depth: int) -> nodes.Node:
        return nodes.ListOf(node.lineno, self.several(node.items, depth + 1))

    def an_object(self, node: jinja.Dict, depth: int) -> nodes.Node:
        pairs = tuple((self.node(pair.key, depth + 1), self.node(pair.value, depth + 1)) for pair in node.items)
        return nodes.ObjectOf(node.lineno, pairs)

    def arithmetic(self, node: jinja.BinExpr, depth: int) -> nodes.Node:
        """`a + b - c` is one node, as is every run of operators that Jinja2 nests to the left."""
        rest: list[tuple[str, nodes.Node]] = []
        first: jinja.Node = node
        while isinstance(first, jinja.BinExpr) and type(first) in _SIGNS:
            self.count(first.lineno)
            rest.insert(0, (_SIGNS[type(first)], self.node(first.right, depth + 1)))
            first = first.left
        return nodes.Arithmetic(node.lineno, self.node(first, depth + 1), tuple(rest))

    def sign(self, node: jinja.UnaryExpr, depth: int) -> nodes.Node:
        return nodes.Sign(node.lineno, self.node(node.node, depth + 1), isinstance(node, jinja.Neg))

    def concatenation(self, node: jinja.Concat, depth: int) -> nodes.Node:
        return nodes.Concatenation(node.lineno, self.several(node.nodes, depth + 1))

    def comparison(self, node: jinja.Compare, depth: int) -> nodes.Node:
        first = self.node(node.expr, depth + 1)
        rest = tuple((operand.op, self.node(operand.expr, depth + 1)) for operand in node.ops)
        return nodes.Comparison(first.at, first, rest)

    def negation(self, node: jinja.Not, depth: int) -> nodes.Node:
        return nodes.Not(node.lineno, self.node(node.node, depth + 1))

    def logic(self, node: jinja.BinExpr, depth: int) -> nodes.Node:
        operands: list[nodes.Node] = []
        left: jinja.Node = node
        while type(left) is type(node):
            self.count(left.lineno)
            operands.insert(0, self.node(left.right, depth + 1))
            left = left.left
        operands.insert(0, self.node(left, depth + 1))
        return nodes.Logic(node.lineno, tuple(operands), isinstance(node, jinja.And))

    def choice(self, node: jinja.CondExpr, depth: int) -> nodes.Node:
        if node.expr2 is None:
            raise Refusal("an `if` without an `else`", "say what it is otherwise: `a if test else b`", node.lineno)
        parts = (node.test, node.expr1, node.expr2)
        return nodes.Choice(node.lineno, *(self.node(part, depth + 1) for part in parts))

    def call(self, node: jinja.Call, depth: int) -> nodes.Node:
        called = node.node
        if isinstance(called, jinja.Getattr):
            hint = f"write `… | {called.attr}`" if called.attr in FUNCTIONS else "a key is read without ( )"
            raise Refusal("only the named functions can be called", hint, called.lineno + 1)
        if not isinstance(called, jinja.Name):
            raise Refusal("only the named functions can be called", at=node.lineno)
        check_function(called.name, called.lineno)
        return bind_call(called.name, called.lineno, *self.arguments(node, [], depth))

    def piped(self, node: jinja.Filter, depth: int) -> nodes.Node:
        assert node.node is not None
        check_function(node.name, node.lineno)
        return bind_call(node.name, node.lineno, *self.arguments(node, [node.node], depth))

    def test(self, node: jinja.Test, depth: int) -> nodes.Node:
        arguments, named = self.arguments(node, [node.node], depth)
        return bind_test(node.name, node.lineno, arguments[0], len(arguments) - 1 + len(named))

    def arguments(
        self, node: jinja.Call | jinja.Filter | jinja.Test, first: list[jinja.Expr], depth: int
    ) -> tuple[tuple[nodes.Node, ...], dict[str, nodes.Node]]:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Refusal("`*` and `**` cannot be used in a call", at=node.lineno)
        named: dict[str, nodes.Node] = {}
        for keyword in node.kwargs:
            assert isinstance(keyword, jinja.Keyword)
            if keyword.key in named:
                raise Refusal(f"`{keyword.key}` is given twice", at=keyword.lineno)
            named[keyword.key] = self.node(keyword.value, depth + 1)
        return self.several([*first, *node.args], depth + 1), named


def _is_slice(node: jinja.Getitem) -> bool:
    return isinstance(node.arg, jinja.Slice)


_TRANSLATIONS: dict[type[jinja.Node], Callable[[_Translation, Any, int], nodes.Node]] = {
    jinja.Const: _Translation.constant,
    jinja.Name: _Translation.name,
    jinja.Getattr: _Translation.members,
    jinja.Getitem: _Translation.members,
    jinja.List: _Translation.a_list,
    jinja.Dict: _Translation.an_object,
    **dict.fromkeys(_SIGNS, _Translation.arithmetic),
    jinja.Neg: _Translation.sign,
    jinja.Pos: _Translation.sign,
    jinja.Concat: _Translation.concatenation,
    jinja.Compare: _Translation.comparison,
    jinja.Not: _Translation.negation,
    jinja.And: _Translation.logic,
    jinja.Or: _Translation.logic,
    jinja.CondExpr: _Translation.choice,
    jinja.Call: _Translation.call,
    jinja.Filter: _Translation.piped,
    jinja.Test: _Translation.test,
}

_REFUSED: dict[type[jinja.Node], tuple[str, str]] = {
    jinja.Pow: ("`**`", "multiply, or do it in a skill"),
    jinja.Tuple: ("a list in ( )", "write it in [ ]"),
    jinja.Slice: ("[from:to] among other keys", ""),
}
