"""Posts of Reddit, by the API with a client's own keys, else by RSS, which knows no votes.

https://www.reddit.com/dev/api and https://github.com/reddit-archive/reddit/wiki/OAuth2. Since
November 2025 new keys need Reddit's approval, and anonymous `.json` is refused, so the feeds are
what most people have. Not yet run against the real service.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from toollama.tools.base import Rate, ToolContext, ToolFailure, ToolResult
from toollama.tools.citing import web_source
from toollama.tools.feeds.reading import read_feed
from toollama.tools.language.sentences import fit
from toollama.tools.upstream import Document, json_of, read_as

HOST = "www.reddit.com"
API_HOST = "oauth.reddit.com"
HOSTS = (HOST, API_HOST)
KEYS = ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET")
RATES = (Rate(60, 60.0),)
HOMEPAGE = "https://www.reddit.com/dev/api"
WITHOUT_KEYS = (
    "Read from Reddit's public feed, because no Reddit keys are set: votes and comments "
    "are not counted."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post; the counts are None where only the feed was read."""

    title: str
    url: str
    subreddit: str
    day: str
    votes: int | None = None
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Posts in the order of the service."""

    posts: tuple[Post, ...]
    counted: bool
    """The API was asked, so votes and comments are known."""


class _Token(Document):
    access_token: str


class _Link(Document):
    title: str
    permalink: str
    subreddit: str
    created_utc: float
    score: int
    num_comments: int


class _Child(Document):
    data: _Link


class _Children(Document):
    children: tuple[_Child, ...]


class _Listing(Document):
    data: _Children


async def listing(
    path: str, *, query: Mapping[str, str | int], feed_path: str, context: ToolContext
) -> Listing:
    """Return the posts of `/path` by the API, or of `/feed_path` without keys.

    Raises `ToolFailure`.
    """
    if has_keys(context):
        answer = await ask_api(path, query=query, context=context)
        links = [child.data for child in read_as(_Listing, answer, service=API_HOST).data.children]
        return Listing(tuple(map(_post, links)), counted=True)
    reply = await context.http.request(
        "GET",
        f"https://{HOST}{feed_path}",
        params=query,
        accept="application/atom+xml",
        hosts=HOSTS,
    )
    entries = read_feed(reply.body, service=HOST).entries
    posts = tuple(
        Post(title=one.title, url=one.link, subreddit=_subreddit(one.link), day=one.published)
        for one in entries
    )
    return Listing(posts, counted=False)


def has_keys(context: ToolContext) -> bool:
    """Return whether the user has a Reddit client of their own."""
    return all(context.credentials.get(name, host=HOST) for name in KEYS)


async def ask_api(path: str, *, query: Mapping[str, str | int], context: ToolContext) -> Any:
    """Return what the API answers to a client that acts for nobody. Raises `ToolFailure`."""
    identity, secret = (context.credentials.get(name, host=HOST) or "" for name in KEYS)
    basic = b64encode(f"{identity}:{secret}".encode()).decode()
    reply = await context.http.request(
        "POST",
        f"https://{HOST}/api/v1/access_token",
        headers={"Authorization": f"Basic {basic}"},
        form={"grant_type": "client_credentials"},
        secrets=(basic, secret),
        hosts=HOSTS,
    )
    token = read_as(_Token, json_of(reply, service=HOST), service=HOST).access_token
    answer = await context.http.request(
        "GET",
        f"https://{API_HOST}{path}",
        params={**query, "raw_json": 1},
        headers={"Authorization": f"Bearer {token}"},
        secrets=(token,),
        hosts=HOSTS,
    )
    return json_of(answer, service=API_HOST)


def told(found: Listing, *, nothing: str, limit: int, context: ToolContext) -> ToolResult:
    """Return the posts as headlines; that the counts are unknown is said where they are."""
    posts = found.posts[:limit]
    if not posts:
        return ToolResult((fit(nothing),), status="empty")
    said = [fit(_sentence(post)) for post in posts]
    return ToolResult(
        tuple(said if found.counted else [*said, WITHOUT_KEYS]),
        answer=posts[0].title,
        data=[asdict(post) for post in posts],
        sources=tuple(web_source(f"Reddit: {post.title}", post.url, context) for post in posts),
        truncated=len(found.posts) > limit,
    )


def needs_keys(what: str) -> ToolFailure:
    """Return the failure of what no feed tells."""
    return ToolFailure(
        f"{what} needs Reddit keys, which are not set",
        kind="missing_credential",
        fix=f"toollama keys set {KEYS[0]}, and {KEYS[1]}",
        lasting=True,
    )


def _post(link: _Link) -> Post:
    return Post(
        title=" ".join(link.title.split()),
        url=f"https://{HOST}{link.permalink}",
        subreddit=link.subreddit,
        day=datetime.fromtimestamp(link.created_utc, UTC).date().isoformat(),
        votes=link.score,
        comments=link.num_comments,
    )


def _subreddit(url: str) -> str:
    _, found, rest = url.partition("/r/")
    return rest.split("/")[0] if found else ""


def _sentence(post: Post) -> str:
    where = f"r/{post.subreddit}, {post.day}" if post.subreddit else post.day
    if post.votes is None:
        return f'"{post.title}" ({where}).'
    return f'"{post.title}" has {post.votes:,} votes and {post.comments:,} comments ({where}).'
