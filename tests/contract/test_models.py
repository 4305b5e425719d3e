"""What every model keeps to, whoever writes the text: the port's promises, tried on all of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import pytest

from agents.models.litellm_model import LitellmModel
from agents.models.port import Message, Model, Reply, Request
from agents.models.registry import Models
from agents.models.script import Script
from agents.models.scripted import ScriptedModel
from agents.models.template_model import TemplateModel
from tests.support.openai_faults import FAULTS
from tests.support.openai_server import OpenAIServer, answer
from tests.support.real_models import LocalKeys, litellm_model
from workflows.clock import SystemClock
from workflows.errors import CallFailed

TEXT = "Ünïcode, “quotes”, tabs\tand\nlines: 🎭 in the end."
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"

pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")


@dataclass(frozen=True)
class Subject:
    """A model with a request that it answers by TEXT, one that never ends, and one that it must refuse."""

    model: Model
    good: Request
    endless: Request
    bad: Request
    simulated: bool


def ask(model: str, *messages: Message) -> Request:
    return Request(model, messages or (Message("user", "Go."),), deadline=30.0, idle=30.0)


def of_scripts() -> Subject:
    scripts = {
        "scripted/good": [{"text": TEXT, "chunk": 5}],
        "scripted/endless": [{"text": TEXT, "delay": 3600}],
        "scripted/bad": [{"fail": {"kind": "business", "message": "scripted/bad: no."}}],
    }
    model = ScriptedModel({name: Script.from_data(data) for name, data in scripts.items()}.get, SystemClock())
    return Subject(model, *(ask(name) for name in scripts), simulated=True)


def of_templates() -> Subject:
    def fill(template: str) -> Request:
        return ask("template/any", Message("system", template), Message("user", json.dumps({"text": TEXT})))

    return Subject(TemplateModel(), fill("{{ data.text }}"), fill(ENDLESS), fill("{{ data.title }}"), simulated=True)


@pytest.fixture(scope="module")
def loaded() -> Iterator[tuple[LitellmModel, LocalKeys]]:
    with litellm_model() as loaded:
        yield loaded


@pytest.fixture(params=["scripted", "template", "litellm", "registry"])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    if request.param == "scripted":
        yield of_scripts()
    elif request.param == "template":
        yield of_templates()
    elif request.param == "registry":
        subject = of_scripts()
        yield replace(subject, model=Models({"scripted/": subject.model}))
    else:
        model, keys = request.getfixturevalue("loaded")
        behaviours = {"good": answer(TEXT, size=5), "endless": FAULTS["endless"], "bad": FAULTS["400"]}
        async with OpenAIServer(lambda exchange: behaviours[exchange.received.body["model"]](exchange)) as server:
            keys.serve_from(server)
            yield Subject(model, *(ask(f"openai/{name}") for name in behaviours), simulated=False)


async def test_the_deltas_are_the_text(subject: Subject) -> None:
    heard: list[str] = []

    reply = await subject.model.complete(subject.good, heard.append)

    assert "".join(heard) == reply.text == TEXT
    assert "" not in heard


async def test_the_same_request_is_answered_again_and_many_at_once(subject: Subject) -> None:
    replies: list[Reply] = await asyncio.gather(
        *(subject.model.complete(subject.good, lambda text: None) for _ in range(5))
    )

    assert [reply.text for reply in replies] == [TEXT] * 5


async def test_usage_is_honest(subject: Subject) -> None:
    usage = (await subject.model.complete(subject.good, lambda text: None)).usage

    assert usage.model == subject.good.model
    assert usage.simulated == subject.simulated
    if subject.simulated:
        assert (usage.tokens_in, usage.tokens_out, usage.cost_usd) == (0, 0, 0.0)
    else:
        assert (usage.tokens_in, usage.tokens_out) == (12, 7)
        assert usage.cost_usd is None  # nobody knows what a model named `good` costs


async def test_the_deadline_is_kept(subject: Subject) -> None:
    with pytest.raises(CallFailed) as caught:
        await subject.model.complete(replace(subject.endless, deadline=0.2), lambda text: None)

    assert caught.value.failure.kind == "timeout"


async def test_a_call_can_be_cancelled(subject: Subject) -> None:
    task = asyncio.create_task(subject.model.complete(subject.endless, lambda text: None))
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_failure_names_the_model_and_is_classed(subject: Subject) -> None:
    with pytest.raises(CallFailed) as caught:
        await subject.model.complete(subject.bad, lambda text: None)

    failure = caught.value.failure
    assert failure.message.startswith(f"{subject.bad.model}: ")
    assert failure.kind in ("business", "validation")
