"""Verifications, handlers, caches and children: what their parts may say."""

from __future__ import annotations

import pytest

from skills.channels.channels import Channels
from skills.kinds.notification import Notification
from skills.network.client import Client
from tests.support.catalogue import Listed
from tests.support.kinds import all_kinds
from workflows.breaker import Breakers
from workflows.clock import SystemClock
from workflows.definition.children import called
from workflows.definition.model import failure_name
from workflows.definition.parse import Parsed, parse
from workflows.steps.kind import Entry

KINDS = all_kinds()
NEEDY = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}


def calling(name: str, *uses: str) -> Entry:
    """A workflow's entry with the names of those that it calls."""
    return Entry("workflow", name, uses=uses)


def parsed(text: str, *entries: Entry, name: str = "own.yaml") -> Parsed:
    return parse(text, name, KINDS, Listed(*entries))


def said(text: str, *entries: Entry) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in parsed(text, *entries).diagnostics]


def steps(*lines: str, more: str = "") -> str:
    return "name: x\nsteps:\n" + "".join(f"  - {{{line}}}\n" for line in lines) + more


@pytest.mark.parametrize(
    ("verify", "codes"),
    [
        ("happened: output.done, result: '${{ output.value }}', value: '${{ error.key }}'", []),
        ("value: '${{ output }}'", ["bad-expression"]),
        ("happened: 'output.done and'", ["bad-expression"]),
        ("hapened: output.done, value: 1", ["unknown-key"]),
    ],
)
def test_a_verification_reads_its_own_output_when_it_is_over(verify: str, codes: list[str]) -> None:
    given = verify if "value:" in verify else f"{verify}, value: 1"
    text = steps(f"id: a, type: transform, value: 1, verify: {{type: transform, {given}}}")
    assert [code for code, _ in said(text)] == codes


def test_two_names_of_one_failure() -> None:
    assert len({failure_name(name) for name in ("timeout", "Timeout", "TimeoutError", "TIMEOUT_ERROR")}) == 1
    assert failure_name("RateLimitedError") == failure_name("rate_limited")
    assert failure_name("Error") == "error"


def test_handlers_that_are_never_used_are_warned_of() -> None:
    handlers = "error_handlers:\n" + "".join(
        f"  - {{error: {name}, action: abort}}\n" for name in ("TimeoutError", "timeout", "any", "business")
    )
    found = said(steps("id: a, type: transform, value: 1", more=handlers))
    assert [message for _, message in found] == [
        "this handler is never used: one for 'TimeoutError' stands before it",
        "this handler is never used: one for 'any' stands before it",
    ]


def test_the_steps_of_a_handler_exist_and_need_nothing() -> None:
    more = """
rollback:
  steps:
    - {id: back, type: parallel, steps: [{id: held, type: transform, value: 1}]}
error_handlers:
  - {error: any, action: rollback, steps: [back, tidy, needy, held, own, broken]}
"""
    text = steps("id: a, type: transform, value: 1", more=more)
    entries = (
        Entry("skill", "tidy"),
        Entry("skill", "needy", parameters=NEEDY),
        Entry("skill", "broken", problem="no"),
    )
    assert [code for code, _ in said(text, *entries, Entry("workflow", "own"))] == [
        "missing-argument",
        "unknown-skill",
        "workflow-cycle",
        "unusable-skill",
    ]


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("type: http, method: POST, url: 'https://x.org'", True),
        ("type: http, method: POST, url: 'https://x.org', effect: pure", False),
        ("type: http, url: 'https://x.org'", False),
        ("type: transform, value: 1, effect: unsafe", True),
        ("type: agent, agent: writer, input: hi", False),
        ("type: skill, skill: writes", True),
        ("type: skill, skill: reads", False),
        ("type: question, ask: Which?", True),
        ("type: parallel, steps: [{id: b, type: skill, skill: writes}]", True),
        ("type: parallel, steps: [{id: b, type: skill, skill: reads}]", False),
    ],
)
def test_only_what_changes_nothing_is_cached(line: str, refused: bool) -> None:
    entries = (
        Entry("skill", "writes", effect="unsafe"),
        Entry("skill", "reads", effect="pure"),
        Entry("agent", "writer"),
    )
    found = said(steps(f"id: a, {line}, cache: true"), *entries)
    assert [code for code, _ in found] == (["conflict"] if refused else [])


def test_a_cache_of_what_does_not_exist_is_not_spoken_of() -> None:
    assert [code for code, _ in said(steps("id: a, type: skill, skill: gone, cache: true"))] == ["unknown-skill"]


def test_a_workflow_that_contains_itself() -> None:
    text = steps("id: a, type: workflow, workflow: one", "id: b, type: workflow, workflow: fine")
    entries = (calling("one", "fine", "two"), calling("two", "own"), calling("own", "one", "fine"), calling("fine"))
    assert said(text, *entries) == [("workflow-cycle", "this workflow would never end: own → one → two → own")]
    assert said(steps("id: a, type: workflow, workflow: own"), calling("own")) == [
        ("workflow-cycle", "this workflow would never end: own → own")
    ]
    assert said(steps("id: a, type: workflow, workflow: one"), calling("one", "one")) == [
        ("workflow-cycle", "this workflow would never end: own → one → one")
    ]


def test_a_cycle_is_found_in_an_undo_too() -> None:
    text = steps("id: a, type: transform, value: 1, undo: {type: workflow, workflow: own}")
    assert [code for code, _ in said(text, calling("own"))] == ["workflow-cycle"]


def test_many_children_in_many_layers_are_looked_at_once() -> None:
    layers = [calling(f"w{n}", f"w{n + 1}", f"w{n + 1}", f"w{n + 2}") for n in range(60)]
    assert said(steps("id: a, type: workflow, workflow: w0"), *layers, calling("w60"), calling("w61")) == []


def test_what_a_workflow_calls() -> None:
    more = "error_handlers:\n  - {error: any, action: abort, steps: [tidy, again]}\n"
    text = steps("id: a, type: workflow, workflow: one", "id: b, type: workflow, workflow: one", more=more)
    entries = (Entry("skill", "tidy"), calling("again"), calling("one"))
    workflow = parsed(text, *entries).workflow
    assert workflow is not None
    assert called(workflow, Listed(*entries)) == ("one", "again")


def test_a_channel_of_notify_is_one_that_there_is() -> None:
    more = "error_handlers:\n  - {error: any, action: abort, notify: {channel: tremina}}\n"
    text = steps("id: a, type: transform, value: 1, notify: {channel: terminal}", more=more)
    clock = SystemClock()
    kinds = {**KINDS, "notification": Notification(Channels({}, Client(), Breakers(clock), clock, {}))}
    (found,) = parse(text, "own.yaml", kinds, Listed()).diagnostics
    assert (found.code, found.line, found.hint) == ("unknown-channel", 5, "did you mean 'terminal'?")


def test_the_limit_of_a_run_is_given_once() -> None:
    text = steps("id: a, type: transform, value: 1", more="metadata: {timeout: 2m}\n")
    assert parsed(text).valid
    assert said("timeout: 1m\n" + text) == [("conflict", "the timeout of a run is given twice")]
