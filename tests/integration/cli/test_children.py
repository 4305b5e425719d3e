"""Workflows that call workflows: what they reach is looked at before anything runs, and planned with them."""

from __future__ import annotations

import pytest

from tests.support.command_line import CommandLine

PARENT = """\
name: Parent
env: [HERE]
steps:
  - id: each
    type: workflow
    workflow: middle
    parameters: {what: "${{ item }}"}
    foreach: {in: [a, b]}
outputs: {all: "${{ steps.each.output }}"}
"""

MIDDLE = """\
name: Middle
parameters: [{name: what, required: true}]
steps:
  - {id: gate, type: transform, value: 1, approve: before}
  - {id: inner, type: workflow, workflow: leaf, parameters: {what: "${{ parameters.what }}"}}
outputs: {said: "${{ steps.inner.output.said }}"}
"""

LEAF = """\
name: Leaf
env: [THERE]
parameters: [{name: what, required: true}]
steps:
  - id: choose
    type: decision
    branches:
      - when: parameters.what == 'a'
        steps: [{id: yes, type: transform, value: "${{ env.THERE }}"}]
    default:
      - {id: send, type: http, method: POST, url: "https://example.org/x", irreversible: true}
  - {id: say, type: transform, value: "${{ parameters.what }} ${{ env.THERE }}", notify: {when: failure}}
outputs: {said: "${{ steps.say.output }}"}
error_handlers: [{error: timeout, action: retry, max_retries: 1, then: escalate}]
rollback: {steps: [{id: put_back, type: transform, value: 1}]}
finally: {steps: [{id: tidy, type: transform, value: 1}]}
"""


@pytest.fixture
def family(line: CommandLine) -> CommandLine:
    for name, text in (("parent", PARENT), ("middle", MIDDLE), ("leaf", LEAF)):
        line.write(f".understudy/workflows/{name}.yaml", text)
    return line


def test_nothing_of_an_untrusted_workspace_is_reached_from_outside_it(family: CommandLine) -> None:
    family.write("outside.yaml", PARENT)
    ended = family.run("run", "outside.yaml")
    assert ended.code == 4
    assert "middle.yaml, which 'outside' calls, belongs to a workspace that was never trusted." in ended.stderr
    looked = family.run("plan", "outside.yaml")
    assert looked.code == 0
    assert "not trusted yet" in looked.stderr


def test_an_error_in_a_child_is_shown_in_the_child_s_file(family: CommandLine) -> None:
    family.write(".understudy/workflows/leaf.yaml", LEAF.replace("type: decision", "type: decisoin"))
    family.run("trust", "--yes")
    ended = family.run("run", "parent", "--json")
    assert ended.code == 2
    assert ended.document["error"]["message"] == "leaf.yaml, which 'middle' calls, has 1 error."
    (found,) = ended.document["error"]["diagnostics"]
    assert found["file"].endswith("leaf.yaml")
    assert found["code"] == "unknown-kind"


def test_a_child_reads_the_environment_that_it_declares(family: CommandLine) -> None:
    family.run("trust", "--yes")
    ended = family.run("run", "parent", "--yes", "--json", THERE="home", HERE="x", OTHER="y")
    steps = {step["id"]: step["output"] for step in ended.document["steps"]}
    assert steps["each[0]>inner>say"] == "a home"
    assert 'environment": {"HERE": "x", "THERE": "home"}' in family.run("show", "--events").stdout


def test_a_plan_has_all_that_its_children_have(family: CommandLine) -> None:
    summary = family.run("plan", "parent", "--json").document["summary"]
    assert summary["gates"] == ["each>gate", "each>inner>choose>send"]
    assert summary["irreversible"] == ["each>inner>choose>send"]
    assert summary["unsafe"] == ["each>inner>choose>send"]
    assert summary["hosts"] == ["example.org"]
    assert summary["workflows"] == ["middle", "leaf"]
    assert summary["notifications"] == ["terminal"]
    assert (summary["steps"], summary["steps_at_every_depth"]) == (1, 9)
    assert (
        family.run("plan", "parent").stdout
        == """\
Plan of Parent
main
  ○ each  run the workflow middle
          for each item of ["a","b"], one after the other
          what: ${{ item }}
          workflow middle
      ○ gate   compute a value
               value: 1
               ‖ a person decides before it acts
      ○ inner  run the workflow leaf
               what: ${{ parameters.what }}
               workflow leaf
               after gate
          ○ choose  a branch, or its default
              when parameters.what == 'a'
                ○ yes  compute a value
                       value: ${{ env.THERE }}
              otherwise
                ○ send  POST https://example.org/x
                        host example.org
                        unsafe: not repeated where it may have happened
                        irreversible: it cannot be undone
                        ‖ a person decides before it acts
          ○ say     compute a value
                    value: ${{ parameters.what }} ${{ env.THERE }}
                    after choose
                    tells terminal when it fails
          when a step fails
            ◆ timeout: retry, 1 time, then escalate
          rollback, after undoing
            ○ put_back  compute a value
                        value: 1
          finally, at every end
            ○ tidy  compute a value
                    value: 1
9 steps · 2 places where a person decides · 1 unsafe · 1 irreversible · no model · hosts: example.org · tells: terminal
a person may be needed where it fails and somebody is there: each>gate, each>inner>choose>yes, each>inner>choose>send, \
each>inner>say
a person may be needed where nobody knows whether it happened: each>inner>choose>send
time: not known, it never succeeded here · cost: none, no model that costs is asked
"""
    )
