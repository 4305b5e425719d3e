"""`understudy eval compose` measures drafts by a set of requests, and says of each failure why it is one."""

from __future__ import annotations

import json

from tests.support.command_line import CommandLine

SET = (
    {
        "id": "good",
        "text": "bring CHANGES.md up to date since v0.9, at most 20 cents",
        "category": "changelog",
        "params": {"output": "CHANGES.md", "since": "v0.9"},
        "constraints": ["budget usd=0.2", "step role=write has approve=before"],
        "turns": [{"text": "at most 50 cents", "constraints": ["budget usd=0.5", "unchanged_except budget"]}],
    },
    {"id": "nothing", "text": "cook me a dinner of pizza and wine", "category": "none"},
    {"id": "wrong", "text": "translate README.md to French", "category": "deployment", "params": {"version": "v1"}},
)


def test_rates_and_reasons(line: CommandLine) -> None:
    (line.cwd / "set.jsonl").write_text("# ours\n" + "\n".join(json.dumps(each) for each in SET), encoding="utf-8")
    ended = line.run("eval", "compose", "set.jsonl", "--json")
    assert ended.code == 0
    document = ended.document
    assert document["requests"] == 3
    assert document["rates"]["none"] == {"held": 1, "of": 1, "rate": 1.0}
    assert document["rates"]["constraint"] == {"held": 4, "of": 4, "rate": 1.0}
    assert document["rates"]["pass"]["held"] == 2
    assert document["usd"] == 0
    assert {failure["id"] for failure in document["failures"]} == {"wrong"}
    shown = line.run("eval", "compose", "set.jsonl", "--least", "90")
    assert shown.code == 1
    assert "it was taken for docs_translation, not deployment" in shown.stdout
    assert line.run("runs", "--json").document["runs"] == []


def test_what_is_wrong_with_a_set_is_said_line_by_line(line: CommandLine) -> None:
    lines = ['{"id": "a", "text": "x"}', "[]", '{"id": "b", "text": "y", "category": "none", "constraints": ["sings"]}']
    (line.cwd / "set.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ended = line.run("eval", "compose", "set.jsonl")
    assert ended.code == 2
    for said in ("set.jsonl:1: a request needs 'category'", "set.jsonl:2: a request is an object", "no check 'sings'"):
        assert said in ended.stderr
