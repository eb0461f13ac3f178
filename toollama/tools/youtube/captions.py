"""The captions of a video, by youtube-transcript-api: the one place that knows that library.

It reads YouTube's own pages with `requests`, past the HTTP door: so it runs in a thread, is bounded
in time by the tool, and is not called when offline. YouTube often blocks addresses, even at home.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toollama.tools.base import FailureKind, ToolFailure

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


Fetch = Callable[[str, Sequence[str]], Transcript]
"""From a video's id and the languages wanted, best first; blocks, and raises `ToolFailure`."""


def fetch_captions(video: str, languages: Sequence[str]) -> Transcript:
    """Return the captions in the first language that exists. Raises `ToolFailure`."""
    from requests import RequestException
    from youtube_transcript_api import YouTubeTranscriptApi, YouTubeTranscriptApiException

    try:
        fetched = YouTubeTranscriptApi().fetch(video, languages=languages)
    except YouTubeTranscriptApiException as error:
        raise failure_of(error, video) from error
    except RequestException as error:
        raise ToolFailure(
            "www.youtube.com could not be reached",
            kind="unavailable",
            fix="try again, or check the network with: toollama doctor",
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
