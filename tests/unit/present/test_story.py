"""The story of a run in words: every event has its sentence, clean and on one line, the same for every reader."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import pytest

from agents.toolset import as_failure
from app.present.inquiry import inquiry_lines, present_inquiry
from app.present.labels import DEMO, run_label, step_label
from app.present.plan import plan_lines
from app.present.run import headline, run_document
from app.present.status import step_badge
from app.present.steps import step_lines
from app.present.story import tell
from workflows.effects import Usage
from workflows.errors import Failure
from workflows.planning.plan import Plan, PlannedStage, PlannedStep, RetryPolicy, Use
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.state import RunState
from workflows.values import Json

PLAN = Plan(
    title="Letters",
    version="1.0",
    stages=(PlannedStage("write", ("write", "send")),),
    steps=(
        PlannedStep(
            "write",
            "agent",
            "write",
            "write",
            {},
            performers=("writer", "editor"),
            retry=RetryPolicy(attempts=2),
            uses=(Use("agent", "writer", models=("openai/x",), tools=("file.read",)), Use("agent", "editor")),
            summary="ask writer",
        ),
        PlannedStep("send", "skill", "send", "write", {}, after=("write",), approve=True, effect="unsafe", timeout=90),
    ),
)

BROKEN = Failure("agent", "it broke off", "try again")

JOURNAL: tuple[e.Event, ...] = (
    e.RunStarted("letters", "Letters", "", {"to": "Ada"}, PLAN.to_json(), "/home/ada", simulated=DEMO),
    e.StepStarted("write", {"input": "hello"}),
    e.AttemptStarted("write", 1, "writer"),
    e.CallStarted("write", "turn1", 1, "pure", {"heard": "hello"}, "d", "k"),
    e.CallFailed("write", "turn1", "failed", BROKEN),
    e.AttemptFinished("write", 1, "failed", BROKEN),
    e.RetryScheduled("write", 7.0, "try 2 of 2 in 1.0 s (exponential): it broke off"),
    e.AttemptStarted("write", 2, "writer"),
    e.AttemptFinished("write", 2, "timed_out", Failure("timeout", "It took longer than its 90 s.")),
    e.FallbackTaken("write", "editor", "writer", "writer failed: it broke off"),
    e.AttemptStarted("write", 3, "editor"),
    e.CallStarted("write", "turn1", 1, "pure", {"heard": "hello"}, "d", "k"),
    e.CallFinished("write", "turn1", {"text": "Dear Ada"}, Usage("demo/scripted", 0, 0, 0, 0.0, True)),
    e.AttemptFinished("write", 3, "succeeded"),
    e.StepFinished("write", "succeeded", {"text": "Dear Ada"}),
    e.StepStarted("send", {"to": "Ada"}),
    e.Asked(
        "send:1",
        "send",
        "gate",
        "approval",
        "Send the letter",
        "+Dear Ada",
        {"host": "mail.example.org"},
        ("approve", "deny"),
        "digest",
    ),
    e.Answered("send:1", "deny", note="not today", by="ada"),
    e.StepFinished("send", "failed", failure=Failure("denied", "The approval was denied: not today"), then="abort"),
    e.RunFinished("failed", failure=Failure("denied", "The approval was denied: not today")),
)

STORY = """\
  ● run a1b2 of letters started in /home/ada · DEMO (scripted, no AI)
d ● write: ask writer
d ● write: try 1 by writer
d ● write: turn1: heard=hello
d ✗ write: turn1 failed: it broke off
  ✗ write: try 1 failed: it broke off (try again)
  ↻ write: try 2 of 2 in 1.0 s (exponential)
  ● write: try 2 by writer
  ✗ write: try 2 timed out: It took longer than its 90 s.
  ◆ write: editor takes over from writer: writer failed
  ● write: try 3 by editor
d ● write: turn1: heard=hello
  ✓ write: turn1 done · demo/scripted · DEMO (scripted, no AI)
d ✓ write: try 3 succeeded
  ✓ write: done by the understudy editor in 7.0 s
d ● send: skill step
  ‖ send: waits for approval: Send the letter
  ● send: answered deny by ada: not today
  ✗ send: failed: The approval was denied: not today; this ends the run
  ✗ run a1b2 failed after 19 s: The approval was denied: not today
"""


def recorded(events: tuple[e.Event, ...]) -> list[e.Recorded]:
    """The events, one a second."""
    return [e.Recorded(seq, float(seq), event) for seq, event in enumerate(events, 1)]


def state_after(count: int = len(JOURNAL)) -> RunState:
    return replay("a1b2", recorded(JOURNAL[:count]))


def test_the_story_of_a_run() -> None:
    state = state_after()
    told = ""
    for entry in recorded(JOURNAL):
        sentence = tell(entry.event, state)
        where = f"{sentence.step}: " if sentence.step else ""
        told += f"{'d' if sentence.detail else ' '} {sentence.badge.glyph} {where}{sentence.text}\n"
    assert told == STORY


VALUES: dict[str, Json] = {
    "number": 1,
    "step": "send",
    "entry": "send:1",
    "plan": PLAN.to_json(),
    "failure": BROKEN,
    "reason": "unknown",
    "status": "failed",
    "n": 1,
    "at": 1.0,
    "usd": 1.5,
    "until": 1.0,
    "effect": "pure",
    "again": True,
    "performer": "editor",
    "usage": None,
}


@pytest.mark.parametrize("kind", e.EVENTS.values(), ids=lambda kind: kind.__name__)
def test_every_event_has_a_sentence_that_cannot_act_on_a_terminal(kind: type[e.Event]) -> None:
    hostile = "a\x1b]0;owned\x07\nb\u202ec [bold]"
    values: dict[str, Any] = {
        field.name: VALUES.get(field.name, hostile)
        for field in fields(kind)
        if field.default is MISSING or field.type == "str" or field.name in VALUES
    }
    sentence = tell(kind(**values), state_after(17))
    assert sentence.text
    for character in "\x1b\x07\n\u202e":
        assert character not in sentence.text + sentence.step


def test_the_badges_say_what_is_waited_for() -> None:
    assert str(step_badge(state_after(1), "write")) == "◌ queued"
    assert str(step_badge(state_after(1), "send")) == "○ todo"
    assert str(step_badge(state_after(7), "write")) == "↻ retrying 2/2"
    assert str(step_badge(state_after(12), "write")) == "◆ fallback"
    assert str(step_badge(state_after(17), "send")) == "‖ needs you"
    assert str(step_badge(state_after(), "send")) == "✗ failed"


def test_labels_follow_the_words_of_no_ai_everywhere() -> None:
    state = state_after()
    assert step_label(state.steps["write"]) == run_label(state) == DEMO
    document = run_document(state)
    assert (document["simulated"], document["label"]) == (True, DEMO)
    assert (document["steps"][0]["model"], document["steps"][0]["label"]) == ("demo/scripted", DEMO)
    assert headline(state, 99.0) == f"Letters · run a1b2 · ✗ failed · 19 s · 2/2 steps · ✗ 1 · no cost · {DEMO}"
    assert list(step_lines(state)) == [
        f"write  ✓ done              7.0 s  editor for writer · 3 tries · no cost · {DEMO}",
        "send   ✗ failed            3.0 s  The approval was denied: not today",
    ]


def test_what_waits_is_laid_out_with_its_choices_and_commands() -> None:
    state = state_after(17)
    (inquiry,) = state.open_inquiries
    card = present_inquiry(state, inquiry)
    assert inquiry_lines(card) == [
        "‖ send wants your approval",
        "  what   Send the letter",
        "  who    step send",
        "  host   mail.example.org",
        "  │ +Dear Ada",
        "  1  approve: do exactly what is shown, once",
        "  2  deny: do not do it; the step fails for good, and the run ends",
    ]
    assert [choice.command for choice in card.choices] == [
        "understudy answer a1b2 send:1 approve",
        "understudy answer a1b2 send:1 deny",
    ]


def test_the_plan_shows_who_takes_over_what_is_touched_and_where_a_person_decides() -> None:
    assert (
        "\n".join(plan_lines(PLAN, {"to": "Ada", "cc": None}))
        == """\
Plan of Letters 1.0
  to = Ada
  cc = (not given)
write
  ○ write  ask writer
           understudies: editor
           agent writer · openai/x · tools file.read
           agent editor · no model is set, so it will fail
           up to 2 tries
  ○ send   skill
           after write · at most 1 m 30 s each
           unsafe: not repeated where it may have happened
           ‖ a person decides before it acts
2 steps · 1 place where a person decides · 1 unsafe · models: openai/x"""
    )


def test_what_an_agent_changes_with_its_tools_is_told_and_what_it_looks_at_is_a_detail() -> None:
    state = replay("r", [e.Recorded(1, 0.0, JOURNAL[0])])

    def told(effect: e.Effect, spec: Json) -> tuple[str, bool]:
        sentence = tell(e.CallStarted("write", "turn1/tool1", 1, effect, spec, "d", "k"), state)
        return sentence.text, sentence.detail

    writes: Json = {"tool": "file.write", "arguments": {"path": "a.md"}}
    assert told("idempotent", writes) == ("turn1/tool1: file.write path=a.md", False)
    assert told("pure", writes)[1]
    assert told("idempotent", {"agent": "writer", "heard": []})[1]
    declined = tell(e.CallFinished("write", "turn1/tool1", {"text": "No.", "misuse": False, "declined": True}), state)
    assert (declined.text, declined.badge.glyph) == ("turn1/tool1: declined, nothing was done", "↷")
    for why in ({"misuse": False, "declined": False}, {"misuse": True}):
        refused = tell(e.CallFinished("write", "turn1/tool1", {"text": "a is refused: denied by a.", **why}), state)
        assert refused.text == "turn1/tool1 was not done: a is refused: denied by a."
        assert not refused.detail
    told_so = {"text": as_failure("file.write", Failure("business", "it is full")), "misuse": False}
    failed = tell(e.CallFinished("write", "turn1/tool1", told_so), state)
    assert (failed.text, failed.detail) == ("turn1/tool1 failed, and the agent was told so", False)


def test_an_answer_about_a_tool_says_which_was_meant() -> None:
    asked = e.Asked("write:1", "write", "k", "approval", "writer wants to use command: Run git", tool="command")
    journal = [*JOURNAL[:3], asked]
    state = replay("r", [e.Recorded(n, float(n), event) for n, event in enumerate(journal, 1)])
    assert (
        tell(e.Answered("write:1", "deny", note="no", by="ada"), state).text
        == "answered deny to command: Run git by ada: no"
    )
