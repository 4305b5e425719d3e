"""The steps of one run as a person has them on the screen: what is folded away, and what waits in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.tui.lanes import Lane, lanes_of
from app.tui.outline import Outline, is_folded, needing, outline, shape_of, visible
from workflows.planning.plan import Plan
from workflows.runs.state import Inquiry, RunState


class Tree:
    """Brought to a state with `read`. `folded` is what the person chose, by address."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.waiting: tuple[Inquiry, ...] = ()
        """What waits for a person, as it is read from top to bottom."""
        self.needing: Mapping[int, int] = {}
        self.folded: dict[str, bool] = {}
        self.lanes: Mapping[str, Lane] = {}
        self._shape: tuple[int, ...] = ()
        self._state: RunState | None = None
        self._plan: Plan | None = None

    def read(self, state: RunState) -> None:
        """Go along with the run. Costs little where nothing moved."""
        if state is self._state:
            return
        self._state = state
        if state.plan is not self._plan:
            self._plan, self.lanes = state.plan, lanes_of(state.plan)
        if (shape := shape_of(state)) != self._shape:
            self._shape, self.outline = shape, outline(state)
        places = self.outline.places
        asked = () if state.over else state.open_inquiries
        self.waiting = tuple(sorted(asked, key=lambda each: places.get(each.asked.step, -1)))
        self.needing = needing(self.outline, self.waiting)

    def shown(self, selected: str) -> Sequence[int]:
        """The places of the steps that are not folded away while this one is selected."""
        return visible(self.outline, self.folded, self.needing, selected)

    # Folding

    def is_folded(self, address: str, selected: str) -> bool:
        """Whether what is below a step is folded away."""
        places = self.outline.places
        place = places.get(address)
        return place is not None and is_folded(self.outline, place, self.folded, self.needing, places.get(selected, -1))

    def unfold_to(self, address: str) -> None:
        """Take back whatever a person folded that hides this step."""
        if (place := self.outline.places.get(address)) is not None:
            for holder in self.outline.holders(place):
                if self.folded.get(self.outline.nodes[holder].address):
                    del self.folded[self.outline.nodes[holder].address]

    def to_fold(self, selected: str) -> str:
        """What folding means where the cursor is: the step itself where it is unfolded, else what holds it."""
        place = self.outline.places.get(selected)
        if place is None:
            return ""
        if self.outline.foldable(selected) and not self.is_folded(selected, selected):
            return selected
        return next((self.outline.nodes[holder].address for holder in self.outline.holders(place)), "")

    def seen_at(self, address: str) -> str:
        """The step itself, or the outermost of what holds it that a person has folded."""
        place = self.outline.places.get(address)
        seen = address
        if place is not None:
            for holder in self.outline.holders(place):
                if self.folded.get(self.outline.nodes[holder].address):
                    seen = self.outline.nodes[holder].address
        return seen

    # What waits

    def asked_at(self, selected: str) -> Inquiry | None:
        """What a person is asked with this step selected: about it, else in it, else the next one, else the first."""
        if not self.waiting:
            return None
        places, nodes = self.outline.places, self.outline.nodes
        here = places.get(selected, -1)
        end = nodes[here].end if here >= 0 else 0
        asked = [(places.get(each.asked.step, -1), each) for each in self.waiting]
        own = next((each for place, each in asked if place == here), None)
        inside = next((each for place, each in asked if here < place < end), None)
        after = next((each for place, each in asked if place > here), None)
        return own or inside or after or self.waiting[0]

    def next_asked(self, selected: str, by: int) -> Inquiry | None:
        """The entry after the one that is shown, or before it; round and round."""
        if not self.waiting:
            return None
        now = self.asked_at(selected)
        assert now is not None
        if now.asked.step != selected and by > 0:
            return now
        return self.waiting[(self.waiting.index(now) + by) % len(self.waiting)]

    def place_of(self, inquiry: Inquiry) -> int:
        """Its place among what waits, from 1."""
        return self.waiting.index(inquiry) + 1
