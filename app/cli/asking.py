"""Asking whether something may cost what was said."""

from __future__ import annotations

import sys

import click

from app.cli.output import Output


def agreed(out: Output, beforehand: str) -> bool:
    """Whether a person says yes. Where nobody can be asked nobody did, and is told how to say it beforehand."""
    if not sys.stdin.isatty():
        out.say(f"  nobody is here to say yes; to say it beforehand: {beforehand}")
        return False
    return click.confirm("Go on?", default=False, err=True)
