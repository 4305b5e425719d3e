"""Colours: a dark stage and a light one. The terminal's own colours are Textual's `ansi-dark` and `ansi-light`."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="understudy-dark",
    primary="#6cb6ff",
    secondary="#e3b35f",
    accent="#c9a0ff",
    success="#6bd490",
    warning="#ffbf47",
    error="#ff8490",
    foreground="#d7dbe6",
    background="#11131a",
    surface="#161923",
    panel="#1f2330",
    dark=True,
    variables={
        "text-muted": "#9aa1b7",
        "border": "#343a4d",
        "border-blurred": "#2a2f3f",
        "block-cursor-blurred-background": "#262c3d",
        "input-cursor-background": "#e3b35f",
        "input-selection-background": "#6cb6ff 35%",
        "scrollbar": "#2d3345",
        "scrollbar-hover": "#3d455c",
        "scrollbar-active": "#6cb6ff",
        "scrollbar-background": "#161923",
        "scrollbar-corner-color": "#161923",
    },
)

LIGHT = Theme(
    name="understudy-light",
    primary="#0a4d92",
    secondary="#6f4800",
    accent="#5b32a3",
    success="#125c2a",
    warning="#774600",
    error="#9c142d",
    foreground="#20242e",
    background="#f4f3ef",
    surface="#fbfaf7",
    panel="#e7e5de",
    dark=False,
    variables={
        "text-muted": "#4d5360",
        "border": "#b9b6ab",
        "border-blurred": "#d0cdc2",
        "block-cursor-blurred-background": "#e2e6ee",
        "scrollbar-background": "#fbfaf7",
        "scrollbar": "#cfccc2",
    },
)

THEMES = (DARK, LIGHT)

NAMES = (DARK.name, LIGHT.name, "ansi-dark", "ansi-light")
"""What can be chosen, in order."""
