from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import answered, best, get, offered, refusal_of
from toollama.tools.builtin.coin_price import TOOL

HOST, PATH = "api.coingecko.com", "/api/v3/simple/price"


@pytest.mark.parametrize("body", [{}, {"nocoin": {}}])
async def test_a_coin_that_is_not_listed_is_an_honest_empty_result(
    body: dict[str, Any], tmp_path: Path
) -> None:
    reply = get(HOST, PATH, {"ids": "nocoin", "vs_currencies": "usd"}, body=body)
    result = await answered(TOOL, {"coin": "nocoin"}, reply, output=tmp_path)
    assert (result.status, result.statements) == (
        "empty",
        ("CoinGecko has no price of nocoin in USD.",),
    )


async def test_a_small_price_keeps_its_figures(tmp_path: Path) -> None:
    body = {"dogecoin": {"usd": 0.0000123456}}
    reply = get(HOST, PATH, {"ids": "dogecoin", "vs_currencies": "usd"}, body=body)
    result = await answered(TOOL, {"coin": "Doge"}, reply, output=tmp_path)
    assert result.answer == "1.23456e-05 USD"


async def test_a_currency_is_three_letters() -> None:
    assert (await refusal_of(TOOL, coin="btc", currency="dollars")).kind == "invalid_input"


@pytest.mark.parametrize(
    ("text", "coin"),
    [
        ("btc price", "bitcoin"),
        ("how much is one Ethereum", "ethereum"),
        ("SOL in dollars", "solana"),
        ("ADA now", "cardano"),
    ],
)
def test_a_coin_is_known_by_its_name_and_its_symbol(text: str, coin: str) -> None:
    assert best(TOOL, text) == {"coin": coin}


def test_a_common_word_is_no_coin() -> None:
    assert offered(TOOL, "a link with a dot, said Ada", "coin") == []


def test_the_currency_is_offered() -> None:
    assert offered(TOOL, "btc in euros", "currency")[0].value == "eur"
