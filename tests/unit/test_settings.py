"""The settings file: what it can say about hosts and channels, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, load_settings
from skills.channels.model import Mail, Webhook

FILE = """
model: openai/gpt-4o
network:
  allow_hosts: [intranet, "10.0.0.8:8080", "[::1]:80"]
channels:
  team: {type: webhook, url: "https://hooks.example.org/x", format: slack}
  mail: {type: mail, host: smtp.example.org, port: 465, sender: us@example.org, to: "a@example.org, b@example.org"}
  post: {type: mail, host: smtp.example.org, sender: us@example.org, to: [a@example.org], user: us, password_env: PW}
"""


def load(tmp_path: Path, text: str, **environ: str) -> Settings:
    (tmp_path / "settings.yaml").write_text(text)
    return load_settings(tmp_path, environ)


def test_all_of_it(tmp_path: Path) -> None:
    settings = load(tmp_path, FILE)
    assert settings.model == "openai/gpt-4o"
    assert settings.allow_hosts == ("intranet", "10.0.0.8:8080", "[::1]:80")
    assert settings.channels["team"] == Webhook(type="webhook", url="https://hooks.example.org/x", format="slack")
    mail, post = settings.channels["mail"], settings.channels["post"]
    assert isinstance(mail, Mail)
    assert isinstance(post, Mail)
    assert (mail.to, mail.encryption) == (("a@example.org", "b@example.org"), "tls")
    assert (post.port, post.encryption, post.password_env) == (587, "starttls", "PW")


@pytest.mark.parametrize("text", ["", "# nothing\n", "~\n", "network: {}\nchannels: {}\n"])
def test_nothing_of_it(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text) == Settings()
    assert load(tmp_path, text, UNDERSTUDY_MODEL="openai/x").model == "openai/x"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modle: x", "1:1: error: there is no setting 'modle'"),
        ("netwrk: {}", "did you mean 'network'?"),
        ("- a", "settings are written as"),
        ("model: [x]", "model must be a text"),
        ("network: [x]", "network must be a mapping"),
        ("network: {allow_host: [x]}", "unknown key 'allow_host' in a network"),
        ("network: {allow_hosts: x}", "allow_hosts must be a list"),
        ("network: {allow_hosts: [a, 'http://x/']}", "1:28: error: 'http://x/' is not a host"),
        ("channels: {terminal: {type: webhook, url: 'https://x'}}", "the channel 'terminal' is always there"),
        ("channels: {a: x}", "the channel 'a' must be a mapping"),
        ("channels: {a: {url: 'https://x'}}", "the channel 'a' needs a type: webhook or mail"),
        ("channels: {a: {type: webhok, url: 'https://x'}}", "did you mean 'webhook'?"),
        ("channels: {a: {type: webhook}}", "a webhook channel needs 'url'"),
        ("channels: {a: {type: webhook, url: 'ftp://x'}}", "the URL must begin with http"),
        ("channels: {a: {type: webhook, url: 'https://x', format: teams}}", "format must be one of plain, slack"),
        ("channels: {a: {type: mail, host: x, sender: us, to: a@b.c}}", "sender must be a mail address"),
        (
            "channels: {a: {type: mail, host: x, sender: u@s.x, to: 'a@b.c, d'}}",
            "to must be one or more mail addresses",
        ),
        ("channels: {a: {type: mail, host: x, sender: u@s.x, to: a@b.c, user: me}}", "belong together"),
        (
            "channels: {a: {type: mail, host: x, sender: u@s.x, to: a@b.c, user: me, password_env: P, security: none}}",
            "never sent without encryption",
        ),
    ],
)
def test_mistakes(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    assert said in caught.value.message
