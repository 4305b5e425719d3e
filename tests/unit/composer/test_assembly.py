"""Drafts from skills alone: chosen by words, wired by what goes in and what comes out, marked as to be checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from composer.assembly.choosing import choose
from composer.assembly.drafting import NOTE, assemble
from composer.draft import Draft, Here
from composer.inventory import Inventory, Item
from tests.support.kinds import all_kinds
from workflows.definition.model import Workflow
from workflows.definition.parse import parse
from workflows.values import Json


def skill(name: str, description: str, returns: str, effect: str = "pure", **parameters: str) -> Item:
    schema: Json = {
        "type": "object",
        "properties": {
            key: {"type": "string", "format": "path"} if kind == "path" else {"type": kind}
            for key, kind in parameters.items()
        },
        "required": list(parameters),
    }
    touches = ("writes",) if effect != "pure" else ("reads",)
    return Item("skill", name, description, schema, returns, effect=effect, touches=touches)


HERE = Inventory(
    (
        skill("csv.read", "Read a table from a CSV file.", "{path, columns, rows: [{column: value}]}", path="path"),
        skill("table.profile", "Describe the columns of a table.", "{rows, columns: [{name, missing}]}", rows="array"),
        skill("file.write", "Write a text file.", "{path, bytes}", "idempotent", path="path", text="string"),
        skill("file.copy", "Copy a file.", "{source, path}", "idempotent", source="path", target="path"),
        skill("file.checksum", "Compute the checksums of files.", "{files, text}", path="path"),
        skill("archive.list", "List what lies in an archive: zip, tar.", "{path, entries: [{name}]}", path="path"),
        skill("file.move", "Move or rename a file.", "{source, path}", "idempotent", source="path", target="path"),
        skill("file.read", "Read a text file.", "{path, text, lines}", path="path"),
        skill("text.stats", "Count the words and lines of a text.", "{words, lines}", text="string"),
        skill("text.diff", "Compare two texts.", "{diff, same}", before="string", after="string"),
        skill("version.next", "Give the version that follows.", "{version, before}", version="string"),
        Item("agent", "summariser", "Sums up."),
    ),
    ("skill", "agent"),
)


def read(text: str) -> Workflow | None:
    parsed = parse(text, "draft.yaml", all_kinds())
    return parsed.workflow if parsed.valid else None


def made(request: str) -> Draft | None:
    return assemble(request, HERE, Path(), Here(read))


def test_what_a_skill_needs_is_prepared_and_what_is_written_is_asked_for_checked_and_put_back() -> None:
    draft = made("describe the columns of the table in a.csv and write a summary into report.md, at most $1")
    assert draft is not None
    workflow = read(draft.text)
    assert workflow is not None
    assert [(stage.name, [step.id for step in stage.steps]) for stage in workflow.stages] == [
        ("preparation", ["read"]),
        ("main", ["profile", "answer", "save"]),
        ("validation", ["check_1"]),
    ]
    assert '"${{ steps.read.output.rows }}"' in draft.text
    assert [step.id for step in workflow.steps if step.approve] == ["save"]
    assert [handler.action for handler in workflow.error_handlers] == ["rollback"]
    assert workflow.finally_ is not None
    assert [demand.held for demand in draft.demands] == [True]


def test_it_is_marked_as_a_draft_to_check() -> None:
    draft = made("list what lies in the archive b.zip")
    assert draft is not None
    assert (draft.origin, draft.match, draft.usd) == ("assembled", None, 0.0)
    assert draft.text.startswith("# Put together from the skills that are here, without a model.")
    assert NOTE in draft.notes


def test_what_nobody_said_is_asked_for() -> None:
    draft = made("give the version that follows")
    assert draft is not None
    assert [parameter.name for parameter in draft.missing] == ["version"]


def test_clauses_are_steps_in_their_order() -> None:
    names = [choice.skill.name for choice in choose("copy a.txt to b.txt, then compute its checksum", HERE)]
    assert names == ["file.copy", "file.checksum"]
    draft = made("copy a.txt to b.txt, then compute its checksum")
    assert draft is not None
    assert "source: a.txt" in draft.text
    assert "target: b.txt" in draft.text


@pytest.mark.parametrize(
    "request_",
    [
        "",
        "sing a song",
        "what is the meaning of life",
        "copy my ex's instagram account",
        "list of restaurants",
        "hello",
    ],
)
def test_what_no_skill_does_is_no_draft(request_: str) -> None:
    assert made(request_) is None


@pytest.mark.parametrize(
    ("request_", "skills"),
    [
        ("rename a.csv to b.csv", ["file.move", "file.checksum"]),
        ("renomme a.csv en b.csv", ["file.move", "file.checksum"]),
        ("wie viele Wörter hat notes.md?", ["file.read", "text.stats"]),
        (
            "count the words of notes.md and write the number to n.md",
            ["file.read", "text.stats", "file.write", "file.checksum"],
        ),
        ("compare a.md with b.md", ["file.read", "file.read", "text.diff"]),
    ],
)
def test_a_small_thing_is_known_by_what_is_wanted_done(request_: str, skills: list[str]) -> None:
    draft = made(request_)
    assert draft is not None
    assert read(draft.text) is not None
    assert re.findall(r"skill: (\S+)", draft.text) == skills


def test_what_no_skill_was_found_for_is_told() -> None:
    draft = made("rename a.csv to b.csv and then convert the prices to francs")
    assert draft is not None
    assert any("convert the prices to francs" in note for note in draft.notes)
