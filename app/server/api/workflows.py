"""Workflows: what there is to start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from app.server.api.operation import Asked, Model, Operation
from app.server.api.paging import Paged, page_of, read_cursor
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


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about workflows."""

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
        page, more = page_of(names, asked.query.limit, lambda last: [last])
        return WorkflowPage(items=[found[name] for name in page], next=more)

    async def one(asked: Asked) -> WorkflowAnswer:
        name = asked.path["workflow"]
        if versions := await stage.standing.versions(name):
            return of_versions(name, versions)
        if (file := of_files().get(name)) is not None:
            return file
        raise no_workflow(name)

    return (
        Operation(
            *("listWorkflows", "GET", "/api/v1/workflows", "viewer", "List workflows, by name", listed),
            {200: WorkflowPage},
            "workflows",
            Which,
        ),
        Operation(
            *("getWorkflow", "GET", NAME, "viewer", "Look at a workflow", one),
            {200: WorkflowAnswer},
            "workflows",
            refuses=(404,),
        ),
    )


def no_workflow(name: str) -> Problem:
    """That there is none of this name."""
    return Problem(
        404, "not-found", f"There is no workflow {name[:100]}.", "GET /api/v1/workflows lists them.", where="workflow"
    )
