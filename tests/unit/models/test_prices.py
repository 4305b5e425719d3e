"""What a call may cost at worst: prices from the settings and from the list, tokens counted too high."""

from __future__ import annotations

import pytest

from agents.models.abilities import Abilities
from agents.models.litellm_model import LitellmModel
from agents.models.port import Message, Request, ToolCall, ToolSpec
from agents.models.price_list import PriceList
from agents.models.prices import ANSWER, Price, Prices, Tier, flat, tokens_at_most
from tests.support.real_models import LocalKeys
from workflows.clock import SystemClock

LIST = PriceList()


def request(text: str = "Hello", **more: object) -> Request:
    return Request("openai/gpt-4o", (Message("user", text),), **more)  # type: ignore[arg-type]  # any of its fields


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("openai/gpt-4o", True),
        ("gpt-4o", True),
        ("anthropic/claude-sonnet-4-5", True),
        ("gemini/gemini-2.5-pro", True),
        ("azure/gpt-4o", True),
        ("azure/claude-sonnet-4-5", False),  # another provider's price is no price
        ("azure/my-deployment", False),
        ("openai/my-own-model", False),
        ("ollama/llama3", False),
        ("sample_spec", False),
        ("", False),
    ],
)
def test_the_list_has_a_price_only_for_the_providers_own_model(model: str, found: bool) -> None:
    assert (LIST.price(model) is not None) == found


def test_long_requests_cost_what_the_list_says_of_them() -> None:
    price = LIST.price("gemini/gemini-2.5-pro")
    assert price is not None
    assert price.cost(1_000_000, 0) > 1.9 * price.cost(100_000, 0) * 10
    tiers = Price((Tier(1.0, 2.0), Tier(4.0, 8.0, above=1000)))
    assert (tiers.cost(999, 1), tiers.cost(1000, 1)) == ((999 + 2) / 1e6, (4000 + 8) / 1e6)


def test_what_the_user_says_wins_and_unknown_models_have_the_worst() -> None:
    prices = Prices({"gpt-4o": flat(0.0, 1.0)}, flat(7.0, 7.0), LIST.price)
    assert prices.of("openai/gpt-4o") == flat(0.0, 1.0), "by either name"
    assert prices.of("openai/gpt-4o-mini") == LIST.price("openai/gpt-4o-mini")
    assert prices.of("openai/nobody-knows") == flat(7.0, 7.0)
    assert Prices().of("openai/gpt-4o") is None
    assert Prices().bounded(request())[1].usd is None


def test_an_answer_is_limited_to_what_is_held_back_for_it() -> None:
    prices = Prices({"openai/gpt-4o": Price((Tier(0.0, 100.0),), most_out=4096)})
    limited, most = prices.bounded(request())
    assert (limited.max_tokens, most.tokens_out, most.usd) == (4096, 4096, pytest.approx(0.4096))
    limited, most = Prices({"openai/gpt-4o": flat(0.0, 100.0)}).bounded(request())
    assert limited.max_tokens == ANSWER
    asked, most = prices.bounded(request(max_tokens=100))
    assert (asked.max_tokens, most.usd) == (100, pytest.approx(0.01))


@pytest.mark.parametrize(
    ("text", "real"),
    [
        # What cl100k, a common vocabulary, makes of them.
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("aGVsbG8gd29ybGQsIHRoaXMgaXMgYmFzZTY0", 25),
        ("deadbeef0123456789abcdef", 8),
        ("北京市是中华人民共和国的首都", 13),
        ("🎉🧑‍🚀🏳️‍🌈", 20),
        ("q w x z", 4),
        ("zq xv kj wq", 6),
        ('{"id": 1, "name": "n1", "v": 0.1343}', 22),
    ],
)
def test_tokens_are_counted_too_high_rather_than_too_low(text: str, real: int) -> None:
    around = tokens_at_most(request(""))
    counted = tokens_at_most(request(text)) - around
    assert real <= counted <= max(len(text.encode()), 1)


def test_everything_that_is_sent_is_counted() -> None:
    bare = tokens_at_most(request())
    tool = ToolSpec("read", "Read a file " * 100, {"type": "object"})
    assert tokens_at_most(request(tools=(tool,))) > bare + 300
    talk = Request("m", (Message("assistant", "", (ToolCall("1", "read", {"path": "x" * 500}),)),))
    assert tokens_at_most(talk) > bare + 400
    assert tokens_at_most(request("\ud800" * 10)) > bare, "half a character is counted too"


@pytest.mark.parametrize(
    ("environ", "usd"),
    [({}, 0.0), ({"OLLAMA_HOST": "0.0.0.0"}, 0.0), ({"OLLAMA_HOST": "http://gpu.example.org"}, None)],
)
def test_a_model_on_this_machine_is_free_and_not_limited(environ: dict[str, str], usd: float | None) -> None:
    model = LitellmModel(LocalKeys(environ), SystemClock(), Prices({}, None, LIST.price))
    asked = Request("ollama_chat/llama3", (Message("user", "Hello"),))
    limited, most = model.quote(asked)
    assert most.usd == usd
    assert (limited == asked) == (usd == 0.0)


def test_the_list_says_what_models_can_read_and_see() -> None:
    known = LIST.abilities("openai/gpt-4o")
    assert (known.window, known.sees) == (128_000, True)
    assert LIST.abilities("openai/gpt-3.5-turbo").sees is False
    assert LIST.abilities("openai/unheard-of") == Abilities()
    assert LIST.abilities("groq/gpt-4o") == Abilities(), "what another provider's model can do says nothing"
