"""Which endpoint takes the next request, and when one that failed is trusted again.

Pure: health is a value, time and chance are arguments. It knows no server and no network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_FAILURES_UNTIL_OUT = 2
_FIRST_OUTAGE_S = 10.0
_LONGEST_OUTAGE_S = 120.0
_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 8.0

LONGEST_RETRY_AFTER_S = 30.0
"""A server that asks for a longer rest is not waited for."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint has done lately."""

    consecutive_failures: int = 0
    out_until_s: float = 0.0
    """Monotonic time until which it gets requests only if every other is out too."""


HEALTHY = Health()
"""An endpoint that answered, or was never asked."""


def after_failure(health: Health, *, now_s: float) -> Health:
    """Return the health after one more failure.

    From the second failure in a row on the endpoint is out for 10 s, doubling to 120 s.
    """
    failures = health.consecutive_failures + 1
    if failures < _FAILURES_UNTIL_OUT:
        return Health(failures, health.out_until_s)
    doublings = min(failures - _FAILURES_UNTIL_OUT, 10)
    outage_s = min(_FIRST_OUTAGE_S * (1 << doublings), _LONGEST_OUTAGE_S)
    return Health(failures, max(health.out_until_s, now_s + outage_s))


def after_refusal(health: Health, *, now_s: float, retry_after_s: float | None) -> Health:
    """Return the health of an endpoint that is well and asked for rest (status 429)."""
    rest_s = min(retry_after_s or 0.0, _LONGEST_OUTAGE_S)
    return Health(health.consecutive_failures, max(health.out_until_s, now_s + rest_s))


@dataclass(frozen=True, slots=True)
class Load:
    """What choosing needs to know of one endpoint."""

    health: Health
    in_flight: int
    """Requests that run there or wait for their turn."""
    max_concurrent: int


def choose(loads: Sequence[Load], *, tried: frozenset[int] = frozenset(), now_s: float) -> int:
    """Return the index of the least busy healthy endpoint; the first of equals.

    Those already `tried` for this request come after the others, and those that are out last of
    all, the one that returns soonest first: a single endpoint is asked even while it is out.
    """

    def rank(index: int) -> tuple[bool, bool, float, float]:
        load = loads[index]
        wait_s = max(0.0, load.health.out_until_s - now_s)
        return (index in tried, wait_s > 0, wait_s, load.in_flight / load.max_concurrent)

    return min(range(len(loads)), key=rank)


def backoff_s(round_number: int, *, chance: float, retry_after_s: float | None) -> float:
    """Return the pause before every endpoint is tried again.

    Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): `chance`, in [0, 1), of
    0.5 s doubled each round up to 8 s; at least what the server asked for.
    """
    longest_s = min(_FIRST_BACKOFF_S * (1 << round_number), _LONGEST_BACKOFF_S)
    return max(chance * longest_s, retry_after_s or 0.0)
