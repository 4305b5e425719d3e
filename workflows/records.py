"""`dataclass` as in the standard library, for a program of hundreds of them that has to start at once.

The library compiles six methods for each class when it is made: a third of the time that a short command took. Here
one, `__init__`, is compiled when the first instance is made; the others are the same functions for all classes.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, eq: bool = True, repr: bool = True) -> Any:  # noqa: A002  # the library's own name
        """As `dataclasses.dataclass` with these options; not for slots, which are made when the class is."""

        def make(cls: type) -> type:
            return _make(cls, frozen=frozen, eq=eq, represented=repr)

        return make if cls is None else make(cls)


def _make(cls: type, *, frozen: bool, eq: bool, represented: bool) -> type:
    own = cls.__dict__
    if not cls.__doc__:
        cls.__doc__ = cls.__name__  # else the library writes a signature for it, which takes longest of all
    cls = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    methods: dict[str, Any] = {"__init__": _first(cls)}
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


def _first(cls: type) -> Any:
    def __init__(self: Any, *given: Any, **named: Any) -> None:
        # Not by way of the instance's class, which may be a class below this one.
        init = _compiled(cls)
        cls.__init__ = init  # type: ignore[misc]  # the class's own method takes the place of this one
        init(self, *given, **named)

    return __init__


def _compiled(cls: type) -> Any:
    """The `__init__` of a class, which writes all fields at once; a frozen one needs no way around itself then."""
    parameters, lines, keyword = ["self"], [], False
    known: dict[str, Any] = {"_missing_": dataclasses.MISSING}
    for number, field in enumerate(dataclasses.fields(cls)):
        value = field.name
        default = ""
        if field.default_factory is not dataclasses.MISSING:
            known[f"_{number}_"] = field.default_factory
            value = f"_{number}_() if {field.name} is _missing_ else {field.name}" if field.init else f"_{number}_()"
            default = "=_missing_"
        elif not field.init:
            continue  # the class has it, or `__post_init__` sets it
        elif field.default is not dataclasses.MISSING:
            known[f"_{number}_"] = field.default
            default = f"=_{number}_"
        if field.init:
            if field.kw_only and not keyword:
                parameters.append("*")
                keyword = True
            parameters.append(f"{field.name}{default}")
        lines.append(f"    _own_[{field.name!r}] = {value}")
    source = [f"def __init__({', '.join(parameters)}):", "    _own_ = self.__dict__", *lines]
    if hasattr(cls, "__post_init__"):
        source.append("    self.__post_init__()")
    namespace: dict[str, Any] = {}
    exec("\n".join(source), known, namespace)  # noqa: S102  # made of our own classes' fields, as the library does
    init = namespace["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    return init


def _values(self: Any) -> Any:
    cls = type(self)
    get = cls.__dict__.get("_compared")
    if get is None:
        names = [field.name for field in dataclasses.fields(cls) if field.compare]
        get = attrgetter(*names) if names else lambda _: ()
        cls._compared = get  # only ever taken from the class's own dictionary, so that it is bound to nothing
    return get(self)


def _eq(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


@recursive_repr()
def _repr(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _set(self: Any, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
