"""The step kinds of a process by name, each made when a workflow first names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping

from workflows.steps.kind import StepKind


class Kinds(MutableMapping[str, StepKind]):
    """Kinds by name. Most workflows have steps of two or three kinds, and what the others need takes long to import."""

    def __init__(self, makers: Mapping[str, Callable[[], StepKind]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, StepKind] = {}

    def __getitem__(self, name: str) -> StepKind:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._makers[name]()
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __setitem__(self, name: str, kind: StepKind) -> None:
        self._makers[name] = lambda: kind
        self._made.pop(name, None)

    def __delitem__(self, name: str) -> None:
        del self._makers[name]
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)
