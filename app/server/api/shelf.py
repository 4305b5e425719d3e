"""What the calls about schedules and about triggers have in common: both stand by an id, and start a workflow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from app.server.api.guard import Role
from app.server.api.operation import Asked, Does, Operation
from app.server.api.paging import Paged, page_of, read_cursor
from app.server.api.problems import Problem

S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class Keeper(Protocol[S_co]):
    """What a caller can do with those on a shelf."""

    async def listed(self) -> Sequence[S_co]:
        """All of them, by id."""

    async def show(self, name: str) -> S_co: ...

    async def pause(self, name: str) -> object: ...

    async def resume(self, name: str) -> object: ...

    async def remove(self, name: str) -> object: ...


class Shelf(Generic[S]):
    """All of one `noun`. `keeper` is of whoever asks; calls are answered with the models `answer` and `page`."""

    def __init__(
        self,
        noun: str,
        ids: Callable[[], Awaitable[Collection[str]]],
        keeper: Callable[[Asked], Keeper[S]],
        id_of: Callable[[S], str],
        told: Callable[[S], BaseModel],
        answer: type[BaseModel],
        page: type[BaseModel],
    ) -> None:
        self._noun, self._ids, self._keeper, self._id_of = noun, ids, keeper, id_of
        self._told, self._answer, self._page = told, answer, page
        self.path = f"/api/v1/{noun}s"
        self.one = f"{self.path}/{{{noun}}}"

    async def named(self, asked: Asked) -> str:
        """Whose call this is. Raises Problem where there is none of that name."""
        name = asked.path[self._noun]
        if name not in await self._ids():
            raise Problem(
                *(404, "not-found", f"There is no {self._noun} {name[:100]}.", f"GET {self.path} lists them."),
                where=self._noun,
            )
        return name

    def operations(self) -> tuple[Operation, ...]:
        """Listing them; looking at one, pausing, resuming and removing it."""
        noun = self._noun
        paused = self._doing(lambda keeper, name: keeper.pause(name))
        resumed = self._doing(lambda keeper, name: keeper.resume(name))
        listing = Operation(
            *(f"list{noun.capitalize()}s", "GET", self.path, "viewer", f"List {noun}s, by id", self._listed),
            {200: self._page},
            f"{noun}s",
            Paged,
        )
        return (
            listing,
            self._of_one("get", "GET", "", "viewer", f"Look at a {noun}", self._shown),
            self._of_one("remove", "DELETE", "", "admin", f"Remove a {noun}; its runs stay", self._removed),
            self._of_one("pause", "POST", "/pause", "admin", "Let it start nothing", paused),
            self._of_one("resume", "POST", "/resume", "admin", "Let it start again, from now on", resumed),
        )

    def _of_one(self, verb: str, method: str, below: str, role: Role, summary: str, does: Does) -> Operation:
        name, path = f"{verb}{self._noun.capitalize()}", f"{self.one}{below}"
        return Operation(name, method, path, role, summary, does, {200: self._answer}, f"{self._noun}s", refuses=(404,))

    async def _listed(self, asked: Asked) -> BaseModel:
        after = read_cursor(asked.query.cursor, str)
        left = [each for each in await self._keeper(asked).listed() if not after or self._id_of(each) > after[0]]
        page, more = page_of(left, asked.query.limit, lambda last: [self._id_of(last)])
        return self._page(items=[self._told(each) for each in page], next=more)

    async def _shown(self, asked: Asked) -> BaseModel:
        return self._told(await self._keeper(asked).show(await self.named(asked)))

    def _doing(self, do: Callable[[Keeper[S], str], Awaitable[object]]) -> Does:
        async def done(asked: Asked) -> BaseModel:
            name, keeper = await self.named(asked), self._keeper(asked)
            await do(keeper, name)
            return self._told(await keeper.show(name))

        return done

    async def _removed(self, asked: Asked) -> BaseModel:
        name, keeper = await self.named(asked), self._keeper(asked)
        seen = await keeper.show(name)
        await keeper.remove(name)
        return self._told(seen)
