"""Versions of workflows: publishing, looking at and archiving them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from app.present.figures import timestamp
from app.server.api.operation import Answered, Asked, Model, Operation
from app.server.api.paging import Paged, page_of, read_cursor
from app.server.api.problems import Problem
from app.server.api.workflows import NAME, no_workflow
from app.server.backstage import Backstage
from workflows.unattended.values import Version


class VersionAnswer(Model):
    """A version of a workflow. Nothing of it ever changes but its status."""

    workflow: str
    number: int
    status: Literal["published", "archived"]
    digest: str
    children: dict[str, str]
    published: str | None
    by: str
    note: str
    root: str


class VersionText(VersionAnswer):
    """A version, with its text."""

    text: str


class VersionPage(Model):
    """Some versions, the newest first."""

    items: list[VersionAnswer]
    next: str | None


class PublishWanted(Model):
    """Publish the workflow's file as it is now."""

    note: Annotated[str, Field(max_length=2_000)] = ""


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about versions."""

    def files() -> set[str]:
        return {file.stem for file in stage.versions.files()}

    async def versions(asked: Asked) -> VersionPage:
        name, after = asked.path["workflow"], read_cursor(asked.query.cursor, int)
        found = await stage.standing.versions(name)
        if not found and name not in files():
            raise no_workflow(name)
        left = [each for each in found if not after or each.number < after[0]]
        page, more = page_of(left, asked.query.limit, lambda last: [last.number])
        return VersionPage(items=[_version(each) for each in page], next=more)

    async def version(asked: Asked) -> VersionText:
        found = await _found(asked)
        return VersionText(**_version(found).model_dump(), text=found.text)

    async def published(asked: Asked) -> Answered:
        if asked.path["workflow"] not in files():  # a path, or a built-in one, is no name to be published here
            raise no_workflow(asked.path["workflow"])
        made, new = await stage.versions.publish(asked.path["workflow"], asked.body.note, asked.caller.name)
        where = f"/api/v1/workflows/{made.workflow}/versions/{made.number}"
        return Answered(_version(made), 201 if new else 200, {"Location": where})

    async def archived(asked: Asked) -> VersionAnswer:
        found = await _found(asked)
        return _version(await stage.versions.archive(found))

    async def _found(asked: Asked) -> Version:
        number = asked.path["number"]
        found = None
        if number.isascii() and number.isdigit() and 0 < len(number) < 10 and int(number):
            found = await stage.standing.version(asked.path["workflow"], int(number))
        if found is None:
            name = asked.path["workflow"][:100]
            raise Problem(404, "not-found", f"There is no version {number[:20]} of {name}.", where="number")
        return found

    return (
        Operation(
            *("listVersions", "GET", f"{NAME}/versions", "viewer", "List a workflow's versions", versions),
            {200: VersionPage},
            "versions",
            Paged,
            refuses=(404,),
        ),
        Operation(
            *("publish", "POST", f"{NAME}/versions", "admin", "Publish the workflow's file as a version", published),
            {201: VersionAnswer, 200: VersionAnswer},
            "versions",
            body=PublishWanted,
            refuses=(404, 409),
        ),
        Operation(
            *(
                "getVersion",
                "GET",
                f"{NAME}/versions/{{number}}",
                "viewer",
                "Look at a version, with its text",
                version,
            ),
            {200: VersionText},
            "versions",
            refuses=(404,),
        ),
        Operation(
            *("archive", "POST", f"{NAME}/versions/{{number}}/archive", "admin", "Archive a version", archived),
            {200: VersionAnswer},
            "versions",
            refuses=(404, 409),
        ),
    )


def _version(version: Version) -> VersionAnswer:
    return VersionAnswer(
        workflow=version.workflow,
        number=version.number,
        status=version.status,
        digest=version.digest,
        children={child.name: child.digest for child in version.children},
        published=timestamp(version.published),
        by=version.by,
        note=version.note,
        root=version.root,
    )
