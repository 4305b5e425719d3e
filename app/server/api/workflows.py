"""Workflows: what there is to start, and the versions of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from app.present.figures import timestamp
from app.server.api.operation import Answered, Asked, Model, Operation
from app.server.api.paging import Paged, cursor_of, read_cursor
from app.server.api.problems import Problem
from app.server.backstage import Backstage
from workflows.definition.model import Workflow
from workflows.parts import data_of
from workflows.text import safe_json
from workflows.unattended.values import Version

NAME = "/api/v1/workflows/{workflow}"
Number = Annotated[int, Field(ge=1)]


class WorkflowAnswer(Model):
    """A workflow. `newest` is the version that starts now, null where none is published.

    Its facts are those of that version, and of the file where none is.
    """

    workflow: str
    status: Literal["published", "archived", "unpublished"]
    newest: int | None
    versions: int
    title: str
    description: str
    parameters: list[JsonValue]
    steps: int
    template_for: str
    tags: list[str]


class WorkflowPage(Model):
    """Some workflows, by name."""

    items: list[WorkflowAnswer]
    next: str | None


class Which(Paged):
    """Which workflows."""

    status: tuple[Literal["published", "archived", "unpublished"], ...] = ()


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
    """What can be asked about workflows and versions."""

    def facts(workflow: Workflow | None) -> dict[str, Any]:
        template = workflow.template if workflow else None
        made = {
            "title": workflow.name if workflow else "",
            "description": workflow.description if workflow else "",
            "parameters": [data_of(each) for each in workflow.parameters] if workflow else [],
            "steps": len(workflow.steps) if workflow else 0,
            "template_for": template.for_ if template else "",
            "tags": list(template.tags) if template else [],
        }
        cleaned: Any = safe_json(made)
        return dict(cleaned)

    async def known() -> dict[str, list[Version]]:
        found: dict[str, list[Version]] = {}
        for version in await stage.standing.versions():
            found.setdefault(version.workflow, []).append(version)
        return found

    def of_versions(name: str, versions: Sequence[Version]) -> WorkflowAnswer:
        newest = next((each for each in versions if each.status == "published"), None)
        shown = newest or versions[0]
        return WorkflowAnswer(
            workflow=name,
            status="published" if newest else "archived",
            newest=newest.number if newest else None,
            versions=len(versions),
            **facts(stage.versions.workflow_of(shown)),
        )

    def of_files() -> dict[str, WorkflowAnswer]:
        return {
            file.stem: WorkflowAnswer(
                workflow=file.stem, status="unpublished", newest=None, versions=0, **facts(file.workflow)
            )
            for file in stage.versions.files()
        }

    async def listed(asked: Asked) -> WorkflowPage:
        after = read_cursor(asked.query.cursor, str)
        versions = await known()
        found = {**of_files(), **{name: of_versions(name, each) for name, each in versions.items()}}
        names = [
            name
            for name in sorted(found)
            if (not after or name > after[0]) and (not asked.query.status or found[name].status in asked.query.status)
        ]
        page = names[: asked.query.limit]
        return WorkflowPage(
            items=[found[name] for name in page], next=cursor_of([page[-1]]) if len(names) > len(page) else None
        )

    async def one(asked: Asked) -> WorkflowAnswer:
        name = asked.path["workflow"]
        if versions := await stage.standing.versions(name):
            return of_versions(name, versions)
        if (file := of_files().get(name)) is not None:
            return file
        raise _no_workflow(name)

    async def versions(asked: Asked) -> VersionPage:
        name, after = asked.path["workflow"], read_cursor(asked.query.cursor, int)
        found = await stage.standing.versions(name)
        if not found and name not in of_files():
            raise _no_workflow(name)
        left = [each for each in found if not after or each.number < after[0]]
        page = left[: asked.query.limit]
        more = len(left) > len(page)
        return VersionPage(items=[_version(each) for each in page], next=cursor_of([page[-1].number]) if more else None)

    async def version(asked: Asked) -> VersionText:
        found = await _found(asked)
        return VersionText(**_version(found).model_dump(), text=found.text)

    async def published(asked: Asked) -> Answered:
        if asked.path["workflow"] not in of_files():  # a path, or a built-in one, is no name to be published here
            raise _no_workflow(asked.path["workflow"])
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

    tag = "workflows"
    return (
        Operation(
            *("listWorkflows", "GET", "/api/v1/workflows", "viewer", "List workflows, by name", listed),
            {200: WorkflowPage},
            tag,
            Which,
        ),
        Operation(
            *("getWorkflow", "GET", NAME, "viewer", "Look at a workflow", one),
            {200: WorkflowAnswer},
            tag,
            refuses=(404,),
        ),
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


def _no_workflow(name: str) -> Problem:
    return Problem(
        404, "not-found", f"There is no workflow {name[:100]}.", "GET /api/v1/workflows lists them.", where="workflow"
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
