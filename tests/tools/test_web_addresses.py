import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.tools.base import ToolFailure
from toollama.tools.language.web_addresses import domains_in, host_of, urls_in, web_url


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("read https://example.org/a.", ["https://example.org/a"]),
        ("(see example.org/a_(b))", ["example.org/a_(b)"]),
        ("what is on example.org?", ["example.org"]),
        ("example.org and www.example.net/x, please", ["example.org", "www.example.net/x"]),
        ("open http://127.0.0.1:8080/x", ["http://127.0.0.1:8080/x"]),
        ("read notes.txt and data.csv", []),
        ("write to ada@example.org", []),
        ("the value is 3.14 in v1.2", []),
        ("münchen.example is a domain", ["münchen.example"]),
    ],
)
def test_the_urls_of_a_text_are_found_to_the_letter(text: str, urls: list[str]) -> None:
    assert urls_in(text) == urls


def test_the_domains_of_a_text_are_those_of_its_urls() -> None:
    assert domains_in("is https://Example.ORG/x like example.net?") == [
        "example.org",
        "example.net",
    ]


@pytest.mark.parametrize("text", ["http://127.0.0.1/", "localhost", "[::1]", "http://[bad", ""])
def test_what_is_no_domain_name_has_no_host(text: str) -> None:
    assert host_of(text) == ""


def test_a_bare_address_is_opened_by_https() -> None:
    assert web_url("example.org/a") == "https://example.org/a"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org", "https://", "a b.example", "http://[bad"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ToolFailure) as caught:
        web_url(url)
    assert caught.value.kind == "invalid_input"


@settings(max_examples=100)
@given(st.text(max_size=80))
def test_every_url_that_is_found_stands_in_the_text(text: str) -> None:
    assert all(url in text for url in urls_in(text))
