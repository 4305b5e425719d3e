from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from app.tui.widgets import tail as module
from app.tui.widgets.tail import Tail
from tests.support.stillness import resting


class Holder(App[None]):
    def compose(self) -> ComposeResult:
        yield Tail("tail")


@pytest.fixture
async def pane() -> AsyncIterator[tuple[Tail, Pilot[None]]]:
    app = Holder()
    async with resting(), app.run_test(size=(20, 6)) as pilot:
        tail = app.query_one(Tail)
        tail.focus()
        yield tail, pilot


def shown(tail: Tail) -> list[str]:
    return [tail.render_line(y).text.rstrip() for y in range(tail.size.height)]


async def test_what_comes_in_pieces_is_one_text(pane: tuple[Tail, Pilot[None]]) -> None:
    tail, _ = pane
    for piece in ("one", " line", "\ntwo\n", "\n", "four"):
        tail.add(piece)
    assert tail.text == "one line\ntwo\n\nfour"
    tail.add("th")
    assert tail.text == "one line\ntwo\n\nfourth"
    tail.add_line("own")
    assert tail.text == "one line\ntwo\n\nfourth\nown"


async def test_it_follows_until_somebody_scrolls_up_and_again_from_the_end(pane: tuple[Tail, Pilot[None]]) -> None:
    tail, pilot = pane
    tail.add("".join(f"line {n}\n" for n in range(20)))
    assert shown(tail)[-1] == "line 19"
    await pilot.press("k")
    assert not tail.following
    tail.add("line 20\nline 21\n")
    assert tail.unseen == 2
    assert shown(tail)[-1] == "line 18"
    await pilot.press("G")
    assert tail.following
    assert shown(tail)[-1] == "line 21"
    tail.add("line 22\n")
    assert shown(tail)[-1] == "line 22"


async def test_long_lines_wrap_and_wrap_anew_when_the_width_changes(pane: tuple[Tail, Pilot[None]]) -> None:
    tail, pilot = pane
    tail.add("the quick brown fox jumps over the dog")
    assert shown(tail)[:3] == ["the quick brown fox", "jumps over the dog", ""]
    await pilot.resize_terminal(40, 6)
    await pilot.pause()
    assert shown(tail)[0] == "the quick brown fox jumps over the dog"


async def test_only_the_last_lines_are_kept_and_the_rest_is_counted(
    pane: tuple[Tail, Pilot[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tail, _ = pane
    monkeypatch.setattr(module, "MOST_LINES", 100)
    for n in range(0, 1000, 10):
        tail.add("".join(f"line {m}\n" for m in range(n, n + 10)))
    assert len(tail.text.split("\n")) <= 100
    assert tail.text.endswith("line 999")
    assert shown(tail)[-1] == "line 999"
    kept = len(tail.text.split("\n"))
    assert tail.summary == f"showing the last {kept} of 1000 lines"


async def test_a_line_without_end_neither_grows_nor_hangs(pane: tuple[Tail, Pilot[None]]) -> None:
    tail, _ = pane
    tail.add("x" * 10_000_000)
    assert max(len(line) for line in tail.text.split("\n")) <= module.LONGEST
    assert shown(tail)[-1].startswith("x")


async def test_what_is_copied_has_no_breaks_of_the_screens_making(pane: tuple[Tail, Pilot[None]]) -> None:
    tail, pilot = pane
    source = "the quick brown fox jumps over the lazy dog again and again\nsecond"
    tail.add(source)
    pilot.app.screen.text_select_all()
    await pilot.pause()
    assert pilot.app.screen.get_selected_text() == source


async def test_dragging_over_wrapped_rows_copies_the_source(pane: tuple[Tail, Pilot[None]]) -> None:
    tail, pilot = pane
    tail.add("the quick brown fox jumps over the dog")
    await pilot.mouse_down(tail, offset=(4, 0))
    await pilot.hover(tail, offset=(9, 1))
    await pilot.mouse_up(tail, offset=(9, 1))
    assert pilot.app.screen.get_selected_text() == "quick brown fox jumps over"


@pytest.mark.parametrize("say", [lambda tail: tail.add, lambda tail: tail.show])
async def test_nothing_that_acts_on_a_terminal_gets_through(
    pane: tuple[Tail, Pilot[None]], say: Callable[[Tail], Callable[[str], None]]
) -> None:
    tail, _ = pane
    say(tail)("a\x1b]52;c;SGVsbG8=\x07b [bold]c[/foo] \u202ed\x9b2J")
    text = "".join(shown(tail))
    assert "[bold]c[/foo]" in tail.text
    assert not any(character in text for character in "\x1b\x07\x9b\u202e")
