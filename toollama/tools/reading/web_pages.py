"""Web pages: HTML as plain text, and Markdown as an HTML page that loads nothing."""

import html
import re

from toollama.tools.reading import markdown

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
</head>
<body>
{body}</body>
</html>
"""


def title_and_text(source: str) -> tuple[str, str]:
    """Return the title and the main text; a page too short for extraction gives all its text."""
    import trafilatura

    found = re.search(r"<title[^>]*>(.*?)</title>", source, re.IGNORECASE | re.DOTALL)
    title = " ".join(found[1].split()) if found else ""
    main = trafilatura.extract(source, output_format="markdown", include_tables=True)
    return title, main or trafilatura.html2txt(source)


def page_from_markdown(text: str, *, title: str) -> bytes:
    """Return Markdown as an HTML page, titled by its first heading or else `title`.

    Text that is a page already stays as it is. The page carries a content policy that loads
    nothing, because the text may hold links that strangers wrote.
    """
    if re.match(r"\s*<(?:!doctype|html)\b", text, re.IGNORECASE):
        return f"{text}\n".encode(errors="replace")
    shown_title = next(iter(markdown.headings(text)), title)
    page = _PAGE.format(title=html.escape(shown_title), body=markdown.parser().render(text))
    return page.encode(errors="replace")
