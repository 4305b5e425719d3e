"""Making workflows by calls, where the settings let an admin do that: what is written so runs as the server does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from app.server.api.operation import Answered, Asked, Model, Operation
from app.server.api.problems import Problem, Wrong
from app.server.backstage import Backstage

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,59}")


class WorkflowWanted(Model):
    """A workflow's name, which its file gets, and its text in YAML."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    text: Annotated[str, Field(min_length=1, max_length=500_000)]


class WorkflowMade(Model):
    """The workflow is written, and not published yet."""

    workflow: str
    status: str
    path: str


def operations(stage: Backstage) -> Sequence[Operation]:
    """The one call that writes a file."""

    async def created(asked: Asked) -> Answered:
        from app.drafts import Taken, read_draft, save

        if not stage.desk.services.settings.serve.create:
            raise Problem(
                *(403, "forbidden", "Workflows are not made by calls here: whoever makes one has programs run."),
                "`serve: {create: true}` in settings.yaml lets admins do it.",
            )
        name, text = asked.body.name, asked.body.text
        if not NAME.fullmatch(name):
            raise Problem(
                *(422, "invalid", "That is no name of a workflow."),
                "Use letters, digits, '_' and '-', at most 60.",
                where="body.name",
            )
        errors = read_draft(stage.desk, name, text).errors
        if errors:
            wrong = [Wrong(f"body.text, line {each.line}, column {each.column}", each.message) for each in errors[:50]]
            raise Problem(
                *(422, "invalid", f"The workflow cannot be used: {errors[0].message}"),
                "Mend what `errors` lists.",
                where=wrong[0].where,
                wrong=wrong,
            )
        try:
            path = save(stage.desk, name, text)
        except Taken:
            raise Problem(
                409, "conflict", f"There is a workflow {name}.", "Give this one another name.", where="body.name"
            ) from None
        made = WorkflowMade(workflow=name, status="unpublished", path=str(path))
        return Answered(made, 201, {"Location": f"/api/v1/workflows/{name}"})

    return (
        Operation(
            *("createWorkflow", "POST", "/api/v1/workflows", "admin", "Write a workflow, not published yet", created),
            {201: WorkflowMade},
            "workflows",
            body=WorkflowWanted,
            refuses=(409,),
        ),
    )
