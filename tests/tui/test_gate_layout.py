from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.present.inquiry import Card, Choice
from app.tui.widgets.gate import LEAST, Shown, lay_out


def card(body: str = "", reason: str = "approval", *names: str, facts: int = 1) -> Card:
    chosen = names or ("approve", "deny")
    return Card(
        run="7f3a9c2e",
        entry="publish:1",
        step="publish",
        reason=reason,
        headline="publish wants your approval",
        what="write RELEASE_NOTES.md",
        who="step publish",
        facts=tuple((f"fact {n}", "some words that say where and what") for n in range(facts)),
        body=body,
        language="diff",
        choices=tuple(Choice(name, "", name, f"what {name} leads to", "") for name in chosen),
        digest="d",
    )


def texts(shown: Shown, width: int, height: int, scroll: int = 0) -> list[str]:
    return [line.plain for line in lay_out(shown, width, height, scroll).lines]


@given(st.integers(0, 300), st.integers(20, 160), st.integers(6, 60), st.integers(0, 400))
def test_all_choices_are_always_there_and_come_last(lines: int, width: int, height: int, scroll: int) -> None:
    body = "\n".join(f"+line {n}" for n in range(lines))
    shown = texts(Shown(card(body)), width, height, scroll)
    assert shown[-2].startswith("a")
    assert shown[-1].startswith("d")
    visible = [text for text in shown if text.startswith("+line")]
    assert len(visible) >= min(LEAST, lines)


@given(st.integers(1, 300), st.integers(12, 40))
def test_what_is_hidden_is_counted_and_can_be_reached(lines: int, height: int) -> None:
    shown = Shown(card("\n".join(f"+line {n}" for n in range(lines))))
    layout = lay_out(shown, 80, height)
    visible = sum(line.plain.startswith("+line") for line in layout.lines)
    assert layout.hidden == lines - visible
    if layout.hidden:
        assert f"{layout.hidden} more line" in "\n".join(line.plain for line in layout.lines)
        end = texts(shown, 80, height, layout.deepest)
        assert f"+line {lines - 1}" in end


def test_long_lines_are_wrapped_and_never_cut() -> None:
    text = "+" + "x" * 300
    body = [line for line in texts(Shown(card(text)), 60, 30) if set(line) <= {"+", "x"} and line]
    assert "".join(body) == text


def test_what_is_expected_and_not_offered_is_there_and_says_so() -> None:
    shown = texts(Shown(card("", "intervention", "retry", "abort")), 80, 20)
    assert any(line.startswith("e") and "not offered here" in line for line in shown)
    assert any(line.startswith("r") and "what retry leads to" in line for line in shown)


def test_notes_stand_above_the_content() -> None:
    shown = texts(Shown(card("+body"), notes=("lint was changed since",)), 80, 20)
    assert shown.index("lint was changed since") < shown.index("+body")
