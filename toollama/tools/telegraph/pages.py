"""The calls that write Telegraph pages, as https://telegra.ph/api documents them.

Faults come with status 200 and `"ok": false`. Not yet run against the real service.
"""

from collections.abc import Mapping

from pydantic_core import to_json

from toollama.text import one_line
from toollama.tools.base import ToolContext, ToolFailure, ToolResult
from toollama.tools.citing import web_source
from toollama.tools.keyed import required_key
from toollama.tools.language.sentences import fit
from toollama.tools.refusal import refusal
from toollama.tools.telegraph.nodes import MAX_BYTES, nodes_from_markdown
from toollama.tools.upstream import Document, json_of, read_as

HOST = "api.telegra.ph"
TOKEN = "TELEGRAPH_ACCESS_TOKEN"  # noqa: S105 - the name of the key


class Page(Document):
    """A page as it now is."""

    path: str
    url: str
    title: str


class _Answer(Document):
    ok: bool
    error: str = ""
    result: Page | None = None


async def write_page(
    path: str, *, title: str, markdown: str, fields: Mapping[str, str], context: ToolContext
) -> Page:
    """Create a page (`path` is `createPage`) or replace one. Raises `ToolFailure`."""
    content = to_json(nodes_from_markdown(markdown)).decode()
    if len(content.encode()) > MAX_BYTES:
        raise refusal(
            f"the text makes {len(content.encode()):,} bytes; Telegraph takes {MAX_BYTES:,}",
            fix="publish it in two parts",
        )
    token = required_key(TOKEN, host=HOST, context=context)
    reply = await context.http.request(
        "POST",
        f"https://{HOST}/{path}",
        form={"access_token": token, "title": title, "content": content, **fields},
        secrets=(token,),
        hosts=(HOST,),
    )
    answer = read_as(_Answer, json_of(reply, service=HOST), service=HOST)
    if answer.result is None or not answer.ok:
        raise _refused(answer.error or "no page came back")
    return answer.result


def told(page: Page, *, verb: str, context: ToolContext) -> ToolResult:
    """Return where the page is."""
    return ToolResult(
        (fit(f'{verb} "{page.title}" on Telegraph: {page.url}'),),
        answer=page.url,
        data=page.model_dump(),
        sources=(web_source(f"Telegraph: {page.title}", page.url, context),),
    )


def _refused(reason: str) -> ToolFailure:
    if "ACCESS_TOKEN" in reason:
        return ToolFailure(
            "Telegraph refused the access token",
            kind="missing_credential",
            fix=f"toollama keys set {TOKEN}",
            lasting=True,
        )
    return ToolFailure(
        f"Telegraph refused the page: {one_line(reason, 120)}",
        kind="not_found" if "PAGE_NOT_FOUND" in reason else "upstream",
        fix="change the text or the path, and ask again",
        lasting=True,
    )
