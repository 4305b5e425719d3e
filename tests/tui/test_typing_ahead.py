"""What is typed at once is for the field that its first key goes into, however fast it comes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from app.tui.modals.reason import Reason
from tests.support.scripts import at_gate
from tests.support.stage import House, on_stage


def type_at_once(house: House, text: str) -> None:
    """All the keys before the first of them was looked at, as a terminal hands on what was pasted or held up."""
    names = {"/": "slash", " ": "space", ":": "colon"}
    for letter in text:
        house.app.post_message(events.Key(names.get(letter, letter), letter))


@pytest.mark.parametrize(
    ("screen", "typed", "field"),
    [
        ("1", "njunk q", "#goal"),
        ("2", "/junk q", "#filter"),
        ("3", "/junk q", "#request"),
        ("5", "/junk q", "#filter"),
        ("6", "/junk q", "#filter"),
        ("8", "/junk q", "#filter"),
    ],
)
async def test_what_follows_the_key_of_a_field_is_text(tmp_path: Path, screen: str, typed: str, field: str) -> None:
    async with on_stage(tmp_path, played=False) as house:
        await house.press("1")
        await house.press(screen)
        if screen == "3":
            house.app.screen.set_focus(None)  # it begins in its field
        type_at_once(house, typed)
        await house.until(lambda: house.app.screen.query_one(field, Input).value == "junk q")


async def test_a_reason_that_is_typed_at_once_is_whole(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        type_at_once(house, "dtoo long")
        await house.until(lambda: isinstance(house.app.screen, Reason))
        await house.until(lambda: house.app.screen.query_one(Input).value == "too long")
        assert driver.committed.open_inquiries
        driver.cancel()
