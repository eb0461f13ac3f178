"""Which waiting work runs next, which model is loaded for it, and who leaves memory. Pure.

`agenda` knows the work that a run has before it, `policy` decides from it, and `forecast` follows
the policy to the end of an agenda to say what it will cost.
"""

from toollama.schedule.agenda import Agenda, Work
from toollama.schedule.forecast import Forecast, Host, forecast, in_sequence
from toollama.schedule.policy import (
    MAX_PASSED_OVER,
    Waiting,
    eviction_order,
    next_turn,
    next_uses,
)

__all__ = [
    "MAX_PASSED_OVER",
    "Agenda",
    "Forecast",
    "Host",
    "Waiting",
    "Work",
    "eviction_order",
    "forecast",
    "in_sequence",
    "next_turn",
    "next_uses",
]
