"""Tokens of users: 256 bits, shown once. Only a digest is kept."""

from __future__ import annotations

import hashlib
import secrets

PREFIX = "us_"
"""What tokens begin with, so that one is known by its looks."""


def new_token() -> str:
    """A token of 256 bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a token: SHA-256, in hexadecimal digits. It has enough chance in it to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
