"""Reading what servers stream, however it was split on its way."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.models.remote.wire import Chunk, EventLines, WireFault, read_chunk

_STREAM = (
    ': a comment\n\ndata: {"choices":[{"delta":{"content":"né"}}]}\r\n\r\nevent: ping\ndata:[DONE]'
).encode()


@given(st.lists(st.integers(0, len(_STREAM)), max_size=8))
def test_events_do_not_depend_on_how_the_bytes_were_split(cuts: list[int]) -> None:
    lines = EventLines()
    edges = [0, *sorted(cuts), len(_STREAM)]
    events = [event for start, end in pairwise(edges) for event in lines.feed(_STREAM[start:end])]
    assert [*events, *lines.finish()] == ['{"choices":[{"delta":{"content":"né"}}]}', "[DONE]"]


@given(st.text(max_size=200))
def test_any_data_is_a_chunk_or_a_fault(data: str) -> None:
    with suppress(WireFault):
        assert isinstance(read_chunk(data), Chunk)


def test_deep_nesting_is_a_fault() -> None:
    with pytest.raises(WireFault):
        read_chunk("[" * 100_000)


def test_null_fields_are_absent_ones() -> None:
    chunk = read_chunk(
        '{"choices":[{"delta":{"content":null,"role":"assistant"},"finish_reason":null}],'
        '"usage":null}'
    )
    assert (chunk.content, chunk.finish_reason, chunk.counts) == ("", None, None)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_are_known_by_either_name(name: str) -> None:
    assert read_chunk(f'{{"choices":[{{"delta":{{"{name}":"hm"}}}}]}}').reasoning == "hm"


def test_cached_tokens_are_counted() -> None:
    chunk = read_chunk(
        '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,'
        '"prompt_tokens_details":{"cached_tokens":8}}}'
    )
    assert chunk.counts is not None
    assert (chunk.counts.input_tokens, chunk.counts.cached_tokens) == (9, 8)
