"""Names of models, keys from the environment, and what is said when one is missing."""

from collections.abc import Mapping

import pytest

from agents.models.keys import Key, Missing, Unusable, find_key
from agents.models.providers import PROVIDERS, full_name, key_variables, ollama_base, provider_of

KEY = "sk-test-0123456789abcdef"


@pytest.mark.parametrize(
    ("model", "full"),
    [
        ("gpt-4o", "openai/gpt-4o"),
        ("o3-mini", "openai/o3-mini"),
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        ("grok-4", "xai/grok-4"),
        ("openrouter/meta-llama/llama-3-8b", "openrouter/meta-llama/llama-3-8b"),
        ("ollama/llama3", "ollama_chat/llama3"),
        ("ollama_chat/llama3:8b", "ollama_chat/llama3:8b"),
        ("bedrock/anthropic.claude-3", "bedrock/anthropic.claude-3"),
        ("vertex_ai/gemini-2.5-pro", "vertex_ai/gemini-2.5-pro"),
        ("demo/scripted", "demo/scripted"),
        ("nobody/knows", "nobody/knows"),
        ("llama3", "llama3"),
    ],
)
def test_full_names(model: str, full: str) -> None:
    assert full_name(model) == full


def test_a_key_comes_from_the_mapping_and_stays_hidden() -> None:
    key = find_key("gpt-4o", {"OPENAI_API_KEY": f" {KEY}\n"})

    assert isinstance(key, Key)
    assert key.value
    assert key.value.reveal() == KEY
    assert (key.model, key.variable, key.api_base) == ("openai/gpt-4o", "OPENAI_API_KEY", "https://api.openai.com/v1")
    assert KEY not in repr(key) + str(key)


@pytest.mark.parametrize(
    ("environ", "base"),
    [
        ({"OPENAI_BASE_URL": "http://one/v1"}, "http://one/v1"),
        ({"OPENAI_API_BASE": "http://two/v1"}, "http://two/v1"),
        ({"OPENAI_BASE_URL": "http://one/v1", "OPENAI_API_BASE": "http://two/v1"}, "http://one/v1"),
        ({"OPENAI_BASE_URL": "  "}, "https://api.openai.com/v1"),
    ],
)
def test_the_address_comes_from_the_mapping(environ: Mapping[str, str], base: str) -> None:
    key = find_key("gpt-4o", {"OPENAI_API_KEY": KEY, **environ})

    assert isinstance(key, Key)
    assert key.api_base == base


def test_every_provider_with_a_key_has_an_address_of_its_own() -> None:
    for provider in PROVIDERS:
        environ = {setting.variables[0]: "https://value-of-it" for setting in provider.settings}
        key = find_key(f"{provider.name}/model", environ)

        assert isinstance(key, Key), provider.name
        if key.value is not None:
            assert key.api_base, f"{provider.name}: without an address litellm would look for one itself"


@pytest.mark.parametrize(
    ("model", "environ", "variables"),
    [
        ("gpt-4o", {}, ("OPENAI_API_KEY",)),
        ("gpt-4o", {"OPENAI_API_KEY": " "}, ("OPENAI_API_KEY",)),
        ("gemini/gemini-2.5-flash", {}, ("GEMINI_API_KEY or GOOGLE_API_KEY",)),
        ("azure/x", {"AZURE_API_KEY": KEY}, ("AZURE_API_BASE", "AZURE_API_VERSION")),
        ("bedrock/x", {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}, ("AWS_SECRET_ACCESS_KEY",)),
        ("vertex_ai/x", {}, ("VERTEXAI_PROJECT", "VERTEXAI_LOCATION")),
    ],
)
def test_a_missing_key_is_named(model: str, environ: Mapping[str, str], variables: tuple[str, ...]) -> None:
    missing = find_key(model, environ)

    assert isinstance(missing, Missing)
    assert missing.variables == variables
    failure = missing.failure()
    assert failure.kind == "authentication"
    assert not failure.retryable
    assert all(variable in failure.message and variable in failure.hint for variable in variables)


def test_a_name_that_no_provider_answers_to() -> None:
    missing = find_key("foo/bar", {"OPENAI_API_KEY": KEY})

    assert isinstance(missing, Missing)
    assert missing.failure().kind == "dependency"
    assert "openai" in missing.failure().hint


def test_only_what_is_secret_is_redacted() -> None:
    key = find_key(
        "bedrock/x", {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": KEY, "AWS_REGION": "eu-1"}
    )

    assert isinstance(key, Key)
    assert {secret.reveal() for secret in key.secrets} == {"AKIAEXAMPLE", KEY}
    assert key.arguments["aws_region_name"].reveal() == "eu-1"


@pytest.mark.parametrize(
    ("environ", "base"),
    [
        ({}, "http://localhost:11434"),
        ({"OLLAMA_HOST": "0.0.0.0"}, "http://127.0.0.1:11434"),
        ({"OLLAMA_HOST": "0.0.0.0:8080"}, "http://127.0.0.1:8080"),
        ({"OLLAMA_HOST": "10.0.0.7"}, "http://10.0.0.7:11434"),
        ({"OLLAMA_HOST": ":5000"}, "http://localhost:5000"),
        ({"OLLAMA_HOST": "http://box"}, "http://box:80"),
        ({"OLLAMA_HOST": "https://box/ollama/"}, "https://box:443/ollama"),
        ({"OLLAMA_HOST": "[::1]:5000"}, "http://[::1]:5000"),
        ({"OLLAMA_HOST": "box", "OLLAMA_API_BASE": "http://other:1/"}, "http://other:1"),
    ],
)
def test_the_address_of_ollama(environ: Mapping[str, str], base: str) -> None:
    key = find_key("ollama/llama3", environ)

    assert ollama_base(environ) == base
    assert isinstance(key, Key)
    assert (key.api_base, key.value, key.variable) == (base, None, "")


def test_a_dot_env_file_may_give_keys_but_no_addresses() -> None:
    names = key_variables()

    assert {"OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "GOOGLE_API_KEY"} <= set(names)
    assert not [name for name in names if "BASE" in name or "HOST" in name]


def test_prefixes_are_unique() -> None:
    names = [name for provider in PROVIDERS for name in (provider.name, *provider.aliases)]

    assert len(names) == len(set(names))
    assert all((found := provider_of(f"{name}/x")) and name in (found.name, *found.aliases) for name in names)


@pytest.mark.parametrize("wrong", ["sk-abc\ndef", "sk-é", "sk abc", "sk-\x7f", "“sk-abc”", "sk-\u200babc"])
def test_what_can_be_no_key_is_said_before_the_call_and_not_told(wrong: str) -> None:
    found = find_key("gpt-4o", {"OPENAI_API_KEY": wrong})

    assert isinstance(found, Unusable)
    failure = found.failure()
    assert failure.kind == "authentication"
    assert failure.message == (
        "openai/gpt-4o cannot be called: OPENAI_API_KEY holds a character that no key has: "
        "a blank, a line break, or one beyond ASCII."
    )
    assert failure.hint
    assert wrong not in repr(failure)


@pytest.mark.parametrize(
    "wrong", ["garbage", "localhost:8000/v1", "ftp://x/v1", "http://", "http://x:port/", "http://[x", "http://a b/v1"]
)
def test_what_can_be_no_address_is_said_before_the_call(wrong: str) -> None:
    found = find_key("gpt-4o", {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": wrong})

    assert isinstance(found, Unusable)
    failure = found.failure()
    assert failure.kind == "validation"
    assert failure.message == (
        "openai/gpt-4o cannot be called: OPENAI_BASE_URL is not an address that starts with http:// or https://."
    )
    assert failure.hint == "Set it to one such as https://api.openai.com/v1, or unset it."


@pytest.mark.parametrize("variable", ["OLLAMA_API_BASE", "OLLAMA_HOST"])
def test_an_address_of_ollama_that_is_none(variable: str) -> None:
    found = find_key("ollama/llama3", {variable: "nowhere:port"})

    assert isinstance(found, Unusable)
    assert found.variable == variable
