"""Every colour that carries a meaning can be read on what it stands on (WCAG 2.2, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from app.tui.text import KEY, STYLES
from app.tui.theme import NAMES, THEMES

MEANINGS = sorted({style.rpartition("$")[2] for style in (*STYLES.values(), KEY)} | {"foreground"})


def luminance(color: Color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part / 255) for part in color.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_colours_can_be_read(theme: Theme, meaning: str) -> None:
    colors = {
        name: Color.parse(value)
        for name, value in theme.to_color_system().generate().items()
        if value.startswith("#") and " " not in value
    }
    grounds = {name: colors[name] for name in ("background", "surface", "panel")}
    grounds["cursor"] = colors["background"].blend(colors["primary"], 0.18)
    for name, ground in grounds.items():
        assert contrast(colors[meaning], ground) >= 4.5, f"{meaning} on {name}"


def test_every_theme_that_can_be_chosen_exists() -> None:
    assert set(NAMES) <= {theme.name for theme in THEMES} | set(BUILTIN_THEMES)
