import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.base import HttpReply
from toollama.tools.charset import decode, media_type, text_of


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode(), "", "é"),
        ("é".encode("cp1252"), "", "é"),
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1", "é"),
        (b"\x93quoted\x94", "text/plain; charset=iso-8859-1", "“quoted”"),
        ("日本".encode("shift_jis"), 'text/html; charset="Shift_JIS"', "日本"),
        ("日本".encode("utf-16"), "text/html; charset=utf-8", "日本"),
        ("é".encode("utf-8-sig"), "text/html; charset=latin-1", "é"),
        (b'<meta charset="cp1251">\xc0', "text/html", '<meta charset="cp1251">А'),
        (
            b'<?xml version="1.0" encoding="koi8-r"?>\xc1',
            "",
            '<?xml version="1.0" encoding="koi8-r"?>а',
        ),
        ("é".encode(), "text/html; charset=nonsense", "é"),
        (b"+AGEA-", "text/html; charset=utf-7", "+AGEA-"),
        (b"\\u0041", "text/html; charset=unicode_escape", "\\u0041"),
        ("é".encode(), "text/html; charset=zip", "é"),
        (b"\xff", "text/html; charset=utf-8", "�"),
    ],
)
def test_the_characters_of_a_page_are_found(body: bytes, content_type: str, text: str) -> None:
    assert decode(body, content_type=content_type) == text


@given(st.binary(max_size=60), st.text(max_size=60))
def test_any_body_decodes_to_some_text(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type=content_type), str)


def test_a_reply_knows_its_text_and_media_type() -> None:
    headers = {"content-type": "Text/HTML; charset=latin-1"}
    reply = HttpReply(status=200, url="", headers=headers, body=b"\xe9")
    assert (text_of(reply), media_type(reply)) == ("é", "text/html")
