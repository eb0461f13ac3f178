"""The captions of a video, by youtube-transcript-api: the one place that knows that library.

It reads YouTube's own pages in a thread, and reaches them through the HTTP door. YouTube often
blocks addresses, even at home. Not yet run against the real service.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from toollama.tools.base import FailureKind, HttpDoor, HttpReply, ToolFailure

HOST = "www.youtube.com"
_MAX_PAGE_BYTES = 8_000_000
_FAILURES: dict[str, tuple[FailureKind, str, str]] = {
    "TranscriptsDisabled": ("not_found", "its captions are switched off", "try another video"),
    "NoTranscriptFound": ("not_found", "it has no captions in that language", "name a language"),
    "VideoUnavailable": ("not_found", "there is no such video", "check the address"),
    "VideoUnplayable": ("not_found", "the video cannot be played", "try another video"),
    "InvalidVideoId": ("invalid_input", "that is no video id", "give the video's address"),
    "AgeRestricted": ("blocked", "it wants a sign-in for its age limit", "try another video"),
    "IpBlocked": ("rate_limited", "YouTube blocks this address", "try again in some hours"),
    "RequestBlocked": ("rate_limited", "YouTube blocks this address", "try again in some hours"),
    "PoTokenRequired": ("blocked", "YouTube wants a browser for it", "try another video"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One caption."""

    text: str
    start_s: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """The captions of one video in one language."""

    language: str
    generated: bool
    """Made by speech recognition, not by a person."""
    lines: tuple[Line, ...]


async def captions(video: str, languages: Sequence[str], *, http: HttpDoor) -> Transcript:
    """Return the captions in the first of the languages that exists. Raises `ToolFailure`."""
    loop = asyncio.get_running_loop()

    def ask(method: str, url: str, headers: Mapping[str, str], sent: Any) -> HttpReply:
        request = http.request(
            method,
            url,
            headers=headers,
            json=sent,
            accept="*/*",
            hosts=(HOST,),
            max_bytes=_MAX_PAGE_BYTES,
        )
        return asyncio.run_coroutine_threadsafe(request, loop).result()

    return await asyncio.to_thread(_captions, video, languages, ask)


def _captions(video: str, languages: Sequence[str], ask: Any) -> Transcript:
    from requests import RequestException
    from youtube_transcript_api import YouTubeTranscriptApi, YouTubeTranscriptApiException

    from toollama.tools.youtube.session import session_through

    try:
        fetched = YouTubeTranscriptApi(http_client=session_through(ask)).fetch(video, languages)
    except YouTubeTranscriptApiException as error:
        raise failure_of(error, video) from error
    except (RequestException, ParseError) as error:
        raise ToolFailure(
            f"{HOST} did not answer as the library expects: {type(error).__name__}",
            kind="upstream",
            fix="try again later",
        ) from error
    lines = tuple(Line(" ".join(one.text.split()), one.start) for one in fetched)
    return Transcript(fetched.language, fetched.is_generated, lines)


def failure_of(error: Exception, video: str) -> ToolFailure:
    """Return a failure of the library as the tool's own."""
    for kind_of_error in type(error).__mro__:
        if kind_of_error.__name__ in _FAILURES:
            kind, reason, fix = _FAILURES[kind_of_error.__name__]
            return ToolFailure(
                f"the transcript of {video} could not be read: {reason}", kind=kind, fix=fix
            )
    return ToolFailure(
        f"the transcript of {video} could not be read: {type(error).__name__}",
        kind="upstream",
        fix="try again later",
    )
