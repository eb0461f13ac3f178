"""Markdown as Telegraph's nodes. Pure.

A node is a text or `{"tag": …, "attrs": …, "children": […]}` with one of the tags listed at
https://telegra.ph/api#NodeElement; headings are only `h3` and `h4`. Raw HTML stays text.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it.token import Token

Node = str | dict[str, Any]

MAX_BYTES = 64_000
"""Telegraph takes 64 KB of content."""
_TAGS: Mapping[str, str] = {
    "p": "p",
    "blockquote": "blockquote",
    "ul": "ul",
    "ol": "ol",
    "li": "li",
    "strong": "strong",
    "em": "em",
    "s": "s",
    "a": "a",
    "h1": "h3",
    "h2": "h3",
    "h3": "h4",
    "h4": "h4",
    "h5": "h4",
    "h6": "h4",
}
_SAFE_URLS = ("https://", "http://", "mailto:", "tg://", "/")


def nodes_from_markdown(text: str) -> list[Node]:
    """Return the nodes of a CommonMark text."""
    from markdown_it import MarkdownIt

    return _built(MarkdownIt("commonmark").enable("strikethrough").parse(text))


def _built(tokens: Sequence["Token"]) -> list[Node]:
    root: list[Node] = []
    open_children = [root]
    for token in tokens:
        if token.nesting == 1:
            tag = _TAGS.get(token.tag)
            if token.hidden or tag is None:
                open_children.append(open_children[-1])
                continue
            element: dict[str, Any] = {"tag": tag, "children": []}
            if token.tag == "a" and _is_safe(href := str(token.attrs.get("href", ""))):
                element["attrs"] = {"href": href}
            open_children[-1].append(element)
            open_children.append(element["children"])
        elif token.nesting == -1:
            open_children.pop()
        else:
            open_children[-1].extend(_leaf(token))
    return root


def _leaf(token: "Token") -> list[Node]:
    match token.type:
        case "inline":
            return _built(token.children or ())
        case "fence" | "code_block":
            return [{"tag": "pre", "children": [token.content]}]
        case "code_inline":
            return [{"tag": "code", "children": [token.content]}]
        case "hr":
            return [{"tag": "hr"}]
        case "softbreak":
            return [" "]
        case "hardbreak":
            return [{"tag": "br"}]
        case "image":
            return _image(token)
        case _:
            return [token.content] if token.content else []


def _image(token: "Token") -> list[Node]:
    source = str(token.attrs.get("src", ""))
    if not source.startswith(("https://", "http://")):
        return [token.content] if token.content else []
    return [{"tag": "img", "attrs": {"src": source}}]


def _is_safe(url: str) -> bool:
    return url.startswith(_SAFE_URLS)
