"""Which provider answers to a model's name, and where its settings come from.

A table of our own, because it is needed before litellm is imported. Variables, addresses and prefixes are those of
litellm 1.106.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from workflows.records import dataclass


@dataclass(frozen=True)
class Setting:
    """One argument of a call: the first of the variables that is set gives it, else the default.

    Without a default it is required, unless it is optional. Only what is `secret` is kept out of messages.
    """

    argument: str
    variables: tuple[str, ...]
    default: str = ""
    optional: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Provider:
    """`name` is the prefix of a full model name, `aliases` are others, `models` are beginnings of bare names."""

    name: str
    settings: tuple[Setting, ...]
    models: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[Setting, ...]:
        return tuple(setting for setting in self.settings if not setting.default and not setting.optional)


def provider_of(model: str) -> Provider | None:
    """The provider of `provider/model`, or of a bare name such as `gpt-4o` or `claude-…`."""
    prefix, slash, _ = model.partition("/")
    for provider in PROVIDERS:
        known = prefix in (provider.name, *provider.aliases) if slash else model.startswith(provider.models)
        if known:
            return provider
    return None


def full_name(model: str) -> str:
    """`provider/model` for a model of a known provider; any other name as it is."""
    provider = provider_of(model)
    return f"{provider.name}/{model.partition('/')[2] or model}" if provider else model


def ollama_base(environ: Mapping[str, str]) -> str:
    """The address of Ollama: OLLAMA_API_BASE as it is (litellm's), else OLLAMA_HOST by Ollama's own rules.

    OLLAMA_HOST is also what a server listens on, so it may be `0.0.0.0` (reached here as 127.0.0.1), a bare host or
    a bare port. The port is 11434 unless a scheme is given, which brings its own.
    """
    base = environ.get("OLLAMA_API_BASE", "").strip()
    if base:
        return base.rstrip("/")
    host = environ.get("OLLAMA_HOST", "").strip()
    if not host:
        return OLLAMA_DEFAULT
    scheme, separator, rest = host.partition("://")
    try:
        parts = urlsplit(f"//{rest if separator else host}")
        port = parts.port
    except ValueError:
        return f"http://{host}"  # not an address: keys.py says so
    name = parts.hostname or "localhost"
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - read here, never listened on
    name = everywhere.get(name, f"[{name}]" if ":" in name else name)
    default = {"http": 80, "https": 443}.get(scheme, 11434) if separator else 11434
    return f"{scheme if separator else 'http'}://{name}:{port or default}{parts.path.rstrip('/')}"


def key_variables() -> tuple[str, ...]:
    """The variables that hold keys. Addresses are not among them."""
    return tuple(name for provider in PROVIDERS for s in provider.settings if s.secret for name in s.variables)


def _key(*variables: str) -> Setting:
    return Setting("api_key", variables, secret=True)


def _base(default: str, *variables: str) -> Setting:
    return Setting("api_base", variables, default)


OLLAMA_DEFAULT = "http://localhost:11434"
OLLAMA = Provider(
    "ollama_chat",
    (Setting("api_key", ("OLLAMA_API_KEY",), optional=True, secret=True),),
    aliases=("ollama",),
)
OLLAMA_BASE = Setting("api_base", ("OLLAMA_API_BASE", "OLLAMA_HOST"), OLLAMA_DEFAULT)
"""Where Ollama is, read by `ollama_base`."""
PROVIDERS: tuple[Provider, ...] = (
    Provider(
        "openai",
        (_key("OPENAI_API_KEY"), _base("https://api.openai.com/v1", "OPENAI_BASE_URL", "OPENAI_API_BASE")),
        ("gpt-", "chatgpt-", "o1", "o3", "o4"),
    ),
    Provider(
        "anthropic",
        (_key("ANTHROPIC_API_KEY"), _base("https://api.anthropic.com", "ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL")),
        ("claude-",),
    ),
    Provider(
        "gemini",
        (
            _key("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            _base("https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_BASE"),
        ),
        ("gemini-",),
    ),
    Provider("openrouter", (_key("OPENROUTER_API_KEY"), _base("https://openrouter.ai/api/v1", "OPENROUTER_API_BASE"))),
    Provider("groq", (_key("GROQ_API_KEY"), _base("https://api.groq.com/openai/v1", "GROQ_API_BASE"))),
    Provider(
        "mistral",
        (_key("MISTRAL_API_KEY"), _base("https://api.mistral.ai/v1", "MISTRAL_API_BASE")),
        ("mistral-", "ministral-", "magistral-", "codestral-", "devstral-", "pixtral-"),
    ),
    Provider(
        "deepseek",
        (_key("DEEPSEEK_API_KEY"), _base("https://api.deepseek.com/beta", "DEEPSEEK_API_BASE")),
        ("deepseek-",),
    ),
    Provider("xai", (_key("XAI_API_KEY"), _base("https://api.x.ai/v1", "XAI_API_BASE")), ("grok-",)),
    Provider(
        "azure",
        (
            _key("AZURE_API_KEY"),
            Setting("api_base", ("AZURE_API_BASE",)),
            Setting("api_version", ("AZURE_API_VERSION",)),
        ),
    ),
    Provider(
        "bedrock",
        (
            Setting("aws_access_key_id", ("AWS_ACCESS_KEY_ID",), secret=True),
            Setting("aws_secret_access_key", ("AWS_SECRET_ACCESS_KEY",), secret=True),
            Setting("aws_session_token", ("AWS_SESSION_TOKEN",), optional=True, secret=True),
            Setting("aws_region_name", ("AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"), "us-east-1"),
        ),
    ),
    Provider(
        "vertex_ai",
        (
            Setting("vertex_project", ("VERTEXAI_PROJECT",)),
            Setting("vertex_location", ("VERTEXAI_LOCATION",)),
            Setting("vertex_credentials", ("GOOGLE_APPLICATION_CREDENTIALS",), optional=True),
        ),
    ),
    OLLAMA,
)
