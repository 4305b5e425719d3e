"""What a person says of a draft, understood by rules: as edits of its text, a way back, questions, or not at all."""

from __future__ import annotations

import pytest

from composer.conversation.safety import Here
from composer.conversation.said import Understood
from composer.conversation.understand import Change, understand
from tests.support.catalogue import Listed
from tests.support.kinds import all_kinds
from workflows.definition.model import Workflow
from workflows.definition.parse import parse
from workflows.diagnostics import render
from workflows.steps.kind import Entry

RESTORE = {"skill": "file.restore", "parameters": {"backup": "${{ output.backup }}"}}

CATALOGUE = Listed(
    *(Entry("skill", name, effect="pure") for name in ("git.log", "file.read", "lint.run", "file.restore")),
    Entry("skill", "test_runner", effect="idempotent", touches=frozenset({"reads", "shell"})),
    Entry("skill", "file.write", effect="idempotent", touches=frozenset({"writes"}), undo=RESTORE),
    Entry("skill", "release.deploy", effect="idempotent", touches=frozenset({"writes", "shell"})),
    Entry("agent", "writer", models=("openai/big",)),
    Entry("agent", "editor", models=("openai/small",)),
)

DRAFT = """\
# What we ship every week.
name: Ship
parameters:
  - {name: limit, type: integer, default: 20}
stages:
  - name: all
    steps:
      - {id: log, type: skill, skill: git.log}  # the history
      - {id: unit_tests, type: skill, skill: test_runner, parameters: {suite: unit}}
      - {id: slow_tests, type: skill, skill: test_runner, parameters: {suite: slow}}
      - {id: lint, type: skill, skill: lint.run}
      - id: notes
        type: agent
        agent: writer
        input: "${{ steps.log.output }}"
      - {id: save, type: skill, skill: file.write, parameters: {path: NOTES.md, text: "${{ steps.notes.output.text }}"}}
      - {id: deploy, type: skill, skill: release.deploy}
"""


def reread(text: str) -> Workflow | None:
    return parse(text, "draft.yaml", all_kinds(), CATALOGUE).workflow


def said(words: str, text: str = DRAFT) -> Understood | Change | None:
    workflow = reread(text)
    assert workflow is not None, [render(each) for each in parse(text, "", all_kinds(), CATALOGUE).diagnostics]
    here = Here(CATALOGUE, lambda agent, model: ("openai/small",) if agent == "writer" and not model else ())
    return understand(words, text, workflow, here, reread)


def changed(words: str, text: str = DRAFT) -> str:
    found = said(words, text)
    assert isinstance(found, Change), found
    assert not [each for each in parse(found.text, "", all_kinds(), CATALOGUE).diagnostics if each.is_error]
    assert "# What we ship every week." in found.text
    return found.text


def asked(words: str, text: str = DRAFT) -> str:
    found = said(words, text)
    assert isinstance(found, Understood), found
    assert len(found.questions) == 1
    return found.questions[0]


def lines(before: str, after: str) -> set[str]:
    """What is there now and was not before, without what stands around it."""
    return {line.strip() for line in after.splitlines()} - {line.strip() for line in before.splitlines()}


@pytest.mark.parametrize(
    "words",
    ["make the tests parallel", "die Tests bitte gleichzeitig", "ejecuta las pruebas a la vez", "tests en parallèle"],
)
def test_steps_that_are_named_by_what_they_do_run_together(words: str) -> None:
    text = changed(words)
    workflow = reread(text)
    assert workflow is not None
    assert "type: parallel" in text
    assert text.index("type: parallel") < text.index("id: unit_tests") < text.index("id: slow_tests")


@pytest.mark.parametrize(
    "words",
    [
        "ask me before it deploys",
        "Frag mich, bevor du deployst",
        "pregúntame antes de desplegar",
        "let me confirm before deploy",
        "demande-moi avant de déployer",
        "i want to check before the last step",
        "pergunte-me antes de publicar",
    ],
)
def test_a_person_is_asked_before_what_is_meant(words: str) -> None:
    assert lines(DRAFT, changed(words)) == {"- {id: deploy, type: skill, skill: release.deploy, approve: before}"}


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("rename lint to style_check", "- {id: style_check, type: skill, skill: lint.run}"),
        ("retry the lint step 3 times", "- {id: lint, type: skill, skill: lint.run, retry: {max_retries: 3}}"),
        ("give up on lint after 5 minutes", '- {id: lint, type: skill, skill: lint.run, timeout: "5m"}'),
        ("don't stop when lint fails", "- {id: lint, type: skill, skill: lint.run, on_failure: continue}"),
        ("cache step 4", "- {id: lint, type: skill, skill: lint.run, cache: true}"),
        ("at most $2", "budget: {usd: 2}"),
        ("set the limit to 50", "- {name: limit, type: integer, default: 50}"),
        ("use a cheaper model for step 5", "model: openai/small"),
        ("use a cheaper model", "model: openai/small"),
        ("use claude sonnet for the notes", "model: anthropic/claude-sonnet-5-5"),
        ("limit 100 commits", "- {name: limit, type: integer, default: 100}"),
        ("let the editor write the notes", "agent: editor"),
        ("if the writer fails use the editor", "fallback: [editor]"),
    ],
)
def test_a_turn_changes_what_it_says_and_nothing_else(words: str, line: str) -> None:
    assert lines(DRAFT, changed(words)) == {line}


def test_references_follow_a_step_that_is_called_otherwise() -> None:
    assert "steps.history.output" in changed("rename log to history")


def test_a_rollback_undoes_what_can_be_undone() -> None:
    text = changed("add a rollback")
    assert "action: rollback" in text
    assert "skill: file.restore" in text
    assert isinstance(said("roll back when it fails", text), Understood)


def test_the_last_step_is_taken_out() -> None:
    assert "release.deploy" not in changed("remove the last step")
    assert "release.deploy" not in changed("quita el último paso")
    assert "lint" not in changed("I don't need the lint step")


def test_what_a_run_gives_back_of_a_step_goes_with_it() -> None:
    text = changed(
        "remove the last step",
        DRAFT + 'outputs: {notes: "${{ steps.notes.output }}", live: "${{ steps.deploy.output }}"}\n',
    )
    assert "live:" not in text
    assert 'notes: "${{ steps.notes.output }}"' in text


def test_every_step_and_the_whole() -> None:
    assert changed("give every step 2 retries").count("max_retries: 2") == 7
    assert "name: Shop watch" in changed("rename it to Shop watch")
    assert "Which step is 'request'?" in asked("add a timeout of 30 seconds to the request")


def test_what_others_read_is_not_taken_out_by_a_guess() -> None:
    assert "notes read what 'log' gives" in asked("remove the log step")


def test_what_may_mean_several_things_is_asked_about() -> None:
    assert "unit_tests, slow_tests" in asked("remove the test step")
    assert "Which step should go?" in asked("remove the frobnicator")
    assert "Before which step" in asked("ask me before it sings")
    assert "Which agent should stand in" in asked("add a fallback to the notes")


def test_a_step_is_moved() -> None:
    text = changed("move lint before unit_tests")
    assert text.index("id: lint") < text.index("id: unit_tests")
    text = changed("put lint at the end")
    assert text.index("id: lint") > text.index("id: deploy")


def test_several_things_at_once() -> None:
    text = changed("ask me before it deploys, and rename lint to style")
    assert "approve: before" in text
    assert "id: style" in text


def test_what_is_not_understood_beside_what_is_stays_to_be_told() -> None:
    found = said("make the summary shorter and ask me before it deploys")
    assert isinstance(found, Change)
    assert found.left_over == ("make the summary shorter",)
    found = said("run lint and the tests at the same time")
    assert isinstance(found, Change)
    assert found.left_over == ()


def test_what_is_demanded_as_in_a_request_is_held() -> None:
    assert "0 8 * * 1" in changed("run it every Monday")
    assert "0 7 * * 1" in changed("jeden Montag um 7 Uhr")
    text = changed("ask me before it deploys, and run it every Monday")
    assert "approve: before" in text
    assert "schedule" in text
    assert "notify: {when: failure}" in changed("tell me when it fails")


def test_the_way_back() -> None:
    for words in ("undo that", "Undo", "rückgängig", "deshaz eso", "annule", "take that back"):
        assert said(words) == Understood(back=1), words
    assert said("undo the last two") == Understood(back=2)
    assert said("go back to the start") == Understood(back=0)
    assert isinstance(said("undo everything when it fails"), Change)


def test_a_gate_that_must_be_stays() -> None:
    sure = DRAFT.replace("skill: release.deploy}", "skill: release.deploy, irreversible: true}")
    for words in ("don't ask me before deploy", "remove the approval of deploy"):
        found = said(words, sure)
        assert isinstance(found, Understood)
        assert "cannot be undone" in found.refused
    gated = DRAFT.replace("skill: release.deploy}", "skill: release.deploy, approve: before}")
    assert changed("don't ask me before deploy", gated) == DRAFT


@pytest.mark.parametrize("words", ["sing a song", "make it nicer", "hello", "why?", ""])
def test_what_no_rule_knows_is_not_guessed(words: str) -> None:
    found = said(words)
    assert found is None or (isinstance(found, Understood) and not found.edits)


def test_what_stands_alone_is_told_to_have_nothing_beside_it() -> None:
    found = said("run the lint step in parallel")
    assert isinstance(found, Understood)
    assert found.refused.startswith("'lint' is the only step of that kind, so nothing runs beside it.")


def test_items_that_are_done_several_at_a_time_are_so_already() -> None:
    loop = DRAFT.replace("- {id: slow_tests, type: skill,", "- {id: slow_tests, type: skill, foreach: {in: [1, 2]},")
    one = loop.replace("      - {id: unit_tests, type: skill, skill: test_runner, parameters: {suite: unit}}\n", "")
    again = changed("make the tests parallel", one)
    assert "max_parallel: 4" in again
    found = said("make the tests parallel", again)
    assert isinstance(found, Understood)
    assert "4 items at once already" in found.refused


@pytest.mark.parametrize(
    "words", ["make the unit tests and the slow tests parallel", "add a retry of 2 times and a rollback"]
)
def test_what_was_part_of_what_was_done_is_not_said_to_be_left_over(words: str) -> None:
    found = said(words)
    assert isinstance(found, Change)
    assert found.left_over == ()


def test_what_nothing_was_made_of_is_left_over() -> None:
    found = said("retry lint twice and make it prettier")
    assert isinstance(found, Change)
    assert found.left_over == ("make it prettier",)


def test_what_is_written_is_meant_by_saving_and_not_what_is_read() -> None:
    paths = "  - {name: input, type: path, default: a.csv}\n  - {name: output, type: path}\n"
    names = "  - {name: unique_by, type: array, items: string, default: []}\n"
    text = DRAFT.replace("parameters:\n", f"parameters:\n{paths}{names}", 1)
    assert lines(text, changed("save it to b.csv", text)) == {"- {name: output, type: path, default: b.csv}"}
    assert "default: [name]" in changed("unique by name", text)
