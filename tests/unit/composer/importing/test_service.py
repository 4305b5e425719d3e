"""Documents of the workflow service become workflows of ours; what is wrong or lost is told where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composer.importing.documents import Imported, convert
from tests.support.kinds import all_kinds
from workflows.definition.dump import dump
from workflows.definition.model import Workflow
from workflows.definition.parse import HERE_AND_NOW, parse
from workflows.source import read, value_of

HERE = Path(__file__).parent
KINDS = all_kinds()
EXAMPLE = (HERE / "service-workflow.json").read_text(encoding="utf-8")
SCHEMA = json.loads((HERE / "workflow-definition.schema.json").read_text(encoding="utf-8"))

FETCH = {"id": "step_a", "name": "A", "type": "http", "config": {"method": "GET", "url": "https://example.org"}}


def transform(name: str, expression: str = "1 + 1", **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "type": "transform", "config": {"expression": expression}, **more}


def conditional(name: str, yes: str | None, no: str | None, **more: Any) -> dict[str, Any]:
    branches = {word: {"target_step": step} for word, step in (("true", yes), ("false", no)) if step}
    config = {"condition": "input.n > 1", "branches": branches}
    return {"id": name, "name": name, "type": "conditional", "config": config, **more}


def imported(*steps: Any, **more: Any) -> Imported:
    return convert(json.dumps({"name": "Test", "steps": list(steps), **more}, indent=1), "doc.json", KINDS)


def steps_of(found: Imported) -> dict[str, dict[str, Any]]:
    return {step["id"]: step for step in data_of(found)["stages"][0]["steps"]}


def data_of(found: Imported) -> Any:
    assert found.text is not None, found.diagnostics
    root = read(found.text, "x.yaml").root
    assert root is not None
    return value_of(root, lambda *_, **__: None)


def told(found: Imported) -> list[tuple[str, str, str]]:
    return [(each.severity, each.code, each.message) for each in found.diagnostics]


def reread(found: Imported) -> Workflow:
    assert found.text is not None
    parsed = parse(found.text, "x.yaml", KINDS)
    assert not [each for each in parsed.errors if each.code not in HERE_AND_NOW]
    assert parsed.workflow is not None
    return parsed.workflow


def test_the_example_fits_the_schema_and_is_imported_whole() -> None:
    jsonschema.validate(json.loads(EXAMPLE), SCHEMA)
    found = convert(EXAMPLE, "order.json", KINDS)
    assert found.text == (HERE / "service-workflow.yaml").read_text(encoding="utf-8")
    assert dump(reread(found)) == found.text
    assert [(each.line, each.code) for each in found.diagnostics] == [(11, "look-at-this")]
    assert "'step_tell' is done only where 'step_big' chooses it" in found.diagnostics[0].message


def test_what_depends_waits_in_a_parallel_stage_and_without_that_steps_keep_their_order() -> None:
    one, two = transform("step_b", depends_on="step_a"), transform("step_c", depends_on=["step_a", "step_b"])
    data = data_of(imported(FETCH, one, two))
    (stage,) = data["stages"]
    assert stage["parallel"] is True
    assert [step.get("needs") for step in stage["steps"]] == [None, ["step_a"], ["step_a", "step_b"]]
    (stage,) = data_of(imported(FETCH, transform("step_b")))["stages"]
    assert "parallel" not in stage


def test_times_are_seconds_and_retries_are_ours() -> None:
    retry = {"max_attempts": 4, "backoff": "linear", "initial_delay": 2500}
    found = imported(
        {**FETCH, "timeout": 5000, "retry": retry},
        {"id": "step_b", "name": "B", "type": "delay", "config": {"ms": 1500}, "retry": {"backoff": "fixed"}},
        {"id": "step_c", "name": "C", "type": "delay", "config": {"ms": "{{ input.wait }}"}},
    )
    steps = steps_of(found)
    assert (steps["step_a"]["timeout"], steps["step_b"]["for"]) == (5, 1.5)
    assert steps["step_a"]["retry"] == {"max_attempts": 4, "backoff": "linear", "delay": 2.5}
    assert steps["step_b"]["retry"] == {"max_attempts": 3, "backoff": "fixed"}
    assert steps["step_c"]["for"] == "${{ (parameters.wait) / 1000 }}"
    assert data_of(found)["parameters"] == [{"name": "wait", "type": "number", "required": True}]
    assert told(found) == []


@pytest.mark.parametrize(
    ("handling", "on_failure", "retry"),
    [
        ({"on_error": "fail"}, "abort", None),
        ({"on_error": "continue"}, "continue", None),
        ({"on_error": "skip"}, "skip", None),
        ({"on_error": "retry"}, "abort", {"max_retries": 3, "backoff": "fixed"}),
        (
            {"on_error": "retry", "max_retries": 0, "retry_delay": 4000},
            "abort",
            {"max_retries": 0, "backoff": "fixed", "delay": 4},
        ),
        (None, None, None),
    ],
)
def test_error_handling_holds_for_every_step(
    handling: dict[str, Any] | None, on_failure: str | None, retry: dict[str, Any] | None
) -> None:
    more = {"error_handling": handling} if handling else {}
    steps = steps_of(imported(FETCH, transform("step_b"), **more))
    assert [step.get("on_failure") for step in steps.values()] == [on_failure, on_failure]
    # What comes out the same each time is not tried again.
    assert [step.get("retry") for step in steps.values()] == [retry, None]


def test_a_steps_own_retry_goes_before() -> None:
    own = {**FETCH, "retry": {"max_attempts": 5}}
    steps = steps_of(imported(own, error_handling={"on_error": "retry", "max_retries": 1}))
    assert steps["step_a"]["retry"] == {"max_attempts": 5}


def test_each_kind_has_its_fields() -> None:
    found = imported(
        {
            **FETCH,
            "config": {
                "method": "POST",
                "url": "https://example.org/{{ input.user }}",
                "headers": {"X-User": "{{ input.user }}"},
                "body": {"n": 1, "list": ["{{ input.user }}", True]},
                "timeout": 30,
            },
        },
        {"id": "step_b", "name": "B", "type": "agent", "config": {"agent_id": "writer", "input": "Write"}},
        {
            "id": "step_c",
            "name": "C",
            "type": "agent",
            "config": {"agent_id": "writer", "input": "Write", "parameters": {"tone": "{{ input.tone }}"}},
        },
        {
            "id": "step_d",
            "name": "D",
            "type": "notification",
            "config": {"channel": "mail", "message": "{{ input.x }}"},
        },
        {
            "id": "step_e",
            "name": "E",
            "type": "parallel",
            "config": {"wait_for_all": False, "steps": [transform("one"), {"type": "delay", "config": {"ms": 1}}]},
        },
        transform("step_f", "steps.step_e.results[1].output.seconds ~ steps.step_b.response"),
    )
    steps = steps_of(found)
    assert steps["step_a"] == {
        "id": "step_a",
        "type": "http",
        "name": "A",
        "method": "POST",
        "url": "https://example.org/${{ parameters.user }}",
        "headers": {"X-User": "${{ parameters.user }}"},
        "body": {"n": 1, "list": ["${{ parameters.user }}", True]},
        "timeout": 30,
    }
    assert (steps["step_b"]["agent"], steps["step_b"]["input"]) == ("writer", "Write")
    assert steps["step_c"]["input"] == {"input": "Write", "parameters": {"tone": "${{ parameters.tone }}"}}
    assert (steps["step_d"]["channel"], steps["step_d"]["text"]) == ("mail", "${{ parameters.x }}")
    assert steps["step_e"]["wait_for"] == "first"
    assert [step["id"] for step in steps["step_e"]["steps"]] == ["one", "step_e_parallel_1"]
    value = "${{ steps.step_e_parallel_1.output.seconds ~ steps.step_b.output.text }}"
    assert steps["step_f"]["value"] == {"result": value}
    assert [parameter["name"] for parameter in data_of(found)["parameters"]] == ["user", "tone", "x"]
    assert told(found) == []
    reread(found)


def test_branches_are_conditions_and_what_follows_a_branch_follows_its_condition() -> None:
    found = imported(
        conditional("step_if", "step_yes", "step_no"),
        transform("step_yes", depends_on="step_if"),
        transform("step_after", depends_on="step_yes"),
        transform("step_no", depends_on="step_if"),
        transform("step_both", depends_on=["step_after", "step_no"]),
        transform("step_also", depends_on=["step_after", "step_if"]),
        transform("step_end", "steps.step_if.branch_taken ~ steps.step_if.target_step", depends_on="step_both"),
    )
    steps = steps_of(found)
    assert {name: step.get("when") for name, step in steps.items()} == {
        "step_if": None,
        "step_yes": "steps.step_if.output.condition_result",
        "step_after": "steps.step_if.output.condition_result",
        "step_no": "not steps.step_if.output.condition_result",
        "step_both": None,
        "step_also": None,
        "step_end": None,
    }
    assert steps["step_if"]["type"] == "transform"
    assert steps["step_if"]["value"] == {
        "condition_result": "${{ parameters.n > 1 }}",
        "branch_taken": "${{ 'true' if parameters.n > 1 else 'false' }}",
        "target_step": "${{ 'step_yes' if parameters.n > 1 else 'step_no' }}",
    }
    assert told(found) == []
    reread(found)


def test_a_conditional_in_a_branch_decides_only_where_it_is_reached() -> None:
    found = imported(
        conditional("step_one", "step_two", "step_c"),
        conditional("step_two", "step_a", "step_b", depends_on="step_one"),
        transform("step_a", depends_on="step_two"),
        transform("step_b", depends_on="step_two"),
        transform("step_c", depends_on="step_one"),
    )
    steps = steps_of(found)
    one, two = (f"steps.{name}.output.condition_result" for name in ("step_one", "step_two"))
    assert [steps[f"step_{name}"].get("when") for name in ("two", "a", "b", "c")] == [
        one,
        f"{one} and {two}",
        f"{one} and not {two}",
        f"not {one}",
    ]
    reread(found)


def test_a_target_of_both_branches_has_no_condition() -> None:
    found = imported(conditional("step_if", "step_x", "step_x"), transform("step_x", depends_on="step_if"))
    assert "when" not in steps_of(found)["step_x"]


def test_nothing_is_dropped_in_silence() -> None:
    found = imported(
        {**FETCH, "color": "red", "config": {**FETCH["config"], "follow": True}},  # type: ignore[dict-item]
        {"id": "step_n", "name": "N", "type": "notification", "config": {"text": "Hello", "recipients": ["a"]}},
        conditional("step_if", "step_z", None),
        transform("step_z"),
        triggers=[
            {"type": "manual"},
            {"type": "webhook", "config": {"path": "/x"}},
            {"type": "schedule", "config": {"cron": "at dawn", "input": {"n": 3}}},
        ],
        owner="ada",
        error_handling={"on_error": "continue", "alert": "mail"},
    )
    assert sorted(told(found)) == sorted(
        [
            ("warning", "not-carried-over", "'owner' of this workflow has no counterpart here and is left out"),
            ("warning", "not-carried-over", "the webhook trigger is not carried over (path /x)"),
            ("warning", "not-carried-over", "the schedule trigger is not carried over (cron at dawn)"),
            (
                "warning",
                "not-carried-over",
                "'alert' of this workflow's error_handling has no counterpart here and is left out",
            ),
            ("warning", "not-carried-over", "'color' of this step has no counterpart here and is left out"),
            (
                "warning",
                "not-carried-over",
                "'follow' of this http step's config has no counterpart here and is left out",
            ),
            (
                "warning",
                "not-carried-over",
                "'recipients' of this notification step's config has no counterpart here and is left out",
            ),
            ("warning", "look-at-this", "the notification names no channel: it goes to the terminal"),
            (
                "warning",
                "look-at-this",
                "'step_if' has no branch for false, which fails there: here the run goes on",
            ),
            ("warning", "look-at-this", "'step_z' is done only where 'step_if' chooses it"),
        ]
    )
    assert data_of(found)["parameters"] == [{"name": "n", "type": "number", "required": True}]


def test_a_schedule_is_carried_over_with_what_its_runs_are_given() -> None:
    daily = {"cron": "0 7 * * 1-5", "timezone": "Europe/Berlin", "input": {"n": 3, "unread": 1}}
    step = transform("step_a", "input.n + 1")
    found = imported(step, triggers=[{"type": "schedule", "config": daily}])
    assert told(found) == []
    assert data_of(found)["schedule"] == {
        "cron": "0 7 * * 1-5",
        "timezone": "Europe/Berlin",
        "parameters": {"n": 3},
    }
    several = [{"cron": "@hourly", "jitter": 5}, {"cron": "0 7 * * *", "timezone": "Mars/Olympus"}, {"every": "5m"}]
    found = imported(step, triggers=[{"type": "schedule", "config": each} for each in (daily, *several)])
    assert [each["cron"] for each in data_of(found)["schedule"]] == ["0 7 * * 1-5", "@hourly"]
    assert [words for _, _, words in told(found)] == [
        "'jitter' of this schedule trigger has no counterpart here and is left out",
        "the schedule trigger is not carried over (cron 0 7 * * *, timezone Mars/Olympus)",
        "the schedule trigger is not carried over (every 5m)",
    ]
    reread(found)


def test_a_step_that_names_nothing_among_others_that_do_is_pointed_at() -> None:
    found = imported(
        FETCH,
        transform("step_b", depends_on="step_a"),
        transform("step_c"),
        transform("step_d", "steps.step_b.result"),
    )
    assert told(found) == [
        ("warning", "look-at-this", "'step_c' depends on nothing: it starts at once, beside the others")
    ]


@pytest.mark.parametrize(
    ("steps", "more", "message"),
    [
        ([], {}, "a workflow has at least one step"),
        ([transform("step_a"), transform("step_a")], {}, "the id 'step_a' is given twice"),
        ([transform("a-b")], {}, "'a-b' is no id"),
        ([transform("step_a", depends_on="step_b")], {}, "there is no step 'step_b'"),
        ([transform("step_a", depends_on=[{}])], {}, "depends_on names steps by their ids"),
        (
            [transform("step_a", depends_on="step_b"), transform("step_b", depends_on="step_a")],
            {},
            "these steps wait for each other: step_a → step_b → step_a",
        ),
        (
            [conditional("step_a", "step_b", None, depends_on="step_b"), transform("step_b")],
            {},
            "these steps wait for each other: step_a → step_b → step_a",
        ),
        ([conditional("step_a", "step_q", None)], {}, "there is no step 'step_q' for this branch to go to"),
        (
            [{**FETCH, "config": {"method": "FETCH", "url": "x"}}],
            {},
            "method must be one of GET, POST, PUT, DELETE, PATCH, not 'FETCH'",
        ),
        ([{key: value for key, value in FETCH.items() if key != "config"}], {}, "this http step needs 'method'"),
        ([{**FETCH, "config": {"method": "GET"}}], {}, "this http step's config needs 'url'"),
        ([{**FETCH, "config": {"url": "x"}}], {}, "this http step's config needs 'method'"),
        ([{**FETCH, "config": 7}], {}, "this http step's config must be a mapping"),
        ([{**FETCH, "timeout": "soon"}], {}, "timeout must be a number of at least 1"),
        (
            [{**FETCH, "retry": {"backoff": "wild"}}],
            {},
            "backoff must be one of fixed, exponential, linear, not 'wild'",
        ),
        (
            [{"id": "a", "name": "A", "type": "teleport", "config": {}}],
            {},
            "type must be one of http, agent, transform, conditional, parallel, delay, notification, not 'teleport'",
        ),
        (
            [{"id": "a", "name": "A", "type": "agent", "config": {"input": "x"}}],
            {},
            "this agent step's config needs 'agent_id'",
        ),
        (
            [{"id": "a", "name": "A", "type": "parallel", "config": {"steps": []}}],
            {},
            "steps must have at least one item",
        ),
        ([transform("a", "1 +")], {}, "unexpected the end"),
        ([transform("a", "input.x matches '/y/'")], {}, "unexpected 'matches'"),
        ([transform("a", "steps.nowhere.x")], {}, "there is no step 'nowhere'"),
        ([transform("a", "stuff.x")], {}, "there is no `stuff`"),
        ([7], {}, "this step must be a mapping"),
        ([FETCH], {"error_handling": {"on_error": "explode"}}, "on_error must be one of fail, continue, skip, retry"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(steps: list[Any], more: dict[str, Any], message: str) -> None:
    found = imported(*steps, **more)
    assert found.text is None
    errors = [each for each in found.diagnostics if each.is_error]
    assert any(message in each.message for each in errors)
    for each in errors:
        assert each.file == "doc.json"
        assert each.source_line


@pytest.mark.parametrize(
    "expression",
    ["(" * 2000 + "1" + ")" * 2000, "!" * 3000 + "1", "1 ? " * 900 + "1" + " : 1" * 900, "{{" * 40_000, "'" * 40_000],
    ids=["brackets", "not", "choices", "braces", "quotes"],
)
def test_what_is_too_long_or_too_deep_is_an_error(expression: str) -> None:
    assert [each.code for each in imported(transform("a", expression)).diagnostics][-1:] == ["bad-expression"]


def test_many_ways_that_meet_again_do_not_add_up() -> None:
    steps: list[Any] = []
    for n in range(150):
        before = {"depends_on": [f"yes{n - 1}", f"no{n - 1}"]} if n else {}
        steps += [conditional(f"if{n}", f"yes{n}", f"no{n}", **before)]
        steps += [transform(f"{way}{n}", depends_on=f"if{n}") for way in ("yes", "no")]
    found = steps_of(imported(*steps))
    assert [found[f"{way}149"].get("when") for way in ("if", "yes", "no")] == [
        None,
        "steps.if149.output.condition_result",
        "not steps.if149.output.condition_result",
    ]


def test_a_text_with_open_braces_stays_one_and_is_pointed_at() -> None:
    step = {"id": "a", "name": "A", "type": "agent", "config": {"agent_id": "writer", "input": "{{ input.x }} {{ no"}}
    found = imported(step)
    assert steps_of(found)["a"]["input"] == "${{ parameters.x }} {{ no"
    assert told(found) == [("warning", "look-at-this", "'{{' without its '}}': what follows stays a text")]


def test_a_conditional_inside_of_a_parallel_step_leads_on() -> None:
    inner = conditional("step_if", "step_yes", None)
    outer = {"id": "step_all", "name": "All", "type": "parallel", "config": {"steps": [inner]}}
    found = imported(outer, transform("step_yes", depends_on="step_all"))
    assert steps_of(found)["step_yes"]["when"] == "steps.step_if.output.condition_result"
    reread(found)


def test_the_place_is_that_of_the_document() -> None:
    found = imported(FETCH, transform("step_b", "input.x matches '/y/'"))
    (error,) = (each for each in found.diagnostics if each.is_error)
    assert "matches" in error.source_line
    assert error.source_line[error.column - 1 :].startswith('"input.x matches')


def test_json_is_read_as_json_is_written() -> None:
    text = json.dumps({"name": "Test", "steps": [transform("step_a", "'\U0001f600 \u2028 \x85 \\u0041'")]})
    found = convert("\ufeff" + text.replace(", ", ",\t\n\t"), "doc.json", KINDS)
    assert found.diagnostics == ()
    assert steps_of(found)["step_a"]["value"] == {"result": "${{ '\U0001f600 \u2028 \x85 \\u0041' }}"}
    assert convert(text.encode(), "doc.json", KINDS).text == found.text
    assert convert(b"\xff\xfe{", "doc.json", KINDS).text is None


KEYS = st.sampled_from(["id", "type", "config", "depends_on", "retry", "timeout", "branches", "steps", "ms", "x"])
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-5, 9000), st.text(max_size=8), st.sampled_from(["step_a", "{{ x"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_documents_that_are_nearly_right_give_only_located_diagnostics(data: st.DataObject) -> None:
    document: Any = json.loads(EXAMPLE)
    for _ in range(data.draw(st.integers(1, 3))):
        place = document
        while isinstance(place, (dict, list)) and place:
            keys: list[Any] = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(place[key], (dict, list)) or data.draw(st.integers(0, 3)) == 0:
                place[key] = data.draw(VALUES)
                break
            place = place[key]
    text = json.dumps(document, indent=data.draw(st.sampled_from([None, 1])))
    found = convert(text, "doc.json", KINDS)
    for each in found.diagnostics:
        assert each.line <= len(text.splitlines())
    if found.text is None:
        assert any(each.is_error for each in found.diagnostics)
    else:
        assert not any(each.is_error for each in found.diagnostics)
        assert dump(reread(found)) == found.text


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_gives_diagnostics(text: str) -> None:
    assert convert(text, "doc.json", KINDS).text is None
