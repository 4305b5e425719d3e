"""Who goes next, and how many: nobody over the limit, nobody passed by for ever, something always goes on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.limits import AHEAD, Claim, Load, Thresholds, adapt, admitted, room_ahead, standing_of, strain

NAMES = ("steps", "agents", "gpu")

needs = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3), min_size=1)
claims = st.lists(
    st.builds(Claim, needs, st.integers(-2, 2), st.floats(0, 9), st.sampled_from(["a", "b", "c"])), max_size=12
)
free = st.fixed_dictionaries({name: st.integers(-2, 6) for name in NAMES})


@given(claims, free)
def test_never_more_than_there_is(waiting: list[Claim], there: dict[str, int]) -> None:
    taken: dict[str, int] = {}
    found = admitted(waiting, there, {})
    assert len(set(found)) == len(found)
    for index in found:
        for name, count in waiting[index].needs.items():
            taken[name] = taken.get(name, 0) + count
    assert all(count <= max(there[name], 0) for name, count in taken.items())


@given(claims, free)
def test_nobody_takes_what_one_before_them_is_short_of(waiting: list[Claim], there: dict[str, int]) -> None:
    alone = [
        claim.__class__(claim.needs, claim.priority, claim.since, str(index)) for index, claim in enumerate(waiting)
    ]
    found = set(admitted(alone, there, {}))
    order = sorted(range(len(alone)), key=lambda index: standing_of(alone, index))
    for place, index in enumerate(order):
        if index in found:
            continue
        used = {
            name: sum(alone[other].needs.get(name, 0) for other in order[:place] if other in found) for name in NAMES
        }
        short = [name for name, count in alone[index].needs.items() if there[name] - used[name] < count]
        assert not any(name in alone[other].needs for name in short for other in order[place:] if other in found)


@given(claims)
def test_all_have_their_turn(waiting: list[Claim]) -> None:
    """With enough of everything for any one, and each giving back at once, all are done in so many rounds."""
    there, rounds = dict.fromkeys(NAMES, 3), 0
    while waiting:
        found = admitted(waiting, there, {})
        assert found
        waiting = [claim for index, claim in enumerate(waiting) if index not in found]
        rounds += 1
    assert rounds <= 12


@given(st.integers(1, 500), st.integers(1, 500), st.integers(0, 500), st.booleans())
def test_at_once_falls_and_rises_within_its_bounds(limit: int, most: int, busy: int, strained: bool) -> None:
    limit = min(limit, most)
    after = adapt(limit, most, busy, strained=strained)
    assert 1 <= after <= most
    assert after <= limit if strained else after >= limit
    for _ in range(10):
        after = adapt(after, most, min(busy, after), strained=strained)
    assert after == (1 if strained else most)


@given(st.integers(1, 300), st.integers(0, 900))
def test_there_is_always_room_to_begin_one(limit: int, begun: int) -> None:
    room = room_ahead(limit, begun)
    assert room >= (1 if begun == 0 else 0)
    assert begun + room <= max(begun, AHEAD * limit)


@given(st.floats(0, 100), st.integers(1, 100))
def test_strain_is_over_the_threshold_and_says_both(at: float, limit: int) -> None:
    for name in ("cpu", "memory", "network"):
        said = strain(Load(**{name: at}), Thresholds(**{name: limit}), 0.0)
        assert bool(said) == (at > limit)
        assert f"resources.max_{name}_usage is {limit}%" in said or not said
    assert strain(Load(storage=100.0), Thresholds(storage=1), 0.0) == ""
