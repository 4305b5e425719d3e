"""Edits of a workflow's text: what is asked for changes, and nothing else."""

# ruff: noqa: E501  # lines of workflows as they are
from __future__ import annotations

from difflib import unified_diff
from textwrap import dedent

import pytest

from composer.edit import (
    AddItem,
    AddStage,
    AddStep,
    After,
    AtEnd,
    Before,
    Edit,
    EditRefused,
    Inside,
    MergeStages,
    MoveStep,
    RemoveField,
    RemoveStep,
    RenameParameter,
    RenameStep,
    RunTogether,
    SetField,
    SetStage,
    SplitStage,
    apply,
    describe,
    readers_of,
    stages_of,
    steps_of,
)

FILE = dedent(
    """\
    # What this is about
    name: Release   # for people
    parameters:
      - {name: repo, type: path, default: "."}

    stages:
      - name: gather
        # both only read
        steps:
          # the history
          - id: log
            type: skill
            skill: git.log
            parameters: {repo: "${{ parameters.repo }}"}
            # limit: 20

          - id: tests
            type: skill
            skill: 'run.tests'   # the quick ones
            when: steps.log.output.count > 0

      # then the text
      - name: write
        steps:
          - id: notes
            type: agent
            agent: writer
            input: |
              Write notes from ${{ steps.log.output.commits | tojson }}.
              Be short.
          - {id: save, type: skill, skill: file.write, parameters: {text: "${{ steps['notes'].output.text }}"}}
    outputs: {notes: "${{ steps.notes.output }}"}
    # the end
    """
)

PARALLEL = dedent(
    """\
    workflow:
      name: Build
      stages:
        - name: build
          parallel: true
          steps:
            - {id: a, type: transform, value: 1}
            - {id: b, type: transform, value: 2, needs: [a]}
            - {id: c, type: transform, value: 3, needs: [b]}
    """
)

STEP = {"id": "new", "type": "transform", "value": 1}


def changes(text: str, *edits: Edit) -> list[str]:
    """The lines taken out and put in."""
    lines = unified_diff(text.splitlines(), apply(text, edits).splitlines(), n=0, lineterm="")
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (SetField(("budget", "usd"), 1), ["+budget: {usd: 1}"]),
        (SetField(("name",), "Big release"), ["-name: Release   # for people", "+name: Big release   # for people"]),
        (SetField(("timeout",), "5m", "log"), ["+        timeout: 5m"]),
        (
            SetField(("skill",), "it's", "tests"),
            ["-        skill: 'run.tests'   # the quick ones", "+        skill: 'it''s'   # the quick ones"],
        ),
        (
            SetField(("retry",), {"max_attempts": 3, "backoff": "fixed"}, "notes"),
            ["+        retry: {max_attempts: 3, backoff: fixed}"],
        ),
        (
            SetField(("parameters", "limit"), 5, "log"),
            [
                '-        parameters: {repo: "${{ parameters.repo }}"}',
                '+        parameters: {repo: "${{ parameters.repo }}", limit: 5}',
            ],
        ),
        (
            SetField(("input",), "One line", "notes"),
            [
                "-        input: |",
                "-          Write notes from ${{ steps.log.output.commits | tojson }}.",
                "-          Be short.",
                "+        input: One line",
            ],
        ),
        (RemoveField(("when",), "tests"), ["-        when: steps.log.output.count > 0"]),
        (RemoveField(("parameters", "repo"), "log"), ['-        parameters: {repo: "${{ parameters.repo }}"}']),
        (AddItem(("parameters",), {"name": "go", "type": "boolean"}), ["+  - {name: go, type: boolean}"]),
        (
            AddItem(("error_handlers",), {"error": "any", "action": "escalate"}),
            ["+error_handlers:", "+  - {error: any, action: escalate}"],
        ),
        (
            AddStep(STEP, After("log")),
            ["+", "+      - id: new", "+        type: transform", "+        value: 1"],
        ),
        (
            AddStep(STEP, Inside(("rollback", "steps"))),
            ["+rollback:", "+  steps:", "+    - id: new", "+      type: transform", "+      value: 1"],
        ),
        (
            RemoveStep("log"),
            [
                "-      # the history",
                "-      - id: log",
                "-        type: skill",
                "-        skill: git.log",
                '-        parameters: {repo: "${{ parameters.repo }}"}',
                "-        # limit: 20",
                "-",
            ],
        ),
        (
            RenameStep("log", "history"),
            [
                "-      - id: log",
                "+      - id: history",
                "-        when: steps.log.output.count > 0",
                "+        when: steps.history.output.count > 0",
                "-          Write notes from ${{ steps.log.output.commits | tojson }}.",
                "+          Write notes from ${{ steps.history.output.commits | tojson }}.",
            ],
        ),
        (
            RenameParameter("repo", "checkout"),
            [
                '-  - {name: repo, type: path, default: "."}',
                '+  - {name: checkout, type: path, default: "."}',
                '-        parameters: {repo: "${{ parameters.repo }}"}',
                '+        parameters: {repo: "${{ parameters.checkout }}"}',
            ],
        ),
        (SetStage("write", "parallel", True), ["+    parallel: true"]),
        (
            MergeStages("write"),
            ["-  # then the text", "-  - name: write", "-    steps:", "+      # then the text", "+"],
        ),
        (SplitStage("save", "keep"), ["+", "+  - name: keep", "+    steps:"]),
    ],
    ids=lambda value: describe(value) if not isinstance(value, list) else "",
)
def test_an_edit_changes_only_these_lines(edit: Edit, changed: list[str]) -> None:
    assert changes(FILE, edit) == changed


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_ends_of_lines_and_of_the_file_are_as_they_were(end: str, last: bool) -> None:
    text = FILE.removesuffix("# the end\n").replace("\n", end)
    text = text if last else text.removesuffix(end)
    edits: list[Edit] = [SetField(("timeout",), "1h"), AddStep(STEP, AtEnd()), AddItem(("env",), "HOME")]
    after = apply(text, edits)
    assert after.endswith(end) is last
    assert after.count("\n") == after.count(end)
    assert apply(after, [RemoveField(("env",)), RemoveStep("new"), RemoveField(("timeout",))]) == text


def test_a_byte_order_mark_stays() -> None:
    assert apply("\ufeff" + FILE, [SetField(("timeout",), 5)]).startswith("\ufeff# What")


def test_a_step_is_moved_with_its_comments() -> None:
    after = apply(FILE, [MoveStep("log", After("tests"))])
    assert steps_of(after) == ("tests", "log", "notes", "save")
    assert "      # the history\n      - id: log\n" in after
    assert "        # limit: 20\n\n  # then the text" in after
    assert apply(after, [MoveStep("log", Before("tests"))]) == FILE


def test_a_step_is_moved_to_another_depth() -> None:
    held = {"id": "both", "type": "parallel", "steps": [STEP]}
    after = apply(FILE, [AddStep(held, After("notes")), MoveStep("tests", Inside(("steps",), "both"))])
    assert "            skill: 'run.tests'   # the quick ones\n" in after
    assert apply(after, [MoveStep("tests", After("log")), RemoveStep("both")]) == FILE.replace("20\n\n", "20\n")


def test_what_is_left_with_nothing_goes_too() -> None:
    one = apply(FILE, [RemoveStep("notes")])
    assert stages_of(one) == ("gather", "write")
    assert stages_of(apply(one, [RemoveStep("save")])) == ("gather",)
    with pytest.raises(EditRefused, match="only step"):
        apply(FILE, [RemoveStep(step) for step in steps_of(FILE)])


def test_who_needed_a_step_needs_what_it_needed() -> None:
    assert changes(PARALLEL, RemoveStep("b")) == [
        "-        - {id: b, type: transform, value: 2, needs: [a]}",
        "-        - {id: c, type: transform, value: 3, needs: [b]}",
        "+        - {id: c, type: transform, value: 3, needs: [a]}",
    ]


def test_a_step_between_others_is_tied_in() -> None:
    assert "{id: new, type: transform, needs: [a], value: 1}" in apply(PARALLEL, [AddStep(STEP, After("a"))])
    assert "{id: b, type: transform, value: 2, needs: [a, new]}" in apply(PARALLEL, [AddStep(STEP, After("a"))])
    before = apply(PARALLEL, [AddStep(STEP, Before("c"))])
    assert "{id: new, type: transform, needs: [b], value: 1}" in before
    assert "{id: c, type: transform, value: 3, needs: [b, new]}" in before


def test_a_new_name_stands_in_needs_handlers_and_every_form_of_expression() -> None:
    text = dedent(
        """\
        name: Names
        stages:
          - name: all
            parallel: true
            steps:
              - {id: log, type: transform, value: 'steps.log'}
              - {id: b, type: transform, needs: [log], value: "${{ steps[\\"log\\"].output ~ 'steps.log' }} steps.log"}
              - {id: d, type: transform, value: '${{ steps[''log''].output }}', when: "steps . log.status == 'steps.log'"}
              - {id: e, type: skill, skill: x, parameters: {when: steps.log, then: "$${{ steps.log }} ${{steps.log.output}}"}}
              - {id: logs, type: transform, value: "${{ parameters.steps.log ~ steps.logs }}"}
        error_handlers: [{error: any, action: abort, steps: [log, undo_it]}]
        rollback: {steps: [{id: undo_it, type: transform, value: 1}]}
        """
    )
    after = apply(text, [RenameStep("log", "got"), RenameStep("undo_it", "back")])
    assert "{id: got, type: transform, value: 'steps.log'}" in after
    assert """needs: [got], value: "${{ steps[\\"got\\"].output ~ 'steps.log' }} steps.log"}""" in after
    assert """value: '${{ steps[''got''].output }}', when: "steps . got.status == 'steps.log'"}""" in after
    assert """{when: steps.log, then: "$${{ steps.log }} ${{steps.got.output}}"}""" in after
    assert """"${{ parameters.steps.log ~ steps.logs }}"}""" in after
    assert "steps: [log, back]" in after  # a skill of that name, not the step
    assert apply(after, [RenameStep("got", "log"), RenameStep("back", "undo_it")]) == text


def test_readers_of_a_step() -> None:
    assert [(reader.step, reader.path[-1]) for reader in readers_of(FILE, "log")] == [
        ("tests", "when"),
        ("notes", "input"),
    ]
    assert [(reader.step, reader.path) for reader in readers_of(FILE, "notes")][-1] == ("", ("outputs", "notes"))
    assert [(reader.step, reader.text) for reader in readers_of(PARALLEL, "b")] == [("c", "b")]


def test_all_steps_of_a_stage_run_together_in_it() -> None:
    text = apply(FILE, [RemoveField(("when",), "tests")])
    assert changes(text, RunTogether(("tests", "log"), max_parallel=2)) == [
        "+    parallel: true",
        "+    max_parallel: 2",
    ]


def test_some_steps_of_a_stage_run_together_in_a_step() -> None:
    text = apply(FILE, [RemoveField(("when",), "tests"), AddStep(STEP, AtEnd("gather"))])
    after = apply(text, [RunTogether(("log", "tests"))])
    assert steps_of(after)[:4] == ("together", "log", "tests", "new")
    assert "            # limit: 20\n" in after
    assert "            skill: 'run.tests'   # the quick ones\n" in after


def test_steps_at_the_top_run_together() -> None:
    text = dedent(
        """\
        name: Small
        steps:   # all of it
          - {id: a, type: transform, value: 1}   # one
          # two
          - id: b
            type: transform
            value: |
              x

              y
        """
    )
    assert apply(text, [RunTogether(("a", "b"))]) == dedent(
        """\
        name: Small
        stages:
          - name: main
            parallel: true
            steps:   # all of it
              - {id: a, type: transform, value: 1}   # one
              # two
              - id: b
                type: transform
                value: |
                  x

                  y
        """
    )


def test_steps_apart_are_brought_together() -> None:
    after = apply(FILE, [AddStep(STEP, AtEnd()), RunTogether(("new", "notes"))])
    assert steps_of(after) == ("log", "tests", "together", "notes", "new", "save")


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (RunTogether(("log", "tests")), "'tests' reads or needs 'log'"),
        (RunTogether(("log", "nobody")), "no step 'nobody'"),
        (SetField(("x",), 1, "lgo"), "no step 'lgo'"),
        (RemoveField(("x",), "log"), "no 'stages"),
        (AddStep({**STEP, "id": "log"}, AtEnd()), "a step 'log' already"),
        (AddStep(STEP, AtEnd("gathr")), "no stage 'gathr'"),
        (RenameStep("log", "tests"), "a step 'tests' already"),
        (RenameStep("log", "1st"), "no id"),
        (MergeStages("gather"), "no stage before"),
        (SplitStage("log", "x"), "begins with 'log' already"),
        (SetField(("name", "x"), 1), "'name.x' cannot be set"),
    ],
    ids=lambda value: "" if isinstance(value, str) else describe(value),
)
def test_what_cannot_be_done_is_refused_with_the_reason(edit: Edit, why: str) -> None:
    with pytest.raises(EditRefused, match=why):
        apply(FILE, [edit])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name: A\nsteps:\n  - &x {id: a, type: transform, value: 1}\n  - *x\n", "line 3: anchors such as '&x'"),
        ("name: A\nname: B\n", "given twice"),
        ("- a\n", "no workflow"),
        ("name: [\n", "line"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(EditRefused, match=why):
        apply(text, [SetField(("timeout",), 5)])


def test_steps_in_flows_of_one_line() -> None:
    text = "{name: X, stages: [{name: s, steps: [{id: a, type: transform, value: 1}]}]}"
    after = apply(text, [AddStep(STEP, After("a")), SetField(("timeout",), 5), SetField(("retry", "delay"), 1, "a")])
    assert after == (
        "{name: X, timeout: 5, stages: [{name: s, steps: [{id: a, type: transform, value: 1, retry: {delay: 1}}, "
        "{id: new, type: transform, value: 1}]}]}"
    )
    assert apply(after, [RemoveStep("new"), RemoveField(("timeout",)), RemoveField(("retry",), "a")]) == text


def test_stages_are_added() -> None:
    after = apply(
        FILE, [AddStage("first", (STEP,), first=True), AddStage("mid", ({**STEP, "id": "m"},), after="gather")]
    )
    assert stages_of(after) == ("first", "gather", "mid", "write")
    assert apply(after, [RemoveStep("new"), RemoveStep("m")]) == FILE


def test_stages_split_and_merged_are_as_before() -> None:
    after = apply(FILE, [SplitStage("tests", "test")])
    assert stages_of(after) == ("gather", "test", "write")
    assert apply(after, [MergeStages("test")]) == FILE.replace("20\n\n", "20\n")
