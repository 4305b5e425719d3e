"""Where a workflow may read a secret, and how."""

from __future__ import annotations

import pytest

from tests.support.kinds import all_kinds
from workflows.definition.parse import parse

STEP = """\
name: Sends
steps:
  - id: send
    type: http
    url: https://example.org/
    FIELD
"""


def codes(field: str) -> list[str]:
    parsed = parse(STEP.replace("FIELD", field), "sends.yaml", all_kinds())
    return [found.code for found in parsed.diagnostics]


@pytest.mark.parametrize(
    "field",
    [
        'headers: {Authorization: "Bearer ${{ secrets.TOKEN }}", X-Key: "${{secrets.KEY}}"}',
        "headers: {X-Key: \"${{ secrets['KEY'] }}\"}",
        'body: [{a: {b: "${{ secrets.TOKEN }} and ${{ run.id }}"}}]',
        'undo: {type: http, method: DELETE, url: "https://example.org/${{ output.url }}?key=${{ secrets.TOKEN }}"}',
        'undo: {type: skill, skill: mend, parameters: {key: "${{ secrets.TOKEN }}"}}',
        'verify: {type: http, url: "https://example.org/", headers: {X-Key: "${{ secrets.KEY }}"}, '
        "happened: output.status == 200}",
        'foreach: {in: [1], as: one}\n    body: "${{ secrets.TOKEN }} ${{ one }}"',
    ],
)
def test_what_is_sent_may_hold_secrets(field: str) -> None:
    assert codes(field) == []


@pytest.mark.parametrize(
    "field",
    [
        "when: secrets.TOKEN == 'x'",
        'foreach: {in: ["${{ secrets.TOKEN }}"]}',
        'cache: {key: "${{ secrets.TOKEN }}"}',
        'notify: {channel: terminal, text: "${{ secrets.TOKEN }}"}',
        'undo: {type: transform, value: "${{ secrets.TOKEN }}"}',
        'undo: {type: http, url: "https://example.org/", when: "secrets.TOKEN == output.body"}',
        'verify: {type: http, url: "https://example.org/", happened: output.body == secrets.TOKEN}',
    ],
)
def test_what_is_shown_kept_or_decided_may_not(field: str) -> None:
    assert codes(field) == ["secret-exposed"]


@pytest.mark.parametrize(
    "expression",
    [
        "secrets.TOKEN | upper",
        "secrets.TOKEN ~ ''",
        "[secrets.TOKEN]",
        "'a' if secrets.TOKEN == 'b' else 'c'",
        "secrets.TOKEN[0]",
        "secrets[run.id]",
        "secrets",
        "secrets | tojson",
        "len(secrets.TOKEN)",
    ],
)
def test_a_secret_is_passed_on_only_as_it_is(expression: str) -> None:
    assert codes(f'body: {{a: "${{{{ {expression} }}}}"}}') == ["secret-computed"]


def test_the_word_in_a_text_or_another_name_is_no_secret() -> None:
    assert codes("""body: "secrets.TOKEN ${{ 'secrets.TOKEN' }} $${{ secrets.TOKEN | upper }}" """) == []
