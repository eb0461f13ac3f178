"""The one event stream of a run: typed payloads, their envelope, and the bus that numbers them.

The event log is the truth: the state of a run is a fold over its events, so the store, JSONL
output, the progress line and replays are all readers of this stream. Nothing here prints or writes.
"""

from toollama.events.bus import Bus, Subscriber, new_run_id
from toollama.events.envelope import SCHEMA_VERSION, Agent, Event, Role
from toollama.events.payloads import TERMINAL_TYPES

__all__ = [
    "SCHEMA_VERSION",
    "TERMINAL_TYPES",
    "Agent",
    "Bus",
    "Event",
    "Role",
    "Subscriber",
    "new_run_id",
]
