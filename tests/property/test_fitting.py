"""What plainly fits a JSON Schema fits it by the validator of either draft."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from workflows.definition.fitting import plainly_fits
from workflows.values import Json

NAMES = st.sampled_from(["a", "b", "c"])
WORDS = st.sampled_from([None, True, False, 0, 1, 1.0, 2.5, "", "a", [1], {"a": 1}])
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=5
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def _schema(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    keywords = {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
        "enum": st.lists(WORDS, min_size=1, max_size=3),
        "properties": st.dictionaries(NAMES, inner, max_size=2),
        "required": st.lists(NAMES, max_size=2, unique=True),
        "additionalProperties": inner,
        "items": inner,
        "default": WORDS,
        "format": st.just("path"),
        "minLength": st.just(1),
    }
    return st.fixed_dictionaries({}, optional=keywords)


SCHEMAS = st.recursive(st.booleans(), _schema, max_leaves=4)


@given(SCHEMAS, VALUES)
def test_what_plainly_fits_is_valid(schema: Json, value: Json) -> None:
    fits = plainly_fits(schema, value)
    event(f"plainly fits: {fits}")
    if fits:
        assert Draft7Validator(schema).is_valid(value)
        assert Draft202012Validator(schema).is_valid(value)
