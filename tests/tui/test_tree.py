"""The list of steps: its order, its depth, what is folded away, what waits next. Of real runs on the real engine."""

from __future__ import annotations

from app.tui.outline import outline, progress
from app.tui.tree import Tree
from app.tui.widgets.rail import Shape, rail_rows, whole_shape
from tests.support.flows import Flow, failure, steps
from tests.support.plans import Deed
from workflows.errors import CallFailed
from workflows.runs.state import RunState

EACH = steps(
    """
    - {id: scan, type: do}
    - {id: each, type: do, foreach: {in: "${{ parameters.items }}", max_parallel: 2000}, with_: x, approve: before}
    - {id: last, type: do}
    """
).replace("name: Flow", "name: Flow\nparameters: [{name: items, type: array}]")


async def waiting(count: int) -> tuple[Flow, RunState]:
    """A run in which as many items wait for a person."""
    flow = Flow()
    driver = await flow.start(EACH, attended=True, items=[f"item {n}" for n in range(count)])
    await flow.waiting(driver, count)
    return flow, driver.committed


def texts(shape: Shape, width: int = 78) -> list[str]:
    return [row.draw(width).plain.rstrip() for row in rail_rows(shape)]


async def fail(deed: Deed) -> None:
    raise CallFailed(failure(message=f"{deed.step} broke"))


async def test_what_is_inside_or_about_a_step_stands_below_it_and_says_what_it_is() -> None:
    flow = Flow(child="name: Child\nsteps: [{id: inner, type: do, undo: {type: do}}]\n")
    flow.world.acts["boom"] = fail
    state = await flow.run(
        """
name: Flow
steps:
  - {id: child, type: workflow, workflow: child}
  - {id: both, type: parallel, steps: [{id: left, type: do}, {id: right, type: do, undo: {type: do}}]}
  - {id: boom, type: do, on_failure: rollback}
rollback: {steps: [{id: tidy, type: do}]}
finally: {steps: [{id: close, type: do}]}
"""
    )
    assert [(node.depth, node.name, node.above) for node in outline(state).nodes] == [
        (0, "child", ""),
        (1, "inner", ""),
        (0, "both", ""),
        (1, "left", ""),
        (1, "right", ""),
        (0, "boom", ""),
        (1, "undo both>right", "~undo"),
        (1, "undo child>inner", ""),
        (1, "tidy", "~rollback"),
        (1, "close", "~finally"),
    ]
    rows = texts(whole_shape(state, state.updated))
    assert [row[:27].rstrip() for row in rows if "undo " in row] == [
        " undo               ✓ done",
        " ├ undo both>right  ✓ done",
        " └ undo child>inner ✓ done",
    ]
    assert any("right" in row and "↶ undone" in row for row in rows)
    assert any(row.startswith(" both ▾") and "1/2 ↶ 1" in row for row in rows)


async def test_a_handlers_steps_stand_below_what_failed_under_a_heading() -> None:
    flow = Flow()
    flow.world.acts["boom"] = fail
    state = await flow.run(
        """
name: Flow
steps: [{id: boom, type: do}]
error_handlers:
  - {error: any, action: continue, steps: [restore]}
rollback: {steps: [{id: restore, type: do}]}
"""
    )
    rows = texts(whole_shape(state, state.updated))
    place = next(at for at, row in enumerate(rows) if row.strip().startswith("handler of any, then continue"))
    assert rows[place - 1].startswith(" boom ▾")
    assert rows[place + 1].startswith("   └ restore")


async def test_many_items_are_folded_unless_one_needs_somebody_or_is_selected() -> None:
    flow, state = await waiting(8)
    tree = Tree()
    tree.read(state)
    assert len(tree.shown("scan")) == 11
    driver = flow.engine.drivers[state.run_id]
    for n in range(8):
        await driver.answer(f"each[{n}]:1", "approve")
    state = await flow.finished(driver)
    tree.read(state)
    assert len(tree.shown("scan")) == 3
    assert len(tree.shown("each[3]")) == 11
    tree.folded["each"] = False
    assert len(tree.shown("scan")) == 11


async def test_what_a_person_folded_stays_so_and_counts_what_waits_in_it() -> None:
    _, state = await waiting(3)
    tree = Tree()
    tree.read(state)
    tree.folded["each"] = True
    shown = tree.shown("each[1]")
    assert [tree.outline.nodes[place].address for place in shown] == ["scan", "each", "last"]
    assert tree.seen_at("each[1]") == "each"
    assert progress(state, state.steps["each"], tree.needing[1]) == "0/3 done · 3 wait"
    rows = texts(Shape(state, state.updated, "", tree.outline, shown, tree.needing, "each"))
    assert any(row.startswith("▌each ▸") and "‖ needs you" in row and "0/3 ‖ 3" in row for row in rows)
    tree.unfold_to("each[1]")
    assert len(tree.shown("scan")) == 6


async def test_what_waits_is_gone_through_as_it_is_read_and_round_again() -> None:
    _, state = await waiting(3)
    tree = Tree()
    tree.read(state)

    def after(selected: str, by: int = 1) -> str:
        found = tree.next_asked(selected, by)
        assert found is not None
        return found.asked.step

    assert [after("scan"), after("each"), after("each[0]"), after("each[2]"), after("*")] == [
        "each[0]",
        "each[0]",
        "each[1]",
        "each[0]",
        "each[0]",
    ]
    assert [after("each[0]", -1), after("each[2]", -1)] == ["each[2]", "each[1]"]
    # After the last one, the gate shows the first again.
    shown = tree.asked_at("last")
    assert shown is not None
    assert shown.asked.step == "each[0]"


async def test_a_thousand_items_cost_a_frame_only_the_rows_that_are_seen() -> None:
    flow, state = await waiting(1_000)
    tree = Tree()
    tree.read(state)
    before = tree.outline
    driver = flow.engine.drivers[state.run_id]
    await driver.answer("each[7]:1", "approve")
    await flow.waiting(driver, 999)
    tree.read(driver.committed)
    # The tree is made anew only where a scope opens, and a row only where it is drawn.
    assert tree.outline is before
    rows = rail_rows(Shape(driver.committed, 0.0, "", tree.outline, tree.shown("scan"), tree.needing, ""))
    assert len(rows) == 1_005
    assert "[5] item 5" in rows[9].draw(78).plain


async def test_a_long_time_is_not_cut() -> None:
    flow = Flow()
    driver = await flow.start("name: Long\nsteps: [{id: a, type: approval, show: x}]\n", attended=True)
    await flow.waiting(driver, 1)
    state = driver.committed
    for passed, shown in ((754, " 12m34s "), (45_240, " 12h34m "), (200 * 86_400 + 80_000, " 200d22h ")):
        head, *rows = texts(whole_shape(state, state.started + passed))
        assert all(shown in row for row in rows)
        assert head.index("time") + len("time") == rows[0].index(shown) + len(shown) - 1
