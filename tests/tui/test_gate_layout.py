from __future__ import annotations

from dataclasses import replace

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
    choices = [at for at, text in enumerate(shown) if text.startswith(("a  approve", "d  deny"))]
    assert len(choices) == 2
    assert not any(text.startswith("+line") for text in shown[choices[0] :])
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
    assert any(line.startswith("U") and "nothing would be undone" in line for line in shown)
    assert any(line.startswith("r") and "what retry leads to" in line for line in shown)


ALL = ("retry", "edit", "retry_from", "fallback", "output", "skip", "roll_back", "abort")


@given(st.sets(st.sampled_from(ALL), min_size=1), st.integers(0, 40), st.integers(0, 4), st.integers(12, 40))
def test_a_failure_shows_every_choice_with_its_consequence(
    names: set[str], lines: int, facts: int, height: int
) -> None:
    failed = card("\n".join(f"line {n}" for n in range(lines)), "intervention", *sorted(names), facts=facts)
    shown = texts(Shown(failed), 76, height)
    for name in names:
        assert sum(f"what {name} leads to" in line for line in shown) == 1
    assert len(shown) <= max(height, len(names) + 1 + 2 + min(lines, 3))


def test_what_does_not_fit_is_left_out_before_a_choice_is() -> None:
    failed = card("\n".join(f"line {n}" for n in range(9)), "intervention", *ALL, facts=4)
    shown = texts(Shown(failed), 76, 14)
    assert len(shown) == 14
    assert sum("leads to" in line for line in shown) == len(ALL)
    assert "line 1" in shown


def test_what_a_choice_leads_to_is_told_whole_where_there_is_room() -> None:
    long = card("", "approval", "approve", "deny")
    long = replace(long, choices=(replace(long.choices[0], meaning="noun " * 40), long.choices[1]))
    assert sum(line.count("noun") for line in texts(Shown(long), 80, 20)) == 40
    assert len([line for line in texts(Shown(long), 80, 6) if "noun" in line]) == 1


def test_notes_stand_above_the_content() -> None:
    shown = texts(Shown(card("+body"), notes=("lint was changed since",)), 80, 20)
    assert shown.index("lint was changed since") < shown.index("+body")
