"""A lane for the small forms of the proofs, and what an undisturbed run comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.proof.lanes import WORKFLOWS, Lane
from tests.proof.tracing import why_not

REASON = why_not()

with_strace = pytest.mark.skipif(bool(REASON), reason=f"without strace ({REASON}) only the wrapped writes are killed")


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    folder: Path = tmp_path_factory.mktemp("proof").resolve() / "lane"
    lane = Lane.open(folder, "reference")
    yield lane
    lane.close()


@pytest.fixture(scope="module", params=WORKFLOWS)
def any_lane(request: pytest.FixtureRequest, lane: Lane) -> Lane:
    """The same lane, with each workflow in turn."""
    return replace(lane, workflow=request.param)
