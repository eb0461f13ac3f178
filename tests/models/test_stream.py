"""Model bytes become text, whatever the pieces they come in."""

from collections.abc import Sequence
from itertools import groupby, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toollama.models.stream import Kind, TextStream

_TAGS = ("<t>", "</t>")
_PIECES = st.sampled_from(["a", "b", "<", "t", ">", "</", "<t>", "</t>", "é", "🌊", "\n", "ab"])
_TEXTS = st.lists(_PIECES, max_size=12).map("".join)
_STOPS = st.lists(st.text("ab<t>\n", min_size=1, max_size=4), max_size=3)
_SPLITS = st.lists(st.integers(0, 60), max_size=8)


def _cut(data: bytes, splits: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(min(split, len(data)) for split in splits), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def _read(
    pieces: Sequence[bytes],
    *,
    stop: Sequence[str] = (),
    tags: tuple[str, str] | None = None,
) -> list[tuple[Kind, str]]:
    """Return the runs of text of one kind, each in one piece."""
    stream = TextStream(stop=stop, reasoning_tags=tags)
    out = [part for piece in pieces for part in stream.feed(piece)]
    out += stream.finish()
    return [
        (kind, "".join(text for _, text in run)) for kind, run in groupby(out, lambda part: part[0])
    ]


@given(_TEXTS, _STOPS, st.sampled_from([None, _TAGS]), _SPLITS)
@example("abcd", ["bc", "abcd"], None, [3])
def test_the_text_does_not_depend_on_how_the_bytes_were_split(
    text: str, stop: list[str], tags: tuple[str, str] | None, splits: list[int]
) -> None:
    data = text.encode()
    assert _read(_cut(data, splits), stop=stop, tags=tags) == _read([data], stop=stop, tags=tags)


@given(st.binary(max_size=40), _SPLITS)
def test_broken_utf8_never_fails_and_does_not_depend_on_the_split(
    data: bytes, splits: list[int]
) -> None:
    assert _read(_cut(data, splits)) == _read([data])


@given(_TEXTS, _STOPS, _SPLITS)
def test_a_stop_string_never_appears(text: str, stop: list[str], splits: list[int]) -> None:
    out = "".join(part for _, part in _read(_cut(text.encode(), splits), stop=stop))
    assert not any(marker in out for marker in stop)
    assert text.startswith(out)


@given(_TEXTS, _SPLITS)
def test_without_markers_all_text_comes_out(text: str, splits: list[int]) -> None:
    assert "".join(part for _, part in _read(_cut(text.encode(), splits))) == text


def test_text_after_a_stop_string_is_dropped() -> None:
    stream = TextStream(stop=("END",))
    assert list(stream.feed(b"one END two")) == [("content", "one ")]
    assert stream.stopped
    assert [*stream.feed(b" three"), *stream.finish()] == []


def test_text_that_may_begin_a_stop_string_is_held_back() -> None:
    stream = TextStream(stop=("END",))
    assert list(stream.feed(b"one EN")) == [("content", "one ")]
    assert list(stream.feed(b"OUGH")) == [("content", "ENOUGH")]


def test_what_was_held_back_comes_out_at_the_end() -> None:
    stream = TextStream(stop=("END",))
    list(stream.feed(b"one EN"))
    assert list(stream.finish()) == [("content", "EN")]


def test_a_character_comes_out_when_all_its_bytes_are_there() -> None:
    stream = TextStream()
    wave = "🌊".encode()
    assert list(stream.feed(wave[:3])) == []
    assert list(stream.feed(wave[3:])) == [("content", "🌊")]


def test_thoughts_come_out_as_reasoning_without_their_tags() -> None:
    assert _read([b"<t>hm</t>yes"], tags=_TAGS) == [("reasoning", "hm"), ("content", "yes")]


def test_a_stop_string_inside_a_thought_stops_nothing() -> None:
    assert _read([b"<t>a END b</t>c"], stop=("END",), tags=_TAGS) == [
        ("reasoning", "a END b"),
        ("content", "c"),
    ]


def test_a_thought_that_never_ends_is_all_reasoning() -> None:
    assert _read([b"<t>and so", b" on"], tags=_TAGS) == [("reasoning", "and so on")]


@pytest.mark.parametrize("stop", [(), ("",)])
def test_an_empty_stop_string_stops_nothing(stop: tuple[str, ...]) -> None:
    assert _read([b"text"], stop=stop) == [("content", "text")]
