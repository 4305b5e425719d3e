"""Definitions that are kept in files, such as skills and agents: those of several sources as one immutable snapshot.

A later scope wins over an earlier one, what nobody has trusted hides nothing, and a reload swaps the snapshot whole. A
broken file keeps its last good version in use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from workflows.diagnostics import Diagnostic
from workflows.records import dataclass

Scope = Literal["built-in", "user", "workspace"]

SCOPES: tuple[Scope, ...] = ("built-in", "user", "workspace")
"""Where definitions come from; the later wins over the earlier where both have one of the same name."""


TWICE = "name-taken"
"""The code of the error that a definition has a name which another of its folder has already."""


class Definition(Protocol):
    """What a source has: a frozen dataclass with at least these fields. `trusted` says whether it may act."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def path(self) -> Path | None: ...
    @property
    def trusted(self) -> bool: ...
    @property
    def standing(self) -> int:
        """How much it can do: it never hides another of a higher standing."""
        ...


T = TypeVar("T", bound=Definition)
Made = TypeVar("Made", bound=Definition, covariant=True)


@dataclass(frozen=True)
class Folder:
    """A folder that holds definitions. `within` is the folder that links must not lead out of.

    `foreign`: other programs read it too, so that what it holds is read leniently.
    """

    path: Path
    scope: Scope
    within: Path | None = None
    foreign: bool = False


@dataclass(frozen=True)
class Unit(Generic[Made]):
    """What one file says now, or what a server does: its definitions, the last good ones where it is broken.

    `stamp` is what it was read from: the same stamp is not read again.
    """

    path: Path
    definitions: tuple[Made, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    stamp: object = None


class Source(Protocol[Made]):
    """Where definitions come from. Those of a source that is `within` a workspace count as trusted where that is."""

    @property
    def scope(self) -> Scope: ...
    @property
    def within(self) -> Path | None: ...
    def read(self) -> Iterable[Unit[Made]]:
        """All units as they are now, in order: of two definitions of one name the first counts. Never raises."""
        ...


class Format(Protocol[Made]):
    """How the definitions of a folder are written in files."""

    def files(self, folder: Folder) -> Iterable[Path]: ...

    def inside(self, folder: Folder) -> Iterable[Path]:
        """The folders inside of it whose changes matter too."""
        ...

    def stamp(self, path: Path, folder: Folder) -> object | Diagnostic:
        """What is in the file, as a value; a diagnostic where it cannot be read."""
        ...

    def read(self, path: Path, folder: Folder, stamp: Any) -> Unit[Made]: ...


class Files(Generic[T]):
    """The files of one folder, each with its last good definitions: a Source."""

    def __init__(self, folder: Folder, format_: Format[T]) -> None:
        self.folder, self._format = folder, format_
        self._units: dict[Path, Unit[T]] = {}

    @property
    def scope(self) -> Scope:
        return self.folder.scope

    @property
    def within(self) -> Path | None:
        return self.folder.within

    def inside(self) -> Iterable[Path]:
        """The folders inside of this one whose changes matter too."""
        return self._format.inside(self.folder)

    def read(self) -> Iterable[Unit[T]]:
        self._units = {path: self._unit(path, self._units.get(path)) for path in self._format.files(self.folder)}
        return self._units.values()

    def _unit(self, path: Path, known: Unit[T] | None) -> Unit[T]:
        stamp = self._format.stamp(path, self.folder)
        last_good = known.definitions if known else ()
        if isinstance(stamp, Diagnostic):
            return Unit(path, last_good, (stamp,))
        if known and known.stamp == stamp:
            return known
        unit = replace(self._format.read(path, self.folder, stamp), stamp=stamp)
        broken = any(diagnostic.is_error for diagnostic in unit.diagnostics)
        return replace(unit, definitions=last_good) if broken and not unit.definitions else unit


@dataclass(frozen=True)
class Shadowed(Generic[T]):
    """A definition that another of the same name hides: `by` is in use."""

    hidden: T
    by: T


@dataclass(frozen=True)
class Reloaded:
    """A definition changed. `old` and `new` are digests, None where it was or is not there.

    With `problems` its file is broken now: the last good version stays (`old` equals `new`), if there was one. `name`
    is the file's stem where nothing of it is known. Without them and with `old` equal to `new`, the file was broken and
    is again what it was, or it is only trusted now.
    """

    what: str
    name: str
    old: str | None
    new: str | None
    problems: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class Layered(Generic[T]):
    """Definitions by name, what is to be said of their files, and what is shadowed.

    `problems` are errors, which keep a file's newest version from being used; `notes` are warnings.
    """

    found: Mapping[str, T] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Diagnostic, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    shadowed: tuple[Shadowed[T], ...] = ()

    def problems_of(self, definition: T) -> tuple[Diagnostic, ...]:
        """Why the file that it came from is broken now, while its last good version is still used."""
        return tuple(problem for problem in self.problems if problem.file == str(definition.path))


S = TypeVar("S", bound="Layered[Any]")
Listener = Callable[[Reloaded], None]


class Layers(Generic[T, S]):
    """Holds the current snapshot, of the type `make`. `what` is the word for one definition.

    `trusted` says whether a workspace's definitions may act; it is asked at every reload.
    """

    def __init__(
        self,
        what: str,
        make: Callable[..., S],
        sources: Sequence[Source[T]],
        trusted: Callable[[Path], bool] = lambda root: False,
    ) -> None:
        self.what, self._make, self._trusted = what, make, trusted
        self._sources: tuple[Source[T], ...] = ()
        self._units: tuple[tuple[Scope, Unit[T]], ...] = ()
        self._listeners: list[Listener] = []
        self.snapshot: S = make()
        self.add(*sources)

    @property
    def folders(self) -> tuple[Folder, ...]:
        """The folders that files are read from."""
        return tuple(source.folder for source in self._sources if isinstance(source, Files))

    def inside(self) -> Iterator[Path]:
        """The folders inside of those that can change and matter too."""
        for source in self._sources:
            if isinstance(source, Files) and source.scope != "built-in":
                yield from source.inside()

    def unit(self, path: Path) -> Unit[T] | None:
        """What was last read of a file."""
        return next((unit for _, unit in self._units if unit.path == path), None)

    def paths(self, scope: Scope) -> list[Path]:
        """The files of a scope, as they were last read."""
        return [unit.path for of, unit in self._units if of == scope]

    def add(self, *sources: Source[T]) -> None:
        """Take in further sources, each behind those of its scope: it wins over them."""
        together = (*self._sources, *sources)
        self._sources = tuple(sorted(together, key=lambda source: SCOPES.index(source.scope)))
        self.reload()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear of every definition that a reload changes. Returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def reload(self) -> tuple[Reloaded, ...]:
        """Read the sources again and swap the snapshot. Returns what changed, after the listeners have heard of it."""
        before = self.snapshot
        units: list[tuple[Scope, Unit[T]]] = []
        found: list[T] = []
        said: list[Diagnostic] = []
        for source in self._sources:
            names: dict[str, T] = {}
            trusted = source.within is None or self._trusted(source.within)
            for unit in source.read():
                units.append((source.scope, unit))
                said.extend(unit.diagnostics)
                for definition in unit.definitions:
                    if other := names.get(definition.name):
                        said.append(self._twice(unit.path, definition, other))
                    else:
                        names[definition.name] = replace(definition, trusted=trusted)
            found.extend(names.values())
        definitions, shadowed = _layered(found)
        problems = tuple(diagnostic for diagnostic in said if diagnostic.is_error)
        notes = tuple(diagnostic for diagnostic in said if not diagnostic.is_error)
        self.snapshot = self._make(MappingProxyType(definitions), problems, notes, tuple(shadowed))
        self._units = tuple(units)
        changes = tuple(self._changes(before))
        for change in changes:
            for listener in tuple(self._listeners):
                listener(change)
        return changes

    def _twice(self, path: Path, definition: T, other: T) -> Diagnostic:
        message = f"the {self.what} {definition.name} is already defined in {other.path}"
        line: int = getattr(definition, "line", 1) or 1
        return Diagnostic("error", TWICE, message, "rename one of them", str(path), line)

    def _changes(self, before: S) -> Iterator[Reloaded]:
        after = self.snapshot
        broken = {problem.file for problem in after.problems}
        mended = {problem.file for problem in before.problems} - broken
        for name in sorted({*before.found, *after.found}):
            old, new = before.found.get(name), after.found.get(name)
            if old != new or str(_path_of(new)) in mended:
                yield Reloaded(self.what, name, old.digest if old else None, new.digest if new else None)
        for _, unit in self._units:
            problems = tuple(problem for problem in after.problems if problem.file == str(unit.path))
            if not problems or set(problems) <= set(before.problems):
                continue
            kept = [each for each in unit.definitions if _path_of(after.found.get(each.name)) == unit.path]
            for each in kept:
                yield Reloaded(self.what, each.name, each.digest, each.digest, problems)
            if not kept:
                yield Reloaded(self.what, _name_of(unit.path), None, None, problems)


def _path_of(definition: Definition | None) -> Path | None:
    return definition.path if definition else None


def _name_of(path: Path) -> str:
    return path.parent.name if path.name.lower() == "skill.md" else path.stem


def _layered(found: Sequence[T]) -> tuple[dict[str, T], list[Shadowed[T]]]:
    """One definition for each name, the later over the earlier, as far as its standing goes."""
    definitions: dict[str, T] = {}
    shadowed: list[Shadowed[T]] = []
    for definition in found:
        other = definitions.get(definition.name)
        if other is None or definition.standing >= other.standing:
            definitions[definition.name] = definition
            if other:
                shadowed.append(Shadowed(other, definition))
        else:
            shadowed.append(Shadowed(definition, other))
    return definitions, shadowed
