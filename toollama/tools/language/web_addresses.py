"""URLs and domain names as people write them. Pure; it resolves nothing and opens nothing.

A bare `example.org/page` counts as a URL of https. What looks like a file name (`notes.txt`) or an
e-mail address does not.
"""

import re
from urllib.parse import urlsplit

from toollama.tools.base import Candidate, ToolFailure
from toollama.tools.refusal import refusal

_LABEL = r"[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61}[a-z0-9\u00a1-\uffff])?"
_TOP = r"(?:xn--[a-z0-9-]{2,59}|[a-z\u00a1-\uffff]{2,63})"
_DOMAIN = rf"(?:{_LABEL}\.)+{_TOP}"
_URL = re.compile(
    rf"(?<![\w@./])(?:https?://[^\s<>\"'`]+|{_DOMAIN}(?![\w@])(?::\d+)?(?:/[^\s<>\"'`]*)?)",
    re.IGNORECASE,
)
_HOST = re.compile(rf"{_DOMAIN}\.?", re.IGNORECASE)
_FILE_ENDINGS = frozenset(
    {"txt", "md", "csv", "json", "yaml", "yml", "toml", "pdf", "doc", "docx", "xls", "xlsx", "png"}
    | {"jpg", "jpeg", "gif", "mp3", "mp4", "zip", "gz", "py"}
)
_CLOSING = ".,;:!?'\""
_MAX_URL_CHARACTERS = 2_000


def urls_in(text: str) -> list[str]:
    """Return the URLs of a text in order, to the letter, without the punctuation after them."""
    found = (_without_closing(match[0]) for match in _URL.finditer(text))
    return [url for url in dict.fromkeys(found) if url and not _is_file_name(url)]


def url_candidates(text: str) -> list[Candidate]:
    """Return the URLs of a request as values; a single one is certain."""
    found = urls_in(text)
    return [Candidate(url, "words", certain=len(found) == 1) for url in found]


def domains_in(text: str) -> list[str]:
    """Return the domain names of a text, also those inside its URLs, in lower case."""
    hosts = (host_of(url) for url in urls_in(text))
    return [host for host in dict.fromkeys(hosts) if host]


def host_of(url: str) -> str:
    """Return the host of a URL or a bare address in lower case; "" where it names none."""
    try:
        host = urlsplit(with_scheme(url)).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".").lower() if _HOST.fullmatch(host) else ""


def with_scheme(url: str) -> str:
    """Return the URL with https:// where no scheme was written."""
    return url if re.match(r"[a-z][a-z0-9+.-]*://", url, re.IGNORECASE) else f"https://{url}"


def web_url(url: str) -> str:
    """Return the URL to open.

    Raises `ToolFailure(kind="invalid_input")` for what is not a web address.
    """
    full = with_scheme(url)
    if len(full) > _MAX_URL_CHARACTERS:
        raise _no_address("the address is too long")
    try:
        parts = urlsplit(full)
    except ValueError as error:
        raise _no_address("the address cannot be read") from error
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise _no_address("only web addresses can be opened")
    if any(letter.isspace() for letter in full):
        raise _no_address("a web address has no blanks")
    return full


def _no_address(message: str) -> ToolFailure:
    return refusal(message, fix="write it as https://example.org/page")


def _without_closing(url: str) -> str:
    """Return the URL without what closes the sentence or the bracket around it."""
    while url and (url[-1] in _CLOSING or (url[-1] in ")]" and not _opens(url))):
        url = url[:-1]
    return url


def _opens(url: str) -> bool:
    bracket = "(" if url[-1] == ")" else "["
    return url.count(bracket) >= url.count(url[-1])


def _is_file_name(url: str) -> bool:
    return "/" not in url and url.rpartition(".")[2].lower() in _FILE_ENDINGS
