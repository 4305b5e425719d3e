"""Secrets: values that only the program they are sent to ever sees.

In expressions, history, gates and screens a secret is a placeholder. It is replaced by its value when a call is made,
and whatever comes back is searched for the value before it is kept or shown.
"""

from workflows.secrets.placeholders import hide, names_in, placeholder, put_back, reveal, shown
from workflows.secrets.redactor import MIN_LENGTH, Redactor
from workflows.secrets.secret import MASK, NoSecrets, Secret, Secrets
from workflows.secrets.stream import StreamRedactor

__all__ = [
    "MASK",
    "MIN_LENGTH",
    "NoSecrets",
    "Redactor",
    "Secret",
    "Secrets",
    "StreamRedactor",
    "hide",
    "names_in",
    "placeholder",
    "put_back",
    "reveal",
    "shown",
]
