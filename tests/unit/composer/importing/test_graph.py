"""Graphs of nodes and connections become workflows of ours; what is wrong or lost is told where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from composer.importing.documents import Imported, convert
from tests.support.kinds import all_kinds
from workflows.definition.parse import HERE_AND_NOW, parse
from workflows.source import read, value_of

HERE = Path(__file__).parent
KINDS = all_kinds()
EXAMPLE = json.loads((HERE / "node-graph.json").read_text(encoding="utf-8"))


def node(name: str, kind: str = "transform", **properties: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "properties": properties or {"expression": "1 + 1"}}


def lead(source: str, target: str, way: str = "main", into: str = "main") -> dict[str, str]:
    return {"source": source, "target": target, "sourceOutput": way, "targetInput": into}


def imported(nodes: list[Any], connections: list[Any], **more: Any) -> Imported:
    return convert(json.dumps({"name": "G", "nodes": nodes, "connections": connections, **more}, indent=1), "g", KINDS)


def steps_of(found: Imported) -> dict[str, Any]:
    assert found.text is not None, found.diagnostics
    root = read(found.text, "x.yaml").root
    assert root is not None
    data: Any = value_of(root, lambda *_, **__: None)
    parsed = parse(found.text, "x.yaml", KINDS)
    assert not [each for each in parsed.errors if each.code not in HERE_AND_NOW]
    return {step["id"]: step for step in data["stages"][0]["steps"]}


def told(found: Imported) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in found.diagnostics]


def test_the_example_is_imported_whole() -> None:
    found = convert(json.dumps(EXAMPLE), "graph.json", KINDS)
    steps = steps_of(found)
    assert list(steps) == ["load", "count", "digest", "tell"], "a trigger is no step"
    assert {name: step.get("needs", []) for name, step in steps.items()} == {
        "load": [],
        "count": ["load"],
        "digest": ["load"],
        "tell": ["count", "digest"],
    }
    assert steps["load"]["parameters"] == {"path": "${{ parameters.path }}"}
    assert steps["count"]["value"] == {"result": "${{ len(steps.load.output.text) }}"}
    assert steps["digest"]["input"] == "${{ steps.load.output.text }}"
    assert steps["tell"]["text"] == "${{ steps.digest.output.text }} (${{ steps.count.output.result }} characters)"
    assert {step["on_failure"] for step in steps.values()} == {"continue"}, "a branch's failure stops no other"
    ((code, message),) = told(found)
    assert (code, "'max_iterations'" in message) == ("not-carried-over", True)


def test_nodes_without_a_trigger_begin_where_nothing_leads_to_them() -> None:
    steps = steps_of(imported([node("a"), node("b"), node("c", expression="a.result + b.result")],
                              [lead("a", "c"), lead("b", "c")]))  # fmt: skip
    assert [steps[name].get("needs") for name in "abc"] == [None, None, ["a", "b"]]
    assert steps["c"]["value"] == {"result": "${{ steps.a.output.result + steps.b.output.result }}"}


def test_a_conditional_leads_to_its_branches_by_the_way_they_leave() -> None:
    nodes = [node("much", "if", condition="trigger.n > 9"), node("yes"), node("no"), node("after")]
    ways = [lead("much", "yes", "true"), lead("much", "no", "false"), lead("yes", "after"), lead("no", "after")]
    found = imported(nodes, ways)
    steps = steps_of(found)
    assert steps["yes"]["when"] == "steps.much.output.condition_result"
    assert steps["no"]["when"] == "not steps.much.output.condition_result"
    assert "when" not in steps["after"], "one of both is done in any case"
    assert "- name: n\n  type: number\n" in (found.text or "")


def test_names_that_are_no_nodes_are_left_alone() -> None:
    steps = steps_of(imported([node("a"), node("b", expression="{'a': 1}.a + len('a')")], [lead("a", "b")]))
    assert steps["b"]["value"] == {"result": "${{ {'a': 1}.a + len('a') }}"}


@pytest.mark.parametrize(
    ("nodes", "connections", "code", "message"),
    [
        ([], [], "missing-value", "a graph has at least one node"),
        ([node("start", "trigger")], [], "missing-value", "every node is a trigger: nothing is done"),
        ([node("a", "transfrom")], [], "unknown-kind", "there is no kind of node 'transfrom'"),
        ([node("a"), node("a")], [], "duplicate-id", "the id 'a' is given twice"),
        ([node("a b")], [], "wrong-type", "'a b' is no id"),
        ([node("a")], [lead("a", "bb")], "unknown-step", "there is no node 'bb' for this connection"),
        ([node("a"), node("b")], [lead("a", "b"), lead("b", "a")], "cycle", "these steps wait for each other: a → b"),
        ([node("t", "trigger"), node("a")], [lead("a", "t")], "conflict", "'t' is a trigger: nothing can lead to it"),
        ([{"id": "a", "type": "skill"}], [], "missing-key", "this skill node needs 'skill'"),
        ([node("a", "skill", parameters={})], [], "missing-key", "this skill node's properties needs 'skill'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_gives_no_workflow(nodes: Any, connections: Any, code: str, message: str) -> None:
    found = imported(nodes, connections)
    assert found.text is None
    assert any(each == code and said.startswith(message) for each, said in told(found))
    assert all(each.line > 0 and each.column > 0 for each in found.diagnostics)


def test_what_cannot_be_carried_over_is_a_warning_at_its_place() -> None:
    odd = {**node("a"), "position": {"x": 1}, "colour": "red"}
    found = imported([odd, node("b")], [lead("a", "b", "error", "second")], owner="ada")
    assert steps_of(found)["b"]["needs"] == ["a"]
    assert sorted(message for _, message in told(found)) == [
        "'colour' of this node has no counterpart here and is left out",
        "'owner' of this workflow has no counterpart here and is left out",
        "the connection enters by 'second': here it is main",
        "the connection leaves by 'error': here it is main",
    ]
