"""Decide whether and when a failed request is made again. Pure.

stamina runs the attempts; the wait is decided here because it has to heed Retry-After and the
call's deadline. Where a service gives no time, the wait is drawn from the whole interval ("full
jitter", https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter), so that
clients which failed together do not come back together.
"""

from toollama.tools.base import ToolFailure

ATTEMPTS = 3
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that may be sent twice (RFC 9110, section 9.2.2)."""

_TOO_MANY_REQUESTS = 429


def wait_s(failure: ToolFailure, *, attempt: int, left_s: float, jitter: float) -> float | None:
    """Return the seconds to wait before the next attempt, or None to give up now.

    `attempt` counts from 1, `left_s` is what remains of the deadline, `jitter` lies in 0 to 1. A
    wait that would outlast the deadline is not begun.
    """
    # `unavailable` is no connection, no answer in time, and the statuses 408, 425 and 5xx. A quota
    # that is spent by our own count has no status: it is known to stay spent.
    transient = failure.kind == "unavailable" or failure.status == _TOO_MANY_REQUESTS
    if not transient or failure.lasting:
        return None
    backoff_s = min(FIRST_WAIT_S * 2 ** (attempt - 1), LONGEST_WAIT_S)
    wait = backoff_s * jitter if failure.retry_after_s is None else failure.retry_after_s
    return wait if wait < left_s else None
