"""Workflows as texts of every layout: blocks and flows, quotes, indents, comments, empty lines, ends of lines."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

KINDS = ("transform", "skill", "agent")
TEXTS = (
    "one",
    "a: b",
    "it's",
    'say "x"',
    "# no comment",
    "größer",
    "${{ parameters.p }}",
    "x\ny\n",
    "x\n\n  y",
    "yes",
    "1.10",
    "😀",
    "",
)


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a workflow whose steps read only steps that are over."""
    count = 0
    over: list[str] = []

    def step(depth: int) -> dict[str, Any]:
        nonlocal count
        count += 1
        id_ = f"s{count}"
        found: dict[str, Any] = {"id": id_, "type": "transform", "value": draw(_values(over))}
        if depth and draw(st.integers(0, 4)) == 0:
            found = {"id": id_, "type": "parallel", "steps": [step(depth - 1) for _ in range(draw(st.integers(1, 2)))]}
        for key, value in (
            ("name", "What is shown"),
            ("timeout", "5m"),
            ("retry", {"max_attempts": 2}),
            ("when", "parameters.p == 'x'"),
        ):
            if draw(st.integers(0, 4)) == 0:
                found[key] = value
        return found

    def steps(depth: int = 1) -> list[dict[str, Any]]:
        found = []
        for _ in range(draw(st.integers(1, 3))):
            found.append(step(depth))
            over.append(found[-1]["id"])
        return found

    data: dict[str, Any] = {"name": "Anything", "parameters": [{"name": "p", "default": "x"}]}
    if draw(st.booleans()):
        data["budget"] = {"usd": 1, "on_exceed": "ask"}
    if draw(st.booleans()):
        data["stages"] = [{"name": f"stage{n}", "steps": steps()} for n in range(draw(st.integers(1, 3)))]
    else:
        data["steps"] = steps()
    if draw(st.booleans()):
        data["outputs"] = {"last": f"${{{{ steps.{over[-1]}.output }}}}"}
    return {"workflow": data} if draw(st.booleans()) else data


def _values(over: list[str]) -> st.SearchStrategy[Any]:
    texts: st.SearchStrategy[Any] = st.sampled_from(TEXTS)
    if over:
        texts |= st.sampled_from(over).map(lambda id_: f"${{{{ steps.{id_}.output }}}}")
        texts |= st.sampled_from(over).map(lambda id_: f"${{{{ steps['{id_}'].output ~ 'steps.{id_}' }}}} of it")
    simple = texts | st.integers(-5, 5) | st.booleans() | st.none()
    return (
        simple | st.lists(simple, max_size=3) | st.dictionaries(st.sampled_from(("k", "l m", "on")), simple, max_size=3)
    )


@st.composite
def layouts(draw: st.DrawFn, data: dict[str, Any]) -> str:
    """The data as a text of some layout."""
    return _Writer(draw).text(data)


class _Writer:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.indent = draw(st.sampled_from((2, 2, 4)))
        self.dash = draw(st.sampled_from((0, 2)))
        self.parted = draw(st.booleans())
        self.remarks = draw(st.booleans())
        self.flows = draw(st.sampled_from((0, 3, 9)))
        self.count = 0

    def text(self, data: dict[str, Any]) -> str:
        lines = [*(["# the file", ""] if self.remarks else []), *self.mapping(data)]
        if self.remarks:
            lines.append("# the end")
        end = self.draw(st.sampled_from(("\n", "\r\n")))
        return end.join(lines) + (end if self.draw(st.booleans()) else "")

    def mapping(self, data: dict[str, Any]) -> list[str]:
        lines: list[str] = []
        for key, value in data.items():
            if lines:
                lines += self.remark_above()
            lines += self.entry(self.key(key), value)
        return lines

    def entry(self, head: str, value: Any) -> list[str]:
        if isinstance(value, dict) and value and not self.is_flow(value):
            return [f"{head}:{self.remark()}", *_in(self.mapping(value), self.indent)]
        if isinstance(value, list) and value and not self.is_flow(value):
            return [f"{head}:{self.remark()}", *_in(self.items(value), self.dash)]
        if isinstance(value, str) and "\n" in value and self.draw(st.booleans()):
            sign = "|" if value.endswith("\n") else "|-"
            return [f"{head}: {sign}", *_in(value.removesuffix("\n").split("\n"), self.indent)]
        return [f"{head}: {self.flow(value)}{self.remark()}"]

    def items(self, values: list[Any]) -> list[str]:
        lines: list[str] = []
        for value in values:
            if lines and self.parted:
                lines.append("")
            lines += self.remark_above()
            if isinstance(value, dict) and value and not self.is_flow(value):
                first, *rest = self.mapping(value)
                lines += [f"- {first}", *_in(rest, 2)]
            else:
                lines.append(f"- {self.flow(value)}{self.remark()}")
        return lines

    def is_flow(self, value: Any) -> bool:
        return self.draw(st.integers(0, 9)) < self.flows and "\n" not in json.dumps(value)

    def flow(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.key(key)}: {self.flow(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + "]"
        if not isinstance(value, str):
            return json.dumps(value)
        styles = ["double"]
        if "\n" not in value:
            styles.append("single")
        if value.isalnum() and value.isascii() and value.isalpha() and value != "yes":
            styles.append("plain")
        style = self.draw(st.sampled_from(styles))
        if style == "single":
            return "'" + value.replace("'", "''") + "'"
        return value if style == "plain" else json.dumps(value, ensure_ascii=False)

    def key(self, name: str) -> str:
        return name if name.isalpha() and name != "on" else name if "_" in name else f'"{name}"'

    def remark(self) -> str:
        if not self.remarks or self.draw(st.integers(0, 3)):
            return ""
        self.count += 1
        return f"  # remark {self.count}"

    def remark_above(self) -> list[str]:
        if not self.remarks or self.draw(st.integers(0, 3)):
            return []
        self.count += 1
        return [f"# above {self.count}"]


def _in(lines: list[str], by: int) -> list[str]:
    return [" " * by + line if line else line for line in lines]
