"""What is taken out of text from outside, and what stays."""

from __future__ import annotations

import pytest

from workflows.text import MARK, one_line, safe_json, safe_text


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("Grüße, 世界, привет, שלום, 🎉", "Grüße, 世界, привет, שלום, 🎉"),
        ("", ""),
        # C0, DEL, C1
        ("a\x00b\x07c\x08d\x0be\x0cf\x7fg", "a�b�c�d�e�f�g"),
        ("a\x85b\x9fc", "a�b�"),
        ("\x00\x01\x02", "�"),
        # Line ends
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("10 %\r100 %\r\n", "10 %\n100 %\n"),
        ("safe\rrm -rf /", "safe\nrm -rf /"),
        ("a\u2028b\u2029c", "a\nb\nc"),
        # CSI
        ("\x1b[2J\x1b[Hgone", "�gone"),
        ("a\x9b2Jb", "a�b"),
        ("\x1b[?1049h", "�"),
        ("cut \x1b[12;", "cut �"),
        ("\x1b[>4;2m", "�"),
        # Colours go without a mark
        ("\x1b[1;31mred\x1b[0m \x1b[38:2::1:2:3mx\x1b[m", "red x"),
        ("\x1b\x1b[0m[2Jx", "�x"),
        # Strings, with their payload
        ("\x1b]52;c;ZXZpbA==\x07ok", "�ok"),
        ("\x1b]0;title\x1b\\ok", "�ok"),
        ("\x9d0;title\x9cok", "�ok"),
        ("\x1b]8;;https://evil.example\x1b\\Approve\x1b]8;;\x1b\\", "�Approve�"),
        ("\x1bPq#0;2;0\n;0;0\x1b\\ok", "�ok"),
        ("\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\ok", "�ok"),
        ("\x1b]0;never ends\nthe next line", "�\nthe next line"),
        ("\x1b]0;aborted\x18ok", "�ok"),
        ("\x1b]0;aborted\x1b[31mred", "�"),
        # Other escapes
        ("\x1bcreset", "�reset"),
        ("\x1b(Bset", "�set"),
        ("end\x1b", "end�"),
        # What reorders and hides
        ("user\u202etxt.exe", "user�txt.exe"),
        ("\u2066a\u2069\u200e\u200f\u061c", "�a�"),
        ("a\u200bb\u2060c\ufeffd", "a�b�c�d"),
        ("\ufeffstarts with a BOM", "starts with a BOM"),
        ("hi" + "".join(chr(0xE0000 + ord(letter)) for letter in "obey"), "hi�"),
        ("👩\u200d💻 میخواهم: می\u200cخواهم co\u00adop", "👩💻 میخواهم: میخواهم coop"),
        ("a\ud800b\udfffc", "a�b�c"),
        # Combining marks: 8 stay
        ("Z" + "\u0301" * 8, "Z" + "\u0301" * 8),
        ("Z" + "\u0301" * 50 + "a", "Z" + "\u0301" * 8 + "�a"),
        ("Z" + ("\u0301" * 5 + "\u200d") * 3, "Z" + "\u0301" * 8 + "�"),
        ("สวัสดีชาวโลกทุกคน", "สวัสดีชาวโลกทุกคน"),
    ],
)
def test_what_acts_or_hides_is_replaced(dirty: str, clean: str) -> None:
    assert safe_text(dirty) == clean.replace("�", MARK)


def test_a_reset_aborts_a_title_before_the_colour_is_dropped() -> None:
    # A colour inside a string goes first, so that the string ends where the terminal would have ended it or later.
    assert safe_text("\x1b]0;a\x1b[0mb\x07ok") == MARK + "ok"


def test_long_lines_are_cut_and_say_so() -> None:
    lines = safe_text("short\n" + "x" * 10_000 + "\nshort").split("\n")
    assert lines[0] == lines[2] == "short"
    assert len(lines[1]) <= 4096
    left_out = 10_000 - lines[1].count("x")
    assert lines[1].endswith(f"… {left_out} characters left out …")
    assert safe_text("x" * 10_000, max_line=None) == "x" * 10_000
    assert safe_text("xxxxx", max_line=3) == "xxx"


def test_a_long_text_keeps_its_head_and_its_tail() -> None:
    text = "".join(f"{number:05d}\n" for number in range(10_000))
    cut = safe_text(text, limit=1_000)
    assert len(cut) <= 1_000
    head, note, tail = cut.partition("\n… ")
    assert text.startswith(head)
    count, _, tail = tail.partition(" characters left out …\n")
    assert note
    assert text.endswith(tail)
    assert abs(len(head) - len(tail)) < 10
    assert int(count) == len(text) - len(head) - len(tail)
    assert safe_text("abcdef", limit=6) == "abcdef"
    assert safe_text("abcdef", limit=4) == "abcd"
    assert safe_text("abcdef", limit=0) == ""


def test_json_is_cleaned_in_every_string_and_key() -> None:
    dirty = {"a\x1b[2J": ["b\x07", 1, True, None, 1.5, {"c": "d\u202e"}], "long": "x" * 10_000}
    assert safe_json(dirty) == {f"a{MARK}": [f"b{MARK}", 1, True, None, 1.5, {"c": f"d{MARK}"}], "long": "x" * 10_000}
    assert len(safe_json(["x" * 10_000], max_line=100)[0]) <= 100


@pytest.mark.parametrize(
    ("text", "width", "line"),
    [
        ("a title", 20, "a title"),
        ("  two\n\tlines \r\n here", 20, "two lines here"),
        ("much too long", 8, "much to…"),
        ("much too long", 6, "much…"),
        ("much too long", 1, "…"),
        ("much too long", 0, ""),
        ("much too long", -5, ""),
        ("\x1b]0;x\x07a\x1b[31mb", 5, f"{MARK}ab"),
    ],
)
def test_titles_are_on_one_line(text: str, width: int, line: str) -> None:
    assert one_line(text, width) == line


@pytest.mark.parametrize(
    "unit",
    ["\x1b", "\x1b]0;", "\x1b]0;\n", "\x1b[0m", "\x9d", "\u200d\u0301"],
)
def test_ten_megabytes_are_cleaned_in_one_pass(unit: str) -> None:
    """Not timed: a quadratic step would take days here."""
    size = 10_000_000
    assert len(safe_text(unit * (size // len(unit)))) <= size


def test_one_endless_sequence_of_ten_megabytes() -> None:
    assert safe_text("\x1b[" + "1" * 10_000_000) == MARK
    assert safe_text("\x1b]" + "1" * 10_000_000 + "\nend") == MARK + "\nend"
