"""What an expression means: types, members, missing data, operators, what it reads, and what it says when it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workflows.expressions import (
    ROOTS,
    ExpressionError,
    Functions,
    Reference,
    compile_condition,
    compile_text,
    compile_value,
)

SCOPE: dict[str, Any] = {
    "parameters": {"env": "prod", "n": 3, "ratio": 0.5, "yes": True, "tags": ["a", "b"], "odd key": 1, "empty": ""},
    "steps": {
        "build": {"status": "succeeded", "output": {"url": "http://x", "items": [1, {"a": "b"}], "keys": {"x": 1}}},
        "skipped": {"status": "skipped", "output": None},
    },
    "env": {"HOME": "/home/me"},
    "item": {"name": "one", "get": "data", "items": [], "__class__": "data too"},
}
WORLD = Functions(now=lambda: "2026-01-01T00:00:00Z", file_exists=lambda path: path == "there.txt")


def value(expression: str) -> Any:
    return compile_text("${{ " + expression + " }}").evaluate(SCOPE, WORLD)


def failure(expression: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        value(expression)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ parameters.n }}", 3),
        ("${{ parameters.yes }}", True),
        ("${{ parameters.tags }}", ["a", "b"]),
        ("${{ null }}", None),
        ("${{parameters.n}}", 3),
        ("no expression, {{ parameters.n }} %}", "no expression, {{ parameters.n }} %}"),
        ("", ""),
        # Mixed text is text: numbers plainly, the rest as JSON
        ("n=${{ parameters.n }}", "n=3"),
        ("${{ parameters.n }}${{ parameters.n }}", "33"),
        ("${{ parameters.n }}\n", "3\n"),
        ("${{ parameters.ratio }} ${{ parameters.yes }} ${{ null }}", "0.5 true null"),
        ("${{ parameters.tags }} ${{ steps.build.output.keys }}", '["a", "b"] {"x": 1}'),
        ("${{ 'é' }}: ${{ ['é'] }}", 'é: ["é"]'),
        # Literal braces
        ("$${{ parameters.n }}", "${{ parameters.n }}"),
        ("$$${{ x", "$${{ x"),
        ("a $${{ b }} ${{ parameters.n }}", "a ${{ b }} 3"),
        ("costs $5 {or so}", "costs $5 {or so}"),
        # The end of an expression is not the first }}
        ("${{ '}}' }}", "}}"),
        ('${{ "}} \\" }}" }}', '}} " }}'),
        ("${{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("${{ {'a': {'b': 1}}}}", {"a": {"b": 1}}),
        ("${{ {'a': 1}['a'] }}}}", "1}}"),
        ("${{ '${{ parameters.n }}' }}", "${{ parameters.n }}"),
    ],
)
def test_text_with_expressions(text: str, expected: object) -> None:
    found = compile_text(text).evaluate(SCOPE)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # Literals
        ("'a' \"b\"", "ab"),
        ("[1, 2.5, 'x', true, False, none, None, null]", [1, 2.5, "x", True, False, None, None, None]),
        ("{'a': [1], 'b': {}}", {"a": [1], "b": {}}),
        (r"'tab\t \d \\ \u00e9'", "tab\t \\d \\ é"),
        # Members
        ("parameters['odd key']", 1),
        ("steps.build.output['items'][1].a", "b"),
        ("steps.build.output.items[-1]['a']", "b"),
        ("steps.build.output.items.1.a", "b"),
        ("parameters.tags[parameters.n - 2]", "b"),
        ("steps['bu' ~ 'ild'].status", "succeeded"),
        ("{'a': {'b': 1}}.a.b", 1),
        ("parameters.env[0]", "p"),
        ("parameters.tags[1:]", ["b"]),
        ("parameters.env[::-1]", "dorp"),
        ("parameters.env[:2][1]", "r"),
        # Data wins over whatever Python's objects have
        ("item.get", "data"),
        ("item.items", []),
        ("item.__class__", "data too"),
        ("steps.build.output.keys.x", 1),
        # A skipped step reads as null, all the way down
        ("steps.skipped.output", None),
        ("steps.skipped.output.url.deeper[0]['x']", None),
        ("steps.skipped.output.url[1:]", None),
        ("steps.skipped.output.url == null", True),
        # Missing data and defaults
        ("parameters.absent | default(9)", 9),
        ("steps.absent.output.url[0].x | default('none') | upper", "NONE"),
        ("steps[parameters.env].output | default('none')", "none"),
        ("steps.skipped.output.url | default('none')", "none"),
        ("run.id | default('no run')", "no run"),
        ("parameters.n.deeper | default(1)", 1),
        ("parameters.tags[7] | default('none')", "none"),
        ("[] | first | default('none')", "none"),
        ("default(parameters.absent, 9)", 9),
        ("parameters.empty | default('x')", ""),
        ("parameters.empty | default('x', true)", "x"),
        ("0 | default(1)", 0),
        ("parameters.absent | default(parameters.missing | default(2))", 2),
        ("parameters.absent is defined", False),
        ("parameters.absent is undefined", True),
        ("parameters.absent is not defined or parameters.absent > 1", True),
        ("steps.skipped.output.url is defined", True),
        ("steps.skipped.output.url is none", True),
        # Logic
        ("parameters.yes and not parameters.n > 5", True),
        ("parameters.empty or 'fallback'", "fallback"),
        ("0 or [] or {} or null or false or ''", ""),
        ("1 and 2 and 0 and 3", 0),
        ("false and parameters.absent", False),
        ("true or parameters.absent", True),
        ("'a' if parameters.n == 3 else parameters.absent", "a"),
        ("'a' if false else 'b' if false else 'c'", "c"),
        ("not ''", True),
        # Comparison is JSON's
        ("1 == 1.0", True),
        ("true == 1", False),
        ("false == 0", False),
        ("[1, true] == [1.0, true]", True),
        ("[1] == [true]", False),
        ("{'a': 1, 'b': [2]} == {'b': [2.0], 'a': 1}", True),
        ("{'a': 1} == {'a': 1, 'b': 2}", False),
        ("'1' == 1", False),
        ("null == false", False),
        ("'a' != 'A'", True),
        ("1 < 2 <= 2 < 3", True),
        ("1 < 2 < 2", False),
        ("'abc' < 'abd'", True),
        ("'b' in parameters.tags", True),
        ("true in [1]", False),
        ("1 in [true, 1.0]", True),
        ("'ro' in parameters.env", True),
        ("'url' in steps.build.output", True),
        ("'c' not in parameters.tags", True),
        # Arithmetic
        ("1 + 2 * 3 - 4", 3),
        ("10 / 4", 2.5),
        ("7 // 2 + -7 % 3", 5),
        ("-parameters.n + +1", -2),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("'n' ~ 1 ~ 2.5 ~ true ~ null ~ ['x']", 'n12.5truenull["x"]'),
        ("9223372036854775807 + 0", 9223372036854775807),
        # Tests
        ("[1 is number, 1.5 is float, 1 is integer, true is number, true is boolean]", [True, True, True, False, True]),
        ("['a' is string, [] is list, {} is mapping, {} is object, null is null]", [True] * 5),
        ("parameters.yes is true and parameters.n is not false", True),
        # The world outside
        ("now()", "2026-01-01T00:00:00Z"),
        ("file_exists('there.txt') and not file_exists('elsewhere')", True),
        ("env.HOME", "/home/me"),
    ],
)
def test_expressions(expression: str, expected: object) -> None:
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "column", "message", "hint"),
    [
        ("steps.biuld.output.url", 7, "steps.biuld.output.url: no 'biuld' in steps (has: build, skipped)", "'build'"),
        ("steps.build.output.urll", 20, "no 'urll' in steps.build.output (has: url, items, keys)", "'url'"),
        ("steps.build.output.items[2]", 26, "no item 2 here: there are 2", ""),
        ("steps[parameters.env].output", 7, "no 'prod' here (has: build, skipped)", ""),
        ("parameters.n.deeper", 14, "a number has no 'deeper'", ""),
        ("parameters[1]", 12, "the keys of an object are text, not a number", ""),
        ("parameters.tags['x']", 17, "a list has no 'x'", ""),
        ("item.name['x' == 'x']", 11, "the items of text have numbers, not a boolean", ""),
        ("run.id", 1, "`run` has no value here", ""),
        ("paramters.n", 1, "there is no `paramters`", "'parameters'"),
        ("foo.n", 1, "there is no `foo`", "there are: context, env,"),
        ("uper(parameters.env)", 1, "there is no function `uper`", "'upper'"),
        ("parameters.env | uper", 18, "there is no function `uper`", "'upper'"),
        ("parameters.env is strin", 16, "there is no test `is strin`", "'string'"),
        ("parameters.n is divisibleby 3", 14, "there is no test `is divisibleby`", ""),
        ("parameters.n is number(3)", 14, "takes nothing more", ""),
        ("now", 1, "`now` is a function", "call it"),
        ("env('HOME')", 1, "there is no function `env`", "`env.NAME`"),
        ("range(3)", 1, "there is no function `range`", "no loops"),
        ("[] | selectattr('a')", 6, "there is no function `selectattr`", "select('name', value)"),
        ("item.items()", 6, "only the named functions can be called", "| items"),
        ("item.name.format(1)", 11, "only the named functions can be called", "without ( )"),
        ("len('a')(1)", 9, "only the named functions can be called", ""),
        ("upper()", 1, "`text` is missing", ""),
        ("upper('a', 'b')", 1, "2 values are too many", ""),
        ("round(1.5, digit=1)", 18, "there is no `digit`", "'digits'"),
        ("round(1.5, 1, digits=1)", 22, "`digits` is given twice", ""),
        ("upper(*parameters.tags)", 6, "`*` and `**`", ""),
        ("parameters.env | default", 18, "default takes one value", ""),
        ("upper(parameters.n)", 7, "upper takes text, not a number", ""),
        ("steps.skipped.output.text | upper", 1, "upper takes text, not null", "| default("),
        ("truncate('abc', 'x')", 17, "truncate takes a whole number as `length`, not text", ""),
        ("regex_match('a', '(')", 18, "this pattern lacks a `)`", ""),
        ("parameters.yes && true", 16, "unexpected '&'", "use `and`"),
        ("parameters.yes || true", 17, "unexpected '||'", "use `or`"),
        ("!parameters.yes", 1, "unexpected '!'", "use `not`"),
        ("parameters.n = 3", 14, "unexpected '='", "use `==`"),
        ("parameters.yes ? 1 : 2", 16, "unexpected '?'", "`a if test else b`"),
        ("'a' if parameters.yes", 1, "an `if` without an `else`", "otherwise"),
        ("(1, 2)", 3, "a list in ( )", "[ ]"),
        ("2 ** 3", 1, "`**`", ""),
        ("'ab' * 3", 8, "cannot calculate text * a number", "`~`"),
        ("'%d' % 3", 8, "cannot calculate text % a number", "`~`"),
        ("parameters.n + true", 16, "cannot calculate a number + a boolean", ""),
        ("parameters.n + steps.skipped.output", 16, "cannot calculate a number + null", "| default("),
        ("1 / 0", 5, "division by zero", ""),
        ("9223372036854775807 + 1", 23, "too large", ""),
        ("9223372036854775808", 1, "too large", ""),
        ("1e308 * 10", 9, "not a finite number", ""),
        ("1e999", 1, "too large", ""),
        ("1 < 'a'", 1, "cannot order a number with text", "float()"),
        ("[] < []", 1, "cannot order a list with a list", ""),
        ("1 in 'abc'", 1, "`in` looks for text in text, not for a number", ""),
        ("1 in 5", 1, "`in` looks into text, a list or an object, not a number", ""),
        ("{1: 2}", 2, "the keys of an object are text, not a number", ""),
        ("-'a'", 1, "only a number can have a sign", ""),
        (r"'\ud800'", 1, "half a character", ""),
        ("'it", 1, "quote is not closed", ""),
        ("1 +", 3, "unexpected the end", ""),
        ("parameters.", 11, "expected name or number", ""),
        ("1 2", 3, "unexpected", ""),
        ("[1, 2", 1, "'[' is not closed", ""),
        ("(1]", 1, "'(' is not closed", ""),
        ("1)", 2, "unexpected ')'", ""),
        (" ", 1, "an expression is missing here", ""),
        ("parameters.tags['a':]", 16, "takes whole numbers", ""),
        ("parameters.tags[::0]", 16, "a step other than 0", ""),
        ("parameters.n[1:]", 13, "only a list or a text can be cut", ""),
    ],
)
def test_errors_name_place_and_way_out(expression: str, column: int, message: str, hint: str) -> None:
    text = "look: ${{" + expression + "}} there"
    with pytest.raises(ExpressionError) as caught:
        compile_text(text).evaluate(SCOPE)
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    assert error.column == len("look: ${{") + column
    assert error.offset == error.column - 1


def test_an_error_shows_its_expression() -> None:
    error = failure("  steps.biuld.output ")
    assert error.source == "steps.biuld.output"
    assert str(error) == (
        "steps.biuld.output: no 'biuld' in steps (has: build, skipped) (column 7 of `steps.biuld.output`)"
    )


def test_messages_show_keys_cleaned_and_few_and_never_values() -> None:
    scope = {"item": {f"key\x1b[2J{number}": "secret" for number in range(50)}}
    with pytest.raises(ExpressionError) as caught:
        compile_text("${{ item.other }}").evaluate(scope)
    assert "\x1b" not in caught.value.message
    assert caught.value.message.endswith(", …)")
    for expression in (
        "int(item)",
        "item + 1",
        "item.x",
        "upper(1) ~ item",
        "fromjson(item)",
        "bool(item)",
        "item[0:'a']",
    ):
        with pytest.raises(ExpressionError) as caught:
            compile_text("${{ " + expression + " }}").evaluate({"item": "hunter2-not-to-be-seen"})
        assert "hunter2" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["${{", "a ${{ b", "${{ ' }}", "${{ { }}", "${{ item }", "${{ }}", "${{}}", "${{ ${{ item }} }}", "${{ a }} ${{"],
)
def test_braces_must_close(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_text(text)


def test_only_the_roots_of_the_place_can_be_read() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_text("${{ item.name }}", roots=["parameters", "env"])
    assert caught.value.message == "`item` cannot be used here"
    assert caught.value.hint == "what can: env, parameters"
    assert compile_text("${{ env.HOME }}", roots=["parameters", "env"]).evaluate(SCOPE) == "/home/me"
    for root in ROOTS:
        compile_text("${{ " + root + ".x }}")


@pytest.mark.parametrize("expression", ["now()", "file_exists('a')"])
def test_functions_that_look_outside_must_be_given(expression: str) -> None:
    template = compile_text("${{ " + expression + " }}")
    with pytest.raises(ExpressionError, match="cannot be used here"):
        template.evaluate(SCOPE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ steps.log.output.commits }}", {("steps", "log", "output", "commits")}),
        ("${{ steps.log.output.commits[0]['a b'].x }}", {("steps", "log", "output", "commits", 0, "a b", "x")}),
        ("${{ steps.log.output[-1] }}", {("steps", "log", "output", -1)}),
        ("${{ steps }}", {("steps",)}),
        ("${{ steps | tojson }}", {("steps",)}),
        ("${{ steps[parameters.which].output }}", {("steps",), ("parameters", "which")}),
        ("${{ steps.a.output[steps.b.output.i].z }}", {("steps", "a", "output"), ("steps", "b", "output", "i")}),
        ("${{ steps.a.output[1:].z }}", {("steps", "a", "output")}),
        ("${{ steps.a.x | default(steps.b.y) }}", {("steps", "a", "x"), ("steps", "b", "y")}),
        ("${{ 'a' if env.A else [item, {'x': secrets.S}] }}", {("env", "A"), ("item",), ("secrets", "S")}),
        ("${{ fromjson(output.text).steps.a }} and ${{ error.message }}", {("output", "text"), ("error", "message")}),
        ("${{ 'steps.a' }} $${{ steps.b }} steps.c", set()),
    ],
)
def test_references(text: str, expected: set[tuple[str | int, ...]]) -> None:
    assert {(reference.root, *reference.path) for reference in compile_text(text).references} == expected


def test_constant_means_evaluating_changes_nothing() -> None:
    assert compile_text("plain").constant
    assert not compile_text("${{ 1 }}").constant
    assert not compile_text("$${{ 1 }}").constant
    assert not compile_condition("true").constant
    assert compile_value({"a": ["b", 1, None, True]}).constant
    assert not compile_value({"a": ["$${{ b }}"]}).constant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parameters.n > 2", True),
        ("${{ parameters.n > 5 }}", False),
        ("  ${{ parameters.yes }}\n", True),
        ("parameters.env == 'prod'\n  and parameters.yes", True),
        ("bool('no')", False),
        ("true", True),
        ("'}}' == '}}'", True),
        ("steps.skipped.output.ok | default(false)", False),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert compile_condition(text).evaluate(SCOPE) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters.n", "a condition must come to true or false, not a number"),
        ("parameters.env", "not text"),
        ("steps.skipped.output.ok", "not null"),
        ("${{ parameters.tags }}", "not a list"),
    ],
)
def test_a_condition_must_come_to_a_boolean(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message) as caught:
        compile_condition(text).evaluate(SCOPE)
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "${{ env.A }} == 'x'",
        "${{ env.A }} and ${{ env.B }}",
        "$${{ true }}",
        "not ${{ env.A }}",
        "yes",
        "'true'",
        "1",
        "env.A ~ env.B",
        "parameters.n > 2 }}",
    ],
)
def test_conditions_that_cannot_be_are_refused_before_the_run(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_condition(text)


def test_values_are_compiled_all_the_way_down() -> None:
    source = {
        "n": "${{ parameters.n }}",
        "list": [1, "${{ parameters.tags }}", {"deep": "url: ${{ steps.build.output.url }}"}],
        "${{ key }}": None,
        "flag": True,
    }
    compiled = compile_value(source)
    assert compiled.evaluate(SCOPE) == {
        "n": 3,
        "list": [1, ["a", "b"], {"deep": "url: http://x"}],
        "${{ key }}": None,
        "flag": True,
    }
    assert compiled.references == {
        Reference("parameters", ("n",)),
        Reference("parameters", ("tags",)),
        Reference("steps", ("build", "output", "url")),
    }
    assert compile_value("${{ parameters.n }}").evaluate(SCOPE) == 3
    assert compile_value(5).evaluate({}) == 5


def test_an_error_in_a_value_tells_the_way_to_it() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_value({"a": [1, {"b": "x ${{ nope }}"}]})
    assert caught.value.path == ("a", 1, "b")
    assert caught.value.column == 7
    with pytest.raises(ExpressionError) as caught:
        compile_value(["${{ parameters.n }}", "${{ parameters.m }}"]).evaluate(SCOPE)
    assert caught.value.path == (1,)


def test_data_are_never_read_as_expressions() -> None:
    scope = {"item": {"text": "${{ secrets.KEY }} {{ 7 * 7 }}", "list": ["${{ item }}"]}, "secrets": {"KEY": "s3cret"}}
    assert compile_text("${{ item.text }}").evaluate(scope) == scope["item"]["text"]
    assert compile_text("say: ${{ item.text }}").evaluate(scope) == "say: ${{ secrets.KEY }} {{ 7 * 7 }}"
    assert compile_value(["${{ item.list }}"]).evaluate(scope) == [["${{ item }}"]]
    assert compile_text("${{ fromjson('[\"$' ~ '{{ 1 }}\"]') }}").evaluate(scope) == ["${{ 1 }}"]


def test_only_plain_data_are_read() -> None:
    class Trap:
        def __getattribute__(self, name: str) -> object:
            raise AssertionError(f"{name} was read")

        def __bool__(self) -> bool:
            raise AssertionError("its truth was asked")

    class Text(str):
        __slots__ = ()

    for thing in (Trap(), Text("x"), (1, 2), {1}, b"x", object):
        scope = {"item": thing, "steps": {"a": [thing], "b": {1: "x"}}}
        for expression in (
            "item",
            "item.x",
            "not item",
            "item == item",
            "steps.a",
            "steps.a[0]",
            "steps.b",
            "item ~ 'x'",
        ):
            with pytest.raises(ExpressionError):
                compile_text("${{ " + expression + " }}").evaluate(scope)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_cannot_hold_is_no_result(number: float) -> None:
    for expression in (
        "item",
        "[item]",
        "item ~ ''",
        "item + 1",
        "int(item)",
        "round(item)",
        "abs(item)",
        "sum([item])",
    ):
        with pytest.raises(ExpressionError):
            compile_text("${{ " + expression + " }}").evaluate({"item": number})


@pytest.mark.parametrize(
    "expression", ["float(item)", "item + 0.5", "item / 3", "-item", "item ~ ''", "tojson(item)", "item * 2"]
)
def test_a_whole_number_in_the_data_can_be_too_large_to_calculate_with(expression: str) -> None:
    scope = {"item": 10**5000}
    with pytest.raises(ExpressionError):
        compile_text("${{ " + expression + " }}").evaluate(scope)
    assert compile_text("${{ item > 1.5 }}").evaluate(scope) is True


def test_compiling_twice_gives_the_same_template() -> None:
    assert compile_text("${{ item.x }}") is compile_text("${{ item.x }}")
    assert compile_text("${{ item.x }}", roots=("item",)) == compile_text("${{ item.x }}")


def test_jinja2_is_imported_for_the_first_expression_only() -> None:
    code = (
        "import sys; from workflows.expressions import compile_text; compile_text('plain');"
        "assert not {'jinja2', 'rapidfuzz'} & set(sys.modules);"
        "compile_text('$' + '{{ 1 }}'); assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
