"""HTML as text that people and models can read: headings, paragraphs, lists, links, tables, code.

Run by its path it is the program that reads a page, with {html, base, around, links} as JSON on stdin: a page can be
made to take any amount of time and memory, and a process can be ended. Imports nothing of ours.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import urljoin

_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object", "head", "select", "canvas"})
_AROUND = frozenset({"nav", "footer", "aside", "form"})
"""What stands around the content of a page."""
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "main", "header", "ul", "ol", "dl", "table", "blockquote", "figure", "hr"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "pre", "address", "fieldset", "details", "nav", "footer", "aside", "form"}
)
_LINES = frozenset({"li", "tr", "dt", "dd", "br", "option", "summary", "figcaption"})
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
)
_MOST_LINKS = 500
_DEEPEST = 500
_DEEPEST_LIST = 10
"""Lists within lists that are set in further."""
_MAX_MEMORY = 1024**3


class Page(HTMLParser):
    """Collects the text, the title and the links of a page. `around`: keep menus, footers and forms too."""

    def __init__(self, base: str, *, around: bool = False, links: bool = True) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.links: list[tuple[str, str]] = []
        """Address and text of each."""
        self._base = base
        self._skipped = _SILENT if around else _SILENT | _AROUND
        self._with_links = links
        self._parts: list[str] = []
        self._open: list[str] = []
        self._muted = 0
        self._lists: list[int | None] = []
        self._link: tuple[str, int] | None = None
        self._in_title = False
        self._exact = 0

    @property
    def text(self) -> str:
        """What was found so far: blocks parted by one empty line."""
        text = "\n".join(line.rstrip(" \t") for line in "".join(self._parts).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n" if text.strip() else ""

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = not self.title
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(tag)
            self._muted += tag in self._skipped
        if self._muted:
            return
        if tag in _BLOCKS and not self._nested(tag):
            self._parts.append("\n\n")
        elif tag in _LINES:
            self._parts.append("\n")
        if re.fullmatch("h[1-6]", tag):
            self._parts.append("#" * int(tag[1]) + " ")
        elif tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._parts.append("  " * max(min(len(self._lists), _DEEPEST_LIST) - 1, 0) + self._mark())
        elif tag in ("td", "th"):
            self._parts.append(" | ")
        elif tag == "pre":
            self._exact += 1
            self._parts.append("```\n")
        elif tag == "code" and not self._exact:
            self._parts.append("`")
        elif tag == "a":
            self._link = (dict(attributes).get("href") or "", len(self._parts))
        elif tag == "img" and (alt := dict(attributes).get("alt")):
            self._parts.append(f"[image: {alt.strip()}]")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag not in self._open:
            return
        if not self._muted:
            self._close(tag)
        while self._open:  # what was left open in between ends with it
            last = self._open.pop()
            self._muted -= last in self._skipped
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title = (self.title + " " + " ".join(data.split())).strip()[:500]
        if self._muted:
            return
        if self._exact:
            self._parts.append(data)
            return
        text = re.sub(r"\s+", " ", data)
        if text.startswith(" ") and (not self._parts or self._parts[-1].endswith(("\n", " "))):
            text = text[1:]
        if text:
            self._parts.append(text)

    def _close(self, tag: str) -> None:
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "pre" and self._exact:
            self._exact -= 1
            self._parts.append("\n```")
        elif tag == "code" and not self._exact:
            self._parts.append("`")
        elif tag == "a" and self._link is not None:
            self._end_link(*self._link)
            self._link = None
        if tag in _BLOCKS and not self._nested(tag):
            self._parts.append("\n\n")

    def _nested(self, tag: str) -> bool:
        """Whether a list stands in another: no empty line is between them."""
        return tag in ("ul", "ol") and bool(self._lists)

    def _end_link(self, href: str, began: int) -> None:
        text = " ".join("".join(self._parts[began:]).split())
        try:
            address = urljoin(self._base, href.strip())
        except ValueError:
            return
        if not text or href.startswith("#") or not address.startswith(("http://", "https://")):
            return
        if len(self.links) < _MOST_LINKS:
            self.links.append((address, text[:200]))
        if self._with_links and text != address:
            self._parts.append(f" ({address})")

    def _mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "


def read_page(html: str, base: str = "", *, around: bool = False, links: bool = True) -> Page:
    """The page of an HTML text. Never raises: whatever browsers make something of has text."""
    page = Page(base, around=around, links=links)
    page.feed(html)
    page.close()
    if not around and not page.text:
        return read_page(html, base, around=True, links=links)  # all of it stands in what is usually around
    return page


def main() -> None:
    """Read one page, and write {title, text, links} as JSON."""
    request = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    page = read_page(request["html"], request["base"], around=request["around"], links=request["links"])
    links = [{"url": url, "text": text} for url, text in page.links]
    json.dump({"title": page.title, "text": page.text, "links": links}, sys.stdout)


if __name__ == "__main__":
    main()
