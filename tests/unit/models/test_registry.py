"""Which model answers to which name."""

from collections.abc import Callable

import pytest

from agents.models.port import Message, Reply, Request, ToolCall, ToolSpec
from agents.models.registry import Models
from workflows.effects import Usage
from workflows.errors import CallFailed
from workflows.secrets import MASK, Redactor, Secret


class Named:
    """A model that answers with its own name."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        return Reply(self.name, Usage(request.model))


ENTRIES = {"demo/": Named("scripted"), "template/": Named("template"), "": Named("real"), "openai/": Named("special")}


@pytest.mark.parametrize(
    ("model", "answers"),
    [
        ("demo/scripted", "scripted"),
        ("template/notes", "template"),
        ("anthropic/claude-sonnet-4-5", "real"),
        ("openai/gpt-4o", "special"),
    ],
)
async def test_the_longest_beginning_wins(model: str, answers: str) -> None:
    reply = await Models(ENTRIES).complete(Request(model, (Message("user", "?"),)), lambda text: None)

    assert reply.text == answers


class Heard:
    """A model that keeps what it was asked."""

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        self.request = request
        return Reply("heard", Usage(request.model))


async def test_no_request_holds_what_is_secret() -> None:
    model, secret = Heard(), "sk-live-4f9a8e7d6c5b"
    call = ToolCall("1", "look", {"at": [secret]})
    request = Request(
        "m",
        (Message("system", f"Use {secret}."), Message("assistant", "", (call,)), Message("tool", secret)),
        (ToolSpec("look", f"Looks at {secret}", {"default": secret}),),
    )
    await Models({"": model}, redactor=Redactor([Secret(secret)])).complete(request, lambda text: None)
    assert secret not in repr(model.request)
    assert model.request.messages[1].tool_calls[0].arguments == {"at": [MASK]}
    await Models({"": model}).complete(request, lambda text: None)
    assert model.request == request


@pytest.mark.parametrize(
    ("default", "named", "full"),
    [("", None, ""), ("gpt-4o", None, "openai/gpt-4o"), ("gpt-4o", "claude-opus-5", "anthropic/claude-opus-5")],
)
def test_names(default: str, named: str | None, full: str) -> None:
    assert Models(ENTRIES, default).name_of(named) == full


def test_what_is_simulated() -> None:
    models = Models(ENTRIES)

    assert [models.simulated(name) for name in ("demo/scripted", "scripted/a", "template/a", "openai/gpt-4o", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("models", "name", "words"),
    [
        (Models(ENTRIES), "", "No model is configured"),
        (Models(ENTRIES, forbid_real=True), "openai/gpt-4o", "real models are forbidden"),
        (Models({"demo/": Named("scripted")}), "openai/gpt-4o", "No model answers"),
    ],
)
def test_a_name_without_a_model(models: Models, name: str, words: str) -> None:
    with pytest.raises(CallFailed, match=words) as caught:
        models.find(name)

    assert caught.value.failure.kind == "dependency"
    assert caught.value.hint


def test_simulated_models_answer_where_real_ones_are_forbidden() -> None:
    assert Models(ENTRIES, forbid_real=True).find("template/a") is ENTRIES["template/"]


async def test_a_model_is_told_to_load_only_where_it_may_answer() -> None:
    loaded = []

    class Slow(Named):
        def load(self, model: str) -> None:
            loaded.append((self.name, model))

    models = {"demo/": Named("scripted"), "openai/": Slow("real")}
    for name in ("openai/gpt-4o", "demo/scripted", "nobody/knows", ""):
        Models(models).load(name)
    Models(models, forbid_real=True).load("openai/gpt-4o")

    assert loaded == [("real", "openai/gpt-4o")]
