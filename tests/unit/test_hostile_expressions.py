"""Escapes and bombs that got through elsewhere. None reaches anything but plain data, none makes much out of little.

What is refused here is refused by a count, not by a clock: a bound that breaks shows as a test that hangs, or eats
memory.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from workflows.expressions import ExpressionError, compile_condition, compile_text
from workflows.values import plain

MEGABYTE = "a" * 999_000
SCOPE: dict[str, Any] = {
    "item": {
        "text": MEGABYTE,
        "words": "a " * 400_000,
        "umlauts": "é" * 900_000,
        "ten_thousand": "a" * 10_000,
        "numbers": list(range(90_000)),
        "two": [MEGABYTE, MEGABYTE],
        "many": [0] * 1_000_000,
        "rows": [{"key": str(number), "list": [number] * 10} for number in range(9_000)],
    },
    "secrets": {"KEY": "•••"},
    "steps": {"a": {"output": "${{ secrets.KEY }}{{ 7*7 }}"}},
}

ESCAPES = [
    # Jinja2, Flask
    "''.__class__.__mro__[1].__subclasses__()",
    "().__class__.__bases__[0].__subclasses__()",
    "''['__class__']['__mro__'][1]['__subclasses__']()",
    "''|attr('__class__')|attr('__mro__')",
    "''|attr('\\x5f\\x5fclass\\x5f\\x5f')",
    "[]|map(attribute='__class__')|map(attribute='__mro__')|first",
    "['']|map(attribute='__class__.__init__.__globals__')",
    "[{}]|map('__class__')|list",
    "item.__init__.__globals__",
    "item.text.format",
    "'{0.__class__}'.format(1)",
    "'{0.__class__.__init__.__globals__}'|format(item)",
    "('%s' % item).__class__",
    "item|format",
    "'{0}'.format_map(item)",
    "config",
    "config.items()",
    "self.__init__.__globals__.__builtins__",
    "self._TemplateReference__context",
    "request.application.__globals__",
    "url_for.__globals__['os'].popen('id').read()",
    "get_flashed_messages.__globals__",
    "lipsum.__globals__['os'].popen('id').read()",
    "cycler.__init__.__globals__.os.popen('id').read()",
    "joiner.__init__.__globals__",
    "namespace(a=1)",
    "dict(a=1)",
    "dict.__base__",
    "range.__class__",
    "loop",
    "caller()",
    "varargs",
    "kwargs",
    "debug()",
    "item|pprint",
    "item|xmlattr",
    "'<b>'|safe",
    "'x'|filter",
    "item is filter",
    "'upper' is filter",
    "item is sameas(item)",
    "item is callable",
    "now.__globals__",
    "now.__call__()",
    "len.__self__",
    "upper.__class__",
    "[upper][0]('a')",
    "{'f': upper}.f('a')",
    "(now if true else now)()",
    "now()()",
    "'a'.upper",
    "1 .real",
    "1.5.is_integer()",
    "true.real",
    "[].append(1)",
    "{}.update(a=1)",
    "item.pop('text')",
    "item.text.encode('utf-8')",
    "item.__getitem__('text')",
    "item['__getitem__']",
    "item.text.__len__()",
    "none.__class__.x()",
    # n8n, other engines
    "this.constructor.constructor('return process')()",
    "$json.x",
    "$('node').first()",
    "[].constructor.constructor('return 1')()",
    "process.env",
    "require('child_process')",
    "T(java.lang.Runtime).getRuntime().exec('id')",
    "#{7*7}",
    "<%= 7*7 %>",
    "__import__('os').system('id')",
    "eval('1')",
    "exec('1')",
    "open('/etc/passwd').read()",
    "getattr(item, 'text')",
    "globals()",
    "vars(item)",
    "lambda: 1",
    "[x for x in item]",
    "(x := 1)",
    "item; item",
    "item }} {% import os %} {{ item",
    "{% for x in item %}{% endfor %}",
    "{# comment #}",
    "item if item",
    "*item",
    "**item",
    "f'{item}'",
    "b'x'.decode()",
    "1j",
    "...",
    "item @ item",
    "item << 2",
    "~1",
    "env('HOME')",
    "self",
    "_",
    "__builtins__",
    "\u202eitem",
    "ite\u200bm",
    "item\x00",
    "ｉｔｅｍ.text",
]

BOMBS = [
    "['a']*10**8",
    "['a'] * 100000000",
    "'a' * 100000000",
    "'%0999999999d' % 1",
    "('a'*10**9)|length",
    "'a'.center(10**9)",
    "'a'|center(1000000000)",
    "'a'|indent(1000000000)",
    "[1]|batch(1000000000, 0)",
    "[1]|slice(100000000)",
    "range(99999)|list",
    "'{:>1000000000}'.format(1)",
    "2**(10**7)",
    "9**9**9",
    "9223372036854775807*9223372036854775807",
    "int('9' ~ '9999999999999999999')",
    "item.text ~ item.text",
    "item.text + item.text",
    "item.two | join",
    "[item.two, item.two, item.two] | tojson",
    "item.text | replace('a', 'aa')",
    "item.text | replace('a', item.ten_thousand)",
    "item.text | split('a')",
    "item.words | split",
    "item.words | replace(' ', '\\n') | lines",
    "item.umlauts | upper",
    "item.text" + " | trim" * 20,
    "item.numbers | map('x')",
    "item.numbers | sort",
    "item.numbers | sum",
    "item.numbers | unique",
    "item.numbers + item.numbers",
    "item.numbers[::-1]",
    "89999 in item.numbers",
    "item.numbers == item.numbers",
    "item.many",
    "item.many | tojson",
    "item.rows | tojson | fromjson | tojson | fromjson",
    "item.rows | unique",
    "item.two == item.two and item.rows == item.rows and item.rows == item.rows",
    "[" + "item.text," * 200 + "]",
    "[" + "item.text," * 200 + "] | sort",
    "[" + "item.text," * 200 + "] | unique",
    "fromjson('[' ~ (item.ten_thousand | replace('a', '[')) ~ ']')",
    "regex_match(item.ten_thousand, '(.*.?){90}x')",
    "regex_match(item.ten_thousand, '.*.*.*.*.*.*.*.*x')",
    "regex_match(item.text, 'a')",
    "regex_match('a', '((a{99}){99}){99}')",
    "(" * 4000 + "1" + ")" * 4000,
    "(" * 40 + "1" + ")" * 40,
    "[" * 1000,
    "{'a':" * 40 + "1" + "}" * 40,
    "upper(" * 40 + "'a'" + ")" * 40,
    "1|default(" * 40 + "1" + ")" * 40,
    "not " * 900 + "true",
    "-" * 3000 + "1",
    "[-" * 20 + "-" * 20 + "1" + "]" * 20,
    "1 if 1 else " * 300 + "1",
    "1" + "+1" * 1900,
    "1" + "~1" * 1900,
    "1" + " and 1" * 600,
    "1" + "<1" * 1900,
    "item" + ".a" * 2000,
    "item" + "[0]" * 1300,
    "item" + "[1:]" * 100,
    "item.text" + "|upper" * 500,
    "1" * 4000,
    "1e" + "9" * 4000,
    "0x" + "f" * 4000,
    "'" + "a" * 5000 + "'",
    "'" + "\\" * 3999,
    "item" + " " * 5000,
]


@pytest.mark.parametrize("expression", ESCAPES)
def test_escapes_are_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        compile_text("${{ " + expression + " }}").evaluate(SCOPE)
    with pytest.raises(ExpressionError):
        compile_condition(expression).evaluate(SCOPE)


@pytest.mark.parametrize("expression", BOMBS)
def test_bombs_are_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        compile_text("${{ " + expression + " }}").evaluate(SCOPE)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("regex_match(item.ten_thousand, '^(a|a)*$')", True),
        ("regex_match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '^(a+)+$')", False),
        ("len(item.text)", 999_000),
        ("item.text[:3]", "aaa"),
        ("item.many | first", 0),
        ("item.rows | length", 9000),
        ("'b' in item.text", False),
        ("steps.a.output ~ '!'", "${{ secrets.KEY }}{{ 7*7 }}!"),
        ("'{{' ~ ' 7*7 ' ~ '}}'", "{{ 7*7 }}"),
    ],
)
def test_what_is_cheap_is_not_refused_for_the_size_of_its_data(expression: str, result: object) -> None:
    assert compile_text("${{ " + expression + " }}").evaluate(SCOPE) == result


def test_a_text_of_many_expressions_is_bounded_as_a_whole() -> None:
    with pytest.raises(ExpressionError, match="too many expressions"):
        compile_text("${{ item.a }}" * 5000)
    with pytest.raises(ExpressionError, match="more work"):
        compile_text("${{ item.rows | map('key') | first }}" * 3).evaluate(SCOPE)
    with pytest.raises(ExpressionError, match="larger"):
        compile_text("${{ item.text }}, ${{ item.text }}").evaluate(SCOPE)


def test_unclosed_braces_are_found_at_once() -> None:
    for text in ("${{ " * 100_000, "${{ '" + "a" * 1_000_000, "$" * 1_000_000, "${{" + "}" * 1_000_000 + "("):
        try:
            compile_text(text)
        except ExpressionError:
            continue


def test_data_nested_without_end_is_refused() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    scope = {"item": deep}
    for expression in ("item", "item ~ ''", "tojson(item)", "[item] | unique", "item == [item]", "item | join"):
        with pytest.raises(ExpressionError):
            compile_text("${{ " + expression + " }}").evaluate(scope)


def test_the_nesting_bound_holds_deep_in_the_callers_stack() -> None:
    def deeper(left: int) -> None:
        if left:
            deeper(left - 1)
            return
        try:
            compile_text("${{ " + "[" * 31 + "1" + "]" * 31 + " }}").evaluate({})
        except ExpressionError:
            return

    for depth in (100, 500, sys.getrecursionlimit() - 400):
        deeper(depth)


def test_evaluating_leaves_the_data_alone() -> None:
    before = plain({"list": [3, 1, 2], "rows": [{"a": [1]}]})
    scope = {"item": plain(before)}
    compile_text(
        "${{ [item.list | sort, item.list + [1], item.list | reverse, item.rows | unique, item.rows | map('a')] }}"
    ).evaluate(scope)
    assert scope["item"] == before
