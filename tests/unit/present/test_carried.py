"""What answers carry, read as people type it."""

from __future__ import annotations

import pytest

from app.present.carried import Carried, changed, read_carried
from workflows.errors import UnderstudyError
from workflows.values import Json

TEXT = {"type": "string"}
INPUT = {"skill": "command", "parameters": {"argv": ["make", "all"], "text": "x"}}


@pytest.mark.parametrize(
    ("schema", "typed", "value"),
    [
        (TEXT, "latest", "latest"),
        (TEXT, '"latest"', "latest"),
        (TEXT, "1.10", "1.10"),
        (TEXT, "null", "null"),
        ({"type": ["string", "null"]}, "null", None),
        ({"type": ["string", "integer"]}, "3", 3),
        ({"enum": ["a", 1]}, "a", "a"),
        (None, "two words", "two words"),
        (None, "3", 3),
        (None, '{"a": [1]}', {"a": [1]}),
    ],
)
def test_a_text_needs_no_quotes_where_a_text_is_wanted(schema: Json, typed: str, value: Json) -> None:
    assert read_carried(Carried("answer", "the answer", schema=schema, plain=True), typed) == value


@pytest.mark.parametrize(
    ("wanted", "typed", "words"),
    [
        (Carried("answer", "the answer", schema={"type": "integer"}), "three", "it is not JSON"),
        (Carried("answer", "the answer", schema=None, plain=True), '{"a": ', "it is not JSON"),
        (Carried("output", "the step's output"), "Infinity", "Infinity is not a number that JSON has"),
        (Carried("output", "the step's output"), "[" * 101 + "]" * 101, "nested more than 100 deep"),
        (Carried("output", "the step's output"), "[" * 100_000, "nested more than 100 deep"),
        (Carried("output", "the step's output"), '"\\ud800"', "cannot be kept"),
        (Carried("output", "the step's output"), "9" * 5000, "cannot be kept"),
        (Carried("fallback", "who takes over", names=("ada", "bob")), "adaa", "did you mean 'ada'?"),
        (Carried("edit", "the input", before=INPUT), "parameters.argv.7=x", "it has 2 items"),
        (Carried("edit", "the input", before=INPUT), "nonsense", "neither a JSON object nor key=value"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_would_do(wanted: Carried, typed: str, words: str) -> None:
    with pytest.raises(UnderstudyError) as refused:
        read_carried(wanted, typed)
    assert words in refused.value.message
    assert "such as" in refused.value.hint


def test_one_change_leaves_the_rest_as_it_was() -> None:
    assert changed(INPUT, "parameters.argv.1=clean")["parameters"] == {"argv": ["make", "clean"], "text": "x"}
    assert changed(INPUT, "parameters.argv.2=[1]")["parameters"]["argv"] == ["make", "all", [1]]
    assert changed(INPUT, "parameters.text=a=b")["parameters"]["text"] == "a=b"
    assert INPUT["parameters"] == {"argv": ["make", "all"], "text": "x"}


@pytest.mark.parametrize(
    "wanted",
    [
        Carried("edit", "", before=INPUT),
        Carried("edit", "", before={}),
        Carried("fallback", "", names=("ada", "bob")),
        *(
            Carried("answer", "", schema=schema, plain=plain)
            for schema, plain in (
                (TEXT, True),
                ({"type": "integer"}, False),
                ({"enum": ["a b"]}, True),
                ({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}, False),
                (None, True),
            )
        ),
        Carried("output", ""),
    ],
)
def test_every_example_can_be_given(wanted: Carried) -> None:
    import shlex

    (typed,) = shlex.split(wanted.example)
    read_carried(wanted, typed)


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "array", "items": TEXT, "minItems": 1}, """'["…"]'"""),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, "'[1,1]'"),
        ({"type": "array"}, "'[]'"),
        ({"type": "array", "items": TEXT, "minItems": 1000000}, """'["…","…","…"]'"""),
    ],
)
def test_the_example_of_a_list_has_as_many_items_as_it_needs(schema: Json, example: str) -> None:
    assert Carried("answer", "the answer", schema=schema).example == example


def test_what_fits_is_said_in_words_before_the_schema() -> None:
    parts = {"count": {"type": "integer", "minimum": 3}, "kind": {"enum": ["words", "lines"]}}
    wanted = Carried("answer", "the answer", schema={"type": "object", "properties": parts, "required": ["count"]})
    words = "an object with count (a whole number, 3 at least), kind (one of words, lines; may be left out), as JSON"
    assert (wanted.wanted, wanted.sample) == (words, '{"count": 3, "kind": "words"}')
    told = Carried("answer", "the answer", schema={"type": "integer", "multipleOf": 2}).wanted
    assert told == 'a whole number; its schema is {"multipleOf":2,"type":"integer"}'
