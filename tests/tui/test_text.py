from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from app.present.status import RUNNING
from app.tui.text import badge, block, cell, keys, line
from tests.tui.test_safety import CONTROL, EVIL


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_every_way_from_data_to_the_screen_cleans_and_reads_no_markup(evil: str) -> None:
    for content in (block(evil), line(evil), cell(evil, 30), keys(("a", evil))):
        assert CONTROL.search(content.plain.replace("\n", "")) is None
    assert block("[bold]x[/]").plain == "[bold]x[/]"
    assert line("[@click=app.quit]x").plain == "[@click=app.quit]x"


@given(st.text(max_size=60), st.integers(0, 40), st.booleans())
def test_a_cell_is_exactly_as_wide_as_asked(text: str, width: int, right: bool) -> None:
    content = cell(text, width, right=right)
    assert cell_len(content.plain) == width
    assert "\n" not in content.plain


def test_a_state_is_a_glyph_and_a_word() -> None:
    assert badge(RUNNING, 12).plain == "● running   "
