"""What a run is given: how parameters are declared, and how given values are typed and checked by that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from workflows.definition.fields import Definition, Identifier, Label
from workflows.definition.shapes import Later, got
from workflows.diagnostics import suggest
from workflows.errors import UnderstudyError
from workflows.parts import Field
from workflows.source import FALSE, TRUE, Mark, Node, Report, Scalar, integer, is_null, number, read, value_of
from workflows.source import Mapping as MappingNode
from workflows.source import Sequence as SequenceNode
from workflows.steps.kind import Finding
from workflows.values import Json, canonical, kind_of

ParameterType = Literal["string", "number", "integer", "boolean", "array", "object", "path"]
Typed: TypeAlias = Annotated[Json, Later()]
"""A value that is read as the parameter's type says."""

WANTED: Mapping[str, str] = {
    "string": "a text",
    "path": "a path",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


class Parameter(Definition):
    """One thing that a run is given. `items` is the type of an array's items."""

    noun: ClassVar[str] = "parameter"

    name: Identifier = Field(description="Its name in expressions, unique in the file.")
    type: ParameterType = Field(default="string", description="What its value must be.")
    required: bool = Field(default=False, description="A run cannot start without it.")
    default: Typed = Field(default=None, description="Its value where none is given.")
    enum: tuple[Typed, ...] = Field(default=(), description="The only values it may have.")
    description: Label = Field(default="", description="What it is, for people.")
    items: ParameterType | None = Field(default=None, description="For an array: what its items must be.")

    @classmethod
    def settle(cls, values: dict[str, Any], node: MappingNode, report: Report) -> None:
        type_, items = values.get("type", "string"), values.get("items")
        default, enum = node.get("default"), node.get("enum")
        if default is not None and not is_null(default):
            values["default"] = _from_node(default, type_, items, "default", report)
            if not isinstance(default, Scalar) and "${{" in canonical(values["default"]):
                report(default, "wrong-type", "default must be a constant: nothing in it is evaluated")
        if isinstance(enum, SequenceNode):
            values["enum"] = tuple(_from_node(item, type_, items, "an item of 'enum'", report) for item in enum.items)

    def findings(self) -> Iterable[Finding]:
        if self.default is not None and self.enum and self.default not in self.enum:
            message = f"default must be one of {_listed(self.enum)}, not {_shown(self.default)}"
            yield Finding(("default",), "wrong-value", message)
        if self.items is not None and self.type != "array":
            yield Finding(
                ("items",), "conflict", f"items says what a list holds, but {self.name} is {WANTED[self.type]}"
            )
        if self.required and self.default is not None:
            hint = "take one of them out"
            yield Finding(("required",), "no-effect", "required has no effect beside a default", hint, warning=True)


def schema_of(parameters: Sequence[Parameter]) -> Json:
    """The JSON Schema of what a workflow with these parameters is given."""
    properties: dict[str, Json] = {}
    for each in parameters:
        schema: dict[str, Json] = {"type": "string" if each.type == "path" else each.type}
        if each.items is not None:
            schema["items"] = {"type": "string" if each.items == "path" else each.items}
        if each.enum:
            schema["enum"] = list(each.enum)
        if each.description:
            schema["description"] = each.description
        properties[each.name] = schema
    required = [each.name for each in parameters if each.required and each.default is None]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def bind(parameters: Sequence[Parameter], given: Mapping[str, str | Json]) -> dict[str, Json]:
    """The value of every declared parameter. Texts (a command line's) are typed as declared, other values checked.

    What is not given has its default, or null. Raises UnderstudyError with every error at once: unknown names,
    missing and ill-typed values.
    """
    errors: list[str] = []
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            hint = suggest(name, known) or (f"it takes {', '.join(known)}" if known else "it takes none")
            errors.append(f"there is no parameter '{name}': {hint}")
    values: dict[str, Json] = {}
    for name, parameter in known.items():
        values[name] = parameter.default
        if name in given:
            try:
                values[name] = _bound(parameter, given[name])
            except ValueError as error:
                errors.append(str(error))
        elif parameter.required and parameter.default is None:
            about = f" ({parameter.description})" if parameter.description else ""
            errors.append(f"{name} is missing: {_wanted(parameter)}{about}")
    if errors:
        title = "A parameter is wrong: " if len(errors) == 1 else f"{len(errors)} parameters are wrong:\n  "
        raise UnderstudyError(title + "\n  ".join(errors), "Give a parameter as name=value.")
    return values


def _bound(parameter: Parameter, value: str | Json) -> Json:
    """One value, typed. Raises ValueError with the message for the person."""
    if isinstance(value, str) and parameter.type not in ("string", "path"):
        value = _from_text(parameter, value)
    elif not _conforms(value, parameter.type, parameter.items):
        raise ValueError(f"{parameter.name} must be {_wanted(parameter)}, not {_shown(value)}")
    if parameter.enum and value not in parameter.enum:
        raise ValueError(f"{parameter.name} must be one of {_listed(parameter.enum)}, not {_shown(value)}")
    return value


def _from_text(parameter: Parameter, text: str) -> Json:
    """A command line's text: a number or truth value as in YAML; `[a, b]` or `a,b` for a list; `{a: 1}`."""
    problems: list[str] = []
    nowhere = Mark("", 1, 1, 1, 1, 0, 0)
    node: Node | None = Scalar(text.strip(), True, nowhere)
    if parameter.type in ("array", "object") and text.strip().startswith(("[", "{")):
        document = read(text, parameter.name)
        node = document.root
        problems += [diagnostic.message for diagnostic in document.diagnostics]
    elif parameter.type == "array" and text.strip():
        node = SequenceNode(tuple(Scalar(part.strip(), True, nowhere) for part in text.split(",")), nowhere)

    def report(node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        if not warning:
            problems.append(message)

    value = None if node is None else _from_node(node, parameter.type, parameter.items, parameter.name, report)
    if problems:
        raise ValueError(problems[0] if problems[0].startswith(parameter.name) else f"{parameter.name}: {problems[0]}")
    return value


def _from_node(node: Node, type_: str, items: str | None, key: str, report: Report) -> Json:
    """A node's value as the type wants it; None after a report where it does not fit."""
    if isinstance(node, Scalar):
        if "${{" in node.text:
            hint = "it is read before the run starts"
            report(node, "wrong-type", f"{key} must be {WANTED[type_]}, not an expression", hint)
            return None
        if type_ in ("string", "path") and not is_null(node):
            return node.text
        if node.plain and type_ == "boolean" and node.text in TRUE | FALSE:
            return node.text in TRUE
        if node.plain and type_ in ("number", "integer"):
            try:
                whole = integer(node.text)
                value = number(node.text) if whole is None and type_ == "number" else whole
            except ValueError:
                value = None
            if value is not None:
                return value
    elif isinstance(node, SequenceNode) and type_ == "array" and items is not None:
        return [_from_node(item, items, None, f"an item of '{key}'", report) for item in node.items]
    elif isinstance(node, SequenceNode if type_ == "array" else MappingNode) and type_ in ("array", "object"):
        return value_of(node, report)
    hint = "take the quotes off" if isinstance(node, Scalar) and not node.plain else ""
    report(node, "wrong-type", f"{key} must be {WANTED[type_]}, not {got(node)}", hint)
    return None


def _conforms(value: Json, type_: str, items: str | None) -> bool:
    kind = kind_of(value)
    if type_ == "array" and items is not None:
        return kind == "array" and all(_conforms(item, items, None) for item in value)
    if type_ == "path":
        return kind == "string" and bool(value.strip()) and "\0" not in value
    return kind == type_ or (type_ == "number" and kind == "integer")


def _wanted(parameter: Parameter) -> str:
    if parameter.enum:
        return f"one of {_listed(parameter.enum)}"
    return WANTED[parameter.type]


def _listed(values: Sequence[Json]) -> str:
    return ", ".join(value if isinstance(value, str) else canonical(value) for value in values)


def _shown(value: Json) -> str:
    text = f"'{value}'" if isinstance(value, str) else canonical(value)
    return text if len(text) <= 60 else text[:59] + "…"
