import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.secrets import REDACTED, Redactor

SECRET = 'k/1+2="3"&é'

values = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40)


def knowing(*values: str) -> Redactor:
    redactor = Redactor()
    for value in values:
        redactor.learn(value)
    return redactor


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        SECRET.upper(),
        quote(SECRET),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        html.escape(SECRET),
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        repr(f"'{SECRET}")[3:-1],
    ],
)
def test_every_escaped_spelling_is_struck_out(spelling: str) -> None:
    assert knowing(SECRET).redact(f"a {spelling} b") == f"a {REDACTED} b"


@given(values, st.binary(max_size=5), st.binary(max_size=5))
def test_base64_of_a_text_around_the_secret_does_not_decode_to_it(
    value: str, before: bytes, after: bytes
) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(before + value.encode() + after).decode()
        assert REDACTED in knowing(value).redact(f"Basic {encoded}")


@given(values, st.text(max_size=20), st.text(max_size=20))
def test_no_known_value_is_left_in_any_text(value: str, before: str, after: str) -> None:
    assert value not in knowing(value).redact(before + value + after)


@given(st.text(max_size=60))
def test_a_text_without_a_secret_stays_as_it_is(text: str) -> None:
    assert knowing("canary-000-never-there").redact(text) == text


def test_a_secret_inside_a_longer_one_does_not_uncover_the_rest() -> None:
    assert knowing("secret", "secret-and-more").redact("secret-and-more") == REDACTED


def test_a_short_value_is_left_alone() -> None:
    assert knowing("12345").redact("12345 inhabitants") == "12345 inhabitants"


def test_data_is_redacted_at_any_depth() -> None:
    found = knowing("abcdef-1").redact_data({"abcdef-1": [("x abcdef-1", 5, None)]})
    assert found == {REDACTED: [(f"x {REDACTED}", 5, None)]}
