"""What exists here and a draft may be made of: as a short text for a prompt, and to check a draft against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from composer.words import words_of
from skills.manifest import Skill
from workflows.records import dataclass
from workflows.steps.kind import Catalogue, Entry, StepKind, What
from workflows.text import one_line
from workflows.values import Json, canonical

LONGEST = 160
"""Characters of one description: what others wrote is told in short, and on one line."""

ROOM = 28_000
"""Characters of the whole text, some 8,000 tokens. What has least to do with the request is only named then."""


@dataclass(frozen=True)
class Item:
    """One thing that a step can name. `parameters` is the JSON Schema of what it takes."""

    what: What
    name: str
    description: str
    parameters: Json = None
    returns: str = ""
    outputs: tuple[str, ...] = ()
    """Of a workflow: what it gives back, by name."""
    effect: str = ""
    touches: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    simulated: bool = False

    def line(self) -> str:
        """The item on one line, its words cleaned and cut."""
        parts = [f"{self.name}({', '.join(_arguments(self.parameters))})" if self.what != "agent" else self.name]
        if self.returns:
            parts.append(f"-> {one_line(self.returns, LONGEST)}")
        if self.outputs:
            parts.append(f"-> {{{', '.join(self.outputs)}}}")
        facts = [self.effect, *self.touches] if self.what == "skill" else [*self.models[:1]]
        facts += [f"tools {', '.join(self.tools[:8])}"] if self.tools else []
        facts += ["no AI"] if self.simulated else []
        if any(facts):
            parts.append(f"[{'; '.join(filter(None, facts))}]")
        parts.append(one_line(self.description, LONGEST))
        return " ".join(filter(None, parts))


@dataclass(frozen=True)
class Inventory:
    """All that can be named here and used: nothing that is broken or not trusted is in it."""

    items: tuple[Item, ...]
    kinds: tuple[str, ...]
    model: str = ""
    """The model that agents without one of their own ask; empty where none is set."""

    @property
    def models(self) -> frozenset[str]:
        """Models that something here asks."""
        return frozenset({self.model, *(model for item in self.items for model in item.models)} - {""})

    def named(self, what: What) -> tuple[str, ...]:
        return tuple(item.name for item in self.items if item.what == what)

    def find(self, what: What, name: str) -> Item | None:
        return next((item for item in self.items if (item.what, item.name) == (what, name)), None)

    def text(self, request: str, room: int = ROOM) -> str:
        """What there is, as lines for a prompt; where room is short, in full only what the request has to do with."""
        wanted = set(words_of(request))
        ranked = sorted(self.items, key=lambda item: -len(wanted & set(words_of(f"{item.name} {item.description}"))))
        shown, used = set[tuple[What, str]](), 0
        for item in ranked:
            used += len(item.line()) + 1
            if used > room:
                break
            shown.add((item.what, item.name))
        return "\n".join(self._sections(shown))

    def _sections(self, shown: set[tuple[What, str]]) -> Iterator[str]:
        yield f"step kinds: {', '.join(self.kinds)}"
        whats: Sequence[What] = ("skill", "agent", "workflow")
        for what in whats:
            items = [item for item in self.items if item.what == what]
            yield f"\n{what}s:" if items else f"\nthere are no {what}s"
            yield from (f"- {item.line()}" for item in items if (what, item.name) in shown)
            if rest := [item.name for item in items if (what, item.name) not in shown]:
                yield f"- and, not told of here: {', '.join(rest)}"
        yield f"\nmodel of agents that name none: {self.model or 'none is set'}"


def take_inventory(
    catalogue: Catalogue, kinds: Mapping[str, StepKind], skills: Mapping[str, Skill], model: str = ""
) -> Inventory:
    """All that the catalogue has and that can be used as it is. `skills` say besides what they give back."""
    items = []
    whats: Sequence[What] = ("skill", "agent", "workflow")
    for what in whats:
        for name in catalogue.names(what):
            entry = catalogue.find(what, name)
            if entry is not None and not entry.problem:
                items.append(_item(entry, skills))
    return Inventory(tuple(items), tuple(sorted(kinds)), model)


def _item(entry: Entry, skills: Mapping[str, Skill]) -> Item:
    skill = skills.get(entry.name) if entry.what == "skill" else None
    return Item(
        entry.what,
        entry.name,
        entry.description,
        entry.parameters,
        skill.returns if skill else "",
        tuple(entry.definition.outputs) if entry.definition is not None else (),
        entry.effect or "",
        tuple(sorted(entry.touches)),
        entry.models,
        entry.tools,
        entry.simulated,
    )


def _arguments(schema: Json) -> Iterator[str]:
    """What it takes: those that must be given as they are, the others with their default."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(schema, Mapping) or not isinstance(properties, Mapping):
        return
    required = schema.get("required") or ()
    for name, about in properties.items():
        about = about if isinstance(about, Mapping) else {}
        kind = "|".join(map(_word, about["enum"])) if isinstance(about.get("enum"), list) else _kind(about.get("type"))
        given = "" if name in required else "?" if about.get("default") is None else f" = {_word(about['default'])}"
        yield one_line(f"{name}{': ' + kind if kind else ''}{given}", 80)


def _kind(said: Json) -> str:
    kinds = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return "|".join(str(each) for each in kinds if each != "null")


def _word(value: Json) -> str:
    return value if isinstance(value, str) and value else canonical(value)
