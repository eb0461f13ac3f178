"""The tool `coin_price`: what a cryptocurrency costs, by CoinGecko.

GET /api/v3/simple/price, documented at https://docs.coingecko.com/reference/simple-price; keyless
calls are few a minute, a demo key raises them. Not yet run against the real service.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.sentences import fit
from toollama.tools.upstream import read_as

_HOST = "api.coingecko.com"
_KEY = "COINGECKO_API_KEY"
_SYMBOLS = {
    "btc": "bitcoin",
    "eth": "ethereum",
    "ether": "ethereum",
    "sol": "solana",
    "ada": "cardano",
    "xrp": "ripple",
    "doge": "dogecoin",
    "dot": "polkadot",
    "ltc": "litecoin",
    "bch": "bitcoin-cash",
    "xmr": "monero",
    "bnb": "binancecoin",
    "usdt": "tether",
    "link": "chainlink",
    "xlm": "stellar",
    "trx": "tron",
    "avax": "avalanche-2",
}
_ALSO_WORDS = {"link", "dot", "sol", "ada"}
_UNMISTAKABLE = {*_SYMBOLS, *_SYMBOLS.values()} - _ALSO_WORDS
_COIN = re.compile(
    rf"\b(?i:{'|'.join(sorted(_UNMISTAKABLE, key=len, reverse=True))})\b"
    rf"|\b(?:{'|'.join(sorted(_ALSO_WORDS)).upper()})\b"
)
_CURRENCIES = {
    r"euros?|eur|€": "eur",
    r"pounds?|gbp|£": "gbp",
    r"dollars?|usd|\$": "usd",
    r"yen|jpy": "jpy",
    r"(?:swiss )?francs?|chf": "chf",
    r"(?:indian )?rupees?|inr": "inr",
}


def _coin(value: object) -> object:
    """Return CoinGecko's id for a symbol or a name."""
    if not isinstance(value, str):
        return value
    name = "-".join(value.lower().split())
    return _SYMBOLS.get(name, name)


class CoinArguments(Arguments):
    """Which coin, in which money."""

    coin: Annotated[str, BeforeValidator(_coin)] = Field(
        pattern=r"^[a-z0-9-]{2,60}$", description="its name or symbol, as bitcoin or BTC"
    )
    currency: str = Field(default="usd", pattern=r"^[a-z]{3}$", description="as usd or eur")


class CoinPrice(Tool[CoinArguments, float | None]):
    """Prices a coin."""

    spec = ToolSpec(
        name="coin_price",
        summary="Tell the current price of a cryptocurrency such as Bitcoin (CoinGecko).",
        utterances=(
            "price of bitcoin",
            "how much is one ethereum in euros",
            "btc price",
            "what is dogecoin worth",
            "bitcoin in dollars",
            "current value of solana",
            "eth usd",
            "how much does a litecoin cost in pounds",
            "crypto price monero",
            "is bitcoin above 100000 dollars",
            "cardano price please",
            "xrp rate",
            "what's a bitcoin in swiss francs",
            "coingecko polkadot",
            "cryptocurrency quote avalanche",
            "price of 1 BTC in yen",
            "bitcion price",
            "how is ethereum doing",
            "tether in eur",
            "market price of chainlink coin",
            "crypto: what does stellar trade at",
        ),
        parameters=CoinArguments,
        packs=("drummer.analysis",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        optional_credentials=(_KEY,),
        provider="coingecko",
        rates=(Rate(5, 60.0), Rate(10_000, 2_592_000.0)),
        cache_ttl_s=60.0,
        homepage="https://docs.coingecko.com/",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the coins and the currency that are named."""
        found: dict[str, list[Candidate]] = {}
        coins = list(dict.fromkeys(str(_coin(match[0])) for match in _COIN.finditer(text)))
        if coins:
            certain = len(coins) == 1
            found["coin"] = [Candidate(coin, "words", certain=certain) for coin in coins]
        for words, code in _CURRENCIES.items():
            if re.search(rf"(?i)(?<!\w)(?:{words})(?!\w)", text):
                found.setdefault("currency", []).append(Candidate(code, "words"))
        return found

    async def execute(self, args: CoinArguments, context: ToolContext) -> float | None:
        """Fetch the price, None for a coin that is not listed. Raises `ToolFailure`."""
        key = context.credentials.get(_KEY, host=_HOST)
        answer = await context.http.get_json(
            f"https://{_HOST}/api/v3/simple/price",
            params={"ids": args.coin, "vs_currencies": args.currency},
            headers={"x-cg-demo-api-key": key} if key else {},
            hosts=self.spec.hosts,
        )
        prices = read_as(dict[str, dict[str, float]], answer, service=_HOST)
        return prices.get(args.coin, {}).get(args.currency)

    def format(self, args: CoinArguments, raw: float | None, context: ToolContext) -> ToolResult:
        """State the price."""
        source = Source(
            title=f"CoinGecko: {args.coin}",
            locator=f"https://www.coingecko.com/en/coins/{args.coin}",
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
        )
        currency = args.currency.upper()
        if raw is None:
            said = f"CoinGecko has no price of {args.coin} in {currency}."
            return ToolResult((fit(said),), sources=(source,), status="empty")
        price = f"{raw:,.2f}" if raw >= 1 else f"{raw:.6g}"
        return ToolResult(
            (f"One {args.coin} costs {price} {currency} (CoinGecko).",),
            answer=f"{price} {currency}",
            data={"coin": args.coin, "currency": args.currency, "price": raw},
            sources=(source,),
        )


TOOL = CoinPrice()
