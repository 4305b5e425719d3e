"""What `--set` comes to: an output or an input of the step that a run is done again from, or words why not."""

from __future__ import annotations

import pytest

from app.reruns import Wanted, edit_of
from tests.support.flows import Flow, steps
from workflows.engine.fork import Edit
from workflows.errors import UnderstudyError

TEXT = steps("""
    - {id: a, type: do, with_: {path: x, lines: [1, 2]}}
    - {id: b, type: do, output_schema: {type: string}}
    - {id: c, type: do, output_schema: {type: object}}
""")


async def edit(at: str, *sets: str) -> Edit | None:
    flow = Flow()
    flow.world.acts = {"b": _text}
    return edit_of(await flow.run(TEXT), Wanted(at, sets, by="ada"))


async def _text(deed: object) -> str:
    return "text"


@pytest.mark.parametrize(
    ("at", "sets", "expected"),
    [
        ("a", (), None),
        ("a", ('output={"x": 1}',), Edit("output", {"x": 1}, "ada")),
        ("a", ("output=some text",), Edit("output", "some text", "ada")),
        ("a", ("output=a=b",), Edit("output", "a=b", "ada")),
        ("b", ("output=1.10",), Edit("output", "1.10", "ada")),
        ("a", ("input.with_.path=y",), Edit("input", {"with_": {"path": "y", "lines": [1, 2]}, "skill": None}, "ada")),
        (
            "a",
            ("input.with_.lines.0=7", "input.with_.path=z"),
            Edit("input", {"with_": {"path": "z", "lines": [7, 2]}, "skill": None}, "ada"),
        ),
        ("a", ('input={"with_": 1}',), Edit("input", {"with_": 1}, "ada")),
    ],
)
async def test_what_is_set(at: str, sets: tuple[str, ...], expected: Edit | None) -> None:
    assert await edit(at, *sets) == expected


@pytest.mark.parametrize(
    ("at", "sets", "words"),
    [
        ("a", ("outptu=1",), "Did you mean 'output'?"),
        ("a", ("output",), "is not output=VALUE"),
        ("a", ("output=1", "input.with_=2"), "either stands with one output or begins"),
        ("a", ("output=1", "output=2"), "either stands with one output or begins"),
        ("a", ("output.x=1",), "either stands with one output or begins"),
        ("a", ("output={1}",), "it is not JSON"),
        ("a", ("input.with.path=x",), "there is no 'with' in it (it has with_, skill)"),
        ("a", ("input=x",), "an input is a JSON object"),
        ("", ("output=1",), "Name it: --from ADDRESS"),
        ("c", ("output=[1]",), "must be of the type object"),
    ],
)
async def test_what_cannot_be_set_is_said(at: str, sets: tuple[str, ...], words: str) -> None:
    with pytest.raises(UnderstudyError) as refused:
        await edit(at, *sets)
    assert words in f"{refused.value.message} {refused.value.hint}"
