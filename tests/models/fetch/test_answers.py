"""What answers to a range request mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.models.fetch import answers
from toollama.models.fetch.answers import Body, Changed, Complete, Later, Refused

_TAG = '"v1"'


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {"content-length": "10"}, Body(0, 10)),
        (200, {}, Body(0, None)),
        (206, {"content-range": "bytes 4-9/10", "etag": _TAG}, Body(4, 10)),
        (206, {"content-range": "bytes 4-9/*"}, Body(4, None)),
        (206, {"content-range": "bytes 4-9/10", "etag": '"v2"'}, Changed()),
        (206, {"content-range": "bytes 0-9/10", "etag": _TAG}, Changed()),
        (206, {}, Refused(206, "sent a part that was not asked for")),
        (416, {"content-range": "bytes */4"}, Complete()),
        (416, {"content-range": "bytes */3"}, Changed()),
        (416, {"content-range": "bytes */4", "etag": '"v2"'}, Changed()),
        (416, {}, Changed()),
        (503, {"retry-after": "9"}, Later("answered 503", 9.0)),
        (429, {"retry-after": "99999"}, Later("answered 429", 120.0)),
        (404, {}, Refused(404, "answered 404")),
        (
            200,
            {"content-encoding": "gzip"},
            Refused(200, "sent a compressed body that was not asked for"),
        ),
    ],
)
def test_an_answer_means_what_its_header_says(
    status: int, headers: dict[str, str], expected: answers.Answer
) -> None:
    assert answers.read(status, headers, have_bytes=4, known=_TAG) == expected


@given(
    status=st.sampled_from([200, 206, 416]),
    headers=st.dictionaries(
        st.sampled_from(["content-range", "content-length", "etag", "last-modified"]),
        st.text() | st.from_regex(r"bytes \d{1,3}-\d{1,3}/\d{1,3}", fullmatch=True),
    ),
    have_bytes=st.integers(0, 999),
)
def test_bytes_are_never_joined_elsewhere_than_where_they_end(
    status: int, headers: dict[str, str], have_bytes: int
) -> None:
    answer = answers.read(status, headers, have_bytes=have_bytes, known=_TAG)
    assert not isinstance(answer, Body) or answer.offset in {0, have_bytes}


def test_a_weak_etag_identifies_no_bytes() -> None:
    assert answers.validator({"etag": 'W/"v1"'}) == ""
    assert answers.validator({"etag": 'W/"v1"', "last-modified": "then"}) == "then"
