"""Services that tell by an API whether a user of a name exists, and what their answers mean. Pure.

Each verdict is found, absent or unknown; what is not exactly as documented is unknown, because a
page that merely loads proves nobody. The paths are those of the services' own documentation, and
have not yet been run against them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What a service says of a name."""

    FOUND = "found"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def _named(document: Any) -> Verdict:
    return Verdict.FOUND if isinstance(document, dict) and document else Verdict.UNKNOWN


def _listed(document: Any) -> Verdict:
    if not isinstance(document, list):
        return Verdict.UNKNOWN
    return Verdict.FOUND if document else Verdict.ABSENT


def _null_is_absent(document: Any) -> Verdict:
    return Verdict.ABSENT if document is None else _named(document)


def _keybase(document: Any) -> Verdict:
    them = document.get("them") if isinstance(document, dict) else None
    if not isinstance(them, list) or len(them) != 1:
        return Verdict.UNKNOWN
    return Verdict.ABSENT if them[0] is None else Verdict.FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One service; `{}` in the addresses stands for the name."""

    name: str
    api: str
    profile: str
    absent: tuple[int, ...] = (404,)
    """Statuses by which the service says that nobody has the name."""
    judge: Callable[[Any], Verdict] = _named
    """What an answer of status 200 means."""

    @property
    def host(self) -> str:
        """Return the host that is asked."""
        return self.api.split("/")[2]


SITES = (
    Site(name="GitHub", api="https://api.github.com/users/{}", profile="https://github.com/{}"),
    Site(
        name="GitLab",
        api="https://gitlab.com/api/v4/users?username={}",
        profile="https://gitlab.com/{}",
        judge=_listed,
    ),
    Site(
        name="Codeberg",
        api="https://codeberg.org/api/v1/users/{}",
        profile="https://codeberg.org/{}",
    ),
    Site(
        name="Hacker News",
        api="https://hacker-news.firebaseio.com/v0/user/{}.json",
        profile="https://news.ycombinator.com/user?id={}",
        judge=_null_is_absent,
    ),
    Site(
        name="DEV",
        api="https://dev.to/api/users/by_username?url={}",
        profile="https://dev.to/{}",
    ),
    Site(
        name="Bluesky",
        api="https://public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle"
        "?handle={}.bsky.social",
        profile="https://bsky.app/profile/{}.bsky.social",
        absent=(400,),
    ),
    Site(
        name="Mastodon (mastodon.social)",
        api="https://mastodon.social/.well-known/webfinger?resource=acct:{}@mastodon.social",
        profile="https://mastodon.social/@{}",
    ),
    Site(
        name="Keybase",
        api="https://keybase.io/_/api/1.0/user/lookup.json?usernames={}&fields=basics",
        profile="https://keybase.io/{}",
        judge=_keybase,
    ),
    Site(name="Lichess", api="https://lichess.org/api/user/{}", profile="https://lichess.org/@/{}"),
    Site(
        name="Chess.com",
        api="https://api.chess.com/pub/player/{}",
        profile="https://www.chess.com/member/{}",
    ),
    Site(
        name="Docker Hub",
        api="https://hub.docker.com/v2/users/{}/",
        profile="https://hub.docker.com/u/{}",
    ),
)
