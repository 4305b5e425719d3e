"""What is taken out of a text that is not plain, before anybody is shown it (`workflows.text`)."""

from __future__ import annotations

import re
import unicodedata

from workflows.text import MARK, MAX_COMBINING

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
"""Become a newline without a mark. A lone CR too: what a progress bar overwrote is shown, line by line."""

_QUIET = re.compile("\x1b\\[[0-9:;]*+m|[\u00ad\u200c\u200d]|\\A\ufeff")
"""Goes without a mark, as honest text is full of it: colours, soft hyphens, joiners (of emoji, of Persian), a BOM."""

# In strings (OSC, DCS, APC, PM, SOS) the payload goes too. It ends at its terminator, or where another control aborts
# it. One that never ends takes the rest of its line, not the rest of the text: else it would hide all that follows.
# Every repetition is possessive and stops where the next introducer may start, so the work is linear.
_REMOVED = re.compile(
    r"""
      (?: \x1b[\]P^_X] | [\x90\x98\x9d-\x9f] )
      (?: [^\x07\x18\x1a\x1b\x80-\x9f]*+ (?: \x07 | \x1b\\ | \x9c | (?= [\x18\x1a\x1b\x80-\x9f] ) )
        | [^\n\x07\x18\x1a\x1b\x80-\x9f]*+ )
    | (?: \x1b\[ | \x9b ) [\x30-\x3f]*+ [\x20-\x2f]*+ [\x40-\x7e]?      # CSI
    | \x1b [\x20-\x2f]*+ [\x30-\x7e]?                                   # every other escape, and a lone one
    | [\x00-\x08\x0b-\x1f\x7f-\x9f]                                     # C0 but tab and newline, DEL, C1
    | [\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]                    # bidi controls
    | [\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb]       # zero width
    | [\U000e0000-\U000e007f]                                           # tags: a hidden copy of ASCII
    | [\ud800-\udfff]                                                   # lone surrogates
    """,
    re.VERBOSE,
)

_MAYBE_COMBINING = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u1dff\u20d0-\u20ff\u2cef-\u2cf1\u2d7f-\u2dff\u302a-\u302f\u3099\u309a"
    "\ua66f-\uabff\ufb1e\ufe00-\ufe2f\U000101fd-\U0001e94a\U000e0100-\U000e01ef]"
    f"{{{MAX_COMBINING + 1},}}"
)
"""Runs long enough to matter, in the blocks that hold combining marks; whole scripts pass it, so each is looked at."""


def cleaned(text: str) -> str:
    """The text without what acts on a terminal or hides, as `safe_text` says; its lines are not cut."""
    text = _LINE_ENDS.sub("\n", text)
    text = _QUIET.sub("", text)
    text = _REMOVED.sub("\x00", text)
    if "\x00" in text:
        text = re.sub("\x00+", MARK, text)
    return text if text.isascii() else _MAYBE_COMBINING.sub(_fewer_marks, text)


def _fewer_marks(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in run.group():
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MAX_COMBINING:
            kept.append(character)
        elif marks == MAX_COMBINING + 1:
            kept.append(MARK)
    return "".join(kept)
