"""Agents that hand a part of their task over: whose calls are whose, within which limits, through a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.agents.test_permissions import asked, finished
from tests.support.troupe import Troupe
from workflows.planning.plan import Budget
from workflows.runs import events as e
from workflows.runs.state import RunState
from workflows.values import Json


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    """A helper, who hands over to a researcher, who reads a file."""
    troupe = Troupe(tmp_path / "work")
    (troupe.root / "a.txt").write_text("The answer is 42.")
    troupe.agent(agents="[researcher]")
    troupe.agent("researcher", "You find out.", model="demo/researcher", tools="[file.read]")
    troupe.tell("demo/told", [hand_over("researcher", "What is in a.txt?"), "It is 42."])
    troupe.tell("demo/researcher", [use("file_read", path="a.txt"), "It says 42."])
    yield troupe
    await troupe.close()


def use(tool: str, **arguments: Json) -> Json:
    return {"tool_calls": [{"name": tool, "arguments": arguments}]}


def hand_over(*errands: str) -> Json:
    pairs = zip(errands[::2], errands[1::2], strict=True)
    return {"tool_calls": [{"name": "delegate", "arguments": {"agent": who, "task": task}} for who, task in pairs]}


async def started(troupe: Troupe, run: str) -> list[str]:
    return [r.event.key for r in await troupe.store.read(run) if isinstance(r.event, e.CallStarted)]


def told(state: RunState, key: str = "turn1/tool1") -> str:
    return str(state.steps["ask"].calls[key].output["text"])


async def test_another_agent_does_it_and_its_answer_comes_back_as_data(troupe: Troupe) -> None:
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert (state.outputs["answer"]["text"], state.outputs["answer"]["agent"]) == ("It is 42.", "helper")
    inside = "turn1/tool1/researcher"
    assert await started(troupe, state.run_id) == [
        "turn1",
        f"{inside}/turn1",
        f"{inside}/turn1/tool1",
        f"{inside}/turn2",
        "turn1/tool1",
        "turn2",
    ]
    assert state.steps["ask"].calls[f"{inside}/turn1"].spec == {"agent": "researcher", "heard": "What is in a.txt?"}
    (offered,) = troupe.overheard.requests[0].tools
    assert offered.name == "delegate"
    assert "- researcher: The researcher" in offered.description
    first = troupe.overheard.requests[1].messages
    assert [message.content for message in first][1:] == ["What is in a.txt?"], "it knows nothing of what was said"
    assert told(state).startswith("[data ")
    assert "from the tool agent researcher]\nIt says 42.\n[end of data" in told(state)
    assert "".join(troupe.streamed) == "researcher │ It says 42.\n\nIt is 42.", "its words come as it says them"
    notes = [r.event.text for r in await troupe.store.read(state.run_id) if isinstance(r.event, e.Noted)]
    assert notes == ["helper hands over to researcher: What is in a.txt?"]


async def test_a_crash_anywhere_repeats_nothing_that_was_done(troupe: Troupe) -> None:
    events = await troupe.store.read((await troupe.run()).run_id)
    for length in range(2, len(events)):
        if isinstance(events[length - 1].event, e.AttemptFinished):
            continue  # shares a commit with the end of its step
        done = {r.event.key for r in events[:length] if isinstance(r.event, e.CallFinished)}
        state, added = await troupe.finish(events[:length])
        assert state.outputs["answer"]["text"] == "It is 42."
        again = [event.key for event in added if isinstance(event, e.CallStarted)]
        assert not done & set(again)
        assert len(again) == 6 - len(done)


async def test_several_errands_go_on_side_by_side(troupe: Troupe) -> None:
    troupe.agent("checker", "You check.", model="demo/checker")
    troupe.agent(agents="researcher, checker")
    troupe.tell("demo/told", [hand_over("researcher", "Read.", "checker", "Check."), "Both agree."])
    troupe.tell("demo/checker", ["Right."])
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert "It says 42." in told(state)
    assert "Right." in told(state, "turn1/tool2")
    said = "".join(troupe.streamed)
    assert sorted(said.split("\n\n")) == ["Both agree.", "checker │ Right.", "researcher │ It says 42."]
    keys = await started(troupe, state.run_id)
    assert keys.index("turn1/tool2/checker/turn1") < keys.index("turn1/tool1"), "it does not wait for the other"


async def test_a_task_is_handed_on_twice_at_most_and_never_back(troupe: Troupe) -> None:
    chain = ["helper", "second", "third", "fourth"]
    for who, to in zip(chain, [*chain[1:], "helper"], strict=True):
        troupe.agent(who, model=f"demo/{who}", agents=f"[{to}, helper]")
        troupe.tell(f"demo/{who}", [hand_over(to, "Do it."), f"{who} did what could be done."])
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    offered = {request.model: [tool.name for tool in request.tools] for request in troupe.overheard.requests}
    assert offered == {"demo/helper": ["delegate"], "demo/second": ["delegate"], "demo/third": []}
    assert "There is no tool 'delegate'" in told(state, "turn1/tool1/second/turn1/tool1/third/turn1/tool1")
    assert "tool helper is refused: the task comes from it" in "".join(troupe.logged)


async def test_another_agent_that_fails_is_an_answer_too(troupe: Troupe) -> None:
    troupe.agent("researcher", model="demo/nobody")
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert told(state).startswith("The tool failed (dependency).")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"agent": "nobody", "task": "Do it."}, "There is no agent 'nobody'. There are: researcher."),
        ({"agent": "researcher"}, "takes an agent and a task"),
        ({"agent": "researcher", "task": ["Do it."]}, "takes an agent and a task"),
        ({"agent": "researcher", "task": "Do it.", "model": "dear"}, "takes an agent and a task"),
    ],
)
async def test_a_wrong_errand_is_told(troupe: Troupe, arguments: Json, why: str) -> None:
    troupe.tell("demo/told", [use("delegate", **arguments), "Then not."])
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert why in told(state)
    assert state.steps["ask"].calls["turn1/tool1"].output["misuse"] is True


async def test_one_hands_over_so_often_and_no_more(troupe: Troupe) -> None:
    troupe.tell("demo/told", [hand_over(*["researcher", "Read."] * 9), "Enough."])
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert "You may hand over 8 times." in told(state, "turn1/tool9")
    assert "turn1/tool8/researcher/turn2" in state.steps["ask"].calls


async def test_the_rules_of_who_hands_over_bind_who_takes_it(troupe: Troupe) -> None:
    troupe.rule("allow", "file.write")
    troupe.agent(agents="[researcher]", tools="[file.write(path=docs/**)]")
    troupe.agent("researcher", model="demo/researcher", tools="[file.write(path=src/**)]")
    troupe.tell("demo/researcher", [use("file_write", path="src/a.py", text="x"), "I may not."])
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert "only as file.write(path=docs/**)" in told(state, "turn1/tool1/researcher/turn1/tool1")
    assert not (troupe.root / "src").exists()


async def test_a_person_is_asked_what_the_other_agent_may_do(troupe: Troupe) -> None:
    troupe.agent("researcher", model="demo/researcher", tools="[file.write]")
    troupe.tell("demo/researcher", [use("file_write", path="b.txt", text="x"), "Written."])
    driver = await troupe.start(troupe.plan(), attended=True)
    (inquiry,) = await asked(troupe, driver)
    assert inquiry.asked.title.startswith("researcher wants to use file.write")
    assert inquiry.asked.key == "turn1/tool1/researcher/turn1/tool1/approval"
    await driver.answer(inquiry.asked.entry, "approve", by="ada", digest=inquiry.asked.digest)
    state = await finished(troupe, driver)
    assert state.status == "succeeded", state.failure
    assert (troupe.root / "b.txt").read_text() == "x"


async def test_what_others_spend_counts_against_the_budget_of_the_run(troupe: Troupe) -> None:
    troupe.agent("researcher", model="real/priceless")
    troupe.models.entries["real/"] = troupe.overheard  # type: ignore[index]  # the test's own mapping
    driver = await troupe.start(replace(troupe.plan(), budget=Budget(1.0, "abort")))
    state = await troupe.engine.finished(driver.state.run_id)
    assert state.status == "failed"
    assert state.failure is not None
    assert state.failure.kind == "budget"
    assert "turn1/tool1" not in state.steps["ask"].calls, "the agent is not told that there is no money"


async def test_agents_that_may_not_act_are_not_offered(troupe: Troupe) -> None:
    troupe.agent(agents="[reseacher, helper]")
    troupe.tell("demo/told", ["Alone, then."])
    state = await troupe.run()
    assert state.status == "succeeded"
    assert troupe.overheard.requests[0].tools == ()
    logged = "".join(troupe.logged)
    assert "reseacher is refused: there is no such agent; did you mean" in logged
    assert "helper is refused: the task comes from it" in logged


async def test_a_rule_can_deny_handing_over(troupe: Troupe) -> None:
    troupe.rule("deny", "delegate")
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    assert troupe.overheard.requests[0].tools == ()
    assert "delegate is refused: the rule deny delegate" in "".join(troupe.logged)
    assert await started(troupe, state.run_id) == ["turn1", "turn1/tool1", "turn2"]
