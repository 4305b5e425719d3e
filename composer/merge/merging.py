"""Two texts made one by choices: what is called the same is told apart, then the second is put behind the first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from composer.edit import (
    AddItem,
    AddStep,
    Edit,
    Inside,
    RemoveField,
    RenameParameter,
    RenameStep,
    SetField,
    SetStage,
    apply,
    primitives,
)
from composer.edit.page import open_page
from composer.edit.references import named as namings
from composer.edit.stages import staged
from composer.edit.steps import move
from composer.edit.tree import spot_of, spots, stages
from composer.edit.values import AtEnd
from composer.merge.conflicts import CHOICES, Conflict, Source, conflicts, named, same_step, setting
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.values import Json, canonical

_SETTINGS = ("budget", "timeout", "max_parallel", "schedule", "unattended", "context")


class Unresolved(UnderstudyError):
    """Something that both say otherwise was left without a choice. `conflicts` lists all of it."""

    def __init__(self, found: Sequence[Conflict]) -> None:
        keys = ", ".join(each.key for each in found)
        super().__init__(f"Both say something else of: {keys}.", "Choose for each of them.")
        self.conflicts = tuple(found)


@dataclass(frozen=True)
class Merged:
    """The text of both. `notes` say what holds for both now, and what was kept once."""

    text: str
    notes: tuple[str, ...]


def merge(first: Source, second: Source, choices: Mapping[str, str]) -> Merged:
    """The first workflow with the second behind it.

    Raises Unresolved where a choice is missing or is none of those there are, and EditRefused where a text cannot be
    edited. The caller checks what comes out.
    """
    found = conflicts(first, second)
    if left := [each for each in found if choices.get(each.key) not in each.choices]:
        raise Unresolved(left)
    return _Merging(first, second, {each.key: choices[each.key] for each in found}).done()


class _Merging:
    def __init__(self, first: Source, second: Source, choices: Mapping[str, str]) -> None:
        self._names = (first.name, second.name)
        self._titles = [_text(open_page(each.text).value(("name",))) or each.name for each in (first, second)]
        self._first = self._second = ""
        self._sources = (first.text, second.text)
        self._choices = choices
        self._notes: list[str] = []

    def done(self) -> Merged:
        self._first, self._second = (
            self._prepared(text, title) for text, title in zip(self._sources, self._titles, strict=True)
        )
        self._parameters()
        self._retries()
        self._steps()
        self._stages()
        self._settings()
        self._handlers()
        for key in ("rollback", "finally"):
            self._block(key)
        self._outputs()
        self._words()
        return Merged(self._first, tuple(self._notes))

    def _prepared(self, text: str, title: str) -> str:
        """With stages, and without what makes it a template."""
        page = open_page(text.removeprefix("\ufeff"))
        text, alone = page.text, page.root.get("stages") is None
        if page.node(("template",)) is not None:
            text = apply(text, [RemoveField(("template",))])
        return apply(staged(text), [SetStage("main", "name", title)]) if alone else text

    def _chosen(self, key: str) -> str:
        return self._choices.get(key, "")

    def _change(self, *edits: Edit) -> None:
        self._first = apply(self._first, edits)

    def _change_second(self, *edits: Edit) -> None:
        self._second = apply(self._second, edits)

    def _parameters(self) -> None:
        mine, theirs = (named(open_page(each).value(("parameters",)), "name") for each in (self._first, self._second))
        for name in theirs:
            chosen = self._chosen(f"parameter:{name}")
            if chosen == "rename":
                self._change_second(RenameParameter(name, self._free(name, (*mine, *theirs))))
            elif chosen == "second":
                self._change(SetField(("parameters", list(mine).index(name)), theirs[name]))
        page = open_page(self._second)
        for index, parameter in enumerate(page.value(("parameters",)) or ()):
            if parameter.get("name") not in mine:
                self._carry(("parameters",), ("parameters", index))
            elif not self._chosen(f"parameter:{parameter['name']}"):
                self._notes.append(f"Both have the parameter '{parameter['name']}'; it is one now.")

    def _retries(self) -> None:
        chosen = self._chosen("retry_policy")
        if not chosen:
            return
        policies = [setting(open_page(each), "retry_policy") for each in (self._first, self._second)]
        if chosen == "each":
            self._first, self._second = (
                _retried(text, policy) for text, policy in zip((self._first, self._second), policies, strict=True)
            )
        elif chosen == "second":
            self._first = _set(self._first, ("metadata", "retry_policy"), policies[1])

    def _steps(self) -> None:
        mine, theirs = open_page(self._first), open_page(self._second)
        taken = {spot.id for page in (mine, theirs) for spot in spots(page)}
        same = same_step(open_page(self._sources[0]), open_page(self._sources[1]))
        for id_ in [spot.id for spot in spots(theirs)]:
            chosen = self._chosen(f"step:{id_}")
            if chosen == "rename":
                new = self._free(id_, taken)
                taken.add(new)
                self._change_second(RenameStep(id_, new))
            elif chosen == "second":
                page = open_page(self._first)
                value = open_page(self._second).value(spot_of(open_page(self._second), id_).path)
                self._first = primitives.put(self._first, spot_of(page, id_).path, value)
                self._leave_out(id_)
            elif chosen == "first":
                self._leave_out(id_)
            elif id_ in same and any(spot.id == id_ for spot in spots(open_page(self._second))):
                self._notes.append(f"Both have the step '{id_}', and it is the same: it is done once.")
                self._leave_out(id_)

    def _leave_out(self, id_: str) -> None:
        """Take a step out of the second: who needs it there finds it done."""
        for path in reversed(namings(self._second, id_)):
            if path[0] != "error_handlers":
                self._second = primitives.drop(self._second, path)
        page = open_page(self._second)
        spot = spot_of(page, id_)
        if len(page.value(spot.list)) == 1 and len(page.value(("stages",))) == 1 and spot.path[0] == "stages":
            self._second = primitives.put(self._second, spot.list, [])
            return
        from composer.edit import RemoveStep

        self._change_second(RemoveStep(id_))

    def _stages(self) -> None:
        for name in stages(open_page(self._second)):
            steps = open_page(self._second).value(("stages", stages(open_page(self._second)).index(name), "steps"))
            if not steps:
                continue
            chosen = self._chosen(f"stage:{name}")
            own = name
            if chosen == "rename" or (chosen != "join" and name in stages(open_page(self._first))):
                own = self._free_title(name, stages(open_page(self._first)))
                self._change_second(SetStage(name, "name", own))
            index = stages(open_page(self._second)).index(own)
            self._carry(("stages",), ("stages", index))
            if chosen == "join":
                self._join(name)

    def _join(self, name: str) -> None:
        """The stage that was carried last, put into the one of the same name."""
        page = open_page(self._first)
        at = len(page.value(("stages",))) - 1
        ids = [spot.id for spot in spots(page) if spot.list == ("stages", at, "steps")]
        needs = {id_: page.value((*spot_of(page, id_).path, "needs")) for id_ in ids}
        for id_ in ids:
            self._first = move(self._first, id_, AtEnd(name))
        parallel = open_page(self._first).value(("stages", stages(open_page(self._first)).index(name), "parallel"))
        for id_, names in needs.items():
            if names and parallel:
                self._change(SetField(("needs",), names, id_))

    def _settings(self) -> None:
        theirs = open_page(self._second)
        for key in _SETTINGS:
            chosen, value = self._chosen(key), setting(theirs, key)
            if chosen == "second":
                if key == "timeout":
                    self._first = _set(self._first, ("metadata", "timeout"), None)
                self._first = _set(self._first, (key,), value)
            elif chosen == "sum":
                mine = setting(open_page(self._first), key)
                usd = round(float(mine["usd"]) + float(value["usd"]), 6)
                strict = "abort" in (mine.get("on_exceed"), value.get("on_exceed"))
                whole = {"usd": int(usd) if usd == int(usd) else usd, **({"on_exceed": "abort"} if strict else {})}
                self._change(SetField((key,), {**mine, **whole}))
        page = open_page(self._first)
        for name in theirs.value(("env",)) or ():
            if name not in (page.value(("env",)) or ()):
                self._change(AddItem(("env",), name))
        for name, count in (theirs.value(("resources",)) or {}).items():
            most = max(count, (page.value(("resources",)) or {}).get(name, 0))
            self._change(SetField(("resources", name), most))

    def _handlers(self) -> None:
        mine, theirs = (
            named(open_page(each).value(("error_handlers",)), "error") for each in (self._first, self._second)
        )
        if (mine or theirs) and canonical(mine) != canonical(theirs):
            self._notes.append("The handlers of both see the failures of all steps now.")
        for index, (error, handler) in enumerate(theirs.items()):
            if self._chosen(f"handler:{error}") == "second":
                self._change(SetField(("error_handlers", list(mine).index(error)), handler))
            elif error not in mine:
                now = list(named(open_page(self._first).value(("error_handlers",)), "error"))
                at = now.index("any") if "any" in now else len(now)  # behind `any` it would never be used
                self._carry(("error_handlers",), ("error_handlers", index), at)

    def _block(self, key: str) -> None:
        steps = open_page(self._second).value((key, "steps")) or ()
        for index, step in enumerate(steps):
            if open_page(self._first).node((key, "steps")) is None:
                self._change(AddStep(step, Inside((key, "steps"))))
            else:
                self._carry((key, "steps"), (key, "steps", index))
        if steps:
            self._notes.append(f"'{key}' does what it did in '{self._names[1]}' for all of it now.")

    def _outputs(self) -> None:
        mine, theirs = (open_page(each).value(("outputs",)) or {} for each in (self._first, self._second))
        for name, value in theirs.items():
            chosen = self._chosen(f"output:{name}")
            if chosen == "rename":
                self._change(SetField(("outputs", self._free(name, (*mine, *theirs))), value))
            elif chosen == "second" or name not in mine:
                self._change(SetField(("outputs", name), value))

    def _words(self) -> None:
        self._change(SetField(("name",), " and ".join(self._titles)))
        pages = [open_page(each) for each in (self._first, self._second)]
        said = [text for page in pages if (text := _text(page.value(("description",))))]
        if len(said) == 2 and said[0] != said[1]:
            self._change(SetField(("description",), " ".join(_sentence(each) for each in said)))
        elif said and not pages[0].value(("description",)):
            self._change(SetField(("description",), said[0]))
        for tag in pages[1].value(("metadata", "tags")) or ():
            if tag not in (open_page(self._first).value(("metadata", "tags")) or ()):
                self._change(AddItem(("metadata", "tags"), tag))

    def _carry(self, to: tuple[str, ...], path: tuple[str | int, ...], index: int | None = None) -> None:
        """Put an item of the second's into a list of the first, with its comments."""
        page = open_page(self._second)
        value, there = page.value(path), open_page(self._first).value(to)
        at = len(there or ()) if index is None else index
        if not there:
            self._change(SetField(to, [value]))
            return
        lines = primitives.lines_of(page, path)
        if lines is None:
            self._first = primitives.insert(self._first, to, at, value)
        else:
            self._first = primitives.paste(self._first, to, at, lines, value)

    def _free(self, name: str, taken: Sequence[str] | set[str]) -> str:
        base = f"{name}_{re.sub(r'[^A-Za-z0-9_]', '_', self._names[1])}"
        return next(each for each in (base, *(f"{base}_{n}" for n in range(2, 999))) if each not in taken)

    def _free_title(self, name: str, taken: Sequence[str]) -> str:
        base = f"{name} ({self._titles[1]})"
        return next(each for each in (base, *(f"{base} {n}" for n in range(2, 999))) if each not in taken)


def _retried(text: str, policy: Json) -> str:
    """The text in which each step that does work of its own says itself how it is retried."""
    if policy is None:
        return text
    text = _set(text, ("metadata", "retry_policy"), None)
    page = open_page(text)
    for spot in spots(page):
        holds = any(other.path[: len(spot.path)] == spot.path != other.path for other in spots(page))
        if not holds and page.value((*spot.path, "retry")) is None:
            text = apply(text, [SetField(("retry",), policy, spot.id)])
    return text


def _set(text: str, path: tuple[str, ...], value: Json) -> str:
    if value is not None:
        return apply(text, [SetField(path, value)])
    return apply(text, [RemoveField(path)]) if open_page(text).node(path) is not None else text


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


__all__ = ["CHOICES", "Merged", "Unresolved", "merge"]
