"""Messages by mail."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate

from skills.channels.model import Mail
from workflows.errors import CallFailed, Failure, FailureClass, OutcomeUnknown, fail
from workflows.secrets import Secret
from workflows.text import one_line

TIMEOUT = 30.0
"""Seconds that the server may take for each of its answers."""


async def send_mail(mail: Mail, text: str, key: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Send one mail; gives the addresses that the server refused while it took the mail for others.

    Raises CallFailed where the server has not taken it, and OutcomeUnknown where nobody can say. A cancelled call may
    still be sent: a thread cannot be stopped.
    """
    password = None
    if mail.password_env is not None:
        if not environ.get(mail.password_env):
            raise fail("authentication", f"{mail.password_env} is not set", "It holds the password of the mail server.")
        password = Secret(environ[mail.password_env])
    return await asyncio.to_thread(_send, mail, _message(mail, text, key), password)


def _message(mail: Mail, text: str, key: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = one_line(text.strip().partition("\n")[0], 100) or "Understudy"
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{key}@understudy.invalid>"  # the same for a repeated call, so that readers see one mail
    message.set_content(text)
    return message


def _send(mail: Mail, message: EmailMessage, password: Secret | None) -> tuple[str, ...]:
    where = f"the mail server {mail.host}:{mail.port}"
    try:
        server = _connected(mail, password)
    except smtplib.SMTPAuthenticationError as error:
        raise fail("authentication", f"{where} refuses the password: {_words(error)}") from None
    except smtplib.SMTPNotSupportedError as error:
        hint = "If it is meant to be without encryption: `security: none` in the channel."
        raise fail("dependency", f"{where} does not offer that: {_words(error)}", hint) from None
    except (OSError, smtplib.SMTPException) as error:
        message_text = f"no connection to {where}: {_words(error)}"
        raise fail("transient", message_text, "Nothing was sent. Check its address.") from None
    try:
        refused = server.send_message(message, mail.sender, list(mail.to))
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _refused(min(codes), f"{where} refuses every address") from None
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, f"{where} refuses the mail: {_words(error)}") from None
    except (OSError, smtplib.SMTPException) as error:
        failure = Failure("transient", f"{where} was lost: {_words(error)}", "The mail may have been sent.")
        raise OutcomeUnknown(failure) from None
    finally:
        server.close()
    return tuple(refused)


def _connected(mail: Mail, password: Secret | None) -> smtplib.SMTP:
    if mail.encryption == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT)
    try:
        if mail.encryption == "starttls":
            server.starttls(context=ssl.create_default_context())
        if mail.user is not None and password is not None:
            server.login(mail.user, password.reveal())
    except BaseException:
        server.close()
        raise
    return server


def _refused(code: int, message: str) -> CallFailed:
    kind: FailureClass = "transient" if 400 <= code < 500 else "business"
    return fail(kind, f"{message} ({code})", code=code)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else said, 200)
    return one_line(str(error) or type(error).__name__, 200)
