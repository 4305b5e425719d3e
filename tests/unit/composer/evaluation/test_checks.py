"""Every word of a check, held against one draft that it is true of and one that it is not."""

from __future__ import annotations

import pytest

from composer.evaluation.checks import Case, read_check
from composer.evaluation.subject import Subject, subject_of
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse

TEXT = """
name: Ship
budget: {usd: 2}
timeout: 20m
schedule: {cron: 0 7 * * mon-fri, timezone: Europe/Berlin}
parameters:
  - {name: version, default: v3}
  - {name: suites, type: array, default: [unit, integration]}
  - {name: coverage, type: number, default: 85}
stages:
  - name: prove
    parallel: true
    max_parallel: 3
    steps:
      - {id: unit, type: skill, skill: test_runner, parameters: {suite: unit}, on_failure: continue, timeout: 5m}
      - {id: integration, type: skill, skill: test_runner, parameters: {suite: integration}, retry: {max_attempts: 3}}
      - {id: judged, type: agent, agent: reviewer, input: "Judge ${{ steps.unit.output.ok }}", fallback: [editor]}
  - name: out
    steps:
      - {id: backup, type: skill, skill: archive.create, parameters: {path: a.zip, source: live}, cache: true}
      - {id: sure, type: approval, show: "Go on with ${{ parameters.version }}?"}
      - id: switch
        type: workflow
        workflow: switch-over
        parameters: {version: "${{ parameters.version }}"}
        undo: {type: skill, skill: file.restore, parameters: {backup: x}}
      - {id: report, type: skill, skill: file.write, parameters: {path: REPORT.md, text: done}}
      - id: pages
        type: skill
        skill: web.page
        foreach: {in: [a, b, c], max_parallel: 2}
        parameters: {url: "${{ item }}"}
  - name: end
    steps:
      - {id: alarm, type: notification, channel: desktop, text: It failed, when: steps.unit.status == 'failed'}
rollback:
  steps: [{id: put_back, type: skill, skill: archive.extract, parameters: {path: a.zip, target: live}}]
"""


def subject(text: str) -> Subject:
    parsed = parse(text, "draft.yaml", all_kinds())
    assert parsed.workflow is not None, parsed.diagnostics
    return subject_of(parsed.workflow)


NOW = subject(TEXT)
PLAIN = subject("name: Plain\nsteps: [{id: a, type: transform, value: 1}]\n")


@pytest.mark.parametrize(
    "line",
    [
        "has_step kind=approval",
        "has_step role=test *2",
        "has_step role=backup",
        "has_step id=un.t",
        "has_step agent=editor|reviewer",
        "has_step about='v3' kind=workflow",
        "has_step n=2 role=test",
        "no_step role=delete",
        "no_step role=test *3",
        "no_step role=write kind=agent",
        "step role=write has approve=before",
        "step kind=workflow has undo approve=before !cache",
        "every role=fetch has foreach",
        "every role=commit has approve=before",
        "some role=test has on_failure=continue",
        "some role=test has retry>=3",
        "some role=test has timeout<=300",
        "first role=test has timeout=5m",
        "step id=judged has fallback",
        "step id=alarm has when",
        "step kind=skill n=last has skill=web.page",
        "parallel contains role=test *2",
        "parallel contains id=unit, id=integration",
        "parallel contains role=fetch *2",
        "not parallel contains role=fetch *3",
        "not parallel contains id=unit, id=judged",
        "parallel contains id=integration, id=judged",
        "sequential contains role=test, role=backup, role=write",
        "sequential contains id=unit, id=judged",
        "not sequential contains role=write, role=test",
        "max_parallel<=3",
        "not max_parallel<=2",
        "timeout=1200",
        "timeout<=20m",
        "budget usd=2",
        "budget usd<=2.50",
        "not budget usd<=1",
        "rollback",
        "notify",
        "notify when=failure channel=desktop",
        "not notify channel=mail",
        "schedule cron='0 7 * * 1-5' tz=Europe/Berlin",
        "not schedule cron='0 8 * * 1-5'",
        "not schedule cron='0 7 * * 1-5' tz=Europe/Madrid",
        "parameter name=version default=v3",
        "parameter name=suite default=unit,integration",
        "parameter name=coverage_threshold default=85",
        "not parameter name=colour",
        "has_step role=restore or rollback",
        "has_step role=lint or has_step role=ask",
    ],
)
def test_a_check_holds(line: str) -> None:
    assert read_check(line)(Case(NOW))
    opposite = line.removeprefix("not ") if line.startswith("not ") else f"not {line}"
    if " or " not in line:
        assert not read_check(opposite)(Case(NOW))


@pytest.mark.parametrize(
    "line",
    [
        *("has_step kind=approval", "step role=write has approve=before", "parallel contains role=test *2"),
        *("max_parallel<=3", "timeout<=20m", "budget usd<=9", "rollback", "notify", "schedule every=10m"),
        *("parameter name=version", "some role=test has undo"),
    ],
)
def test_what_is_not_there_does_not_hold(line: str) -> None:
    assert not read_check(line)(Case(PLAIN))
    assert not read_check(line)(Case(None))


@pytest.mark.parametrize(
    "line",
    [
        *("", "sings", "has_step", "has_step role=sing", "has_step role=test extra", "step role=test", "not"),
        *("step role=test has", "step role=test has colour=red", "parallel role=test", "budget", "schedule at=7"),
        *("schedule cron='7 7'", "parameter default=1", "steps many", "same_as turn", "unchanged_except nothing"),
        *("timeout<=soon", "has_step id=(", "has_step n=0 role=test", "some role=test has retry>=often", "'"),
    ],
)
def test_what_is_no_check_says_so(line: str) -> None:
    with pytest.raises(ValueError):
        read_check(line)


def edited(*changes: tuple[str, str]) -> Subject:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return subject(text)


COMMIT = "      - {id: keep, type: skill, skill: git.commit, parameters: {message: m, paths: [a]}}\n"
MORE = ("  - name: end\n", COMMIT + "  - name: end\n")


@pytest.mark.parametrize(
    ("change", "holds", "fails"),
    [
        (("timeout: 5m", "timeout: 6m"), "unchanged_except role=test", "unchanged"),
        (("timeout: 5m", "timeout: 6m"), "unchanged_except timeout", "unchanged_except role=write"),
        (("usd: 2", "usd: 3"), "unchanged_except budget", "unchanged_except role=test"),
        (
            ("  - name: end\n", COMMIT + "  - name: end\n"),
            "unchanged_except +role=commit",
            "unchanged_except role=test",
        ),
        (MORE, "added role=commit", "removed role=commit"),
        (MORE, "steps +1", "steps +0"),
        (("    parallel: true\n    max_parallel: 3\n", ""), "unchanged_except layout", "unchanged"),
        (("id: report", "id: paper"), "unchanged_except rename", "unchanged_except layout"),
        (("name: Ship", "name: Ship it"), "unchanged", "not unchanged"),
        (("name: Ship", "name: Ship it"), "same_as start", "steps +1"),
        (("agent: reviewer", "agent: editor"), "step id=judged has changed=agent", "step id=judged has changed=model"),
        (
            ("id: sure, type: approval", "id: sure, type: approval"),
            "was has_step kind=approval",
            "was has_step role=lint",
        ),
    ],
)
def test_a_change_is_told_from_what_was_before(change: tuple[str, str], holds: str, fails: str) -> None:
    case = Case(edited(change), NOW, {0: NOW})
    assert read_check(holds)(case)
    assert not read_check(fails)(case)


def test_asking_means_some_questions_and_the_draft_as_it_was() -> None:
    assert read_check("asks")(Case(NOW, NOW, {}, questions=2))
    assert not read_check("asks")(Case(NOW, NOW, {}, questions=4))
    assert not read_check("asks")(Case(edited(("usd: 2", "usd: 3")), NOW, {}, questions=1))
    assert read_check("tells")(Case(NOW, NOW, {}, messages=1))
    assert not read_check("tells")(Case(NOW, NOW))
