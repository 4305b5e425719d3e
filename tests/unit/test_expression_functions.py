"""The functions, each also a filter, and the patterns of regex_match."""

from __future__ import annotations

import re
from typing import Any

import pytest

from workflows.expressions import ExpressionError, compile_text
from workflows.expressions.functions import FUNCTIONS

COMMITS = [
    {"type": "fix", "text": "b", "n": 2, "by": {"name": "Ann"}},
    {"type": "feat", "text": "a", "n": 10},
    {"type": "fix", "text": "c", "n": 1, "by": {"name": "Bob"}, "late": True},
]
SCOPE = {"item": COMMITS, "parameters": {"crlf": "a\r\nb\n", "words": " two  words\n"}}


def value(expression: str) -> Any:
    return compile_text("${{ " + expression + " }}").evaluate(SCOPE)


CASES = [
    ("len('héllo')", 5),
    ("length([1, 2])", 2),
    ("{'a': 1} | length", 1),
    ("first([3, 4])", 3),
    ("'xyz' | last", "z"),
    ("reverse([1, 2])", [2, 1]),
    ("'abc' | reverse", "cba"),
    ("sort([3, 1, 2.5])", [1, 2.5, 3]),
    ("['b', 'a'] | sort(reverse=true)", ["b", "a"]),
    ("item | sort('n') | map('text')", ["c", "b", "a"]),
    ("item | sort(attribute='type', reverse=true) | map('n')", [2, 1, 10]),
    ("unique([1, 1.0, true, '1', [1], [1.0], [true], {'a': 1}, {'a': 1}])", [1, True, "1", [1], [True], {"a": 1}]),
    ("item | unique('type') | map('n')", [2, 10]),
    ("item | pick(['n', 'late'])", [{"n": 2}, {"n": 10}, {"n": 1, "late": True}]),
    ("pick(item[0].by, ['name', 'age'])", {"name": "Ann"}),
    ("pick([], ['n'])", []),
    ("min([3, 1, 2])", 1),
    ("max(item, 'n').text", "a"),
    ("sum([1, 2.5])", 3.5),
    ("item | sum('n')", 13),
    ("[] | sum", 0),
    ("map(item, 'text')", ["b", "a", "c"]),
    ("item | map(attribute='by.name', default='?')", ["Ann", "?", "Bob"]),
    ("[['a', 'b']] | map('1')", ["b"]),
    ("[null] | map('x')", [None]),
    ("select(item, 'type', 'fix') | map('n')", [2, 1]),
    ("item | select('late') | map('n')", [1]),
    ("item | select('by.name', 'Ann') | length", 1),
    ("item | reject('type', 'fix') | map('n')", [10]),
    ("item | reject('late') | length", 2),
    ("keys({'b': 1, 'a': 2})", ["b", "a"]),
    ("values({'b': 1, 'a': 2})", [1, 2]),
    ("items({'b': 1})", [["b", 1]]),
    ("round(2.567, 2)", 2.57),
    ("2.6 | round", 3),
    ("abs(-3)", 3),
    ("upper('straße')", "STRASSE"),
    ("lower('ÄB')", "äb"),
    ("trim(parameters.words)", "two  words"),
    ("replace('a-b-c', '-', '+')", "a+b+c"),
    ("split('a,b,', ',')", ["a", "b", ""]),
    ("parameters.words | split", ["two", "words"]),
    ("lines(parameters.crlf)", ["a", "b"]),
    ("lines('')", []),
    ("join(['a', 1, null], ', ')", "a, 1, null"),
    ("['a', 'b'] | join", "ab"),
    ("truncate('hello world', 8)", "hello w…"),
    ("'hello world' | truncate(8, end='...')", "hello..."),
    ("truncate('hello', 5)", "hello"),
    ("contains('abc', 'b')", True),
    ("[1, 2] | contains(2.0)", True),
    ("contains({'a': 1}, 'b')", False),
    ("startswith('abc', 'ab')", True),
    ("'abc' | endswith('ab')", False),
    ("regex_match('v1.2.3', '^v\\d+(\\.\\d+)*$')", True),
    ("str(1.5) ~ str('x') ~ string([true])", "1.5x[true]"),
    ("int(' -12 ')", -12),
    ("int(3.9)", 3),
    ("int(true)", 1),
    ("float('1e3')", 1000.0),
    ("float('.5')", 0.5),
    ("float(2)", 2.0),
    ("[bool('Yes'), bool('off'), bool(''), bool(0), bool([0]), bool(null)]", [True, False, False, False, True, False]),
    ("tojson({'b': [1, null, 'é\\n']})", '{"b": [1, null, "é\\n"]}'),
    ("tojson([1], 2)", "[\n  1\n]"),
    ("fromjson('{\"a\": [1, 2.5, null]}')", {"a": [1, 2.5, None]}),
]


@pytest.mark.parametrize(("expression", "expected"), CASES)
def test_functions(expression: str, expected: object) -> None:
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


def test_every_function_has_a_case() -> None:
    tried = {name for expression, _ in CASES for name in re.findall(r"[a-z_]+", expression)}
    assert set(FUNCTIONS) - tried == {"now", "file_exists"}


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("int('1.5')", "not a whole number"),
        ("int('1_000')", "not a whole number"),
        ("int('99999999999999999999')", "64 bits"),
        ("int(null)", "cannot make a number from null"),
        ("int([])", "cannot make a number from a list"),
        ("float('nan')", "not a number"),
        ("float('1e999')", "not a finite number"),
        ("float('١')", "not a number"),
        ("bool('maybe')", "neither yes nor no"),
        ("sum([1, '2'])", "adds numbers, not text"),
        ("sort([1, 'a'])", "cannot order a number with text"),
        ("sort([true, false])", "cannot order a boolean with a boolean"),
        ("sort([null, 1])", "cannot order a number with null"),
        ("min([])", "an empty list"),
        ("first([])", "no item 0"),
        ("item | map('by')", "no 'by' here"),
        ("item | map('')", "1 to 200 characters"),
        ("split('a', '')", "empty text"),
        ("replace('a', '', 'b')", "empty text"),
        ("truncate('abc', 2, '...')", "no room"),
        ("round(1.5, 99)", "0 to 15 digits"),
        ("round(1.5, -1)", "0 to 15 digits"),
        ("tojson(1, 99)", "0 to 8"),
        ("fromjson('{')", "not JSON (line 1, column 2)"),
        ("fromjson('NaN')", "not JSON"),
        ("fromjson('1e999')", "not finite"),
        ("fromjson('\"\\\\ud800\"')", "half a character"),
        ("fromjson(5)", "takes text"),
        ("len(5)", "takes text, a list or an object, not a number"),
        ("join('abc')", "takes a list, not text"),
        ("sort([1], reverse=1)", "takes true or false as `reverse`, not a number"),
    ],
)
def test_functions_refuse(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(expression)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a|bc", "bcd", True),
        ("a|bc", "b", False),
        ("^(?:feat|fix)(\\([a-z]+\\))?!?: .+", "fix(cli)!: it", True),
        ("^(?P<a>x)+$", "xxx", True),
        ("a{2,3}$", "aaa", True),
        ("a{2,3}$", "aaaa", False),
        ("a{2}b{0,}c{,}", "aac{,}", True),
        ("x{", "x{", True),
        (".+b", "a\nb", False),
        ("a$", "a\n", True),
        ("a\\Z", "a\n", False),
        ("[^a-c]+", "xyz", True),
        ("[]x]", "]", True),
        ("[[&|~]", "~", True),
        ("[\\]\\d]+$", "]5", True),
        ("(?i)héllo", "HÉLLO", True),
        ("\\w+\\b.\\B", "ab  ", True),
        ("", "", True),
        ("a{,2}b{,}c$", "aabbbc", True),
        ("a{}b{x}", "a{}b{x}", True),
        ("(^|b)*a", "ba", True),
        ("b", "ab", False),  # from the start, as re.match
        ("(a*)*$", "aaaa", True),
        ("(|a)+$", "aa", True),
        ("a??b+?", "abb", True),
        ("\\.\\x41\\u00e9", ".Aé", True),
    ],
)
@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
def test_patterns(pattern: str, text: str, matches: bool) -> None:
    scope = {"item": [text, pattern]}
    assert compile_text("${{ regex_match(item[0], item[1]) }}").evaluate(scope) is matches
    assert bool(re.match(pattern, text)) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        *[
            "(",
            ")",
            "a)",
            "[",
            "[a",
            "a**",
            "a{2}{3}",
            "*",
            "+a",
            "(?=a)",
            "(?<!a)",
            "(?#c)",
            "(?s)a",
            "a(?i)b",
            "\\1",
            "\\p{L}",
        ],
        *[
            "(?P=a)",
            "(?>a)",
            "a++",
            "a{3,2}",
            "[b-a]",
            "[a--b]",
            "\\",
            "a" * 201,
            "((a{99}){99}){99}",
            "(" * 30 + ")" * 30,
        ],
        *["a{9999}", "(.{1,900})*x", "a{,}{2}", "({2})", "{2}", "^*", "\\b+", "a{99999999999999}", "\b"],
    ],
)
def test_patterns_that_are_refused(pattern: str) -> None:
    with pytest.raises(ExpressionError):
        compile_text("${{ regex_match('a', item) }}").evaluate({"item": pattern})


def test_nothing_repeated_a_thousand_million_times_is_nothing() -> None:
    """Python's `re` eats all memory over this one."""
    assert compile_text("${{ regex_match('', '(((){999}){999}){999}') }}").evaluate({}) is True


def test_a_pattern_is_tried_on_a_bounded_text() -> None:
    with pytest.raises(ExpressionError, match="at most 10,000 characters"):
        compile_text("${{ regex_match(item, 'a') }}").evaluate({"item": "a" * 10_001})
