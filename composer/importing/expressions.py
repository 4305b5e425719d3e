"""Expressions of service documents, rewritten to ours.

Theirs is Symfony's expression language, in `{{ }}` or `${{ }}`: `&& || ! ?: ?? === ?.`, and `input` and `steps.x` for
what a run is given and what its steps gave back. Whatever is not known here stays as it is: reading the result says
where that is no expression of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from composer.importing.tokens import (
    CLOSES,
    Key,
    end_of_group,
    end_of_operand,
    find,
    is_simple,
    is_spaced,
    neighbours,
    next_place,
    path_at,
    slots,
    split,
    tokens_of,
)
from workflows.records import dataclass

_SIGNS = {"===": "==", "!==": "!=", "?.": "."}
_WORDS = {"&&": "and", "||": "or"}
_TRUTH = frozenset({"true", "false"})
_NUMERIC = frozenset({"<", ">", "<=", ">=", "+", "-", "*", "/", "%"})
_ONLY_NUMBERS = frozenset({"-", "*", "/", "%"})
_EQUAL = frozenset({"==", "!=", "===", "!=="})
_DECIDES = frozenset({*_EQUAL, "<", ">", "<=", ">=", "&&", "||", "!", "and", "or", "not", "in", "true", "false"})
_ANSWER = ("text", "output", "response", "result", "content", "message")
"""What documents call the text of an agent's answer."""


@dataclass(frozen=True)
class Known:
    """What expressions need to know of a step: its kind, and the steps inside of it."""

    kind: str
    output_key: str = ""
    inside: tuple[str, ...] = ()


@dataclass
class Rewriter:
    """Rewrites the expressions of one document, and notes what they read."""

    steps: Mapping[str, Known]
    inputs: dict[str, str] = field(default_factory=dict)
    """The inputs that are read, in order, each with the type that its use shows, empty where it shows none."""
    reads: set[tuple[str, Key]] = field(default_factory=set)
    """The steps that were read, each with the first key that was read of its output."""
    called_input: tuple[str, ...] = ("input",)
    """The words for what a run is given."""
    bare_steps: bool = False
    """Whether steps are read by their ids alone, without `steps.` before them."""
    notes: list[str] = field(default_factory=list)
    """What somebody should look at, of the expressions since the list was last emptied."""

    def text(self, text: str) -> str:
        """A text around expressions: each becomes `${{ … }}`, and what only looks like one of ours stays a text."""
        parts: list[str] = []
        at = 0
        for start, end, source in self._slots(text):
            parts += [_literal(text[at:start]), "${{ ", self.expression(source), " }}"]
            at = end
        return "".join([*parts, _literal(text[at:])])

    def bare(self, text: str) -> str:
        """A text that is an expression as a whole. Expressions in braces inside of it are put in their places."""
        parts: list[str] = []
        at = 0
        for start, end, source in self._slots(text):
            lone = not text[:start].strip() and not text[end:].strip()
            quoted = start > at and text[start - 1] in "'\"" and text[end : end + 1] == text[start - 1]
            parts += [text[at : start - quoted], source if lone else f"({source})"]
            at = end + quoted
        return self.expression("".join([*parts, text[at:]]))

    def condition(self, text: str) -> str:
        """An expression that must be true or false: theirs count every value as one of them."""
        expression = self.bare(text)
        if self._is_truth(expression):
            return expression
        tokens = [token for kind, token in tokens_of(text) if kind != "text"]
        return expression if _DECIDES.intersection(tokens) else f"bool({expression})"

    def _slots(self, text: str) -> list[tuple[int, int, str]]:
        found = slots(text)
        if "{{" in text[found[-1][1] if found else 0 :]:
            self.notes.append("'{{' without its '}}': what follows stays a text")
        return found

    def _is_truth(self, expression: str) -> bool:
        """Whether it is no more than an input, which then must be true or false: where it is used says so."""
        name = expression.removeprefix("parameters.")
        if name not in self.inputs:
            return False
        self.inputs[name] = self.inputs[name] or "boolean"
        return self.inputs[name] == "boolean"

    def expression(self, source: str) -> str:
        """One expression, without braces. One that is too long or too deep for ours stays as it is."""
        tokens = [token for _, token in tokens_of(source.strip())]
        return self._whole(tokens).strip() if is_simple(tokens) else source

    def _whole(self, tokens: Sequence[str]) -> str:
        if (at := find(tokens, "?")) is not None:
            if (colon := find(tokens, ":", at + 1, past="?")) is not None and tokens[at + 1 : colon]:
                test, yes, no = tokens[:at], tokens[at + 1 : colon], tokens[colon + 1 :]
                parts = [self._whole(part).strip() for part in (yes, test, no)]
                return "({} if {} else {})".format(*parts)
        elif (at := find(tokens, "??")) is not None:
            left, right = self._whole(tokens[:at]).strip(), self._whole(tokens[at + 1 :]).strip()
            return f"(({left}) | default({right}))"
        return self._run(tokens)

    def _item(self, tokens: Sequence[str], bracket: str) -> str:
        """What stands between two commas; in braces a key and its value."""
        if bracket == "{" and (colon := find(tokens, ":")) is not None:
            return f"{self._whole(tokens[:colon])}: {self._whole(tokens[colon + 1 :]).strip()}"
        return self._whole(tokens)

    def _run(self, tokens: Sequence[str]) -> str:
        """Tokens one after the other, without `?` and `??` between them."""
        out: list[str] = []
        at = 0
        while at < len(tokens):
            sign = tokens[at]
            if sign in CLOSES and (end := end_of_group(tokens, at)) is not None:
                inner = ",".join(self._item(part, sign) for part in split(tokens[at + 1 : end - 1]))
                out.append(f"{sign}{inner}{tokens[end - 1]}")
                at = end
            elif sign == "!":
                start = next_place(tokens, at + 1)
                at = end_of_operand(tokens, start)
                operand = self._run(tokens[start:at])
                self._is_truth(operand)
                out.append(f"(not {operand})")
            elif sign in _WORDS:
                out.append(_WORDS[sign] if is_spaced(tokens, at) else f" {_WORDS[sign]} ")
                at += 1
            elif self._is_read(sign) and neighbours(tokens, at - 1, -1)[:1] not in (["."], ["?."]):
                path, end = path_at(tokens, at + 1)
                if sign in self.called_input:
                    out.append(self._input(path, tokens, at, end))
                else:
                    out.append(self._step(path if sign == "steps" else [sign, *path]))
                at = end
            else:
                out.append(_SIGNS.get(sign, sign))
                at += 1
        return "".join(out)

    def _is_read(self, name: str) -> bool:
        return name in self.called_input or name == "steps" or (self.bare_steps and name in self.steps)

    def _input(self, path: Sequence[Key], tokens: Sequence[str], start: int, end: int) -> str:
        if path and isinstance(path[0], str):
            known = self.inputs.setdefault(path[0], "")
            self.inputs[path[0]] = known or _shown_type(path, tokens, start, end)
        return "parameters" + _chain(path)

    def _step(self, path: Sequence[Key]) -> str:
        if not path or not isinstance(path[0], str):
            self.notes.append("all steps at once are read: here each is steps.ID.output")
            return "steps" + _chain(path)
        name, rest = path[0], list(path[1:])
        known = self.steps.get(name, Known(""))
        self.reads.add((name, rest[0] if rest else ""))
        match known.kind, rest:
            case "http", ["status_code", *more]:
                rest = ["status", *more]
            case "parallel", ["results", int() as place, "output", *more] if place < len(known.inside):
                return self._step([known.inside[place], *more])
            case "parallel", ["results", int() as place, "success"] if place < len(known.inside):
                return f"(steps.{known.inside[place]}.status == 'succeeded')"
            case "parallel", _:
                self.notes.append(f"'{name}' gives back something else here: read the steps inside of it")
            case "agent", [str() as word] if word in _ANSWER:
                rest = ["text"]
            case "agent", [_, *_]:
                self.notes.append(f"the answer of an agent is steps.{name}.output.text here")
            case kind, ["output", *more] if kind and (kind, known.output_key) != ("transform", "output"):
                rest = more
        return f"steps.{name}.output{_chain(rest)}"


def _literal(text: str) -> str:
    return text.replace("${{", "$${{")


def _chain(path: Sequence[Key]) -> str:
    return "".join(
        f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"  # a text's repr is a literal of ours
        for key in path
    )


def _shown_type(path: Sequence[Key], tokens: Sequence[str], start: int, end: int) -> str:
    """The type of an input, as far as what stands around it shows."""
    if len(path) > 1:
        return "object" if isinstance(path[1], str) else "array"
    for pair in (neighbours(tokens, end, 1), neighbours(tokens, start - 1, -1)):
        if pair and pair[0] in _ONLY_NUMBERS:
            return "number"
        if len(pair) == 2 and pair[0] in _NUMERIC | _EQUAL and pair[1][0].isdigit():
            return "number"
        if len(pair) == 2 and pair[0] in _EQUAL and pair[1] in _TRUTH:
            return "boolean"
    return ""
