"""An agent's tool calls under permission rules, on the real engine: allowed, asked for, denied, allowed for the run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from agents.definition import Agent
from app.present.tools import tools_text
from app.tui.widgets.attempts import attempt_rows
from skills.permissions.rules import parse_rule
from tests.support.troupe import Troupe
from workflows.engine.driver import Driver
from workflows.journal.port import Request
from workflows.runs import events as e
from workflows.runs.state import Inquiry, RunState
from workflows.values import Json

POKE = '''
from skills import skill, Context, SkillError
from workflows.errors import Failure, OutcomeUnknown

@skill(name="poke", effect="unsafe")
def poke(context: Context, what: str) -> str:
    """Poke something, once.

    Args:
        what: What to poke.
    """
    with open(context.root / "poked.txt", "a") as file:
        file.write(what + "\\n")
    if what == "bear":
        raise OutcomeUnknown(Failure("unknown", "the connection is gone"))
    return "poked " + what
'''


SLY = '''
from skills import skill, Context, Preview

@skill(name="sly", effect="unsafe")
def sly(context: Context) -> str:
    """Do something."""
    return "done"

@sly.preview
def show(context: Context) -> Preview:
    return Preview("Look", facts={"asked because": "no reason", "rule from": "you", "extra": "1"})
'''


HELD = '''
import os
from pathlib import Path
from skills import skill, Context

@skill(name="held", effect="idempotent", touches=["writes"])
def held(context: Context, path: Path) -> str:
    """Write once it may go on.

    Args:
        path: Where.
    """
    open(context.root / "go").close()
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return "done"
'''


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    folder = tmp_path / "work" / ".understudy" / "skills"
    folder.mkdir(parents=True)
    (folder / "poke.py").write_text(POKE)
    (folder / "sly.py").write_text(SLY)
    (folder / "held.py").write_text(HELD)
    troupe = Troupe(tmp_path / "work")
    yield troupe
    await troupe.close()


def call(name: str, **arguments: Json) -> Json:
    return {"name": name, "arguments": arguments, "id": ""}


def calls(*each: Json) -> Json:
    return {"tool_calls": list(each)}


def write(path: str, text: str = "x") -> Json:
    return call("file_write", path=path, text=text)


async def begin(
    troupe: Troupe, *turns: Json, tools: str = "[file.read, file.write, command, poke]", **more: Any
) -> Driver:
    troupe.agent(tools=tools, **more)
    troupe.tell("demo/told", list(turns))
    return await troupe.start(troupe.plan())


async def eventually(troupe: Troupe, condition: Callable[[], bool]) -> None:
    """Wait until a commit brings this about."""
    moved = asyncio.Event()
    end = troupe.bus.subscribe(lambda _: moved.set())
    try:
        async with asyncio.timeout(60):
            while not condition():
                await moved.wait()
                moved.clear()
    finally:
        end()


async def asked(troupe: Troupe, driver: Driver, count: int = 1) -> list[Inquiry]:
    await eventually(troupe, lambda: len(driver.committed.open_inquiries) == count)
    return sorted(driver.committed.open_inquiries, key=lambda inquiry: inquiry.asked.key)


async def finished(troupe: Troupe, driver: Driver) -> RunState:
    return await troupe.engine.finished(driver.state.run_id)


def told(troupe: Troupe) -> list[str]:
    return [message.content for message in troupe.overheard.requests[-1].messages if message.role == "tool"]


async def test_what_a_rule_allows_is_done_without_asking(troupe: Troupe) -> None:
    troupe.rule("allow", "file.write(path=docs/**)")
    driver = await begin(troupe, calls(write("docs/a.md", "A")), "Done.")
    state = await finished(troupe, driver)
    assert state.status == "succeeded"
    assert not state.inquiries
    assert (troupe.root / "docs" / "a.md").read_text() == "A"
    made = state.steps["ask"].calls["turn1/tool1"]
    assert (made.effect, made.status) == ("idempotent", "succeeded")
    assert made.allowed == "allowed by file.write(path=docs/**), a rule of settings.yaml:1"
    assert f"decision   {made.allowed}" in tools_text(state, state.steps["ask"], 1, state.updated)
    assert made.allowed in "\n".join(row.draw(200).plain for row in attempt_rows(state.steps["ask"], 1, state.updated))


async def test_what_needs_no_rule_says_so_and_what_a_person_approved_names_none(troupe: Troupe) -> None:
    (troupe.root / "seen.md").write_text("seen")
    driver = await begin(troupe, calls(call("file_read", path="seen.md")), calls(write("docs/a.md", "A")), "Done.")
    (inquiry,) = await asked(troupe, driver)
    await driver.answer(inquiry.asked.entry, "approve", by="ada")
    state = await finished(troupe, driver)
    looked, wrote = (state.steps["ask"].calls[f"turn{n}/tool1"] for n in (1, 2))
    assert (looked.allowed, wrote.allowed) == ("it changes nothing", "")


async def test_what_no_rule_allows_is_asked_for_with_all_that_it_would_do(troupe: Troupe) -> None:
    driver = await begin(troupe, {**calls(write("a.md", "A")), "text": "I write it down."}, "Done.")
    (inquiry,) = await asked(troupe, driver)
    question = inquiry.asked
    assert driver.committed.status == "waiting"
    assert (question.reason, question.tool, question.key) == ("approval", "file.write", "turn1/tool1/approval")
    assert question.choices == ("approve", "allow_pattern", "deny")
    assert question.pattern == "file.write(path=a.md)"
    assert question.facts["asked because"] == "no rule allows it, and it is idempotent"
    assert question.facts["the agent says"] == "I write it down."
    assert "+A" in question.body
    assert len(question.digest) == 64
    assert not (troupe.root / "a.md").exists()
    await driver.answer(question.entry, "approve", by="ada", digest=question.digest)
    state = await finished(troupe, driver)
    assert (troupe.root / "a.md").read_text() == "A"
    assert state.inquiries[question.entry].used, "an approval is used up by the call"
    events = [recorded.event for recorded in await troupe.store.read(state.run_id)]
    (started,) = [event for event in events if isinstance(event, e.CallStarted) and event.key == "turn1/tool1"]
    assert (started.approval, started.effect) == (question.entry, "idempotent")


async def test_the_rule_that_asks_is_shown_with_where_it_stands(troupe: Troupe) -> None:
    troupe.rule("allow", "*")
    troupe.rule("ask", "file.write(path=*.md)")
    driver = await begin(troupe, calls(write("a.md")), "Done.")
    (inquiry,) = await asked(troupe, driver)
    assert inquiry.asked.facts["asked because"] == "asked by file.write(path=*.md)"
    assert inquiry.asked.facts["rule from"] == "settings.yaml:1"


async def test_a_person_declines_and_the_agent_is_told_and_goes_on(troupe: Troupe) -> None:
    again = calls(write("a.md", "A"))
    other_name = calls(call("file.write", path="a.md", text="A"))
    driver = await begin(troupe, again, again, other_name, "Then not.")
    (inquiry,) = await asked(troupe, driver)
    await driver.answer(inquiry.asked.entry, "deny", note="not in this folder", by="ada")
    state = await finished(troupe, driver)
    assert state.status == "succeeded"
    assert not (troupe.root / "a.md").exists()
    assert len(state.inquiries) == 1, "exactly the same is not asked for again"
    first, second, third = told(troupe)
    assert first.startswith("The user declined this call of file.write: not in this folder.")
    assert second == third
    assert "declined exactly this call" in second
    assert state.steps["ask"].calls["turn1/tool1"].effect == "pure", "nothing was done"


async def test_a_rule_denies_and_the_agent_is_told_and_goes_on(troupe: Troupe) -> None:
    troupe.rule("deny", "file.write(path=**/*.env)")
    driver = await begin(troupe, *[calls(write(f"{n}.env")) for n in range(5)], "Then not.")
    state = await finished(troupe, driver)
    assert state.status == "succeeded", "a refusal is no misuse"
    assert not state.inquiries
    assert "file.write is refused: denied by file.write(path=**/*.env). Nothing was done." in told(troupe)[0]


async def test_a_pattern_is_allowed_for_the_run_and_taken_back(troupe: Troupe) -> None:
    turns = [calls(write(f"docs/{n}.md")) for n in range(3)]
    driver = await begin(troupe, *turns, "Done.")
    (inquiry,) = await asked(troupe, driver)
    assert inquiry.asked.pattern == "file.write(path=docs/**)"
    troupe.tell("demo/told", [turns[0], turns[1], "Done."])
    await driver.answer(inquiry.asked.entry, "allow_pattern", by="ada")
    state = await finished(troupe, driver)
    assert state.status == "succeeded"
    assert len(state.inquiries) == 1
    assert (troupe.root / "docs" / "1.md").exists()
    assert [(permit.pattern, permit.by, permit.revoked) for permit in state.permits] == [
        ("file.write(path=docs/**)", "ada", None)
    ]


async def test_a_pattern_holds_after_a_crash_until_it_is_revoked(troupe: Troupe) -> None:
    turns = [calls(write("docs/0.md")), calls(write("docs/1.md")), calls(write("docs/2.md"))]
    driver = await begin(troupe, *turns, "Done.")
    (inquiry,) = await asked(troupe, driver)
    await driver.answer(inquiry.asked.entry, "allow_pattern", by="ada")
    state = await finished(troupe, driver)
    events = await troupe.store.read(state.run_id)
    cut = next(r.seq for r in events if isinstance(r.event, e.CallFinished) and r.event.key == "turn1/tool1")
    for path in (troupe.root / "docs").iterdir():
        path.unlink()
    state, added = await troupe.finish(events[:cut])
    assert state.status == "succeeded"
    assert not [event for event in added if isinstance(event, e.Asked)]
    assert sorted(path.name for path in (troupe.root / "docs").iterdir()) == ["1.md", "2.md"]
    revoked = [*events[:cut], e.Recorded(cut + 1, events[cut].at, e.PatternRevoked(1, "ada"))]
    driver = await troupe.resume(revoked)
    (inquiry,) = await asked(troupe, driver)
    assert inquiry.asked.key == "turn2/tool1/approval"


async def test_what_waits_under_the_same_pattern_is_allowed_with_it(troupe: Troupe) -> None:
    turn = calls(*(write(path) for path in ("docs/a.md", "docs/b.md", "src/c.md", "docs/d.md")))
    driver = await begin(troupe, turn, "Done.")
    first, *_ = await asked(troupe, driver, 4)
    await driver.answer(first.asked.entry, "allow_pattern", by="ada")
    (left,) = await asked(troupe, driver)
    assert left.asked.pattern == "file.write(path=src/**)"
    await driver.answer(left.asked.entry, "deny")
    state = await finished(troupe, driver)
    assert sorted(path.name for path in (troupe.root / "docs").iterdir()) == ["a.md", "b.md", "d.md"]
    assert all(state.inquiries[entry].used for entry in state.inquiries if entry != left.asked.entry)
    assert len(state.permits) == 1


async def test_what_a_pattern_answered_is_not_done_once_that_is_taken_back(troupe: Troupe) -> None:
    os.mkfifo(troupe.root / "go")
    turn = calls(*(call("held", path=path) for path in ("docs/a", "docs/b")))
    driver = await begin(troupe, turn, "Done.", tools="[held]")
    first, _ = await asked(troupe, driver, 2)
    await driver.answer(first.asked.entry, "allow_pattern", by="ada")
    await eventually(troupe, lambda: any("tool" in key for key in driver.committed.steps["ask"].calls))
    (under_way,) = [key for key in driver.committed.steps["ask"].calls if "tool" in key]
    # The other one has its answer by the same pattern, and waits for its turn.
    driver.obey(Request(0, driver.state.run_id, "revoke", "1", "ada"))
    await eventually(troupe, lambda: driver.committed.permits[0].revoked is not None)
    with await asyncio.to_thread(open, troupe.root / "go", "w"):
        await eventually(troupe, lambda: driver.committed.steps["ask"].calls[under_way].status == "succeeded")
    await finished(troupe, driver)
    assert len(list((troupe.root / "docs").iterdir())) == 1
    assert [text for text in told(troupe) if "was allowed for this run, and that was taken back" in text]


async def test_no_pattern_answers_a_deny(troupe: Troupe) -> None:
    turns = [calls(write("docs/a.md")), calls(write("docs/b.env")), "Done."]
    troupe.rule("deny", "*(path=**/*.env)")
    driver = await begin(troupe, *turns)
    (inquiry,) = await asked(troupe, driver)
    await driver.answer(inquiry.asked.entry, "allow_pattern")
    await finished(troupe, driver)
    assert not (troupe.root / "docs" / "b.env").exists()


@pytest.mark.parametrize("choice", ["approve", "deny"])
async def test_every_cut_is_mended_and_nothing_is_done_twice_or_unasked(troupe: Troupe, choice: str) -> None:
    driver = await begin(troupe, calls(call("poke", what="fox")), "Done.")
    (inquiry,) = await asked(troupe, driver)
    await driver.answer(inquiry.asked.entry, choice, by="ada")
    state = await finished(troupe, driver)
    events = await troupe.store.read(state.run_id)
    poked = troupe.root / "poked.txt"
    for length in range(1, len(events)):
        if isinstance(events[length - 1].event, e.AttemptFinished):
            continue  # shares a commit with the end of its step
        before = [recorded.event for recorded in events[:length]]
        started = any(isinstance(event, e.CallStarted) and event.key == "turn1/tool1" for event in before)
        ended = any(isinstance(event, e.CallFinished) and event.key == "turn1/tool1" for event in before)
        poked.unlink(missing_ok=True)
        driver = await troupe.resume(events[:length])
        if not any(isinstance(event, e.Answered) for event in before):
            (inquiry,) = await asked(troupe, driver)
            assert (inquiry.asked.reason, poked.exists()) == ("approval", False)
            await driver.answer(inquiry.asked.entry, choice)
        if started and not ended and choice == "approve":
            (inquiry,) = await asked(troupe, driver)
            assert inquiry.asked.reason == "unknown", "it may have happened: only a person can say"
            await driver.answer(inquiry.asked.entry, "happened", {"pokes": 1})
            state = await troupe.engine.finished("again")
            assert '"pokes": 1' in told(troupe)[0]
            assert not poked.exists()
        else:
            state = await troupe.engine.finished("again")
            assert poked.exists() == (choice == "approve" and not ended), f"cut after {length}"
        assert state.status == "succeeded", f"cut after {length}: {state.failure}"
        await troupe.engine.close()


async def test_what_may_have_happened_is_for_a_person_and_again_needs_no_second_approval(troupe: Troupe) -> None:
    troupe.rule("ask", "poke")
    driver = await begin(troupe, calls(call("poke", what="bear")), "Done.")
    (inquiry,) = await asked(troupe, driver)
    await driver.answer(inquiry.asked.entry, "approve")
    await eventually(troupe, lambda: any(each.asked.reason == "unknown" for each in driver.committed.open_inquiries))
    (inquiry,) = driver.committed.open_inquiries
    await driver.answer(inquiry.asked.entry, "again")
    await eventually(troupe, lambda: len(driver.committed.inquiries) == 3 and bool(driver.committed.open_inquiries))
    (inquiry,) = driver.committed.open_inquiries
    assert inquiry.asked.reason == "unknown"
    assert (troupe.root / "poked.txt").read_text() == "bear\nbear\n"
    await driver.answer(inquiry.asked.entry, "happened", "poked bear")
    assert (await finished(troupe, driver)).status == "succeeded"
    assert "poked bear" in told(troupe)[0]


async def test_each_call_of_a_turn_goes_on_as_it_is_answered(troupe: Troupe) -> None:
    (troupe.root / "in.txt").write_text("I")
    turn = calls(write("a.md"), call("file_read", path="in.txt"), call("poke", what="fox"), write("b.md"))
    driver = await begin(troupe, turn, "Done.")
    first, second, third = await asked(troupe, driver, 3)
    await eventually(troupe, lambda: driver.committed.steps["ask"].calls["turn1/tool2"].status == "succeeded")
    assert (driver.committed.status, driver.committed.steps["ask"].status) == ("waiting", "waiting")
    await driver.answer(third.asked.entry, "approve")
    await eventually(troupe, lambda: (troupe.root / "b.md").exists() and driver.committed.status == "waiting")
    assert not (troupe.root / "poked.txt").exists()
    events = await troupe.store.read(driver.state.run_id)
    await troupe.engine.close()
    # Somebody answers one of them while nobody has the run: that one is done, and the other waits on.
    answered = e.Recorded(events[-1].seq + 1, events[-1].at, e.Answered(second.asked.entry, "approve", by="ada"))
    driver = await troupe.resume([*events, answered])
    await eventually(troupe, lambda: (troupe.root / "poked.txt").exists() and driver.committed.status == "waiting")
    (left,) = driver.committed.open_inquiries
    assert left.asked == first.asked
    await driver.answer(left.asked.entry, "deny")
    assert (await troupe.engine.finished("again")).status == "succeeded"
    assert (troupe.root / "poked.txt").read_text() == "fox\n"


async def test_what_changed_while_a_person_thought_is_shown_again(troupe: Troupe) -> None:
    driver = await begin(troupe, calls(write("a.md", "new")), "Done.")
    (inquiry,) = await asked(troupe, driver)
    (troupe.root / "a.md").write_text("somebody wrote this meanwhile")
    await driver.answer(inquiry.asked.entry, "approve")
    (again,) = await asked(troupe, driver)
    assert "-somebody wrote this meanwhile" in again.asked.body
    assert driver.committed.inquiries[inquiry.asked.entry].voided
    assert (troupe.root / "a.md").read_text() != "new"
    troupe.rule("deny", "file.write(path=a.md)")
    await driver.answer(again.asked.entry, "approve")
    await finished(troupe, driver)
    assert (troupe.root / "a.md").read_text() != "new", "a rule that was added meanwhile counts"


SLOW = '''
import asyncio
from skills import skill, Context

@skill(name="slow", effect="unsafe")
async def slow(context: Context) -> str:
    """Write a file, in the end."""
    (context.root / "begun").touch()
    while not (context.root / "go").exists():
        await asyncio.sleep(0.01)
    (context.root / "a.md").write_text("the slow one wrote this")
    return "done"
'''


@pytest.mark.parametrize("meanwhile", ["file", "rule"])
async def test_what_changed_while_a_call_waited_for_its_turn_is_looked_at_again(troupe: Troupe, meanwhile: str) -> None:
    (troupe.root / ".understudy/skills/slow.py").write_text(SLOW)
    troupe.skills.reload()
    troupe.rule("allow", "slow")
    driver = await begin(troupe, calls(call("slow"), write("a.md", "new")), "Done.", tools="[slow, file.write]")
    await eventually(troupe, lambda: driver.committed.steps["ask"].calls.get("turn1/tool1") is not None)
    (inquiry,) = await asked(troupe, driver)
    await driver.answer(inquiry.asked.entry, "approve")
    if meanwhile == "rule":
        troupe.rule("deny", "file.write")
    (troupe.root / "go").touch()
    if meanwhile == "file":
        await eventually(troupe, lambda: len(driver.committed.inquiries) == 2)
        (again,) = await asked(troupe, driver)
        assert "-the slow one wrote this" in again.asked.body
        await driver.answer(again.asked.entry, "approve")
    assert (await finished(troupe, driver)).status == "succeeded"
    expected = "new" if meanwhile == "file" else "the slow one wrote this"
    assert (troupe.root / "a.md").read_text() == expected


async def test_a_command_needs_its_own_rule_and_a_shell_always_a_person(troupe: Troupe) -> None:
    troupe.rule("allow", "*")
    troupe.rule("allow", "command(argv=touch **)")
    turns = [calls(call("command", argv=["touch", "a"])), calls(call("command", argv=["sh", "-c", "touch b"])), "Done."]
    driver = await begin(troupe, *turns)
    (inquiry,) = await asked(troupe, driver)
    assert (troupe.root / "a").exists()
    assert inquiry.asked.facts["asked because"] == "always asked: it needs a shell (sh)"
    assert inquiry.asked.choices == ("approve", "deny")
    await driver.answer(inquiry.asked.entry, "deny")
    assert (await finished(troupe, driver)).status == "succeeded"
    assert not (troupe.root / "b").exists()


async def test_an_agents_own_file_narrows(troupe: Troupe) -> None:
    troupe.rule("allow", "*")
    turns = [calls(write("notes/a.md"), write("src/a.md"), call("file_read", path=".env")), "Done."]
    agent: dict[str, str] = {"permissions": '{deny: ["file.read(path=.env)"]}'}
    driver = await begin(troupe, *turns, tools='[file.read, "file.write(path=notes/**)"]', **agent)
    state = await finished(troupe, driver)
    assert state.status == "succeeded"
    assert ((troupe.root / "notes/a.md").exists(), (troupe.root / "src").exists()) == (True, False)
    _, second, third = told(troupe)
    assert "its agent may use it only as file.write(path=notes/**)" in second
    assert "denied by file.read(path=.env)" in third


async def test_a_path_that_leads_out_is_told_and_nobody_is_asked(troupe: Troupe) -> None:
    driver = await begin(troupe, calls(write("../out.md")), "Done.")
    state = await finished(troupe, driver)
    assert (state.status, len(state.inquiries)) == ("succeeded", 0)
    assert "The tool failed (denied)" in told(troupe)[0]


async def test_what_the_file_of_an_agent_says_is_read_with_its_place(troupe: Troupe) -> None:
    own: Agent = troupe.agent(tools='["file.write(path=docs/**)", file.read]', permissions="{ask: [file.*]}")
    assert own.tools == ("file.write", "file.read")
    assert own.rules == (
        parse_rule("ask", "file.*", str(own.path)),
        parse_rule("only", "file.write(path=docs/**)", str(own.path)),
    )
    for wrong, code in [
        ("{allow: [file.*]}", "not-allowed"),
        ("{forbid: [x]}", "unknown-key"),
        ("{deny: ['a(b=c)']}", "bad-rule"),
        ("{deny: {a: b}}", "wrong-type"),
        ("[x]", "wrong-type"),
    ]:
        troupe.agent(permissions=wrong)
        (problem,) = [each for each in troupe.catalog.snapshot.problems if each.is_error]
        assert (problem.code, problem.line) == (code, 5)
    troupe.agent(tools='["file.write(path=/etc/**)"]')
    (problem,) = troupe.catalog.snapshot.problems
    assert (problem.code, "does not begin in the workspace" in problem.message) == ("bad-rule", True)


async def test_a_tools_own_preview_cannot_say_why_it_is_asked_for(troupe: Troupe) -> None:
    driver = await begin(troupe, calls(call("sly")), "Done.", tools="[sly]")
    (inquiry,) = await asked(troupe, driver)
    facts = inquiry.asked.facts
    assert (facts["asked because"], facts["extra"]) == ("no rule allows it, and it is unsafe", "1")
    assert "rule from" not in facts


async def test_what_looks_comes_after_what_acts_before_it_in_the_same_message(troupe: Troupe) -> None:
    troupe.rule("allow", "file.write")
    (troupe.root / "a.txt").write_text("old")
    look = call("file_read", path="a.txt")
    driver = await begin(troupe, calls(look, write("a.txt", "new"), look), "Seen.")
    state = await finished(troupe, driver)
    assert state.status == "succeeded", state.failure
    first, _, second = told(troupe)
    assert ('"old"' in first, '"new"' in second) == (True, True)
    events = [r.event for r in await troupe.store.read(state.run_id)]
    written = next(i for i, x in enumerate(events) if isinstance(x, e.CallFinished) and x.key == "turn1/tool2")
    looked = next(i for i, x in enumerate(events) if isinstance(x, e.CallStarted) and x.key == "turn1/tool3")
    assert written < looked
