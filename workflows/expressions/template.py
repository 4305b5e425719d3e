"""Texts with expressions, compiled once and evaluated with the data of a run.

What comes out is never read as an expression again, whatever the data say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import field
from functools import lru_cache
from typing import TypeAlias, TypeVar

from workflows.expressions import nodes
from workflows.expressions.data import null_hint, to_text, word
from workflows.expressions.errors import ExpressionError, Missing, Refusal
from workflows.expressions.evaluate import Scope, walk
from workflows.expressions.paths import Parsed, parse_path
from workflows.expressions.references import ROOTS, Reference
from workflows.expressions.split import Slot, split
from workflows.expressions.work import MAX_DATA_DEPTH, MAX_SIZE, Functions, Work, weigh
from workflows.records import dataclass
from workflows.values import Json

MAX_NODES_OF_TEXT = 2000
_COMPARE = "compare it, as in `x == 'yes'`, or ask `bool(x)`"
NO_FUNCTIONS = Functions()

_T = TypeVar("_T")


@dataclass(frozen=True)
class Expression:
    """One `${{ … }}`. `at` is where its `source` starts in the whole text."""

    source: str
    at: int
    tree: nodes.Node
    references: frozenset[Reference]

    @property
    def plain(self) -> bool:
        """Whether it only reads one thing, and gives that as it is."""
        return isinstance(self.tree, nodes.Path)

    def evaluate(self, scope: Scope, work: Work) -> Json:
        try:
            return walk(self.tree, scope, work)
        except Refusal as refusal:
            raise _error(refusal, self.source, self.at) from None

    def shown(self, scope: Scope, work: Work) -> str:
        try:
            return to_text(work, walk(self.tree, scope, work))
        except Refusal as refusal:
            raise _error(refusal, self.source, self.at) from None


@dataclass(frozen=True)
class Template:
    """A compiled text. `constant` is true where evaluating gives the text just as it is written."""

    source: str
    references: frozenset[Reference]
    constant: bool
    _parts: tuple[str | Expression, ...] = field(repr=False)
    _condition: bool = field(default=False, repr=False)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """What stands in its braces, in order."""
        return tuple(part for part in self._parts if isinstance(part, Expression))

    def evaluate(self, scope: Scope, functions: Functions = NO_FUNCTIONS) -> Json:
        """The value of a lone expression, of any JSON type; else the text with its expressions filled in.

        The value may be a part of the scope itself, not a copy. That of a condition is true or false. Raises
        ExpressionError: data that are not there or do not suit, or a result larger than 1 MB.
        """
        work = Work(functions)
        match self._parts:
            case (Expression() as lone,):
                value = lone.evaluate(scope, work)
                if self._condition and type(value) is not bool:
                    raise _error(_undecided(value, lone), lone.source, lone.at)
                if isinstance(value, (str, list, dict, float)):
                    try:
                        weigh(value)
                    except Refusal as refusal:
                        raise _error(refusal, lone.source, lone.at) from None
                return value
            case (str() as text,):
                return text
        texts = [part if isinstance(part, str) else part.shown(scope, work) for part in self._parts]
        try:
            work.text(sum(map(len, texts)))
        except Refusal as refusal:
            raise _error(refusal, self.source) from None
        return "".join(texts)


Compiled: TypeAlias = "Template | list[Compiled] | dict[str, Compiled] | str | int | float | None"


@dataclass(frozen=True, eq=False)
class CompiledValue:
    """Compiled data: what holds an expression is a Template, all else as it was, and keys are plain. `references` and
    `constant` are of the whole."""

    source: Json
    references: frozenset[Reference]
    constant: bool
    _compiled: Compiled = field(repr=False)
    only_reads: bool = False
    """Whether its expressions are names and paths, and work nothing out."""
    _light: bool = field(default=False, repr=False)
    """Whether it need not be weighed where every template in it comes to something light."""

    def evaluate(self, scope: Scope, functions: Functions = NO_FUNCTIONS) -> Json:
        """The data with every template in it evaluated. Raises ExpressionError with the `path` to the template."""
        if self.constant:
            return self.source
        found: list[Json] = []
        value = _evaluated(self._compiled, scope, functions, found)
        if self._light and all(map(_is_light, found)):
            return value
        try:
            weigh(value)
        except Refusal as refusal:
            raise _error(refusal, "") from None
        return value


def compile_text(text: str, *, roots: Collection[str] = ROOTS) -> Template:
    """A text with any number of `${{ … }}`; `$${{` is the literal `${{`. A lone expression keeps its type.

    `roots` are the names that it may read. Raises ExpressionError for what cannot be read, for names and functions
    that do not exist and for wrong numbers of arguments.
    """
    return _compiled_text(text, frozenset(roots))


def compile_condition(text: str, *, roots: Collection[str] = ROOTS) -> Template:
    """One expression, with or without its braces, that must come to true or false. Raises ExpressionError."""
    return _compiled_condition(text, frozenset(roots))


def compile_value(value: Json, *, roots: Collection[str] = ROOTS) -> CompiledValue:
    """JSON data with templates anywhere in it. Raises ExpressionError for the first that is wrong, with its `path`."""
    templates: list[Template] = []
    compiled = _compile(value, frozenset(roots), templates, 0)
    references = frozenset().union(*(template.references for template in templates))
    constant = all(template.constant for template in templates)
    only_reads = all(each.plain for template in templates for each in template.expressions)
    light = not constant and _few(value, len(templates))
    return CompiledValue(value, references, constant, compiled, only_reads, light)


_LIGHT = 1000
"""Bits of a whole number that weighs next to nothing."""


def _is_light(value: Json) -> bool:
    return value is None or type(value) is bool or (type(value) is int and value.bit_length() <= _LIGHT)


def _few(source: Json, templates: int) -> bool:
    """Whether the data are far from the limits, whatever light things their templates come to."""
    try:
        return weigh(source) + templates * _LIGHT <= MAX_SIZE
    except Refusal:
        return False


@lru_cache(maxsize=1024)
def _compiled_text(text: str, roots: frozenset[str]) -> Template:
    if "${{" not in text:
        return Template(text, frozenset(), True, (text,))
    try:
        slots = split(text)
    except Refusal as refusal:
        raise _error(refusal, text) from None
    return _template(text, slots, roots)


@lru_cache(maxsize=1024)
def _compiled_condition(text: str, roots: frozenset[str]) -> Template:
    if "${{" not in text:
        return _template(text, [Slot(text, 0)], roots, condition=True)
    try:
        slots = [part for part in split(text) if isinstance(part, Slot) or part.strip()]
        if len(slots) != 1 or isinstance(slots[0], str):
            braces = "put the whole condition into one pair of braces, or leave the braces out"
            raise Refusal("a condition is one expression", braces, 0)
    except Refusal as refusal:
        raise _error(refusal, text) from None
    return _template(text, slots, roots, condition=True)


def _template(text: str, slots: list[str | Slot], roots: frozenset[str], condition: bool = False) -> Template:
    parts: list[str | Expression] = []
    references: frozenset[Reference] = frozenset()
    size = 0
    for slot in slots:
        if isinstance(slot, str):
            parts.append(slot)
            continue
        try:
            parsed = parse_path(slot.source, roots) or _parsed(slot.source, roots)
            size += parsed.size
            if size > MAX_NODES_OF_TEXT:
                raise Refusal("too many expressions in one text", "do this in a skill", 0)
        except Refusal as refusal:
            raise _error(refusal, slot.source, slot.at) from None
        if condition and _never_boolean(parsed.tree):
            raise _error(Refusal("a condition must come to true or false", _COMPARE, 0), slot.source, slot.at)
        parts.append(Expression(slot.source, slot.at, parsed.tree, parsed.references))
        references |= parsed.references
    return Template(text, references, False, tuple(parts), condition)


def _parsed(source: str, roots: frozenset[str]) -> Parsed:
    from workflows.expressions.parse import parse_expression  # brings in jinja2: 40 ms that paths do not need

    return parse_expression(source, roots)


def _compile(value: Json, roots: frozenset[str], templates: list[Template], depth: int) -> Compiled:
    if depth > MAX_DATA_DEPTH:
        raise ExpressionError(f"data nested deeper than {MAX_DATA_DEPTH}")
    if isinstance(value, str):
        template = _compiled_text(value, roots)
        templates.append(template)
        return value if template.constant else template
    if isinstance(value, dict):
        return {key: _at(key, _compile, item, roots, templates, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_at(place, _compile, item, roots, templates, depth + 1) for place, item in enumerate(value)]
    return value  # type: ignore[no-any-return]  # what is left of Json: numbers, booleans and null


def _evaluated(compiled: Compiled, scope: Scope, functions: Functions, found: list[Json]) -> Json:
    """What it comes to; `found` gets what each template does."""
    if isinstance(compiled, Template):
        value = compiled.evaluate(scope, functions)
        found.append(value)
        return value
    if isinstance(compiled, dict):
        return {key: _at(key, _evaluated, item, scope, functions, found) for key, item in compiled.items()}
    if isinstance(compiled, list):
        return [_at(place, _evaluated, item, scope, functions, found) for place, item in enumerate(compiled)]
    return compiled


def _at(key: str | int, act: Callable[..., _T], *arguments: object) -> _T:
    """Does it; an error on the way learns that it was below this key."""
    try:
        return act(*arguments)
    except ExpressionError as error:
        error.path = (key, *error.path)
        raise


def _never_boolean(tree: nodes.Node) -> bool:
    if isinstance(tree, nodes.Constant):
        return type(tree.value) is not bool
    return isinstance(tree, (nodes.Arithmetic, nodes.Concatenation, nodes.ListOf, nodes.ObjectOf, nodes.Sign))


def _undecided(value: Json, lone: Expression) -> Refusal:
    hint = null_hint(value) or _COMPARE
    return Refusal(f"a condition must come to true or false, not {word(value)}", hint, lone.tree.at)


def _error(refusal: Refusal, source: str, start: int = 0) -> ExpressionError:
    worded = refusal.worded() if isinstance(refusal, Missing) else refusal
    blanks = len(source) - len(source.lstrip())
    offset = start + (worded.at or 0)
    return ExpressionError(worded.message, worded.hint, source=source.strip(), start=start + blanks, offset=offset)
