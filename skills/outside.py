"""What is said of that which cannot run in the sandbox, where the settings require it."""

from __future__ import annotations

OUTSIDE = "it runs outside of the sandbox, which your settings require"

INSTEAD = "say `sandbox: preferred` in your settings, where you trust it as you trust yourself"
