"""`html.text`: the text of an HTML page."""

from __future__ import annotations

from skills import skill
from skills.library.web._page import read_page
from workflows.values import Json


@skill(name="html.text", effect="pure")
def text(html: str, base: str = "", links: bool = True, around: bool = False, limit: int = 100_000) -> dict[str, Json]:
    """Make text of an HTML page: headings, paragraphs, lists, tables and code as in Markdown, without what is around.

    Args:
        html: The page.
        base: Its address, which makes relative links whole.
        links: Write the address after the text of each link.
        around: Keep menus, footers, asides and forms too.
        limit: How many characters of text at most.

    Returns: {title, text, links: [{url, text}], truncated}.
    """
    page = read_page(html, base, around=around, links=links)
    found: list[Json] = [{"url": url, "text": said} for url, said in page.links]
    whole = page.text
    return {"title": page.title, "text": whole[:limit], "links": found, "truncated": len(whole) > limit}
