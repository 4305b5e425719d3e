"""`web.page`: the text of a page of the web."""

from __future__ import annotations

import time

from skills import Context, SkillError, skill
from skills.library.web._reading import read_html
from skills.network.client import Client
from skills.network.port import Request
from skills.network.reading import failure_of, output_of
from skills.network.target import target_of
from workflows.errors import CallFailed
from workflows.values import Json


@skill(name="web.page", effect="pure", touches=["network"])
async def page(context: Context, url: str, links: bool = True, limit: int = 50_000) -> dict[str, Json]:
    """Fetch a public page of the web and give it as text, without scripts, menus and footers.

    Only the public internet is reached: no address of this machine or its network, by whatever name or redirect. A
    redirect to another host is told and not followed.

    Args:
        url: The address, with http:// or https://.
        links: Write the address after the text of each link.
        limit: How many characters of text at most.

    Returns: {url, status, title, text, links: [{url, text}], truncated}. `url` is where redirects led to.
    """
    return await fetch(context, Client(), url, links, limit)


async def fetch(context: Context, client: Client, url: str, links: bool, limit: int) -> dict[str, Json]:
    """The same, by a client. Raises CallFailed where there is no page, or it is not text."""
    try:
        target = target_of(url)
    except ValueError as error:
        raise SkillError(
            f"{url!r} is no address of a page: it {error}", "such as https://example.org", "validation"
        ) from None
    headers = (("accept", "text/html, text/plain;q=0.9, application/json;q=0.8, */*;q=0.1"),)
    answer = await client.send(Request("GET", target, headers), stay=True)  # rules allow hosts, and this one was asked
    failure = failure_of(answer, f"GET {target.authority}", time.time())
    if failure is not None:
        raise CallFailed(failure)
    got = output_of(answer, answer.target.url)
    body = got["body"]
    if not isinstance(body, str):
        if body is None:
            raise SkillError(
                f"{target.authority} answered with what is no text", str(got.get("note", "")), "validation"
            )
        raise SkillError(f"{target.authority} answered with data, not a page", "use a step of type http", "validation")
    if "html" in str(got["headers"].get("content-type", "html")):
        read = await read_html(context, body, str(got["url"]), links=links)
    else:
        read = {"title": "", "text": body, "links": []}
    text = read["text"]
    return {
        "url": got["url"],
        "status": got["status"],
        "title": read["title"],
        "text": text[:limit],
        "links": read["links"],
        "truncated": len(text) > limit or "note" in got,
    }
