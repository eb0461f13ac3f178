"""E-mail addresses: a verdict on syntax, never on mailboxes."""

from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import HttpDoor, ToolContext
from toollama.tools.builtin.email_check import TOOL, check
from toollama.tools.run import run

CONTEXT = ToolContext(
    clock=FixedClock(datetime(2026, 11, 22, tzinfo=UTC)), http=cast("HttpDoor", object())
)


async def test_a_valid_address_is_given_in_its_normal_form() -> None:
    result = await run(TOOL, {"address": "Me.Too@EXAMPLE.com"}, CONTEXT)
    assert result.statements[0] == "Me.Too@example.com is a well-formed e-mail address."


async def test_the_answer_says_that_nothing_was_contacted() -> None:
    result = await run(TOOL, {"address": "me@example.com"}, CONTEXT)
    assert "contacted" in result.statements[-1]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("john@@example.com", "'@'"),
        ("foo.@example.com", "period immediately before"),
        ("jo hn@example.com", "SPACE"),
        ("a@b", "should have a period"),
        ("example.com", "must have an @-sign"),
    ],
)
async def test_wrong_syntax_is_a_result_with_its_reason(address: str, reason: str) -> None:
    result = await run(TOOL, {"address": address}, CONTEXT)
    assert result.statements[0].startswith(f"{address} is not a valid e-mail address: ")
    assert reason in result.statements[0]
    assert result.data["valid"] is False


async def test_an_international_domain_is_given_as_dns_has_it() -> None:
    result = await run(TOOL, {"address": "user@exämple.de"}, CONTEXT)
    assert "Its domain is xn--exmple-cua.de in DNS." in result.statements


def test_a_local_part_outside_ascii_needs_smtputf8() -> None:
    assert check("josé@example.org").needs_smtputf8


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("is me@example.com valid?", "me@example.com"),
        ("mail Me <me@example.org>, please", "me@example.org"),
        ("check email john@@example.com", "john@@example.com"),
        ('does "jo hn@example.com" work', "jo hn@example.com"),
    ],
)
def test_the_one_address_in_a_sentence_is_certain(text: str, address: str) -> None:
    (candidate,) = TOOL.propose(text, CONTEXT)["address"]
    assert (candidate.value, candidate.certain) == (address, True)


def test_of_two_addresses_neither_is_certain() -> None:
    found = TOOL.propose("a@example.com or b@example.com", CONTEXT)["address"]
    assert [candidate.certain for candidate in found] == [False, False]


def test_a_word_without_at_is_only_guessed() -> None:
    (candidate,) = TOOL.propose("is john.example.com an email", CONTEXT)["address"]
    assert (candidate.value, candidate.certain) == ("john.example.com", False)


@pytest.mark.parametrize("text", ["how are you", "meet @ noon", ""])
def test_no_address_is_no_proposal(text: str) -> None:
    assert TOOL.propose(text, CONTEXT) == {}


@given(address=st.text(min_size=1, max_size=60))
def test_any_text_gets_a_verdict(address: str) -> None:
    facts = check(address)
    assert bool(facts.reason) != bool(facts.normalized)


async def test_the_bare_answer_is_the_normal_form() -> None:
    assert (await run(TOOL, {"address": "me@EXAMPLE.com"}, CONTEXT)).answer == "me@example.com"


@pytest.mark.parametrize("domain", ["mailinator.com", "inbox.mailinator.com"])
async def test_a_provider_of_throwaway_addresses_is_named(domain: str) -> None:
    result = await run(TOOL, {"address": f"me@{domain}"}, CONTEXT)
    assert f"{domain} gives out throwaway addresses." in result.statements
    assert result.data["disposable"] is True


def test_an_ordinary_domain_is_not_called_disposable() -> None:
    assert not check("me@example.com").disposable
