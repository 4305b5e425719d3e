"""Whatever the text and the data: plain data or an ExpressionError, types kept, data left as they are, work bounded."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflows.expressions import ExpressionError, Functions, compile_condition, compile_text, compile_value
from workflows.expressions.errors import Refusal
from workflows.expressions.functions import FUNCTIONS, TESTS
from workflows.expressions.pattern_reader import compile_pattern
from workflows.expressions.work import MAX_SIZE, MAX_STEPS, Work, weigh
from workflows.values import canonical, plain

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=15
)
WORLD = Functions(now=lambda: "2026-01-01T00:00:00Z", file_exists=lambda path: False)

WORDS = [
    *FUNCTIONS,
    *TESTS,
    "default",
    "defined",
    "item",
    "steps",
    "parameters",
    "a",
    "b",
    "0",
    "1",
    "2.5",
    "'a'",
    "''",
]
SIGNS = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    ":",
    "|",
    "=",
    "<",
    ">",
    "+",
    "-",
    "*",
    "/",
    "%",
    "~",
    "'",
    '"',
    "\\",
    "!",
    "&",
]
SPACED = ["$", " ", "\n", " and ", " or ", " not ", " in ", " is ", " if ", " else ", "}}", "${{", "=="]
TOKENS = st.lists(st.sampled_from([*WORDS, *SIGNS, *SPACED]), max_size=25).map("".join)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions that are well formed, whatever they then come to."""
    signs = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", ">=", " and ", " or ", " in ", " not in "]
    )
    names = st.sampled_from([*FUNCTIONS, "default"])
    return st.one_of(
        st.tuples(inner, signs, inner).map("".join),
        st.tuples(inner, names).map(lambda parts: f"{parts[0]} | {parts[1]}"),
        st.tuples(inner, names, inner).map(lambda parts: f"({parts[0]}) | {parts[1]}({parts[2]})"),
        st.tuples(inner, names, inner, inner).map(lambda parts: f"{parts[1]}({parts[0]}, {parts[2]}, {parts[3]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}:{parts[2]}]"),
        st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]"),
        st.lists(inner, max_size=3).map(
            lambda parts: "{" + ", ".join(f"'{i}': {p}" for i, p in enumerate(parts)) + "}"
        ),
        st.tuples(inner, st.sampled_from([*TESTS, "defined"])).map(lambda parts: f"({parts[0]}) is {parts[1]}"),
        inner.map(lambda part: f"not {part}"),
        inner.map(lambda part: f"-({part})"),
    )


LEAVES = st.sampled_from(
    ["item", "item.a", "item[0]", "item.b.c", "steps.x", "1", "0.5", "'a b,c'", "''", "true", "null"]
)
EXPRESSIONS = st.recursive(LEAVES, _compound, max_leaves=12)


def outcome(text: str, scope: dict[str, Any]) -> Any:
    """What it comes to, as (kind, text), checked to be plain and small."""
    try:
        value = compile_text(text).evaluate(scope, WORLD)
    except ExpressionError as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        assert refused.message
        assert 0 <= refused.offset <= len(text)
        return ("refused", str(refused))
    assert weigh(value) <= MAX_SIZE
    return ("value", json.dumps(plain(value)))


@given(st.one_of(st.text(), TOKENS, TOKENS.map(lambda text: "${{ " + text + " }}")), DATA)
@example("${{ " + "(" * 3000 + " }}", None)
@example("${{ item\r\n.a\r\n.b }}", {"a": {}})
@settings(max_examples=400)
def test_any_text_is_read_or_refused(text: str, item: Any) -> None:
    outcome(text, {"item": item, "parameters": {"a": item}})
    for compile_it in (compile_condition, compile_value):
        try:
            compile_it(text).evaluate({"item": item})
        except ExpressionError:
            continue


@given(EXPRESSIONS, DATA)
@settings(max_examples=400)
def test_any_expression_comes_to_plain_data_twice_the_same_and_leaves_its_data_alone(
    expression: str, item: Any
) -> None:
    before = json.dumps(item)
    text = "${{ " + expression + " }}"
    first = outcome(text, {"item": item})
    assert outcome(text, {"item": item}) == first
    assert json.dumps(item) == before


@given(DATA)
def test_a_lone_path_gives_the_very_data(item: Any) -> None:
    scope = {"steps": {"log": {"output": item}}}
    found = compile_text("${{ steps.log.output }}").evaluate(scope)
    assert found is scope["steps"]["log"]["output"]
    assert compile_value({"x": ["${{ steps.log.output }}"]}).evaluate(scope) == {"x": [item]}


@given(st.text(st.characters(exclude_categories=["Cs"])) | TOKENS)
def test_text_in_the_data_is_never_read(text: str) -> None:
    scope = {"item": {"text": "${{ " + text + " }}", "all": [text]}}
    assert compile_text("${{ item.text }}").evaluate(scope) == scope["item"]["text"]
    assert compile_text("<${{ item.text }}>").evaluate(scope) == "<" + scope["item"]["text"] + ">"
    assert compile_text("${{ item.text | replace('x', '${{ 1 }}') | trim ~ '' }}").evaluate(scope) == scope["item"][
        "text"
    ].replace("x", "${{ 1 }}")
    assert compile_text("${{ item.all | join }}").evaluate(scope) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_text_stays_itself(text: str) -> None:
    assert compile_text(text.replace("${{", "$${{")).evaluate({}) == text.replace("$${{", "${{")


@given(DATA)
def test_json_comes_back_as_it_went(item: Any) -> None:
    scope = {"item": plain(item)}
    whole = compile_text("${{ item | tojson | fromjson == item }}")
    assert whole.evaluate(scope) is True
    assert json.loads(compile_text("${{ item | tojson }}").evaluate(scope)) == item


def _numbers_alike(value: Any) -> str:
    """A text that is the same for values that are equal in JSON."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return canonical(value)
    if isinstance(value, (int, float)):
        ratio = value.as_integer_ratio()
        return f"{ratio[0]}/{ratio[1]}"
    if isinstance(value, list):
        return "[" + ",".join(map(_numbers_alike, value)) + "]"
    return "{" + ",".join(sorted(canonical(key) + ":" + _numbers_alike(item) for key, item in value.items())) + "}"


ALIKE = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 0.0, "", "1", "true"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=4,
)


@given(ALIKE, ALIKE)
def test_equality_is_that_of_json(left: Any, right: Any) -> None:
    equal = _numbers_alike(left) == _numbers_alike(right)
    scope = {"item": [left, right]}
    assert compile_text("${{ item[0] == item[1] }}").evaluate(scope) is equal
    assert compile_text("${{ item[0] != item[1] }}").evaluate(scope) is not equal
    assert compile_text("${{ item[0] in [item[1]] }}").evaluate(scope) is equal
    assert len(compile_text("${{ unique(item) }}").evaluate(scope)) == (1 if equal else 2)


KEYS = st.text("ab_.'\"\\ ]}é", min_size=1, max_size=4)


@given(st.lists(KEYS | st.integers(0, 2), min_size=1, max_size=5), DATA)
def test_a_path_is_a_reference_and_leads_there(keys: list[str | int], leaf: Any) -> None:
    data: Any = leaf
    for key in reversed(keys):
        data = {key: data} if isinstance(key, str) else [None] * key + [data]
    quoted = [
        key if isinstance(key, int) else "'" + key.replace("\\", "\\\\").replace("'", "\\'") + "'" for key in keys
    ]
    template = compile_text("${{ steps" + "".join(f"[{key}]" for key in quoted) + " }}")
    assert [(reference.root, reference.path) for reference in template.references] == [("steps", tuple(keys))]
    assert template.evaluate({"steps": data}) is leaf


PIECES = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "\\w", "\\d", "(", "(?:", ")", "|", "*", "+", "?", "{1,2}", "^", "$", "\\b"]
)
PATTERNS = st.one_of(
    st.lists(PIECES, max_size=10).map("".join),
    st.recursive(
        st.sampled_from(["a", "b", ".", "[^a]", "\\w", "\\b", "^", "$", ""]),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda parts: f"({parts[0]}|{parts[1]})"),
            st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])).map(
                lambda parts: f"({parts[0]}){parts[1]}"
            ),
        ),
        max_leaves=6,
    ),
)


@given(PATTERNS, st.text("ab1 \n", max_size=8))
@settings(max_examples=500)
def test_patterns_match_as_in_python(pattern: str, text: str) -> None:
    try:
        ours = compile_pattern(pattern)
    except Refusal:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        expected = re.match(pattern, text) is not None
    assert ours.matches(Work(Functions()), text) is expected


@given(PATTERNS, st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_no_pattern_takes_more_than_its_share(pattern: str, length: int) -> None:
    work = Work(Functions())
    try:
        compile_pattern(pattern).matches(work, "a" * length + "\n")
    except Refusal:
        return
    assert 0 <= work.left <= MAX_STEPS


BIG = {"text": "a " * 450_000, "numbers": list(range(9_000)), "rows": [{"a": str(n), "b": n} for n in range(3_000)]}
GREEDY = st.recursive(
    st.sampled_from(["item.text", "item.numbers", "item.rows", "'a'", "' '", "'b'", "5"]), _compound, max_leaves=25
)


@given(GREEDY)
@settings(max_examples=150, deadline=None)
def test_nothing_makes_much_out_of_little(expression: str) -> None:
    outcome("${{ " + expression + " }}", {"item": BIG})
