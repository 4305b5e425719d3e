"""The template model: what it writes, what it sees, and what it does not let a template do."""

import asyncio
import json
import threading

import pytest

from agents.models.port import Message, Request
from agents.models.template_model import MAX_INPUT, TemplateModel, data_in
from workflows.errors import CallFailed, Failure
from workflows.values import Json

NOTES = """\
# {{ data.title }}

{% for kind, commits in data.commits | groupby("kind") %}
## {{ kind | title }}
{% for commit in commits %}
- {{ commit.subject }} ({{ commit.hash[:7] }})
{% endfor %}

{% endfor %}
{{ data.commits | length }} changes.
"""
COMMITS = [
    {"kind": "fix", "subject": "Close the file", "hash": "0123456789"},
    {"kind": "add", "subject": "Read a file", "hash": "abcdefabcd"},
    {"kind": "fix", "subject": "Say {{ what }} <happened>", "hash": "9876543210"},
]


async def write(template: str, given: str = "", deadline: float = 20.0) -> str:
    messages = (Message("system", template), Message("user", given))
    reply = await TemplateModel().complete(Request("template/x", messages, deadline=deadline), lambda text: None)
    return reply.text


async def failure(template: str, given: str = "", deadline: float = 20.0) -> Failure:
    with pytest.raises(CallFailed) as caught:
        await write(template, given, deadline)
    return caught.value.failure


async def test_a_text_is_written_from_data_and_data_is_never_a_template() -> None:
    text = await write(NOTES, "Write release notes:\n" + json.dumps({"title": "Notes", "commits": COMMITS}))

    assert text == (
        "# Notes\n\n## Add\n- Read a file (abcdefa)\n\n"
        "## Fix\n- Close the file (0123456)\n- Say {{ what }} <happened> (9876543)\n\n3 changes."
    )


async def test_the_last_user_message_is_the_input() -> None:
    messages = (Message("system", "{{ input }}{{ data }}"), Message("user", "one"), Message("user", "two"))

    reply = await TemplateModel().complete(Request("template/x", messages), lambda text: None)

    assert reply.text == "twoNone"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"a": 1}', {"a": 1}),
        ("[1, 2]", [1, 2]),
        ("42", 42),
        ('Write it:\n{"a": 1}', {"a": 1}),
        ('Write it.\n\nFor users:\n  {"a":\n 1}\n', {"a": 1}),
        ('See [1] for more.\n[1]\n{"a": [1, 2]}\nThat is all.', {"a": [1, 2]}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('The value {"a": 1} is inside.', None),
        ('{"a": 1} and more', None),
        ('{"a": 1', None),
        ("[" * 100_000, None),
        ("", None),
    ],
)
def test_data_is_found_in_the_input(text: str, data: Json) -> None:
    assert data_in(text) == data


async def test_data_wins_over_methods() -> None:
    assert await write("{{ data.items }} {{ data['keys'] }}", '{"items": 3, "keys": 4}') == "3 4"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("a\n{{ data.title }}", "line 2 of the template: 'None' has no attribute 'title'"),
        ("{{ nothing }}", "line 1 of the template: 'nothing' is undefined"),
        ("a\nb\n{% for %}", "line 3 of the template: "),
        ("a\n{{ input | nope }}", "line 2 of the template: No filter named 'nope'"),
        ("a\n\n{{ 1 / 0 }}", "line 3 of the template: division by zero"),
        ("{% include 'x' %}", "no loader"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
        ("", "no template"),
        ("{% if false %}x{% endif %}", "wrote nothing"),
    ],
)
async def test_a_broken_template_is_a_failure_with_its_line(template: str, words: str) -> None:
    found = await failure(template)

    assert found.kind == "validation"
    assert words in found.message


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ input['__class__'] }}",
        "{{ input | attr('__class__') }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__ }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ 'x'.center(999999999) }}",
        "{{ 'x' | center(999999999) }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ 'x' * 999999999 }}",
        "{{ 999999999 * [1] }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 2 ** 99999999 }}",
        "{{ range(99999999) }}",
        "{{ data.pop('a') }}",
        "{{ data.update({}) }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}",
    ],
)
async def test_what_a_template_may_not_do(template: str) -> None:
    assert (await failure(template, '{"a": 1}')).kind == "validation"


async def test_a_loop_that_writes_nothing_is_broken_off_and_its_thread_ends() -> None:
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"

    found = await failure(endless, deadline=0.1)

    assert found.kind == "timeout"
    await asyncio.to_thread(_join_templates)


async def test_cancelling_ends_the_thread() -> None:
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    task = asyncio.create_task(write(endless))
    while not any(thread.name == "template" for thread in threading.enumerate()):
        await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(_join_templates)


def _join_templates() -> None:
    for thread in threading.enumerate():
        if thread.name == "template":
            thread.join(30)
            assert not thread.is_alive()


async def test_an_input_that_is_too_large_is_refused() -> None:
    assert "longer than" in (await failure("{{ input }}", "x" * (MAX_INPUT + 1))).message
