"""`dataclass` as in the standard library, for a program of hundreds of them that has to start at once.

The library looks at every field of a class and compiles six methods when the class is made: for 200 classes that is a
third of what a short command takes. Here nothing is looked at before the first instance is made; `__init__` is compiled
for classes that have many; the other methods are the same functions for all. What `dataclasses.fields` and the like ask
for, the library makes when they ask. `changed` gives a changed copy of any such value.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from operator import attrgetter
from reprlib import recursive_repr
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, eq: bool = True, repr: bool = True) -> Any:  # noqa: A002  # the library's own name
        """As `dataclasses.dataclass` with these options; not for slots, which are made when the class is."""

        def make(cls: type) -> type:
            return _make(cls, frozen=frozen, eq=eq, represented=repr)

        return make if cls is None else make(cls)


V = TypeVar("V")

FEW = 30
"""Instances of a class that are made before its `__init__` is compiled: that takes as long as they do."""

_MISSING = dataclasses.MISSING

_LOOKING = RLock()
"""Held by the thread that looks at the fields of a class for the first time: the library changes what it looks at."""


class Declared(NamedTuple):
    """What a class says of one field. `default` and `factory` are `dataclasses.MISSING` where it says none."""

    name: str
    annotation: Any
    module: str
    default: Any
    factory: Any = _MISSING
    init: bool = True
    keyword: bool = False
    compared: bool = True
    shown: bool = True

    @property
    def required(self) -> bool:
        return self.default is _MISSING and self.factory is _MISSING

    @property
    def hint(self) -> Any:
        return evaluated(self.annotation, self.module)


class _Later:
    """An attribute of a class that the library makes when it is asked for."""

    def __init__(self, cls: type, name: str) -> None:
        self._cls = cls
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        cls = self._cls
        with _LOOKING:
            if isinstance(cls.__dict__.get(self._name), _Later):
                fields = declared(cls).values()  # the library takes from the class what is read here
                if not cls.__doc__:
                    cls.__doc__ = cls.__name__  # else the library writes a signature for it, which takes longest of all
                places = tuple(each.name for each in fields if each.init and not each.keyword)
                cls.__match_args__ = places  # type: ignore[attr-defined, misc]  # as the library does
                dataclasses.dataclass(init=False, repr=False, eq=False, match_args=False)(cls)
        return cls.__dict__[self._name]


_LATER = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")


def _make(cls: type, *, frozen: bool, eq: bool, represented: bool) -> type:
    own = cls.__dict__
    methods: dict[str, Any] = {"__init__": _first(cls)}
    methods |= {name: _Later(cls, name) for name in _LATER}
    if represented:
        methods["__repr__"] = _repr
    if eq:
        methods |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
    if frozen:
        methods |= {"__setattr__": _set, "__delattr__": _delete}
    for name, method in methods.items():
        if name not in own or (name == "__hash__" and own[name] is None):
            setattr(cls, name, method)
    return cls


def declared(cls: type) -> Mapping[str, Declared]:
    """The fields of a class by name, those of its bases first. Looked for when they are first needed."""
    found: Mapping[str, Declared] | None = cls.__dict__.get("_declared")
    return _looked_for(cls) if found is None else found


def _looked_for(cls: type) -> Mapping[str, Declared]:
    with _LOOKING:
        own, found = cls.__dict__, dict[str, Declared]()
        if "_declared" in own:
            return declared(cls)  # another thread was quicker
        for base in cls.__mro__[-1:0:-1]:
            if "__dataclass_fields__" in base.__dict__:
                found |= declared(base)
        ordinary = "__dataclass_fields__" not in own  # a class below one, which adds no field
        for name, annotation in () if ordinary else own.get("__annotations__", {}).items():
            if not str(annotation).startswith(("ClassVar", "typing.ClassVar")):
                found[name] = _declaration(name, annotation, cls)
        cls._declared = found  # type: ignore[attr-defined]  # only ever taken from the class's own dictionary
        return found


def is_record(cls: type) -> bool:
    """Whether a class, or one above it, was made by `dataclass`, of this module or of the library."""
    return any("__dataclass_fields__" in base.__dict__ for base in cls.__mro__)


def evaluated(annotation: Any, module: str) -> Any:
    """What an annotation says that was written in a module, as `typing.get_type_hints` gives it, at a fifth of it."""
    if not isinstance(annotation, str):
        return annotation
    return eval(annotation, vars(sys.modules[module]))  # noqa: S307  # written in our own classes


def _declaration(name: str, annotation: Any, cls: type) -> Declared:
    said, module = getattr(cls, name, _MISSING), cls.__module__
    if not isinstance(said, dataclasses.Field):
        return Declared(name, annotation, module, said)
    keyword = said.kw_only is True  # else it is not said
    more = said.default_factory, said.init, keyword, said.compare, said.repr
    return Declared(name, annotation, module, said.default, *more)


def _first(cls: type) -> Any:
    made = 0

    def __init__(self: Any, *given: Any, **named: Any) -> None:
        # Not by way of the instance's class, which may be a class below this one.
        nonlocal made
        made += 1
        if made <= FEW and _filled(self, cls, given, named):
            return
        init = _compiled(cls)
        if made > FEW:
            cls.__init__ = init  # type: ignore[misc]  # the class's own method takes the place of this one
        init(self, *given, **named)

    return __init__


def _filled(self: Any, cls: type, given: tuple[Any, ...], named: Mapping[str, Any]) -> bool:
    """Write all fields; False where what was given does not fit: the compiled method says what is wrong."""
    own = self.__dict__
    place = taken = 0
    for field in declared(cls).values():
        name = field.name
        if not field.init:
            if field.factory is not _MISSING:
                own[name] = field.factory()
            elif field.default is not _MISSING:
                own[name] = field.default
        elif place < len(given) and not field.keyword:
            if name in named:
                return False
            own[name] = given[place]
            place += 1
        elif name in named:
            own[name] = named[name]
            taken += 1
        elif field.factory is not _MISSING:
            own[name] = field.factory()
        elif field.default is not _MISSING:
            own[name] = field.default
        else:
            return False
    if place < len(given) or taken < len(named):
        return False
    if hasattr(cls, "__post_init__"):
        self.__post_init__()
    return True


def _compiled(cls: type) -> Callable[..., None]:
    """The `__init__` of a class, which writes all fields at once; a frozen one needs no way around itself then."""
    parameters, keywords, lines = ["self"], list[str](), list[str]()
    known: dict[str, Any] = {"_missing_": _MISSING}
    for number, field in enumerate(declared(cls).values()):
        value, default = field.name, ""
        if field.factory is not _MISSING:
            known[f"_{number}_"] = field.factory
            value = f"_{number}_() if {field.name} is _missing_ else {field.name}" if field.init else f"_{number}_()"
            default = "=_missing_"
        elif field.default is not _MISSING:
            known[f"_{number}_"] = field.default
            value = field.name if field.init else f"_{number}_"
            default = f"=_{number}_"
        elif not field.init:
            continue  # `__post_init__` sets it
        if field.init:
            (keywords if field.keyword else parameters).append(f"{field.name}{default}")
        lines.append(f"    _own_[{field.name!r}] = {value}")
    signature = ", ".join([*parameters, *(["*", *keywords] if keywords else ())])
    source = [f"def __init__({signature}):", "    _own_ = self.__dict__", *lines]
    if hasattr(cls, "__post_init__"):
        source.append("    self.__post_init__()")
    namespace: dict[str, Any] = {}
    exec("\n".join(source), known, namespace)  # noqa: S102  # made of our own classes' fields, as the library does
    init: Callable[..., None] = namespace["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    return init


def _values(self: Any) -> Any:
    cls = type(self)
    get = cls.__dict__.get("_compared")
    if get is None:
        names = [field.name for field in declared(cls).values() if field.compared]
        get = attrgetter(*names) if names else lambda _: ()
        cls._compared = get  # only ever taken from the class's own dictionary, so that it is bound to nothing
    return get(self)


def _eq(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


@recursive_repr()
def _repr(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in declared(type(self)).values() if field.shown)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _set(self: Any, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def changed(record: V, /, **fields: Any) -> V:
    """A copy of a frozen dataclass with these fields changed; as `dataclasses.replace`, in a tenth of its time.

    Nothing of `__init__` or `__post_init__` is done again, and what a `cached_property` found would stay: not for such.
    Raises TypeError for a field that there is not.
    """
    before = record.__dict__
    after = before.copy()  # the one way that keeps the keys shared by all records of a class
    after.update(fields)
    if len(after) != len(before):
        raise TypeError(f"{type(record).__name__} has no field {', '.join(fields.keys() - before.keys())}")
    copy = object.__new__(type(record))
    object.__setattr__(copy, "__dict__", after)
    return copy


def write(draft: object, /, **fields: Any) -> None:
    """Change these fields of a draft itself: a copy that whoever made it has shown to nobody yet.

    Raises TypeError for a field that there is not.
    """
    fill(draft, fields)


def fill(draft: object, fields: Mapping[str, Any]) -> None:
    """`write` with the fields as they are at hand."""
    own = draft.__dict__
    known = len(own)
    own.update(fields)
    if len(own) != known:
        raise TypeError(f"{type(draft).__name__} has no field {', '.join(fields)}, or not all of them")
