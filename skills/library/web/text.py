"""`html.text`: the text of an HTML page."""

from __future__ import annotations

from skills import Context, skill
from skills.library.web._reading import read_html
from workflows.values import Json


@skill(name="html.text", effect="pure")
async def text(
    context: Context, html: str, base: str = "", links: bool = True, around: bool = False, limit: int = 100_000
) -> dict[str, Json]:
    """Make text of an HTML page: headings, paragraphs, lists, tables and code as in Markdown, without what is around.

    Args:
        html: The page.
        base: Its address, which makes relative links whole.
        links: Write the address after the text of each link.
        around: Keep menus, footers, asides and forms too.
        limit: How many characters of text at most.

    Returns: {title, text, links: [{url, text}], truncated}.
    """
    page = await read_html(context, html, base, around=around, links=links)
    whole = page["text"]
    return {"title": page["title"], "text": whole[:limit], "links": page["links"], "truncated": len(whole) > limit}
