"""Channels as the settings have them. Each type is a model, read and checked like a part of a workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

from skills.network.target import target_of
from workflows.definition.fields import Definition, Name
from workflows.definition.shapes import Holds, Text, Whole, wrong
from workflows.parts import Field
from workflows.records import dataclass
from workflows.source import Node, Report, Scalar
from workflows.source import Sequence as SequenceNode
from workflows.steps.kind import Finding
from workflows.values import Json

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class Addresses:
    """Mail addresses: one, several with commas between them, or a list."""

    wanted: str = "one or more mail addresses"
    holds: Holds = ""

    def blank(self) -> tuple[str, ...]:
        return ()

    def read(self, node: Node, key: str, report: Report) -> tuple[str, ...]:
        texts = [node] if isinstance(node, Scalar) else node.items if isinstance(node, SequenceNode) else []
        found = [part.strip() for text in texts if isinstance(text, Scalar) for part in text.text.split(",")]
        if not found or len(texts) != sum(isinstance(text, Scalar) for text in texts) or not all(map(_is_mail, found)):
            return tuple(wrong(self, node, key, report))
        return tuple(found)

    def schema(self) -> Json:
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def _is_mail(text: str) -> bool:
    user, at, host = text.rpartition("@")
    return bool(user and at and host) and not any(character.isspace() or character in "<>;" for character in text)


class Webhook(Definition):
    """A URL that each message is posted to: as the text itself, or as Slack and its kin take it (`{"text": …}`)."""

    noun: ClassVar[str] = "webhook channel"

    type: Literal["webhook"] = Field(description="A webhook.")
    url: Annotated[str, Text(name=True, wanted="a URL")] = Field(description="Where messages are posted to.")
    format: Literal["plain", "slack"] = Field(default="plain", description="What is posted.")

    def findings(self) -> Iterable[Finding]:
        try:
            target_of(self.url)
        except ValueError as error:
            yield Finding(("url",), "wrong-value", f"the URL {error}")


class Mail(Definition):
    """A mail server. The password is never in the settings: `password_env` names the variable that holds it."""

    noun: ClassVar[str] = "mail channel"

    type: Literal["mail"] = Field(description="Mail.")
    host: Name = Field(description="The mail server.")
    port: Annotated[int, Whole(1)] = Field(default=587, description="Its port.")
    sender: Annotated[str, Text(name=True, wanted="a mail address")] = Field(description="Who the mail is from.")
    to: Annotated[tuple[str, ...], Addresses()] = Field(description="Who gets it.")
    security: Literal["starttls", "tls", "none"] | None = Field(
        default=None, description="How the connection is encrypted: tls on port 465, else starttls, unless it is said."
    )
    user: Name | None = Field(default=None, description="Who logs in.")
    password_env: Name | None = Field(default=None, description="The environment variable with the password.")

    @property
    def encryption(self) -> Security:
        return self.security or ("tls" if self.port == 465 else "starttls")

    def findings(self) -> Iterable[Finding]:
        if not _is_mail(self.sender):
            yield Finding(("sender",), "wrong-value", "sender must be a mail address")
        if (self.user is None) != (self.password_env is None):
            yield Finding((), "conflict", "user and password_env belong together")
        if self.user is not None and self.encryption == "none":
            yield Finding(("security",), "conflict", "a password is never sent without encryption")


Channel: TypeAlias = Webhook | Mail

TYPES: Mapping[str, type[Webhook] | type[Mail]] = {"webhook": Webhook, "mail": Mail}
