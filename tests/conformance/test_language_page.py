"""`docs/language.md` is true: its examples are read as it says, its tables name what there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.catalogue import Listed
from tests.support.kinds import all_kinds
from tests.support.language_examples import PAGE, Example, examples
from workflows.definition.model import Step, Workflow
from workflows.definition.parse import parse
from workflows.diagnostics import render
from workflows.expressions.functions import FUNCTIONS, TESTS
from workflows.parts import declared
from workflows.steps.kind import Entry

ROOT = Path(__file__).parents[2]
KINDS = all_kinds()
SKILLS = ("git.log", "run.tests", "file.write", "file.list", "file.read", "file.restore")
CATALOGUE = Listed(
    *(Entry("skill", name) for name in SKILLS),
    *(Entry("agent", name) for name in ("writer", "editor", "template-writer")),
    Entry("workflow", "create-backup"),
)
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"line {example.line}")
def test_example(example: Example) -> None:
    parsed = parse(example.text, "example.yaml", KINDS, CATALOGUE)
    assert "".join(render(diagnostic) + "\n" for diagnostic in parsed.diagnostics) == example.said


def test_the_page_names_every_key_kind_and_function() -> None:
    named = set(re.findall(r"`([^`\n]+)`", TEXT)) | set(re.findall(r"[\w-]+", TEXT))
    keys = {each.key for model in (Workflow, Step) for each in declared(model).values()} - {"fields"}
    own = {each.key for kind in KINDS.values() for each in declared(kind.fields).values()}
    assert keys | own | set(KINDS) | set(FUNCTIONS) | set(TESTS) <= named


def test_the_page_lists_every_code_and_no_other() -> None:
    section = TEXT[TEXT.index("## 11.") :]
    listed = {
        code for row in re.findall(r"^\| (`.*) \|", section, re.MULTILINE) for code in re.findall(r"`([a-z-]+)`", row)
    }
    files = [*(ROOT / "workflows").glob("*.py"), *(ROOT / "workflows" / "definition").rglob("*.py")]
    files += [*(ROOT / "workflows" / "unattended").glob("headless.py")]
    files += [*(ROOT / "workflows" / "steps").glob("*.py"), *(ROOT / "skills" / "kinds").glob("*.py")]
    strings = {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    made_up = {f"{how}-{what}" for how in ("unknown", "unusable") for what in ("skill", "agent", "workflow")}
    assert listed - made_up <= strings, "a code that nothing gives"
    codes = {text for text in strings if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)} - {"utf-8", "utf-16"}
    assert codes <= listed, "a code that the page does not list"
