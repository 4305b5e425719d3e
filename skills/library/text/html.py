"""`markdown.html`: a page of Markdown as a page of HTML."""

from __future__ import annotations

import re
from html import escape

from skills import skill
from workflows.values import Json

_STYLE = """\
body{max-width:50rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color:#222}
table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left}
code,pre{font-family:ui-monospace,monospace;background:#f4f4f4}pre{padding:.6rem;overflow:auto}"""
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_ITEM = re.compile(r"(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)")
_RULE = re.compile(r"\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*")
_ROW = re.compile(r"\s*\|.*\|\s*")
_CODE = re.compile(r"(`+)(.+?)\1")
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\(((?:https?://|mailto:)[^()\s]{1,1000}|[\w./#-][^()\s:]{0,1000})\)")
_STRONG = re.compile(r"\*\*(\S(?:.{0,500}?\S)?)\*\*")
_WEAK = re.compile(r"(?<![\w*])\*(\S(?:[^*]{0,500}?\S)?)\*(?![\w*])")


@skill(name="markdown.html", effect="pure")
def html(text: str, title: str = "") -> dict[str, Json]:
    """Make a page of HTML of Markdown: headings, paragraphs, lists, tables, code, links and emphasis.

    Tags in the text are shown as text, and nothing is loaded from anywhere: the page stands alone.

    Args:
        text: The Markdown.
        title: The page's title; its first heading if not given.

    Returns: {html, title}.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    heading = next((match[2] for line in lines if (match := _HEADING.fullmatch(line))), "")
    name = title or re.sub(r"[`*\\]", "", heading) or "Report"
    head = f'<meta charset="utf-8"><title>{escape(name)}</title><style>{_STYLE}</style>'
    return {
        "html": f"<!doctype html>\n<html><head>{head}</head>\n<body>\n{_blocks(lines)}</body></html>\n",
        "title": name,
    }


def _blocks(lines: list[str]) -> str:
    out: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith("```"):
            end = next((n for n in range(at + 1, len(lines)) if lines[n].lstrip().startswith("```")), len(lines))
            out.append("<pre>" + escape("\n".join(lines[at + 1 : end])) + "</pre>")
            at = end + 1
        elif match := _HEADING.fullmatch(line):
            out.append(f"<h{len(match[1])}>{_inline(match[2])}</h{len(match[1])}>")
            at += 1
        elif _RULE.fullmatch(line):
            out.append("<hr>")
            at += 1
        elif _ROW.fullmatch(line):
            end = _while(lines, at, _ROW)
            out.append(_table(lines[at:end]))
            at = end
        elif _ITEM.fullmatch(line):
            end = _while(lines, at, _ITEM, more="  ")
            out.append(_list(lines[at:end]))
            at = end
        elif not line.strip():
            at += 1
        else:
            end = at + 1
            while end < len(lines) and lines[end].strip() and not _starts(lines[end]):
                end += 1
            out.append("<p>" + _inline(" ".join(each.strip().lstrip("> ") for each in lines[at:end])) + "</p>")
            at = end
    return "\n".join(out) + "\n"


def _starts(line: str) -> bool:
    """Whether a line ends a paragraph."""
    kinds = (_HEADING, _RULE, _ROW, _ITEM)
    return line.lstrip().startswith("```") or any(kind.fullmatch(line) for kind in kinds)


def _while(lines: list[str], at: int, kind: re.Pattern[str], more: str = "\0") -> int:
    end = at + 1
    while end < len(lines) and (kind.fullmatch(lines[end]) or (lines[end].startswith(more) and lines[end].strip())):
        end += 1
    return end


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
    ruled = len(rows) > 1 and all(re.fullmatch(r":?-+:?", cell) for cell in rows[1])
    out = []
    for number, row in enumerate(rows):
        if not (ruled and number == 1):
            tag = "th" if ruled and number == 0 else "td"
            out.append("<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in row) + "</tr>")
    return "<table>\n" + "\n".join(out) + "\n</table>"


def _list(lines: list[str]) -> str:
    items: list[str] = []
    first = _ITEM.fullmatch(lines[0])
    for line in lines:
        match = _ITEM.fullmatch(line)
        if match and (len(match[1]) < 2 or not items):
            items.append(_inline(match[3]))
        else:
            items[-1] += "<br>" + _inline(f"• {match[3]}" if match else line.strip())
    tag = "ol" if first and first[2] else "ul"
    return f"<{tag}>\n" + "\n".join(f"<li>{item}</li>" for item in items) + f"\n</{tag}>"


def _inline(text: str) -> str:
    parts = []
    at = 0
    for match in _CODE.finditer(text):
        parts += [_words(text[at : match.start()]), f"<code>{escape(match[2].strip())}</code>"]
        at = match.end()
    return "".join([*parts, _words(text[at:])])


def _words(text: str) -> str:
    plain = escape(text.replace("&lt;", "<").replace("\\[", "["), quote=True)
    plain = _LINK.sub(r'<a href="\2">\1</a>', plain)
    return _WEAK.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", plain))
