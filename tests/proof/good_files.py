"""Some hundred workflow files that are right: what mutations start from."""

from __future__ import annotations

import textwrap
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from tests.support.kinds import all_kinds
from tests.support.language_examples import examples
from tests.support.language_values import workflows
from workflows.definition.dump import dump
from workflows.definition.model import Workflow
from workflows.definition.outline import outline
from workflows.definition.parse import parse

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "workflows" / "library", ROOT / "tests" / "conformance" / "reference", ROOT / "examples")
GENERATED = 60
LARGEST = 4_000
"""Characters of a generated file: a larger one takes longer and shows no more."""


def good_files() -> list[str]:
    """The page's examples, the library, the reference workflows, and generated ones. Always the same, in one order."""
    found = [example.text for example in examples() if not example.wrong]
    found += [path.read_text(encoding="utf-8") for folder in FOLDERS for path in sorted(folder.rglob("*.yaml"))]
    found += ["workflow:\n" + textwrap.indent(text, "  ") for text in found[::4] if not text.startswith("#")]
    return [text for text in [*found, *_generated()] if parse(text, "good.yaml", all_kinds()).workflow is not None]


def _generated() -> list[str]:
    texts: list[str] = []

    # Hypothesis is only asked for variety here: nothing is tested, and the same workflows come every time.
    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=GENERATED * 2,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(workflows)
    def collect(workflow: Workflow) -> None:
        ids = [placed.step.id for placed in outline(workflow).placed]
        text = dump(workflow)
        if len(set(ids)) == len(ids) and len(text) <= LARGEST:
            texts.append(text)

    collect()
    return sorted(set(texts), key=len)[-GENERATED:]
