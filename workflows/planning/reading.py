"""Reading a plan as it is kept in a journal: of this release or an older one, which had fewer fields."""

from __future__ import annotations

from workflows.planning.plan import (
    Block,
    Budget,
    Each,
    Handler,
    Plan,
    PlannedStage,
    PlannedStep,
    Remembering,
    RetryPolicy,
    Telling,
    Unattended,
    Use,
    Verifying,
    WrittenPlan,
)
from workflows.values import Json


def plan_from_json(data: Json) -> Plan:
    """The plan that `to_json` gave, of this release or an older one.

    Raises KeyError or TypeError where the data is not a plan.
    """
    if isinstance(data, WrittenPlan) and data.plan is not None:
        return data.plan
    return Plan(
        **{
            **data,
            **_block(data),
            "parameters": tuple(data.get("parameters", ())),
            "outputs": dict(data["outputs"]),
            "handlers": tuple(
                Handler(**{**item, "block": Block(**_block(item["block"])), "tell": _telling(item["tell"])})
                for item in data.get("handlers", ())
            ),
            "rollback": _optional_block(data.get("rollback")),
            "finally_": _optional_block(data.get("finally_")),
            "budget": Budget(**budget) if (budget := data.get("budget")) else None,
            "unattended": Unattended(**silence) if (silence := data.get("unattended")) else None,
        }
    )


def _block(data: Json) -> dict[str, Json]:
    return {
        "stages": tuple(PlannedStage(item["name"], tuple(item["steps"]), item["width"]) for item in data["stages"]),
        "steps": tuple(_step(item) for item in data["steps"]),
        "when": data.get("when", ""),
    }


def _optional_block(data: Json) -> Block | None:
    return None if data is None else Block(**_block(data))


def _telling(data: Json) -> Telling | None:
    return None if data is None else Telling(_step(data["step"]), data["when"])


def _step(item: Json) -> PlannedStep:
    verify, undo, child = item.get("verify"), item.get("undo"), item.get("child")
    each, remember = item.get("each"), item.get("remember")
    return PlannedStep(
        **{
            **item,
            "after": tuple(item["after"]),
            "performers": tuple(item["performers"]),
            "hosts": tuple(item["hosts"]),
            "uses": tuple(
                Use(**{**use, **{key: tuple(use[key]) for key in ("models", "tools", "touches", "asks") if key in use}})
                for use in item["uses"]
            ),
            "retry": RetryPolicy(**{**item["retry"], "classes": tuple(item["retry"]["classes"])}),
            "inside": tuple(Block(**_block(block)) for block in item.get("inside", ())),
            "child": plan_from_json(child) if child else None,
            "each": Each(**{**each, "step": _step(each["step"])}) if each else None,
            "undo": _step(undo) if undo else None,
            "verify": Verifying(**{**verify, "step": _step(verify["step"])}) if verify else None,
            "remember": Remembering(**remember) if remember else None,
            "tell": _telling(item.get("tell")),
        }
    )
